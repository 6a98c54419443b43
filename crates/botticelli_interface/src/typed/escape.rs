//! Escape sequences in JSON strings.

/// An incomplete escape sequence.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Escape {
    None,
    Started,
    /// `\u` with `count` of its four digits. `first` is the high surrogate before it, if any.
    Digits {
        first: Option<u32>,
        code: u32,
        count: u8,
    },
    /// A high surrogate, which a low surrogate must follow.
    Half(u32),
    HalfStarted(u32),
}

impl Escape {
    /// Parses a character of a string, and appends the decoded character to `text` when it is complete.
    pub(super) fn step(self, c: char, text: &mut String) -> Option<Self> {
        Some(match self {
            Self::None if c == '\\' => Self::Started,
            Self::None if c < ' ' => return None,
            Self::None => {
                text.push(c);
                Self::None
            }
            Self::Started if c == 'u' => Self::Digits { first: None, code: 0, count: 0 },
            Self::Started => {
                text.push(match c {
                    '"' | '\\' | '/' => c,
                    'b' => '\u{8}',
                    'f' => '\u{c}',
                    'n' => '\n',
                    'r' => '\r',
                    't' => '\t',
                    _ => return None,
                });
                Self::None
            }
            Self::Half(first) if c == '\\' => Self::HalfStarted(first),
            Self::HalfStarted(first) if c == 'u' => Self::Digits { first: Some(first), code: 0, count: 0 },
            Self::Half(_) | Self::HalfStarted(_) => return None,
            Self::Digits { first, code, count } => {
                let code = code * 16 + c.to_digit(16)?;
                match (first, code) {
                    _ if count < 3 => Self::Digits { first, code, count: count + 1 },
                    (None, 0xD800..=0xDBFF) => Self::Half(code),
                    (None, code) => {
                        text.push(char::from_u32(code)?);
                        Self::None
                    }
                    (Some(first), 0xDC00..=0xDFFF) => {
                        let high = (first - 0xD800) * 0x400;
                        let low = code - 0xDC00;
                        text.push(char::from_u32(0x1_0000 + high + low)?);
                        Self::None
                    }
                    (Some(_), _) => return None,
                }
            }
        })
    }
}
