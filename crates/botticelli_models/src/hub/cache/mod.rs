//! The cache, in the layout of the `hf` tools.
//!
//! ```text
//! hub/
//!   CACHEDIR.TAG
//!   .locks/models--org--name/ETAG.lock           held while the content is downloaded
//!   models--org--name/
//!     blobs/ETAG                                 the content
//!     blobs/ETAG.incomplete                      the beginning of the content
//!     refs/main                                  the commit of a branch or tag
//!     snapshots/COMMIT/folder/file               a link to the content
//!     .no_exist/COMMIT/folder/file               an empty file: the Hub has no such file
//!     trees/COMMIT.json                          the names and sizes of all files
//! ```

pub(in crate::hub) mod cached_repository;
pub(in crate::hub) mod folder;
pub(in crate::hub) mod layout;
pub(in crate::hub) mod link;
pub(in crate::hub) mod lock;
pub(in crate::hub) mod removal;
pub(in crate::hub) mod splits;
pub(in crate::hub) mod tree;
