//! The name of a repository at a revision, and its addresses.

use botticelli_core::redact;
use botticelli_error::{BotticelliError, HubError, HubErrorKind};
use std::fmt::{self, Write as _};

/// Longest name of a repository, as on the Hub.
const LONGEST_ID: usize = 96;
/// Longest name of a file or a revision. Longer ones do not fit into a file system.
const LONGEST_NAME: usize = 1_024;
const MAIN: &str = "main";

/// The kind of a repository.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum RepositoryKind {
    /// A model.
    Model,
    /// A data set.
    Dataset,
    /// A space.
    Space,
}

impl RepositoryKind {
    /// All kinds.
    pub const ALL: [Self; 3] = [Self::Model, Self::Dataset, Self::Space];

    /// Returns the name of the kind in addresses and folders: `models`, `datasets`, `spaces`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Model => "models",
            Self::Dataset => "datasets",
            Self::Space => "spaces",
        }
    }

    /// Returns the beginning of the path of a repository's page. Models have none.
    const fn prefix(self) -> &'static str {
        match self {
            Self::Model => "",
            Self::Dataset => "datasets/",
            Self::Space => "spaces/",
        }
    }
}

impl fmt::Display for RepositoryKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A repository at a revision. All parts are valid in paths.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::hub) struct Repository {
    pub(in crate::hub) kind: RepositoryKind,
    /// `org/name`, or `name` for old models.
    pub(in crate::hub) id: String,
    /// A branch, a tag or a commit.
    pub(in crate::hub) revision: String,
}

impl Repository {
    /// Parses `org/name`, `datasets/org/name` or `spaces/org/name`, optionally with `hf://` in front and `@revision` after it.
    pub(in crate::hub) fn parse(text: &str, revision: Option<&str>) -> Result<Self, BotticelliError> {
        let name = text.trim();
        let name = name.strip_prefix("hf://").unwrap_or(name);
        let (name, given) = match name.split_once('@') {
            Some((name, revision)) => (name, Some(revision)),
            None => (name, None),
        };
        let kinds = [RepositoryKind::Dataset, RepositoryKind::Space];
        let found = kinds.into_iter().find_map(|kind| Some((kind, name.strip_prefix(kind.prefix())?)));
        let found = found.or_else(|| Some((RepositoryKind::Model, name.strip_prefix("models/")?)));
        let (kind, id) = found.filter(|(_, id)| !id.is_empty()).unwrap_or((RepositoryKind::Model, name));
        if let Some(reason) = id_problem(id) {
            return Err(invalid("repository", id, reason));
        }
        let revision = given.or(revision).unwrap_or(MAIN);
        if let Some(reason) = path_problem(revision) {
            return Err(invalid("revision", revision, reason));
        }
        Ok(Self { kind, id: id.to_owned(), revision: revision.to_owned() })
    }

    /// Returns the repository of a data set, whose name may lack `datasets/`.
    pub(in crate::hub) fn dataset(text: &str, revision: Option<&str>) -> Result<Self, BotticelliError> {
        let repository = Self::parse(text, revision)?;
        match repository.kind {
            RepositoryKind::Space => Err(invalid("repository", &repository.name(), "is not a data set")),
            _ => Ok(Self { kind: RepositoryKind::Dataset, ..repository }),
        }
    }

    /// Returns the repository at another revision.
    pub(in crate::hub) fn at(&self, revision: &str) -> Self {
        Self { revision: revision.to_owned(), ..self.clone() }
    }

    /// Returns the name for messages: `org/name` or `datasets/org/name`.
    pub(in crate::hub) fn name(&self) -> String {
        format!("{}{}", self.kind.prefix(), self.id)
    }

    /// Returns the name of the repository's folder in the cache: `models--org--name`.
    pub(in crate::hub) fn folder(&self) -> String {
        format!("{}--{}", self.kind, self.id.replace('/', "--"))
    }

    /// Returns whether the revision is a commit, which never changes.
    pub(in crate::hub) fn is_commit(&self) -> bool {
        is_commit(&self.revision)
    }

    /// Returns the path of a file, below the endpoint.
    pub(in crate::hub) fn resolve_path(&self, file: &str) -> String {
        let revision = escaped(&self.revision, "");
        format!("{}{}/resolve/{revision}/{}", self.kind.prefix(), self.id, escaped(file, "/"))
    }

    /// Returns the path of an API, below the endpoint.
    pub(in crate::hub) fn api_path(&self, rest: &str) -> String {
        format!("api/{}/{}/{rest}", self.kind, self.id)
    }

    /// Returns the path of an API of this revision, below the endpoint: `revision` or `tree`.
    pub(in crate::hub) fn revision_path(&self, api: &str) -> String {
        self.api_path(&format!("{api}/{}", escaped(&self.revision, "")))
    }

    /// Returns the error for this repository.
    pub(in crate::hub) fn error(&self, kind: HubErrorKind) -> HubError {
        HubError::new(kind, self.name())
    }
}

/// Returns whether `text` is the hash of a commit.
pub(in crate::hub) fn is_commit(text: &str) -> bool {
    text.len() == 40 && text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
}

/// Rejects the name of a file that is not a path inside a repository.
pub(in crate::hub) fn check_file(file: &str) -> Result<(), BotticelliError> {
    path_problem(file).map_or(Ok(()), |reason| Err(invalid("file", file, reason)))
}

/// Returns the problem of a path inside a folder, as the end of a sentence. No valid path leads out of the folder.
pub(in crate::hub) fn path_problem(path: &str) -> Option<&'static str> {
    let is_drive = |part: &str| {
        let mut chars = part.chars();
        chars.next().is_some_and(|c| c.is_ascii_alphabetic()) && chars.next() == Some(':')
    };
    match () {
        () if path.is_empty() => Some("is empty"),
        () if path.len() > LONGEST_NAME => Some("is too long"),
        () if path.split('/').any(redact::is_token) => Some("is a token"),
        () if path.contains(char::is_control) => Some("contains a control character"),
        () if path.contains('\\') => Some("contains a backslash"),
        () if path.starts_with('/') || path.starts_with('~') => Some("is not relative"),
        () if is_drive(path) => Some("starts with a drive letter"),
        () if path.split('/').any(|part| part == ".." || part == ".") => Some("contains the part .. or ."),
        () if path.split('/').any(str::is_empty) => Some("contains an empty part"),
        () if path.split('/').any(|part| part.len() > 255) => Some("has a part of more than 255 bytes"),
        () if cfg!(windows) && path.contains(['<', '>', ':', '"', '|', '?', '*']) => {
            Some("contains a character that Windows does not allow")
        }
        () if cfg!(windows) && path.split('/').any(|part| part.ends_with(['.', ' ']) || is_device(part)) => {
            Some("is a reserved name on Windows")
        }
        () => None,
    }
}

/// Returns whether Windows opens a device instead of a file of this name.
fn is_device(part: &str) -> bool {
    let stem = part.split('.').next().unwrap_or_default().to_ascii_uppercase();
    let is_numbered = |name: &str| {
        stem.strip_prefix(name)
            .is_some_and(|rest| rest.len() == 1 && rest.bytes().all(|b| b.is_ascii_digit()))
    };
    ["CON", "PRN", "AUX", "NUL"].contains(&stem.as_str()) || is_numbered("COM") || is_numbered("LPT")
}

/// Returns the problem of a repository's name, as the end of a sentence.
fn id_problem(id: &str) -> Option<&'static str> {
    let parts: Vec<_> = id.split('/').collect();
    let is_allowed = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.' | '/');
    match () {
        () if id.is_empty() => Some("is empty"),
        () if redact::is_token(id) => Some("is a token"),
        () if id.len() > LONGEST_ID => Some("has more than 96 characters"),
        () if id.contains("://") => Some("is an address"),
        () if id.contains(':') => {
            Some("contains a colon, which only `download_gguf` reads as a quantization")
        }
        () if parts.len() > 2 => Some("has more than one slash"),
        () if parts.iter().any(|part| part.is_empty()) => Some("has an empty part"),
        () if !id.chars().all(is_allowed) => {
            Some("contains a character other than letters, digits, - _ and .")
        }
        () if id.contains("--") || id.contains("..") => Some("contains -- or .."),
        () if parts.iter().any(|part| part.starts_with(['-', '.']) || part.ends_with(['-', '.'])) => {
            Some("has a part that starts or ends with - or .")
        }
        () => None,
    }
}

pub(in crate::hub) fn invalid(part: &'static str, name: &str, reason: &'static str) -> BotticelliError {
    let shown = redact::tokens(name);
    let kind = HubErrorKind::InvalidName { part, name: shown.clone(), reason };
    HubError::new(kind, shown).into()
}

/// Escapes text for a path, except for ASCII letters, digits, `-_.~` and `allowed`.
pub(in crate::hub) fn escaped(text: &str, allowed: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for byte in text.bytes() {
        let c = char::from(byte);
        if byte.is_ascii_alphanumeric() || "-_.~".contains(c) || allowed.contains(c) {
            escaped.push(c);
        } else {
            // Writing to a `String` cannot fail.
            let _ = write!(escaped, "%{byte:02X}");
        }
    }
    escaped
}
