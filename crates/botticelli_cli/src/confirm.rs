//! Questions to the user.

use std::fs::File;
use std::io::{BufRead, BufReader, IsTerminal, Write};

/// Asks a question with the answers yes and no at the terminal, even if standard input is a pipe. `None` without a terminal.
pub(crate) fn ask_user(question: &str) -> Option<bool> {
    let question = format!("{} [y/N] ", crate::output::sanitized(question));
    let mut answer = String::new();
    if std::io::stdin().is_terminal() {
        std::io::stderr().write_all(question.as_bytes()).ok()?;
        std::io::stdin().lock().read_line(&mut answer).ok()?;
    } else {
        let terminal = File::options().read(true).write(true).open("/dev/tty").ok()?;
        (&terminal).write_all(question.as_bytes()).ok()?;
        BufReader::new(&terminal).read_line(&mut answer).ok()?;
    }
    Some(matches!(answer.trim().to_lowercase().as_str(), "y" | "yes"))
}
