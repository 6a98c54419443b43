//! Private files for ledgers and caches, and `SQLite` databases in them.

mod place;
mod private;
pub(crate) mod sqlite;

pub(crate) use place::{path_of, user_file};
