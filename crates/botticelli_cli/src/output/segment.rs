//! The parts of a streamed Markdown text that can be rendered.

/// Markdown text that arrives in pieces.
#[derive(Debug, Default)]
pub(super) struct Segments {
    pending: String,
    /// The opening line of the code block that the text is in.
    fence: Option<String>,
}

/// A part of a text that is complete.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Segment {
    /// A block of Markdown.
    Block(String),
    /// A line inside a code block.
    Code(String),
    /// An empty line.
    Empty,
}

impl Segments {
    /// Adds a piece, and returns the parts that it completes.
    pub(super) fn push(&mut self, piece: &str) -> Vec<Segment> {
        self.pending.push_str(piece);
        let mut complete = Vec::new();
        while let Some(segment) = self.next() {
            complete.push(segment);
        }
        complete
    }

    /// Returns the rest at the end of the text.
    pub(super) fn finish(&mut self) -> Option<Segment> {
        let rest = std::mem::take(&mut self.pending);
        match (rest.trim_end(), self.fence.take()) {
            ("", _) => None,
            (line, Some(fence)) if closes(&fence, line) => None,
            (line, Some(_)) => Some(Segment::Code(line.to_owned())),
            (block, None) => Some(Segment::Block(block.to_owned())),
        }
    }

    fn next(&mut self) -> Option<Segment> {
        let (line, _) = self.pending.split_once('\n')?;
        let line = line.trim_end_matches('\r').to_owned();
        if let Some(fence) = &self.fence {
            let is_end = closes(fence, &line);
            self.drop_lines(1);
            if is_end {
                self.fence = None;
                return self.next();
            }
            return Some(Segment::Code(line));
        }
        if line.trim().is_empty() {
            self.drop_lines(1);
            return Some(Segment::Empty);
        }
        if let Some(fence) = opening(&line) {
            self.fence = Some(fence);
            self.drop_lines(1);
            return self.next();
        }
        if is_alone(&line) {
            // A heading or a rule has one line.
            self.drop_lines(1);
            return Some(Segment::Block(line));
        }
        self.block()
    }

    /// Returns a paragraph, a list item or a table, once the line that ends it has begun.
    fn block(&mut self) -> Option<Segment> {
        let lines: Vec<&str> = self.pending.split('\n').collect();
        let (last, whole) = lines.split_last()?;
        let end = (1..whole.len()).find(|at| whole.get(*at).is_some_and(|line| ends_block(line)));
        let end = match end {
            Some(end) => end,
            // The unfinished line already shows that another block begins.
            None if starts_item(last) => whole.len(),
            None => return None,
        };
        let block = whole.get(..end)?.join("\n");
        self.drop_lines(end);
        Some(Segment::Block(block))
    }

    fn drop_lines(&mut self, count: usize) {
        let rest: Vec<&str> = self.pending.splitn(count.saturating_add(1), '\n').skip(count).collect();
        self.pending = rest.concat();
    }
}

/// Returns whether a line ends the block before it.
fn ends_block(line: &str) -> bool {
    line.trim().is_empty() || opening(line).is_some() || is_alone(line) || starts_item(line)
}

fn is_alone(line: &str) -> bool {
    let line = line.trim();
    let level = line.chars().take_while(|character| *character == '#').count();
    let is_heading = (1..=6).contains(&level) && line.chars().nth(level).is_none_or(|next| next == ' ');
    let is_rule =
        line.len() >= 3 && ["-", "*", "_"].iter().any(|mark| line.replace(mark, "").trim().is_empty());
    is_heading || is_rule
}

/// Returns whether a line starts an item of a list.
fn starts_item(line: &str) -> bool {
    let line = line.trim_start();
    if ["- ", "* ", "+ "].iter().any(|mark| line.starts_with(mark)) {
        return true;
    }
    let rest = line.trim_start_matches(|digit: char| digit.is_ascii_digit());
    rest.len() < line.len() && (rest.starts_with(". ") || rest.starts_with(") "))
}

/// Returns the fence that opens a code block.
fn opening(line: &str) -> Option<String> {
    let line = line.trim_start();
    let mark = line.chars().next().filter(|mark| matches!(mark, '`' | '~'))?;
    let length = line.chars().take_while(|character| *character == mark).count();
    let rest = line.trim_start_matches(mark);
    (length >= 3 && !(mark == '`' && rest.contains('`'))).then(|| mark.to_string().repeat(length))
}

fn closes(fence: &str, line: &str) -> bool {
    let line = line.trim();
    let mark = fence.chars().next().unwrap_or('`');
    line.starts_with(fence) && line.chars().all(|character| character == mark)
}
