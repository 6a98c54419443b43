//! Requests as strict servers take them.
