//! Printable report of all requests.

use std::fmt;

use crate::received::ReceivedRequest;

/// A report with one line per request.
pub(crate) struct Report(pub(crate) Vec<ReceivedRequest>);

impl fmt::Display for Report {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|request| writeln!(formatter, "{request}"))
    }
}
