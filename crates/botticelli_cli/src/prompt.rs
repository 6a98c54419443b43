//! The prompt of a call: words, files and standard input.

use crate::failure::{Failure, Outcome};
use crate::output::Console;
use std::fmt;
use std::io::{self, IsTerminal, Read};
use std::path::{Path, PathBuf};
use std::time::Duration;

/// Time after which a program that waits for standard input says so.
const PATIENCE: Duration = Duration::from_secs(2);

/// The parts of a prompt.
pub(crate) struct PromptSource<'a> {
    pub(crate) words: &'a [String],
    pub(crate) files: &'a [PathBuf],
    /// True if standard input is not read: with `--no-stdin`, or because an attachment reads it.
    pub(crate) ignores_stdin: bool,
    /// A check before a long wait for standard input, such as that of the token.
    pub(crate) check: Option<&'a dyn Fn() -> Outcome<()>>,
}

impl fmt::Debug for PromptSource<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PromptSource")
            .field("words", &self.words)
            .field("files", &self.files)
            .finish_non_exhaustive()
    }
}

impl PromptSource<'_> {
    /// Returns the prompt: the words, the files and standard input, with an empty line between them.
    pub(crate) async fn read(&self, console: &Console) -> Outcome<String> {
        let words = self.words.join(" ");
        let mut parts = Vec::new();
        if words != "-" && !words.trim().is_empty() {
            parts.push(words);
        }
        for file in self.files {
            parts.push(read_text(file)?);
        }
        if !self.ignores_stdin && !io::stdin().is_terminal() {
            let bytes = read_stdin_after(console, !parts.is_empty(), self.check).await?;
            let text = utf8(bytes, "standard input")?;
            if !text.trim().is_empty() {
                parts.push(text);
            }
        }
        if parts.is_empty() {
            return Err(Failure::usage(
                "there is no prompt. Write one after the command, pipe one into it, or name a file with -f.",
            ));
        }
        Ok(parts.join("\n\n"))
    }
}

/// Returns a text, or the content of the file after `@`.
pub(crate) fn text_or_file(text: &str) -> Outcome<String> {
    match text.strip_prefix('@') {
        Some(path) => read_text(Path::new(path)),
        None => Ok(text.to_owned()),
    }
}

/// Reads a text file.
pub(crate) fn read_text(path: &Path) -> Outcome<String> {
    let name = path.display().to_string();
    let bytes =
        std::fs::read(path).map_err(|error| Failure::io(&name, &error).with_exit(crate::Exit::Usage))?;
    utf8(bytes, &name)
}

/// Reads standard input to its end.
///
/// A program that inherits an open pipe never sees its end. No timeout ends the wait, because a slow producer looks the same. A note
/// therefore says that the program waits for standard input.
pub(crate) async fn read_stdin(console: &Console, has_prompt: bool) -> Outcome<Vec<u8>> {
    read_stdin_after(console, has_prompt, None).await
}

/// Reads standard input to its end. Before a long wait, `check` may say that the call cannot succeed.
async fn read_stdin_after(
    console: &Console,
    has_prompt: bool,
    check: Option<&dyn Fn() -> Outcome<()>>,
) -> Outcome<Vec<u8>> {
    let mut reading = tokio::task::spawn_blocking(|| {
        let mut bytes = Vec::new();
        io::stdin().lock().read_to_end(&mut bytes).map(|_| bytes)
    });
    let read = if let Ok(read) = tokio::time::timeout(PATIENCE, &mut reading).await {
        read
    } else {
        if let Some(check) = check {
            check()?;
        }
        let remedy = if has_prompt { " Use --no-stdin if there is nothing to read." } else { "" };
        console.note(&format!("Waiting for the end of standard input.{remedy}"));
        tokio::select! {
            read = reading => read,
            _ = tokio::signal::ctrl_c() => {
                return Err(Failure::interrupted("interrupted before anything was sent"));
            }
        }
    };
    match read {
        Ok(Ok(bytes)) => Ok(bytes),
        Ok(Err(error)) => Err(Failure::io("standard input", &error)),
        Err(error) => Err(Failure::new(crate::Exit::Failed, format!("standard input: {error}"))),
    }
}

/// Returns bytes as text, without a byte order mark.
pub(crate) fn utf8(bytes: Vec<u8>, name: &str) -> Outcome<String> {
    match String::from_utf8(bytes) {
        Ok(text) => Ok(text.strip_prefix('\u{feff}').map_or(text.clone(), str::to_owned)),
        Err(error) => {
            let at = error.utf8_error().valid_up_to();
            let is_utf16 = matches!(error.as_bytes(), [0xff, 0xfe, ..] | [0xfe, 0xff, ..]);
            let remedy = if is_utf16 {
                "It is UTF-16: convert it with `iconv -f UTF-16 -t UTF-8`."
            } else {
                "Convert it with iconv, or attach an image, audio or a PDF with -a."
            };
            Err(Failure::usage(format!("{name} is not UTF-8 (byte {at}). {remedy}")))
        }
    }
}
