//! Every fault there is, a file for each place where things go wrong.

mod body;
mod busy;
mod connection;
mod encoding;
mod failed;
mod framing;
mod refused;
mod silence;
mod size;
mod stream_cut;
mod stream_error;
mod stream_odd;

use super::definition::Definition;

pub(super) use busy::RETRY_AFTER;
pub(super) use failed::STATUS;
pub(super) use silence::SILENCE_AFTER;
pub(super) use stream_cut::{CUT_AFTER, END_AFTER};
pub(super) use stream_error::ERROR_AFTER;

/// In the order of the groups.
static CATALOG: &[&[Definition]] = &[
    refused::ALL,
    busy::ALL,
    failed::ALL,
    body::ALL,
    stream_cut::ALL,
    stream_error::ALL,
    stream_odd::ALL,
    framing::ALL,
    encoding::ALL,
    connection::ALL,
    silence::ALL,
    size::ALL,
];

pub(super) fn all() -> impl Iterator<Item = &'static Definition> {
    CATALOG.iter().copied().flatten()
}
