//! The files in a folder.

use std::fs;
use std::io;
use std::path::Path;

/// Returns the sorted names in a folder, which may be missing.
pub(in crate::hub) fn names(folder: &Path) -> io::Result<Vec<String>> {
    let entries = match fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(error),
    };
    let mut names = Vec::new();
    for entry in entries {
        names.extend(entry?.file_name().to_str().map(str::to_owned));
    }
    names.sort();
    Ok(names)
}

/// Returns the sorted names of all files below a folder, which may be missing.
pub(in crate::hub) fn files(folder: &Path) -> io::Result<Vec<String>> {
    let mut found = Vec::new();
    let mut open = vec![String::new()];
    while let Some(prefix) = open.pop() {
        for name in names(&folder.join(&prefix))? {
            let path = if prefix.is_empty() { name } else { format!("{prefix}/{name}") };
            // A link to a folder is not followed.
            let is_folder = fs::symlink_metadata(folder.join(&path))?.is_dir();
            if is_folder { open.push(path) } else { found.push(path) }
        }
    }
    found.sort();
    Ok(found)
}
