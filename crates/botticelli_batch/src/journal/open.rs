//! Opens a journal.

use super::file::Journal;
use super::index::{Index, Totals};
use crate::Sink;
use crate::prompt::Fingerprint;
use botticelli_error::{BotticelliError, DataError, DataErrorKind};
use fs4::fs_std::FileExt;
use serde::{Deserialize, Serialize};
use std::fs::{File, OpenOptions};
use std::io::{BufRead, BufReader, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::time::Duration;

/// Version of the format.
const VERSION: u32 = 1;

/// The first line.
#[derive(Debug, Serialize, Deserialize)]
struct Header {
    /// Version of the format.
    botticelli_batch: u32,
    run: Fingerprint,
}

/// The handling of a journal that exists.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum JournalMode {
    /// Continue the same run. Another run is an error.
    #[default]
    Continue,
    /// Discard its answers.
    Restart,
}

/// Returns the path of the journal of an output.
pub(crate) fn path_of(output: &Path) -> PathBuf {
    let mut name = output.file_name().unwrap_or_default().to_owned();
    name.push(".journal");
    output.with_file_name(name)
}

/// Opens or creates the journal of `output`, locks it, and reads its index. Blocks on files.
pub(crate) fn open(sink: &Sink, run: &Fingerprint, mode: JournalMode) -> Result<Journal, BotticelliError> {
    let path = path_of(sink.path());
    let failed = |error| DataError::io("journal", path.display().to_string(), error);
    let mut file = open_private(&path).map_err(failed)?;
    if !lock(&file).map_err(failed)? {
        return Err(DataError::new("journal", path.display().to_string(), DataErrorKind::Locked).into());
    }
    if mode == JournalMode::Restart {
        let answers = scan(&file, &path).map_or(0, |found| found.index.answers());
        keep_copy(&mut file, &path, answers).map_err(failed)?;
        file.set_len(0).map_err(failed)?;
    }
    let found = scan(&file, &path)?;
    if let Some(earlier) = &found.run {
        if let Some(changed) = run.difference(earlier) {
            let kind = DataErrorKind::OtherRun { changed };
            return Err(DataError::new("journal", path.display().to_string(), kind).into());
        }
    } else {
        // A journal without an answer may have an incomplete header. An output without a journal belongs to something else.
        let found = sink.path().exists().then(|| sink.path().to_owned());
        let found = found.or_else(|| sink.side_files().into_iter().find(|file| file.is_file()));
        if mode != JournalMode::Restart
            && let Some(output) = found
        {
            drop(file);
            let _ = std::fs::remove_file(&path);
            let changed = "origin (it has no journal)".to_owned();
            let kind = DataErrorKind::OtherRun { changed };
            return Err(DataError::new("output", output.display().to_string(), kind).into());
        }
    }
    file.set_len(found.length).map_err(failed)?;
    let mut length = found.length;
    let mut begin = Vec::new();
    if found.run.is_none() {
        let header = Header { botticelli_batch: VERSION, run: run.clone() };
        begin = serde_json::to_vec(&header).map_err(|error| failed(error.into()))?;
        begin.push(b'\n');
    } else if found.lacks_end {
        begin.push(b'\n');
    }
    if !begin.is_empty() {
        file.seek(SeekFrom::End(0)).map_err(failed)?;
        file.write_all(&begin).map_err(failed)?;
        file.sync_data().map_err(failed)?;
        length += u64::try_from(begin.len()).unwrap_or(u64::MAX);
    }
    if found.skipped > 0 {
        tracing::warn!(journal = %path.display(), lines = found.skipped, "damaged lines are skipped, and their rows asked again");
    }
    Ok(Journal::new(path, file, length, found.index, found.totals))
}

/// Opens an existing journal without a lock, and returns its index, its sums and its run. Blocks on files.
pub(crate) fn open_read_only(path: &Path) -> Result<(Index, Totals, Option<Fingerprint>), BotticelliError> {
    let file =
        File::open(path).map_err(|error| DataError::io("journal", path.display().to_string(), error))?;
    let found = scan(&file, path)?;
    Ok((found.index, found.totals, found.run))
}

/// Does the same with a lock that ends with the file, so that no run changes the journal. Blocks on files.
pub(crate) fn open_shared(
    path: &Path,
) -> Result<(Index, Totals, Option<Fingerprint>, File), BotticelliError> {
    let failed = |error| DataError::io("journal", path.display().to_string(), error);
    let file = File::open(path).map_err(failed)?;
    if !FileExt::try_lock_shared(&file).map_err(failed)? {
        return Err(DataError::new("journal", path.display().to_string(), DataErrorKind::Locked).into());
    }
    let found = scan(&file, path)?;
    Ok((found.index, found.totals, found.run, file))
}

/// Locks the file, and waits up to 0.2 s: a run that ends releases its lock a little later.
fn lock(file: &File) -> std::io::Result<bool> {
    for _ in 0..20 {
        if file.try_lock_exclusive()? {
            return Ok(true);
        }
        std::thread::sleep(Duration::from_millis(10));
    }
    file.try_lock_exclusive()
}

fn open_private(path: &Path) -> std::io::Result<File> {
    let mut options = OpenOptions::new();
    options.read(true).write(true).create(true).truncate(false);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

/// Copies a journal whose answers are discarded, because they are paid for. The copy of an earlier one stays if it has more of them.
fn keep_copy(file: &mut File, path: &Path, answers: usize) -> std::io::Result<()> {
    let mut name = path.as_os_str().to_owned();
    name.push(".old");
    let copy = PathBuf::from(name);
    if answers <= open_read_only(&copy).map_or(0, |(index, ..)| index.answers()) {
        return Ok(());
    }
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    file.seek(SeekFrom::Start(0))?;
    std::io::copy(file, &mut options.open(copy)?).map(drop)
}

/// The content of a journal.
#[derive(Default)]
struct Found {
    /// `None` if the journal is empty.
    run: Option<Fingerprint>,
    index: Index,
    totals: Totals,
    /// Length of the whole lines.
    length: u64,
    /// `true` if the last line is complete, but for its end.
    lacks_end: bool,
    /// Number of damaged lines.
    skipped: u64,
}

fn scan(file: &File, path: &Path) -> Result<Found, BotticelliError> {
    let failed = |error| DataError::io("journal", path.display().to_string(), error);
    let mut lines = BufReader::with_capacity(256 << 10, file);
    lines.seek(SeekFrom::Start(0)).map_err(failed)?;
    let (mut found, mut text) = (Found::default(), Vec::new());
    loop {
        text.clear();
        let count = lines.read_until(b'\n', &mut text).map_err(failed)?;
        if count == 0 {
            return Ok(found);
        }
        let is_whole = text.last() == Some(&b'\n');
        // A process that was killed leaves zeros at the end, and a power failure anywhere, also after a part of a line. JSON has none.
        let is_zero = |byte: &u8| *byte == 0;
        let end = if is_whole {
            count - 1
        } else {
            text.iter().rposition(|byte| !is_zero(byte)).map_or(0, |last| last + 1)
        };
        let before = text.get(..end).unwrap_or_default();
        let begin = before.iter().rposition(is_zero).map_or(0, |last| last + 1);
        let line = before.get(begin..).unwrap_or_default();
        let place = found.length + u64::try_from(begin).unwrap_or(u64::MAX);
        if found.run.is_none() {
            match serde_json::from_slice::<Header>(line) {
                Ok(Header { botticelli_batch: VERSION, run }) => found.run = Some(run),
                Err(_) if !is_whole => return Ok(found),
                Ok(Header { botticelli_batch, .. }) => {
                    return Err(damaged(path, &format!("it has the format version {botticelli_batch}")));
                }
                Err(_) => return Err(damaged(path, "its first line is not a header")),
            }
        } else if !found.index.insert_line(line, place, &mut found.totals) {
            if !is_whole {
                return Ok(found);
            }
            found.skipped += 1;
        }
        found.length += u64::try_from(if is_whole { count } else { end }).unwrap_or(u64::MAX);
        found.lacks_end = !is_whole;
    }
}

fn damaged(path: &Path, reason: &str) -> BotticelliError {
    let kind = DataErrorKind::Damaged { reason: reason.to_owned() };
    DataError::new("journal", path.display().to_string(), kind).into()
}
