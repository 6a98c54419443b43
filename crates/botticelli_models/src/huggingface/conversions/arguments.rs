//! Assembles the arguments of one tool call from the fragments of a stream.
//!
//! A fragment is normally the next part of a JSON object. Some servers send a placeholder first, restate everything in every fragment,
//! send the arguments twice, or encode the object as a JSON string. Each case has one rule, decided by the JSON alone:
//!
//! - `{}` is a placeholder: it is held back, and dropped if an object, a list or a JSON string follows. `[]` is treated the same
//!   way.
//! - A second fragment that begins with the whole first one restates it, unless a nested object may begin at that point. From then
//!   on every fragment of the call restates the earlier ones, and only the new part is passed on.
//! - Text after a complete object is held back. A repetition of the object is dropped. Other text is passed on unchanged, so that
//!   the model learns that its arguments are not JSON.
//! - A JSON string is held back. If it contains an object, that object is passed on.

use serde_json::Value;

/// Arguments of one call, as far as they have arrived.
#[derive(Debug, Default)]
pub(super) struct Arguments {
    form: Form,
    object: Progress,
    /// Text after a complete object.
    after: String,
}

/// The way in which the fragments of a call have to be read.
#[derive(Debug, Default)]
enum Form {
    /// Only white space has arrived.
    #[default]
    Empty,
    /// `{}` or `[]` has arrived.
    Placeholder,
    /// One fragment has arrived. The next one shows whether fragments restate earlier ones.
    First(String),
    /// Each fragment is the next part.
    Parts,
    /// Each fragment restates this text and adds to it.
    Restated(String),
    /// A JSON string, held back until it is complete.
    Quoted(String),
}

/// Progress of a call's arguments.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Stage {
    Empty,
    Placeholder,
    Unfinished,
    Complete,
}

impl Arguments {
    pub(super) fn stage(&self) -> Stage {
        match &self.form {
            Form::Empty => Stage::Empty,
            Form::Placeholder => Stage::Placeholder,
            Form::Quoted(text) if unquoted(text).is_some() => Stage::Complete,
            _ if self.object.is_complete => Stage::Complete,
            _ => Stage::Unfinished,
        }
    }

    /// Returns whether an object may begin at the end of the arguments.
    pub(super) fn may_begin_object(&self) -> bool {
        self.object.may_begin_value()
    }

    /// Returns whether both are the same complete object, ignoring white space.
    pub(super) fn is_same(&self, other: &Self) -> bool {
        match (self.stage(), other.stage()) {
            (Stage::Complete, Stage::Complete) => self.fingerprint() == other.fingerprint(),
            (own, others) => own == others && own != Stage::Unfinished,
        }
    }

    /// Returns whether a plain fragment is simply the next part.
    pub(super) fn is_steady(&self) -> bool {
        matches!(self.form, Form::Parts) && !self.object.is_complete
    }

    /// Returns the number of bytes held back.
    pub(super) fn held(&self) -> usize {
        let text = match &self.form {
            Form::First(text) | Form::Restated(text) | Form::Quoted(text) => text.len(),
            Form::Empty | Form::Placeholder | Form::Parts => 0,
        };
        text.saturating_add(self.after.len())
    }

    /// Adds a fragment, and returns the text that can be passed on.
    pub(super) fn push(&mut self, piece: &str) -> String {
        if piece.is_empty() {
            return String::new();
        }
        match &mut self.form {
            Form::Parts => self.extend(piece),
            Form::Empty | Form::Placeholder => self.begin(piece),
            Form::First(first) => {
                let rest = piece.strip_prefix(&**first).filter(|_| !self.object.may_begin_value());
                match rest {
                    Some(_) if self.object.is_complete => self.extend(piece),
                    Some(rest) => {
                        self.form = Form::Restated(piece.to_owned());
                        self.extend(rest)
                    }
                    None => {
                        self.form = Form::Parts;
                        self.extend(piece)
                    }
                }
            }
            Form::Restated(all) => {
                let rest = piece.strip_prefix(&**all).unwrap_or(piece);
                all.push_str(rest);
                self.extend(rest)
            }
            Form::Quoted(text) => {
                text.push_str(piece);
                String::new()
            }
        }
    }

    /// Ends the arguments, and returns the held-back text that counts.
    pub(super) fn finish(&mut self) -> String {
        if let Form::Quoted(text) = &mut self.form {
            let text = std::mem::take(text);
            return match unquoted(&text) {
                Some(object) => {
                    self.object.read(&object);
                    self.form = Form::Parts;
                    object
                }
                None => text,
            };
        }
        if matches!(self.form, Form::Placeholder) {
            self.form = Form::Parts;
            self.object.read("{}");
            return "{}".to_owned();
        }
        self.form = Form::Parts;
        let after = std::mem::take(&mut self.after);
        if self.object.repeats(&after) { String::new() } else { after }
    }

    fn begin(&mut self, piece: &str) -> String {
        let trimmed = piece.trim_start();
        match trimmed.chars().next() {
            None => return String::new(),
            Some('"') => {
                self.form = Form::Quoted(piece.to_owned());
                return String::new();
            }
            // Only an object, a list or a JSON string (above) can replace the placeholder.
            Some(other) if matches!(self.form, Form::Placeholder) && !matches!(other, '{' | '[') => {
                self.object.read("{}");
                self.form = Form::Parts;
                return "{}".to_owned() + &self.extend(piece);
            }
            Some(_) => {}
        }
        if let Some(rest) = placeholder(trimmed) {
            self.form = Form::Placeholder;
            return if rest.trim().is_empty() { String::new() } else { self.begin(rest) };
        }
        self.form = Form::First(piece.to_owned());
        self.extend(piece)
    }

    /// Passes on the next part, up to the end of the object.
    fn extend(&mut self, part: &str) -> String {
        let end = self.advance(part);
        part.get(..end).unwrap_or(part).to_owned()
    }

    /// Reads the next part. Returns how many of its bytes to pass on; text after the object is held back.
    pub(super) fn advance(&mut self, part: &str) -> usize {
        let end = if self.object.is_complete { Some(0) } else { self.object.read(part) };
        let Some((_, rest)) = end.and_then(|end| part.split_at_checked(end)) else { return part.len() };
        if rest.trim().is_empty() && self.after.is_empty() {
            return part.len();
        }
        self.after.push_str(rest);
        part.len().saturating_sub(rest.len())
    }

    fn fingerprint(&self) -> u64 {
        match &self.form {
            Form::Quoted(text) => unquoted(text).map_or(0, |object| {
                let mut progress = Progress::default();
                progress.read(&object);
                progress.fingerprint
            }),
            _ => self.object.fingerprint,
        }
    }
}

/// Returns the text after an empty object or list, if `text` begins with one.
fn placeholder(text: &str) -> Option<&str> {
    let object = text.strip_prefix('{').and_then(|rest| rest.trim_start().strip_prefix('}'));
    object.or_else(|| text.strip_prefix('[')?.trim_start().strip_prefix(']'))
}

/// Returns the object inside a JSON string, which may be encoded several times.
fn unquoted(text: &str) -> Option<String> {
    let mut text = text.trim().to_owned();
    for _ in 0..4 {
        match serde_json::from_str(&text).ok()? {
            Value::String(inner) => inner.trim().clone_into(&mut text),
            Value::Object(_) => return Some(text),
            _ => return None,
        }
    }
    None
}

/// Scanner state within a JSON object.
#[derive(Clone, Copy, Debug)]
struct Progress {
    depth: usize,
    in_string: bool,
    is_escaped: bool,
    is_complete: bool,
    /// The last byte outside of strings that is not white space.
    last: u8,
    /// Checksum of all bytes except the white space between them.
    fingerprint: u64,
}

impl Default for Progress {
    fn default() -> Self {
        // The offset basis of FNV-1a.
        Self {
            depth: 0,
            in_string: false,
            is_escaped: false,
            is_complete: false,
            last: b':',
            fingerprint: 0xcbf2_9ce4_8422_2325,
        }
    }
}

impl Progress {
    /// Scans up to the end of the object. Returns the position of that end.
    fn read(&mut self, text: &str) -> Option<usize> {
        for (at, byte) in text.bytes().enumerate() {
            if self.in_string {
                match byte {
                    _ if self.is_escaped => self.is_escaped = false,
                    b'\\' => self.is_escaped = true,
                    b'"' => self.in_string = false,
                    _ => {}
                }
            } else {
                match byte {
                    b' ' | b'\t' | b'\r' | b'\n' => continue,
                    b'"' => self.in_string = true,
                    b'{' | b'[' => self.depth = self.depth.saturating_add(1),
                    b'}' | b']' => {
                        self.is_complete = self.depth == 1;
                        self.depth = self.depth.saturating_sub(1);
                    }
                    _ => {}
                }
                self.last = byte;
            }
            // Adds a byte to an FNV-1a hash.
            self.fingerprint = (self.fingerprint ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
            if self.is_complete {
                return at.checked_add(1);
            }
        }
        None
    }

    fn may_begin_value(&self) -> bool {
        !self.in_string && matches!(self.last, b':' | b',' | b'[')
    }

    /// Returns whether `text` consists of one or more repetitions of the object.
    fn repeats(&self, mut text: &str) -> bool {
        loop {
            text = text.trim_start();
            if text.is_empty() {
                return true;
            }
            let mut again = Self::default();
            let end = again.read(text);
            match end.and_then(|end| text.split_at_checked(end)) {
                Some((_, rest)) if again.fingerprint == self.fingerprint => text = rest,
                _ => return false,
            }
        }
    }
}
