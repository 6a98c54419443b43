//! Removes a repository from the cache.

use crate::hub::cache::layout::{RepositoryFolder, unique};
use crate::hub::cache::lock::is_locked;
use botticelli_error::{BotticelliError, HubError, HubErrorKind};
use std::fs;
use std::io;

/// Removes a repository with its locks. Returns `false` if the cache does not have it.
///
/// The folder is renamed first, so that no other process finds half of it.
pub(in crate::hub) fn remove(folder: &RepositoryFolder) -> Result<bool, BotticelliError> {
    let locks = folder.locks();
    if let Ok(entries) = fs::read_dir(&locks) {
        for entry in entries.flatten() {
            if is_locked(&entry.path()) {
                return Err(HubError::new(HubErrorKind::InUse, folder.repository()).into());
            }
        }
    }
    let path = folder.path();
    let trash = folder.cache().join(format!(".removed-{}", unique()));
    match fs::rename(&path, &trash) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(false),
        renamed => renamed.map_err(|error| folder.failed(&path, error))?,
    }
    fs::remove_dir_all(&trash).map_err(|error| folder.failed(&trash, error))?;
    // Locks without a content do no harm.
    let _ = fs::remove_dir_all(&locks);
    Ok(true)
}
