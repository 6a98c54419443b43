//! The files of a table.

use super::read::{io_error, unsupported};
use botticelli_error::DataError;
use sha2::{Digest, Sha256};
use std::fs::File;
use std::io::{Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};

/// Bytes at each end of a file that are part of its identity.
const END: u64 = 64 << 10;

/// Returns the files that a path or a pattern names, sorted.
pub(super) fn matching(path: &Path) -> Result<Vec<PathBuf>, DataError> {
    // A file may have `[1]` in its name.
    let text = path.to_str().unwrap_or_default();
    if text.starts_with("hf://") {
        let remedy = "Call `botticelli::open_table` (features `batch` and `hub`).";
        return Err(unsupported(path, "is an address of the Hub", remedy));
    }
    if path.exists() || !text.contains(['*', '?', '[']) {
        return Ok(vec![path.to_owned()]);
    }
    let paths = glob::glob(text).map_err(|error| {
        unsupported(path, format!("is not a pattern ({})", error.msg), "Correct the pattern, or give a path.")
    })?;
    let mut files = Vec::new();
    for found in paths {
        let found = found.map_err(|error| {
            let path = error.path().to_owned();
            io_error(&path, error.into())
        })?;
        if !found.is_dir() {
            files.push(found);
        }
    }
    if files.is_empty() {
        return Err(unsupported(path, "matches no file", "Check the pattern."));
    }
    files.sort();
    Ok(files)
}

/// Fails if the path is not a readable file.
pub(super) fn check(path: &Path) -> Result<(), DataError> {
    let metadata = std::fs::metadata(path).map_err(|error| io_error(path, error))?;
    if metadata.is_dir() {
        let remedy = "Give a file, several files, or a pattern such as `data/*.jsonl`.";
        return Err(unsupported(path, "is a folder", remedy));
    }
    if !metadata.is_file() {
        // Rows are read more than once.
        return Err(unsupported(path, "is not a regular file", "Write the data to a file first."));
    }
    Ok(())
}

/// Adds the name without its folder, the size, and the first and last bytes of a file.
pub(super) fn add_identity(path: &Path, hash: &mut Sha256) -> Result<(), DataError> {
    let add = |hash: &mut Sha256| -> std::io::Result<()> {
        let mut file = File::open(path)?;
        let size = file.metadata()?.len();
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        // The length of the name and the size end the two texts.
        hash.update(format!("{}:{name}:{size}:", name.len()));
        let mut bytes = Vec::new();
        file.by_ref().take(END).read_to_end(&mut bytes)?;
        file.seek(SeekFrom::Start(size.saturating_sub(END)))?;
        file.take(END).read_to_end(&mut bytes)?;
        hash.update(bytes);
        Ok(())
    };
    add(hash).map_err(|error| io_error(path, error))
}
