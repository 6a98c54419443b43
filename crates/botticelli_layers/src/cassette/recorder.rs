//! The file that calls are recorded to.

use super::tape::{self, Call, FORMAT};
use botticelli_error::{BotticelliError, ConfigError};
use std::collections::BTreeMap;
use std::fmt;
use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, ErrorKind, Write};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

/// The file that calls are recorded to.
pub(super) struct Recorder {
    path: PathBuf,
    progress: Mutex<Progress>,
}

struct Progress {
    file: File,
    /// Number of calls that have begun.
    started: u64,
    /// Number of the next call in the file.
    next: u64,
    /// Calls that wait for earlier ones. `None` was dropped.
    ended: BTreeMap<u64, Option<String>>,
}

impl fmt::Debug for Recorder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Recorder").field(&self.path).finish()
    }
}

impl Recorder {
    /// Creates a cassette, in place of an earlier one.
    #[track_caller]
    pub(super) fn create(path: &Path) -> Result<Self, BotticelliError> {
        let failed = |error: io::Error| {
            ConfigError::new(format!("the cassette cannot be written ({error})"), "use another path")
                .with_file(path.display().to_string())
                .with_source(error)
        };
        match fs::read(path) {
            Ok(bytes) => {
                let begin = bytes.get(..bytes.len().min(100)).unwrap_or_default();
                let is_cassette = begin.windows(FORMAT.len()).any(|window| window == FORMAT.as_bytes());
                if !bytes.is_empty() && !is_cassette {
                    let reason = "the file is not a cassette, so it is not replaced by one";
                    let error = ConfigError::new(reason, "use another path, or delete the file");
                    return Err(error.with_file(path.display().to_string()).into());
                }
            }
            Err(error) if error.kind() == ErrorKind::NotFound => {
                if let Some(folder) = path.parent() {
                    fs::create_dir_all(folder).map_err(failed)?;
                }
            }
            Err(error) => return Err(failed(error).into()),
        }
        // Truncated after the lock, so that a recording of another driver stays whole.
        let mut file =
            OpenOptions::new().write(true).create(true).truncate(false).open(path).map_err(failed)?;
        if is_locked(&file) {
            let reason = "another driver or program is recording to this file";
            let error = ConfigError::new(reason, "use another path, or end the other recording first");
            return Err(error.with_file(path.display().to_string()).into());
        }
        file.set_len(0).map_err(failed)?;
        file.write_all(tape::header().as_bytes()).map_err(failed)?;
        let progress = Progress { file, started: 0, next: 0, ended: BTreeMap::new() };
        Ok(Self { path: path.to_owned(), progress: Mutex::new(progress) })
    }

    /// Begins a call, which gets its place in the file.
    pub(super) fn begin(self: &Arc<Self>) -> Entry {
        let mut progress = self.progress.lock().unwrap_or_else(PoisonError::into_inner);
        let number = progress.started;
        progress.started = number.saturating_add(1);
        Entry { recorder: self.clone(), number: Some(number) }
    }

    fn end(&self, number: u64, document: Option<String>) -> io::Result<()> {
        let mut progress = self.progress.lock().unwrap_or_else(PoisonError::into_inner);
        let Progress { file, next, ended, .. } = &mut *progress;
        ended.insert(number, document);
        while let Some(document) = ended.remove(next) {
            *next = next.saturating_add(1);
            if let Some(document) = document {
                file.write_all(document.as_bytes())?;
            }
        }
        Ok(())
    }
}

/// Locks the file until it is closed. Returns whether it is locked already.
///
/// Two recordings would overwrite parts of each other. On other systems than Unix, a lock would also keep readers out, and some file
/// systems have no locks.
fn is_locked(file: &File) -> bool {
    cfg!(unix) && matches!(file.try_lock(), Err(TryLockError::WouldBlock))
}

/// The place of a call in the file. A dropped call releases its place.
#[derive(Debug)]
pub(super) struct Entry {
    recorder: Arc<Recorder>,
    number: Option<u64>,
}

impl Entry {
    /// Records the call. Returns a warning if that fails.
    pub(super) fn record(self, call: &Call) -> Option<String> {
        self.end(call.write().map_err(io::Error::from))
    }

    /// Leaves out a call that has no JSON form. Returns a warning.
    #[cfg(feature = "tasks")]
    pub(super) fn fail(self, error: io::Error) -> Option<String> {
        self.end(Err(error))
    }

    fn end(mut self, written: io::Result<String>) -> Option<String> {
        let number = self.number.take()?;
        let (document, problem) = match written {
            Ok(document) => (Some(document), None),
            Err(error) => (None, Some(error)),
        };
        let problem = problem.or(self.recorder.end(number, document).err())?;
        let path = self.recorder.path.display();
        tracing::warn!(%path, error = %problem, "a call was not recorded");
        Some(format!("The call was not recorded in {path} ({problem}). Check the file, and record it again."))
    }
}

impl Drop for Entry {
    fn drop(&mut self) {
        if let Some(number) = self.number.take() {
            // The next call reports a file that cannot be written.
            let _ = self.recorder.end(number, None);
        }
    }
}
