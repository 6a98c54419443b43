//! Markdown in a terminal.

use super::style::Paint;
use super::table::columns;
use pulldown_cmark::{Event, HeadingLevel, Options, Parser, Tag, TagEnd};
use unicode_width::UnicodeWidthStr;

const BOLD: &str = "1";
const ITALIC: &str = "3";
const STRIKE: &str = "9";
const CODE: &str = "36";
const HEADING: &str = "1;35";
const LINK: &str = "4";

/// Renders a block of Markdown, wrapped to `width` columns. The text ends with a line end.
pub(super) fn render(block: &str, paint: Paint, width: usize) -> String {
    let body = block.trim_start_matches(' ');
    let indent = block.len().saturating_sub(body.len());
    let options = Options::ENABLE_TABLES | Options::ENABLE_STRIKETHROUGH | Options::ENABLE_TASKLISTS;
    let mut flow = Flow::new(paint, width, indent);
    for event in Parser::new_ext(body, options) {
        flow.add(event);
    }
    flow.end_line();
    flow.out
}

/// Renders a line of a code block.
pub(super) fn code_line(line: &str, paint: Paint) -> String {
    format!("  {}\n", paint.code(CODE, line))
}

/// Text that is wrapped at words.
struct Flow {
    paint: Paint,
    width: usize,
    out: String,
    /// Blanks before each line.
    indent: usize,
    /// The blanks outside of each list item and quote.
    outer: Vec<usize>,
    column: usize,
    /// White space before the next word.
    gap: bool,
    styles: Vec<&'static str>,
    /// The number of the next item of each list; `None` if the list is not numbered.
    lists: Vec<Option<u64>>,
    links: Vec<String>,
    /// The text inside the link in progress.
    link_text: String,
    table: Option<Vec<Vec<String>>>,
    cell: Option<String>,
}

impl Flow {
    fn new(paint: Paint, width: usize, indent: usize) -> Self {
        Self {
            paint,
            width,
            out: String::new(),
            indent,
            outer: Vec::new(),
            column: 0,
            gap: false,
            styles: Vec::new(),
            lists: Vec::new(),
            links: Vec::new(),
            link_text: String::new(),
            table: None,
            cell: None,
        }
    }

    fn add(&mut self, event: Event<'_>) {
        match event {
            Event::Start(tag) => self.start(tag),
            Event::End(tag) => self.end(tag),
            Event::Text(text) => self.text(&text),
            Event::Code(text) => {
                self.styles.push(CODE);
                self.text(&text);
                self.styles.pop();
            }
            // HTML and formulas stay as they are.
            Event::Html(text)
            | Event::InlineHtml(text)
            | Event::InlineMath(text)
            | Event::DisplayMath(text) => {
                self.text(&text);
            }
            Event::SoftBreak => self.gap = true,
            Event::HardBreak => self.end_line(),
            Event::Rule => {
                self.end_line();
                let line = "─".repeat(self.width.clamp(3, 40));
                self.out.push_str(&self.paint.dim(&line));
                self.out.push('\n');
            }
            Event::TaskListMarker(is_done) => self.text(if is_done { "[x] " } else { "[ ] " }),
            Event::FootnoteReference(name) => self.text(&format!("[{name}]")),
        }
    }

    fn start(&mut self, tag: Tag<'_>) {
        match tag {
            Tag::Heading { level, .. } => {
                self.styles.push(if level <= HeadingLevel::H2 { HEADING } else { BOLD });
            }
            Tag::Strong => self.styles.push(BOLD),
            Tag::Emphasis => self.styles.push(ITALIC),
            Tag::Strikethrough => self.styles.push(STRIKE),
            Tag::BlockQuote(_) => {
                self.word("│");
                self.gap = true;
                self.outer.push(self.indent);
                self.indent = self.indent.saturating_add(2);
            }
            Tag::List(first) => self.lists.push(first),
            Tag::Item => {
                self.end_line();
                let mark = match self.lists.last_mut() {
                    Some(Some(number)) => {
                        let mark = format!("{number}.");
                        *number = number.saturating_add(1);
                        mark
                    }
                    _ => "•".to_owned(),
                };
                self.word(&mark);
                self.gap = true;
                self.outer.push(self.indent);
                self.indent = self.indent.saturating_add(mark.width()).saturating_add(1);
            }
            Tag::Link { dest_url, .. } | Tag::Image { dest_url, .. } => {
                self.links.push(dest_url.into_string());
                self.link_text.clear();
                self.styles.push(LINK);
            }
            Tag::Table(_) => self.table = Some(Vec::new()),
            Tag::TableHead | Tag::TableRow => {
                if let Some(table) = &mut self.table {
                    table.push(Vec::new());
                }
            }
            Tag::TableCell => self.cell = Some(String::new()),
            _ => {}
        }
    }

    fn end(&mut self, tag: TagEnd) {
        match tag {
            TagEnd::Heading(_) | TagEnd::Paragraph | TagEnd::CodeBlock => {
                if matches!(tag, TagEnd::Heading(_)) {
                    self.styles.pop();
                }
                self.end_line();
            }
            TagEnd::Strong | TagEnd::Emphasis | TagEnd::Strikethrough => {
                self.styles.pop();
            }
            TagEnd::Item | TagEnd::BlockQuote(_) => {
                self.end_line();
                self.indent = self.outer.pop().unwrap_or_default();
            }
            TagEnd::List(_) => {
                self.lists.pop();
            }
            TagEnd::Link | TagEnd::Image => {
                self.styles.pop();
                let address = self.links.pop().unwrap_or_default();
                if !address.is_empty() && address != self.link_text {
                    self.text(&format!(" ({address})"));
                }
            }
            TagEnd::TableCell => {
                let cell = self.cell.take().unwrap_or_default();
                if let Some(row) = self.table.as_mut().and_then(|table| table.last_mut()) {
                    row.push(cell);
                }
            }
            TagEnd::Table => {
                let rows = self.table.take().unwrap_or_default();
                for (at, line) in columns(&rows, None).lines().enumerate() {
                    let line = if at == 0 { self.paint.bold(line) } else { line.to_owned() };
                    self.out.push_str(&line);
                    self.out.push('\n');
                }
            }
            _ => {}
        }
    }

    fn text(&mut self, text: &str) {
        if let Some(cell) = &mut self.cell {
            cell.push_str(text);
            return;
        }
        if !self.links.is_empty() {
            self.link_text.push_str(text);
        }
        for (at, line) in text.split('\n').enumerate() {
            if at > 0 {
                self.end_line();
            }
            self.gap |= line.starts_with(char::is_whitespace);
            for (at, word) in line.split_whitespace().enumerate() {
                self.gap |= at > 0;
                self.word(word);
            }
            self.gap |= !line.is_empty() && line.ends_with(char::is_whitespace);
        }
    }

    fn word(&mut self, word: &str) {
        let gap = std::mem::take(&mut self.gap) && self.column > 0;
        let needed = self.column.saturating_add(word.width()).saturating_add(usize::from(gap));
        if gap && needed > self.width {
            self.end_line();
        } else if gap {
            self.out.push(' ');
            self.column = self.column.saturating_add(1);
        }
        if self.column == 0 {
            self.out.push_str(&" ".repeat(self.indent));
            self.column = self.indent;
        }
        self.out.push_str(&self.paint.code(&self.styles.join(";"), word));
        self.column = self.column.saturating_add(word.width());
    }

    fn end_line(&mut self) {
        self.gap = false;
        if self.column > 0 {
            self.out.push('\n');
            self.column = 0;
        }
    }
}
