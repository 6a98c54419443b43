//! Everything that goes wrong between a client and a service, by name.
//!
//! A fault is a line of the `catalog`: its name, what it does in a sentence, and a function from a
//! `call` to a script. Most of these take the sandbox's own answer apart (`response`) and put it together
//! again with something wrong, so that what arrives before the trouble is what would have come
//! without it. `FAULTS.md` lists them all, and a test compares it with the catalog.

mod call;
mod catalog;
mod date;
mod definition;
mod fault;
mod group;
mod gzip;
mod requested;
mod response;
mod unknown;

pub(crate) use call::Call;
pub use fault::Fault;
pub use group::FaultGroup;
pub(crate) use requested::RequestedFault;
pub use unknown::UnknownFault;
