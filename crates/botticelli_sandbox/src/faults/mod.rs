//! Named faults between a client and a service.
//!
//! The `catalog` defines each fault by a name, a sentence, and a function from a `call` to a
//! script. Most functions take the default response apart (`response`) and alter it, so that a
//! client receives the usual bytes until the fault occurs. `FAULTS.md` lists all faults, and a test
//! compares it with the catalog.

mod call;
mod catalog;
mod date;
mod definition;
mod fault;
mod group;
pub(crate) mod gzip;
mod requested;
mod response;
mod unknown;

pub(crate) use call::Call;
pub use fault::Fault;
pub use group::FaultGroup;
pub(crate) use requested::RequestedFault;
pub use unknown::UnknownFault;
