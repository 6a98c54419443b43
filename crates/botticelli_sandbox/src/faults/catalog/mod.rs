//! All faults, one file per cause.

mod body;
mod client_errors;
mod connection;
mod encoding;
mod framing;
mod rate_limits;
mod server_errors;
mod silence;
mod size;
mod stream_cut;
mod stream_error;
mod stream_quirks;

use super::definition::Definition;

pub(super) use rate_limits::RETRY_AFTER;
pub(super) use server_errors::STATUS;
pub(super) use silence::SILENCE_AFTER;
pub(super) use stream_cut::{CUT_AFTER, END_AFTER};
pub(super) use stream_error::ERROR_AFTER;

/// All faults in the order of their groups.
static CATALOG: &[&[Definition]] = &[
    client_errors::ALL,
    rate_limits::ALL,
    server_errors::ALL,
    body::ALL,
    stream_cut::ALL,
    stream_error::ALL,
    stream_quirks::ALL,
    framing::ALL,
    encoding::ALL,
    connection::ALL,
    silence::ALL,
    size::ALL,
];

pub(super) fn all() -> impl Iterator<Item = &'static Definition> {
    CATALOG.iter().copied().flatten()
}
