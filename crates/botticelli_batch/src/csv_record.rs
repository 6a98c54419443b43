//! Records of CSV files.

use serde_json::{Map, Value};
use std::borrow::Cow;
use std::sync::Arc;

/// The first record of a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct CsvHeader {
    /// Names of the columns, each different.
    pub(crate) names: Vec<String>,
    /// The character between two fields.
    pub(crate) delimiter: u8,
}

/// A record with as many fields as the header has.
#[derive(Clone, Debug)]
pub(crate) struct CsvRecord {
    header: Arc<CsvHeader>,
    text: Box<str>,
}

/// The fields of a record, or the reason for their absence.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Split<'a> {
    /// All fields.
    Fields(Vec<Cow<'a, str>>),
    /// The quotes of the last field are not closed: the record continues in the next line.
    Open,
    /// A closing quote is followed by other text. The position of the field is counted from 1.
    TextAfterQuote(usize),
}

impl CsvRecord {
    pub(crate) fn new(header: Arc<CsvHeader>, text: &str) -> Self {
        Self { header, text: text.into() }
    }

    pub(crate) fn header(&self) -> &CsvHeader {
        &self.header
    }

    /// Returns the record without its line end.
    pub(crate) fn text(&self) -> &str {
        &self.text
    }

    pub(crate) fn columns(&self) -> Map<String, Value> {
        let Split::Fields(fields) = split(&self.text, self.header.delimiter) else {
            return Map::new();
        };
        let values = fields.into_iter().map(|field| Value::String(field.into_owned()));
        self.header.names.iter().cloned().zip(values).collect()
    }
}

/// Splits a record into its fields, as RFC 4180 describes. A quote inside a field without quotes is text.
pub(crate) fn split(record: &str, delimiter: u8) -> Split<'_> {
    let delimiter = char::from(delimiter);
    let mut fields = Vec::new();
    let mut rest = record;
    loop {
        let Some(quoted) = rest.strip_prefix('"') else {
            let Some((field, after)) = rest.split_once(delimiter) else {
                fields.push(Cow::Borrowed(rest));
                return Split::Fields(fields);
            };
            fields.push(Cow::Borrowed(field));
            rest = after;
            continue;
        };
        let Some((field, after)) = unquoted(quoted) else {
            return Split::Open;
        };
        fields.push(field);
        if after.is_empty() {
            return Split::Fields(fields);
        }
        match after.strip_prefix(delimiter) {
            Some(after) => rest = after,
            None => return Split::TextAfterQuote(fields.len()),
        }
    }
}

/// Returns the text up to the closing quote, and the rest after it.
fn unquoted(quoted: &str) -> Option<(Cow<'_, str>, &str)> {
    let (first, mut after) = quoted.split_once('"')?;
    let mut field = Cow::Borrowed(first);
    while let Some(next) = after.strip_prefix('"') {
        let (text, rest) = next.split_once('"')?;
        let field = field.to_mut();
        field.push('"');
        field.push_str(text);
        after = rest;
    }
    Some((field, after))
}

/// Appends a field, in quotes if it needs them.
pub(crate) fn push_field(line: &mut String, field: &str, delimiter: u8) {
    let delimiter = char::from(delimiter);
    let needs_quotes =
        field.contains(['"', '\n', '\r', delimiter]) || field.starts_with(' ') || field.ends_with(' ');
    if needs_quotes {
        line.push('"');
        line.push_str(&field.replace('"', "\"\""));
        line.push('"');
    } else {
        line.push_str(field);
    }
}
