//! The input lines of a chat.

use crate::failure::{Failure, Outcome};
use crate::output::Console;
use crate::prompt::utf8;
use rustyline::completion::{Completer, FilenameCompleter, Pair};
use rustyline::error::ReadlineError;
use rustyline::highlight::Highlighter;
use rustyline::hint::Hinter;
use rustyline::history::FileHistory;
use rustyline::validate::{ValidationContext, ValidationResult, Validator};
use rustyline::{CompletionType, Config, Context, Editor, Helper};
use std::io::BufRead;
use std::path::{Path, PathBuf};

/// The commands, their arguments and their meaning.
pub(super) const NAMES: [(&str, &str, &str); 11] = [
    ("/help", "", "prints this list"),
    ("/model", "[NAME]", "shows or changes the model"),
    ("/system", "[TEXT|@FILE]", "changes or removes the system message"),
    ("/attach", "FILE|URL", "attaches a file to the next message"),
    ("/cost", "", "prints the cost of the chat"),
    ("/undo", "", "removes the last question and its answer"),
    ("/clear", "", "forgets the conversation"),
    ("/save", "FILE", "writes the conversation to a file"),
    ("/load", "FILE", "reads a conversation from a file"),
    ("/quit", "", "ends the chat, like Ctrl-D"),
    ("/exit", "", "ends the chat too"),
];

/// A line of a chat.
pub(super) enum ChatLine {
    Text(String),
    /// An empty line, or one that the user gave up with Ctrl-C.
    Nothing,
    End,
}

/// The reader of lines: an editor at a terminal, and plain lines from a pipe.
pub(super) struct LineReader {
    editor: Option<Box<Editor<ChatHelper, FileHistory>>>,
    history: Option<PathBuf>,
    is_continued: bool,
}

impl LineReader {
    pub(super) fn new(history: Option<&Path>, is_terminal: bool, console: &Console) -> Outcome<Self> {
        let mut reader = Self { editor: None, history: history.map(Path::to_owned), is_continued: false };
        if !is_terminal {
            return Ok(reader);
        }
        let config = Config::builder()
            .completion_type(CompletionType::List)
            .auto_add_history(true)
            .history_ignore_space(true)
            .build();
        let mut editor = Editor::with_config(config).map_err(|error| failed(&error))?;
        editor.set_helper(Some(ChatHelper { files: FilenameCompleter::new() }));
        if let Some(path) = history
            && path.exists()
        {
            editor
                .load_history(path)
                .map_err(|error| Failure::new(crate::Exit::Failed, format!("{}: {error}", path.display())))?;
        }
        console.detail("A line that ends with \\ continues in the next one.");
        reader.editor = Some(Box::new(editor));
        Ok(reader)
    }

    /// Reads a line. A line that ends with a backslash continues in the next one.
    pub(super) fn read(&mut self) -> Outcome<ChatLine> {
        let Some(editor) = &mut self.editor else { return self.read_plain() };
        match editor.readline("> ") {
            Ok(line) => Ok(text(&line.replace("\\\n", "\n"))),
            Err(ReadlineError::Interrupted) => Ok(ChatLine::Nothing),
            Err(ReadlineError::Eof) => Ok(ChatLine::End),
            Err(error) => Err(failed(&error)),
        }
    }

    fn read_plain(&mut self) -> Outcome<ChatLine> {
        let mut whole = String::new();
        loop {
            let mut bytes = Vec::new();
            std::io::stdin()
                .lock()
                .read_until(b'\n', &mut bytes)
                .map_err(|error| Failure::io("standard input", &error))?;
            if bytes.is_empty() {
                return Ok(if whole.is_empty() { ChatLine::End } else { text(&whole) });
            }
            let line = utf8(bytes, "standard input")?;
            let line = line.trim_end_matches(['\n', '\r']);
            self.is_continued = line.ends_with('\\');
            if !self.is_continued {
                whole.push_str(line);
                return Ok(text(&whole));
            }
            whole.push_str(line.trim_end_matches('\\'));
            whole.push('\n');
        }
    }

    /// Writes the history, if the user asked for it.
    pub(super) fn save(&mut self) -> Outcome<()> {
        if let (Some(editor), Some(path)) = (&mut self.editor, &self.history) {
            editor
                .save_history(path)
                .map_err(|error| Failure::new(crate::Exit::Failed, format!("{}: {error}", path.display())))?;
        }
        Ok(())
    }
}

fn text(line: &str) -> ChatLine {
    let line = line.trim();
    if line.is_empty() { ChatLine::Nothing } else { ChatLine::Text(line.to_owned()) }
}

fn failed(error: &ReadlineError) -> Failure {
    Failure::new(crate::Exit::Failed, format!("the terminal: {error}"))
}

/// Completion of commands and files.
struct ChatHelper {
    files: FilenameCompleter,
}

impl Completer for ChatHelper {
    type Candidate = Pair;

    fn complete(
        &self,
        line: &str,
        at: usize,
        context: &Context<'_>,
    ) -> rustyline::Result<(usize, Vec<Pair>)> {
        let takes_file = ["/attach ", "/save ", "/load "].iter().any(|command| line.starts_with(command));
        if takes_file || line.starts_with("/system @") {
            return self.files.complete(line, at, context);
        }
        let typed = line.get(..at).unwrap_or(line);
        let fits = NAMES.iter().filter(|(name, ..)| typed.starts_with('/') && name.starts_with(typed));
        let pairs =
            fits.map(|(name, ..)| Pair { display: (*name).to_owned(), replacement: format!("{name} ") });
        Ok((0, pairs.collect()))
    }
}

impl Validator for ChatHelper {
    fn validate(&self, context: &mut ValidationContext<'_>) -> rustyline::Result<ValidationResult> {
        let is_continued = context.input().ends_with('\\');
        Ok(if is_continued { ValidationResult::Incomplete } else { ValidationResult::Valid(None) })
    }
}

impl Hinter for ChatHelper {
    type Hint = String;
}
impl Highlighter for ChatHelper {}
impl Helper for ChatHelper {}
