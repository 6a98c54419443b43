//! The way from a row to its request.

use super::{Fingerprint, MoreContent, PromptTemplate, RowContent, RowKey, SharedText};
use crate::Row;
use crate::openai;
use crate::table::Projection;
use botticelli_core::GenerateRequest;
use std::collections::HashMap;

/// The way from a row to its request. It has no state, so that both passes of a run agree.
#[derive(Clone, Debug, Default)]
pub(crate) struct PromptPlan {
    pub(crate) prompt: Option<PromptTemplate>,
    pub(crate) system: Option<PromptTemplate>,
    pub(crate) images: Option<String>,
    pub(crate) messages: Option<String>,
    pub(crate) options: GenerateRequest,
    pub(crate) has_repeats: bool,
    /// Each row is a request for OpenAI's batch endpoint.
    pub(crate) has_requests: bool,
}

/// A row with its request.
#[derive(Debug)]
pub(crate) struct Prepared {
    pub(crate) key: RowKey,
    pub(crate) content: RowContent,
}

/// The request of a row, or the reason why it has none.
pub(crate) type Rendered = Result<Prepared, RowFailure>;

/// A row without a request.
#[derive(Clone, Debug)]
pub(crate) struct RowFailure {
    /// The reason.
    pub(crate) reason: String,
    /// `true` if the row lacks a column of the template, or if the template names a filter or a function that does not exist.
    pub(crate) is_unknown: bool,
    /// The reason without the file and the line.
    pub(crate) cause: String,
}

impl RowFailure {
    /// Returns a failure without a file and a line.
    pub(crate) fn new(cause: impl Into<String>, is_unknown: bool) -> Self {
        let cause = cause.into();
        Self { reason: cause.clone(), is_unknown, cause }
    }
}

/// The numbers of equal rows, for runs that ask each of them.
#[derive(Debug, Default)]
pub(crate) struct Repeats(Option<HashMap<RowKey, u64>>);

impl PromptPlan {
    /// Returns the columns that requests need.
    pub(crate) fn columns(&self) -> Vec<String> {
        if self.has_requests {
            return openai::COLUMNS.into_iter().chain([openai::ID]).map(str::to_owned).collect();
        }
        let templates = self.prompt.iter().chain(&self.system).flat_map(PromptTemplate::columns);
        let mut names: Vec<_> = templates.chain(self.images.clone()).chain(self.messages.clone()).collect();
        names.sort();
        names.dedup();
        names
    }

    /// Returns whether all rows have the same request, though only one of them is meant to be sent.
    pub(crate) fn is_constant(&self) -> bool {
        let reads_all = || self.prompt.iter().chain(&self.system).any(PromptTemplate::reads_all);
        !self.has_repeats && self.columns().is_empty() && !reads_all()
    }

    /// Returns a projection to the columns that requests need, and to `others`, which are checked only.
    pub(crate) fn projection(&self, others: impl IntoIterator<Item = String>) -> Projection {
        let templates = || self.prompt.iter().chain(&self.system);
        if !self.has_requests && templates().any(PromptTemplate::reads_all) {
            return Projection::All;
        }
        let mut names = self.columns();
        if !self.has_requests {
            names.extend(templates().flat_map(PromptTemplate::words));
        }
        names.extend(others);
        names.sort();
        names.dedup();
        Projection::Only(names)
    }

    /// Returns the hash of everything that makes the prompt.
    pub(crate) fn prompt_hash(&self) -> String {
        let source = |template: &Option<PromptTemplate>| match template {
            Some(template) => format!("+{}", template.source()),
            None => String::new(),
        };
        let parts = [
            source(&self.prompt),
            source(&self.system),
            self.images.clone().unwrap_or_default(),
            self.messages.clone().unwrap_or_default(),
            if self.has_requests { "requests".to_owned() } else { String::new() },
        ];
        Fingerprint::hash(parts.iter().map(String::as_bytes))
    }

    /// Returns an empty count of equal rows. One pass over the table uses one.
    pub(crate) fn repeats(&self) -> Repeats {
        Repeats(self.has_repeats.then(HashMap::new))
    }

    /// Renders the request of a row. `run` is the hash of the run without the prompt.
    pub(crate) fn render(&self, row: &Row, run: &[u8], repeats: &mut Repeats) -> Rendered {
        let columns = row.selected();
        let request = if self.has_requests {
            let request = openai::request_of(columns);
            Some(request.map_err(|reason| RowFailure::new(reason, false))?)
        } else {
            None
        };
        let text = |template: &Option<PromptTemplate>| match template {
            Some(template) => template
                .render(columns)
                .map(|text| Some(SharedText::from(text)))
                .map_err(|error| RowFailure::new(error.reason, error.is_unknown)),
            None => Ok(None),
        };
        let cell = |name: &Option<String>| match name {
            Some(name) => match columns.get(name) {
                Some(value) => Ok(Some(value.clone())),
                None => Err(RowFailure::new(format!("no column `{name}`"), true)),
            },
            None => Ok(None),
        };
        let (system, prompt) = (text(&self.system)?, text(&self.prompt)?);
        let more = MoreContent { images: cell(&self.images)?, messages: cell(&self.messages)?, request };
        let content =
            RowContent { system, prompt, more: more.into_box(), file: row.shared_file(), line: row.line() };
        let mut key = content.key(run, 0);
        if let Some(counts) = &mut repeats.0 {
            let count = counts.entry(key).or_default();
            if *count > 0 {
                key = content.key(run, *count);
            }
            *count += 1;
        }
        Ok(Prepared { key, content })
    }
}
