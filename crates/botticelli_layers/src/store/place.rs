//! The paths of stores.

use botticelli_error::{BotticelliError, StoreError, StoreErrorKind};
use std::ffi::OsString;
use std::path::{Path, PathBuf};

/// Environment variables with a folder for data, and the subfolder of it, in the order of precedence.
const FOLDERS: [(&str, &str); 3] = [("XDG_DATA_HOME", ""), ("HOME", ".local/share"), ("LOCALAPPDATA", "")];

/// Returns the path of a file in the user's data folder: `$XDG_DATA_HOME/botticelli`, or `~/.local/share/botticelli`.
///
/// # Errors
///
/// An [address](StoreErrorKind::Address) error if no home folder is known.
#[track_caller]
pub(crate) fn user_file(
    name: &str,
    store: &'static str,
    variable: impl Fn(&str) -> Option<OsString>,
) -> Result<PathBuf, BotticelliError> {
    // The XDG specification says to ignore a relative path.
    let absolute = |variable: Option<OsString>| variable.map(PathBuf::from).filter(|path| path.is_absolute());
    let folder =
        FOLDERS.iter().find_map(|(name, below)| absolute(variable(name)).map(|path| path.join(below)));
    match folder {
        Some(folder) => Ok(folder.join("botticelli").join(name)),
        None => Err(no_home("user", store)),
    }
}

/// Returns the path of a file that a configuration names. A leading `~/` is the home folder.
///
/// # Errors
///
/// An [address](StoreErrorKind::Address) error for an empty path, and for `~/` if no home folder is known.
#[track_caller]
pub(crate) fn path_of(
    place: &str,
    store: &'static str,
    variable: impl Fn(&str) -> Option<OsString>,
) -> Result<PathBuf, BotticelliError> {
    if place.trim().is_empty() {
        let kind = StoreErrorKind::Address { reason: "its path is empty".to_owned() };
        return Err(StoreError::new(store, place, kind).into());
    }
    let Some(below) = place.strip_prefix("~/") else { return Ok(Path::new(place).to_owned()) };
    let home = variable("HOME").or_else(|| variable("USERPROFILE")).filter(|home| !home.is_empty());
    match home {
        Some(home) => Ok(Path::new(&home).join(below)),
        None => Err(no_home(place, store)),
    }
}

#[track_caller]
fn no_home(place: &str, store: &'static str) -> BotticelliError {
    let reason = "no home folder is known, because the variable HOME is not set".to_owned();
    let error = StoreError::new(store, place, StoreErrorKind::Address { reason });
    error.with_advice("Set the variable HOME, or write an absolute path.").into()
}

#[cfg(test)]
mod tests {
    use super::{path_of, user_file};
    use std::ffi::OsString;
    use std::path::Path;

    fn variables(set: &'static [(&str, &str)]) -> impl Fn(&str) -> Option<OsString> {
        move |name| set.iter().find(|(key, _)| *key == name).map(|(_, value)| value.into())
    }

    #[test]
    fn the_users_file_is_in_the_data_folder() {
        for (set, expected) in [
            (&[("XDG_DATA_HOME", "/data"), ("HOME", "/home/a")][..], "/data/botticelli/x"),
            (&[("XDG_DATA_HOME", "relative"), ("HOME", "/home/a")], "/home/a/.local/share/botticelli/x"),
            (&[("XDG_DATA_HOME", ""), ("HOME", "/home/a")], "/home/a/.local/share/botticelli/x"),
        ] {
            assert_eq!(user_file("x", "cache", variables(set)).unwrap(), Path::new(expected));
        }
        let error = user_file("x", "cache", variables(&[])).unwrap_err().to_string();
        assert!(error.contains("HOME"), "{error}");
    }

    #[test]
    fn a_tilde_is_the_home_folder() {
        let home = || variables(&[("HOME", "/home/a")]);
        assert_eq!(path_of("~/x", "cache", home()).unwrap(), Path::new("/home/a/x"));
        assert_eq!(path_of("a/~/x", "cache", home()).unwrap(), Path::new("a/~/x"));
        assert!(path_of(" ", "cache", home()).is_err());
        assert!(path_of("~/x", "cache", variables(&[])).is_err());
    }
}
