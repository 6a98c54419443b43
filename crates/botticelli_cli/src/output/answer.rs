//! An answer as it arrives.

use super::console::Console;
use super::markdown::{code_line, render};
use super::segment::{Segment, Segments};
use super::style::sanitized;
use crate::failure::Outcome;

/// The form of an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Form {
    /// The bytes of the model.
    Raw,
    /// The text without control characters, for a terminal.
    Safe,
    /// Rendered Markdown.
    Markdown,
}

impl Form {
    /// Returns the form for an output. Markdown without colors would lose its emphasis, so it is then not rendered.
    pub(crate) fn of(console: &Console, is_raw: bool) -> Self {
        match (console.is_terminal(), console.paint().is_on()) {
            (_, true) if !is_raw => Self::Markdown,
            (true, _) => Self::Safe,
            _ => Self::Raw,
        }
    }
}

/// Prints an answer in pieces.
#[derive(Debug)]
pub(crate) struct AnswerPrinter {
    form: Form,
    segments: Segments,
    /// The last character that was printed.
    last: Option<char>,
    characters: usize,
}

impl AnswerPrinter {
    pub(crate) fn new(form: Form) -> Self {
        Self { form, segments: Segments::default(), last: None, characters: 0 }
    }

    /// Returns the number of characters of the answer so far.
    pub(crate) fn characters(&self) -> usize {
        self.characters
    }

    /// Prints a piece of the answer.
    pub(crate) fn push(&mut self, console: &mut Console, piece: &str) -> Outcome<()> {
        if piece.is_empty() {
            return Ok(());
        }
        self.characters = self.characters.saturating_add(piece.chars().count());
        match self.form {
            Form::Raw => self.print(console, piece),
            Form::Safe => self.print(console, &sanitized(&piece.replace('\r', ""))),
            Form::Markdown => {
                for segment in self.segments.push(&sanitized(&piece.replace('\r', ""))) {
                    self.segment(console, &segment)?;
                }
                Ok(())
            }
        }
    }

    /// Prints the rest, and ends the last line.
    pub(crate) fn finish(&mut self, console: &mut Console) -> Outcome<()> {
        if let Some(segment) = self.segments.finish() {
            self.segment(console, &segment)?;
        }
        if self.last.is_some_and(|last| last != '\n') {
            self.print(console, "\n")?;
        }
        Ok(())
    }

    fn segment(&mut self, console: &mut Console, segment: &Segment) -> Outcome<()> {
        let text = match segment {
            Segment::Block(block) => render(block, console.paint(), console.width()),
            Segment::Code(line) => code_line(line, console.paint()),
            Segment::Empty => "\n".to_owned(),
        };
        self.print(console, &text)
    }

    fn print(&mut self, console: &mut Console, text: &str) -> Outcome<()> {
        self.last = text.chars().next_back().or(self.last);
        console.print(text)
    }
}
