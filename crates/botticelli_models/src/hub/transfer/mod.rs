//! The content of a file: ranges, the part on the disk, the checksum.

pub(in crate::hub) mod checksum;
pub(in crate::hub) mod download;
pub(in crate::hub) mod part;
pub(in crate::hub) mod range;
pub(in crate::hub) mod source;
