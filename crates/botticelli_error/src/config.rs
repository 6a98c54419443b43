//! The set-up is wrong: a file, a key, a base URL.

use std::sync::Arc;

/// The set-up is wrong: a file, a key, a base URL, the TLS roots of the machine.
///
/// Not retried. The message says where (file, line and key, as far as they are known), what is wrong there, and
/// what to write instead. It never contains a value that might be a token.
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
    /// Something is wrong, for `reason`; `remedy` says what to do.
    pub fn new(reason: impl Into<String>, remedy: impl Into<String>) -> Self {
        Self { file: None, line: None, key: None, reason: reason.into(), remedy: remedy.into(), source: None }
    }

    /// Names the setting, as `llm.huggingface.base_url`.
    pub fn with_key(mut self, key: impl Into<String>) -> Self {
        self.key = Some(key.into()).filter(|key: &String| !key.is_empty());
        self
    }

    /// Names the file.
    pub fn with_file(mut self, file: impl Into<String>) -> Self {
        self.file = Some(file.into());
        self
    }

    /// Names the line, counted from 1.
    pub fn with_line(mut self, line: usize) -> Self {
        self.line = Some(line);
        self
    }

    /// Keeps the error underneath.
    pub fn with_source(mut self, source: impl std::error::Error + Send + Sync + 'static) -> Self {
        self.source = Some(Arc::new(source));
        self
    }

    /// The file, where one was read.
    pub fn file(&self) -> Option<&str> {
        self.file.as_deref()
    }

    /// The line in the file, counted from 1.
    pub fn line(&self) -> Option<usize> {
        self.line
    }

    /// The setting, as `llm.huggingface.base_url`.
    pub fn key(&self) -> Option<&str> {
        self.key.as_deref()
    }

    /// What is wrong.
    pub fn reason(&self) -> &str {
        &self.reason
    }

    /// What to do about it.
    pub fn advice(&self) -> &str {
        &self.remedy
    }

    fn sentence(&self) -> String {
        let place = match (&self.file, self.line) {
            (Some(file), Some(line)) => format!("{file}, line {line}: "),
            (Some(file), None) => format!("{file}: "),
            (None, _) => String::new(),
        };
        let key = self.key.as_ref().map(|key| format!("`{key}`: ")).unwrap_or_default();
        format!("{place}{key}{}: {}", self.reason, self.remedy)
    }
}
