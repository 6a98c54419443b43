//! An escape in a JSON text.

/// An escape that is not complete yet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Escape {
    None,
    Started,
    /// `\u` and so many of its four digits; after the first half of a pair.
    Digits {
        first: Option<u32>,
        code: u32,
        count: u8,
    },
    /// The first half of a pair of `\u`: another has to follow.
    Half(u32),
    HalfStarted(u32),
}

impl Escape {
    /// One more character of a text; adds what it means, once that is known.
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
                let code = code.checked_mul(16)?.checked_add(c.to_digit(16)?)?;
                match (first, code) {
                    _ if count < 3 => Self::Digits { first, code, count: count.saturating_add(1) },
                    (None, 0xD800..=0xDBFF) => Self::Half(code),
                    (None, code) => {
                        text.push(char::from_u32(code)?);
                        Self::None
                    }
                    (Some(first), 0xDC00..=0xDFFF) => {
                        let high = first.checked_sub(0xD800)?.checked_mul(0x400)?;
                        let low = code.checked_sub(0xDC00)?;
                        text.push(char::from_u32(high.checked_add(low)?.checked_add(0x1_0000)?)?);
                        Self::None
                    }
                    (Some(_), _) => return None,
                }
            }
        })
    }
}
