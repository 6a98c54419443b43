//! The reasons why a download fails.

use crate::ErrorCategory;
use std::time::Duration;

/// The reason why a download from the Hub fails.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum HubErrorKind {
    /// The name of a repository, a revision or a file is invalid. Nothing was sent. Not retried.
    InvalidName {
        /// The part: `repository`, `revision`, `file`, `split`.
        part: &'static str,
        /// The value.
        name: String,
        /// Problem of the value, as the end of a sentence: `is empty`.
        reason: &'static str,
    },
    /// The repository does not exist, or is private and the token has no access. Not retried.
    RepositoryNotFound {
        /// `true` if a token was sent.
        has_token: bool,
        /// Reason why a token that was found was not sent.
        withheld: Option<String>,
    },
    /// The repository has no such branch, tag or commit. Not retried.
    RevisionNotFound {
        /// The revision.
        revision: String,
    },
    /// The repository has no such file at this revision. Not retried.
    FileNotFound {
        /// The revision.
        revision: String,
    },
    /// The repository is gated, and the account has no access. Not retried.
    Gated {
        /// `true` if a token was sent.
        has_token: bool,
        /// Reason why a token that was found was not sent.
        withheld: Option<String>,
        /// Page on which access is requested.
        page: String,
    },
    /// The Hub rejects the token. Not retried.
    TokenRejected,
    /// The token or the account lacks a permission, or the repository is disabled. Not retried.
    PermissionDenied,
    /// The Hub receives too many requests. Retried.
    RateLimited,
    /// The Hub fails. Retried.
    Server,
    /// Any other unsuccessful response. Not retried.
    Rejected,
    /// A response lacks what a download requires, or is not a response of a Hub. Not retried.
    UnusableResponse {
        /// The problem, as a clause: `the header X-Repo-Commit is missing`.
        reason: String,
    },
    /// A name from the server leads out of the folder of the repository. Nothing was written. Not retried.
    UnsafeName {
        /// The name.
        name: String,
    },
    /// The Hub redirects to an address that is not encrypted, or redirects too often. Nothing was requested there. Not retried.
    UnsafeRedirect {
        /// Host of the target.
        target: String,
    },
    /// The content differs from the checksum that the Hub states. The file was deleted. Not retried.
    ChecksumMismatch {
        /// Checksum that the Hub states.
        expected: String,
        /// Checksum of the content that arrived.
        actual: String,
    },
    /// The content has another size than the Hub states. Not retried.
    SizeMismatch {
        /// Size that the Hub states, in bytes.
        expected: u64,
        /// Size of the content that arrived, in bytes.
        actual: u64,
    },
    /// The disk has too little space. What has arrived is kept. Not retried.
    DiskFull {
        /// Folder of the cache.
        folder: String,
        /// Bytes that are missing.
        missing: u64,
    },
    /// The cache cannot be read or written. Not retried.
    Cache {
        /// Path in the cache.
        path: String,
        /// The reason.
        reason: String,
    },
    /// Another process downloads into the repository, so it cannot be removed. Not retried.
    InUse,
    /// The file or the snapshot is not completely in the cache, and the Hub must not be asked. Not retried.
    Offline {
        /// Setting that forbids requests, such as `HF_HUB_OFFLINE=1`.
        setting: String,
        /// Files that are missing, if they are known.
        missing: Vec<String>,
    },
    /// The repository has no GGUF file that is a model. Not retried.
    NoGguf,
    /// The repository has no such quantization. Not retried.
    NoQuantization {
        /// Quantization that the caller named; `None` if none was named.
        wanted: Option<String>,
        /// Quantizations of the repository.
        available: Vec<String>,
    },
    /// Several files have the same quantization. Not retried.
    AmbiguousQuantization {
        /// The quantization.
        wanted: String,
        /// The files.
        files: Vec<String>,
    },
    /// No quantization fits the memory. Not retried.
    NothingFits {
        /// Limit in bytes.
        limit: u64,
        /// Smallest quantization.
        smallest: String,
        /// Its size in bytes.
        size: u64,
    },
    /// The repository lacks a part of a split file. Not retried.
    MissingPart {
        /// Name of the first missing part.
        name: String,
    },
    /// The data set has no such split as Parquet. Not retried.
    NoSplit {
        /// Splits that the Hub lists, as `config/split`.
        available: Vec<String>,
    },
}

impl HubErrorKind {
    pub(crate) fn category(&self) -> ErrorCategory {
        match self {
            Self::InvalidName { .. } | Self::Rejected | Self::AmbiguousQuantization { .. } => {
                ErrorCategory::InvalidRequest
            }
            Self::RepositoryNotFound { .. }
            | Self::RevisionNotFound { .. }
            | Self::FileNotFound { .. }
            | Self::Offline { .. }
            | Self::NoGguf
            | Self::NoQuantization { .. }
            | Self::MissingPart { .. }
            | Self::NoSplit { .. } => ErrorCategory::NotFound,
            Self::Gated { .. } | Self::PermissionDenied => ErrorCategory::Permission,
            Self::TokenRejected => ErrorCategory::Authentication,
            Self::RateLimited => ErrorCategory::RateLimited,
            Self::Server => ErrorCategory::Server,
            Self::UnusableResponse { .. }
            | Self::UnsafeName { .. }
            | Self::ChecksumMismatch { .. }
            | Self::SizeMismatch { .. } => ErrorCategory::InvalidResponse,
            Self::UnsafeRedirect { .. } => ErrorCategory::Configuration,
            Self::DiskFull { .. } | Self::Cache { .. } | Self::InUse => ErrorCategory::Store,
            Self::NothingFits { .. } => ErrorCategory::TooLarge,
        }
    }

    /// Returns a clause without a full stop at its end.
    pub(crate) fn reason(&self) -> String {
        match self {
            Self::InvalidName { part, name, reason } => format!("the {part} {name:?} {reason}"),
            Self::RepositoryNotFound { withheld: Some(why), .. } => {
                format!(
                    "the repository does not exist or is private, and the token was not sent, because {why}"
                )
            }
            Self::RepositoryNotFound { has_token: true, .. } => {
                "the repository does not exist, or the token has no access to it".into()
            }
            Self::RepositoryNotFound { .. } => {
                "the repository does not exist, or is private, and no token was sent".into()
            }
            Self::RevisionNotFound { revision } => {
                format!("the repository has no branch, tag or commit {revision:?}")
            }
            Self::FileNotFound { revision } => format!("the file does not exist at revision {revision:?}"),
            Self::Gated { withheld: Some(why), .. } => {
                format!("the repository is gated, and the token was not sent, because {why}")
            }
            Self::Gated { has_token: true, .. } => {
                "the repository is gated, and the account has no access".into()
            }
            Self::Gated { .. } => "the repository is gated, and no token was sent".into(),
            Self::TokenRejected => "the Hub rejected the token".into(),
            Self::PermissionDenied => "the Hub denied access".into(),
            Self::RateLimited => "the Hub received too many requests".into(),
            Self::Server => "the Hub failed".into(),
            Self::Rejected => "the Hub rejected the request".into(),
            Self::UnusableResponse { reason } => reason.clone(),
            Self::UnsafeName { name } => {
                format!("the name {name:?} from the server leads out of the folder")
            }
            Self::UnsafeRedirect { target } => {
                format!("the server redirects to {target}, which is not followed")
            }
            Self::ChecksumMismatch { expected, actual } => {
                format!("the content is damaged: its checksum is {actual} instead of {expected}")
            }
            Self::SizeMismatch { expected, actual } => {
                format!("the content has {actual} bytes instead of {expected}")
            }
            Self::DiskFull { folder, missing } => {
                format!("the disk of {folder} lacks {missing} bytes ({})", readable(*missing))
            }
            Self::Cache { path, reason } => format!("the cache at {path} cannot be used ({reason})"),
            Self::InUse => "another process downloads into it".into(),
            Self::Offline { setting, missing } if missing.is_empty() => {
                format!("it is not in the cache, and {setting} forbids downloading it")
            }
            Self::Offline { setting, missing } => {
                let shown = listed(missing);
                format!("the cache has no complete copy, and {setting} forbids downloading {shown}")
            }
            Self::NoGguf => "the repository has no GGUF model".into(),
            Self::NoQuantization { wanted: Some(wanted), .. } => {
                format!("the repository has no quantization {wanted:?}")
            }
            Self::NoQuantization { wanted: None, .. } => "the repository has no common quantization".into(),
            Self::AmbiguousQuantization { wanted, files } => {
                format!("several files have the quantization {wanted:?}: {}", listed(files))
            }
            Self::NothingFits { limit, smallest, size } => format!(
                "no quantization fits into {}: the smallest one is {smallest} with {}",
                readable(*limit),
                readable(*size)
            ),
            Self::MissingPart { name } => format!("the repository lacks the part {name} of a split file"),
            Self::NoSplit { available } if available.is_empty() => {
                "the Hub has no Parquet files of the data set".into()
            }
            Self::NoSplit { .. } => "the data set has no such split".into(),
        }
    }

    /// Returns one or more complete sentences.
    pub(crate) fn advice(&self, repository: &str, retry_after: Option<Duration>) -> String {
        match self {
            Self::InvalidName { part: "repository", .. } => {
                "Write it as on its page: org/name, datasets/org/name, or org/name@revision.".into()
            }
            Self::InvalidName { part: "file", .. } => {
                "Give the path of the file inside the repository, such as folder/model.gguf.".into()
            }
            Self::InvalidName { part: "split", .. } => "Write split or config/split.".into(),
            Self::InvalidName { .. } => "Give a branch, a tag or a commit.".into(),
            Self::RepositoryNotFound { withheld: Some(_), .. } | Self::Gated { withheld: Some(_), .. } => {
                "If this host may receive the token, pass it with `with_token`.".into()
            }
            Self::RepositoryNotFound { has_token: true, .. } => {
                "Check the spelling, and that the token can read the repository (https://huggingface.co/settings/tokens)."
                    .into()
            }
            Self::RepositoryNotFound { .. } => {
                "Check the spelling. For a private repository set HF_TOKEN, or pass a token with `with_token`.".into()
            }
            Self::RevisionNotFound { .. } => "Use a branch, tag or commit of the repository's page.".into(),
            Self::FileNotFound { .. } => "Use a name from the repository's list of files.".into(),
            Self::Gated { has_token: true, page, .. } => {
                format!("Request access at {page}, with the account of the token. A fine-grained token also needs the permission to read gated repositories.")
            }
            Self::Gated { page, .. } => format!(
                "Request access at {page}, and set HF_TOKEN to a token of that account (https://huggingface.co/settings/tokens)."
            ),
            Self::TokenRejected => {
                "Check at https://huggingface.co/settings/tokens that the token is complete and not revoked. A public \
                 repository needs no token."
                    .into()
            }
            Self::PermissionDenied => format!("Open https://huggingface.co/{repository} with the account of the token."),
            Self::RateLimited => match retry_after {
                Some(wait) => format!("Download again in {:.0} s.", wait.as_secs_f64().ceil()),
                None => "Download again a little later; with a token the limit is higher.".into(),
            },
            Self::Server => "Download again. The part that has arrived is kept.".into(),
            Self::Rejected => "Correct what the message names.".into(),
            Self::UnusableResponse { .. } | Self::UnsafeRedirect { .. } => {
                "Check the endpoint (HF_ENDPOINT): it must be the Hub or a complete mirror of it.".into()
            }
            Self::UnsafeName { .. } => "Do not use this repository.".into(),
            Self::ChecksumMismatch { .. } | Self::SizeMismatch { .. } => {
                "Download it again. If it fails again, a proxy or a mirror changes the content, or the repository is damaged."
                    .into()
            }
            Self::DiskFull { .. } => {
                "Free some space, or set HF_HUB_CACHE to a folder on another disk. The part that has arrived is kept.".into()
            }
            Self::Cache { .. } => "Make the folder readable and writable, or set HF_HUB_CACHE to another one.".into(),
            Self::InUse => "Wait until the download has ended.".into(),
            Self::Offline { setting, .. } => {
                format!("Remove {setting} once to download it, or copy the cache from another machine.")
            }
            Self::NoGguf => "Use a repository with GGUF files; their names often end in -GGUF.".into(),
            Self::AmbiguousQuantization { .. } => "Name the file: org/name:file.gguf.".into(),
            Self::NothingFits { .. } => "Use a smaller model, or raise the memory limit.".into(),
            Self::MissingPart { .. } => "Use another quantization, or report it to the author of the repository.".into(),
            Self::NoSplit { available } if available.is_empty() => {
                "Use a data set whose page has a viewer, or download its files by name.".into()
            }
            Self::NoQuantization { available, .. } | Self::NoSplit { available } => {
                format!("Choose one of {}.", listed(available))
            }
        }
    }
}

/// Maximum number of names in a message.
const SHOWN: usize = 12;

fn listed(names: &[String]) -> String {
    let shown = names.iter().take(SHOWN).cloned().collect::<Vec<_>>().join(", ");
    match names.len().saturating_sub(SHOWN) {
        0 => shown,
        more => format!("{shown} and {more} more"),
    }
}

/// Returns a size with two digits after the point: `1.25 GB`.
fn readable(bytes: u64) -> String {
    for (unit, name) in [(1_000_000_000, "GB"), (1_000_000, "MB"), (1_000, "kB")] {
        if bytes >= unit {
            let hundredths = bytes.saturating_mul(100).checked_div(unit).unwrap_or_default();
            return format!("{}.{:02} {name}", hundredths / 100, hundredths % 100);
        }
    }
    format!("{bytes} bytes")
}
