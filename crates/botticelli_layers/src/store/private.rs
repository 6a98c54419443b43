//! Files that only the user can read.

use botticelli_error::StoreErrorKind;
use std::fs::{self, DirBuilder, OpenOptions};
use std::io::{self, ErrorKind};
use std::path::Path;

/// Permission bits of the group and of all others.
#[cfg(unix)]
const OTHERS: u32 = 0o077;

/// Creates a private file if `path` does not exist, and checks it otherwise. Missing folders are created as private folders.
///
/// The file gets its mode when it is created, so that it is private from the beginning.
pub(super) fn prepare(path: &Path) -> Result<(), StoreErrorKind> {
    if let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
        create_folder(folder).map_err(|error| kind_of(&error))?;
    }
    match create(path) {
        Ok(()) => Ok(()),
        Err(error) if error.kind() == ErrorKind::AlreadyExists => check(path),
        // Some systems report a folder in this way.
        Err(_) if path.is_dir() => Err(StoreErrorKind::IsDirectory),
        Err(error) => Err(kind_of(&error)),
    }
}

#[cfg_attr(not(unix), expect(unused_mut, reason = "only Unix has modes"))]
fn create_folder(folder: &Path) -> io::Result<()> {
    let mut builder = DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder)
}

fn create(path: &Path) -> io::Result<()> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path).map(drop)
}

fn check(path: &Path) -> Result<(), StoreErrorKind> {
    let metadata = fs::metadata(path).map_err(|error| kind_of(&error))?;
    if metadata.is_dir() {
        return Err(StoreErrorKind::IsDirectory);
    }
    if !metadata.is_file() {
        return Err(StoreErrorKind::Damaged);
    }
    #[cfg(unix)]
    {
        let mode = std::os::unix::fs::PermissionsExt::mode(&metadata.permissions());
        if mode & OTHERS != 0 {
            return Err(StoreErrorKind::NotPrivate { mode: mode & 0o777 });
        }
    }
    Ok(())
}

/// Returns the reason why a file cannot be used.
fn kind_of(error: &io::Error) -> StoreErrorKind {
    match error.kind() {
        ErrorKind::PermissionDenied | ErrorKind::ReadOnlyFilesystem => StoreErrorKind::ReadOnly,
        ErrorKind::StorageFull | ErrorKind::QuotaExceeded => StoreErrorKind::Full,
        ErrorKind::IsADirectory => StoreErrorKind::IsDirectory,
        ErrorKind::NotADirectory | ErrorKind::AlreadyExists => {
            StoreErrorKind::Address { reason: "a folder of its path is a file".to_owned() }
        }
        _ => StoreErrorKind::Failed { reason: format!("the file cannot be used ({error})") },
    }
}
