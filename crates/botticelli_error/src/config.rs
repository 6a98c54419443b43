//! An invalid configuration: a file, a key, a base URL.

use crate::sentence::instruction;
use std::sync::Arc;

/// An invalid configuration: a file, a key, a base URL, the TLS roots of the machine.
///
/// Not retried. The message gives the file, the line and the key as far as they are known, the problem, and what to write
/// instead. It never contains a value that might be a token.
#[derive(Debug, Clone, thiserror::Error)]
#[error("{}", self.sentence())]
pub struct ConfigError {
    file: Option<String>,
    line: Option<usize>,
    key: Option<String>,
    reason: String,
    remedy: String,
    source: Option<Arc<dyn std::error::Error + Send + Sync>>,
}

impl ConfigError {
    /// Returns an error with a `reason`, such as `no such key`, and a `remedy`, such as `write "model"`.
    pub fn new(reason: impl Into<String>, remedy: impl Into<String>) -> Self {
        let remedy = instruction(&remedy.into());
        Self { file: None, line: None, key: None, reason: reason.into(), remedy, source: None }
    }

    /// Returns the error with the name of the setting, such as `llm.huggingface.base_url`.
    pub fn with_key(mut self, key: impl Into<String>) -> Self {
        self.key = Some(key.into()).filter(|key: &String| !key.is_empty());
        self
    }

    /// Returns the error with the name of the file.
    pub fn with_file(mut self, file: impl Into<String>) -> Self {
        self.file = Some(file.into());
        self
    }

    /// Returns the error with the number of the line, counted from 1.
    pub fn with_line(mut self, line: usize) -> Self {
        self.line = Some(line);
        self
    }

    /// Returns the error with its source.
    pub fn with_source(mut self, source: impl std::error::Error + Send + Sync + 'static) -> Self {
        self.source = Some(Arc::new(source));
        self
    }

    /// Returns the file, if the setting comes from one.
    pub fn file(&self) -> Option<&str> {
        self.file.as_deref()
    }

    /// Returns the line in the file, counted from 1.
    pub fn line(&self) -> Option<usize> {
        self.line
    }

    /// Returns the setting, such as `llm.huggingface.base_url`.
    pub fn key(&self) -> Option<&str> {
        self.key.as_deref()
    }

    /// Returns the problem.
    pub fn reason(&self) -> &str {
        &self.reason
    }

    /// Returns what to do about the error.
    pub fn advice(&self) -> &str {
        &self.remedy
    }

    fn sentence(&self) -> String {
        let file = self.file.clone();
        let line = self.line.filter(|_| file.is_some()).map(|line| format!("line {line}"));
        let key = self.key.as_ref().map(|key| format!("`{key}`"));
        let place = [file, line, key].into_iter().flatten().collect::<Vec<_>>().join(", ");
        let place = if place.is_empty() { place } else { format!("{place}: ") };
        format!("{place}{}. {}", self.reason, self.remedy)
    }
}
