//! Repositories of the Hub: lists of files, and their content from the Hub or from a second server.

mod content;
mod fault;
mod git_hash;
mod repository;
mod respond;
mod sha256;
mod store;

pub use fault::{HubFault, UnknownHubFault};
pub use repository::Repository;
pub(crate) use respond::respond;
pub(crate) use store::Repositories;
