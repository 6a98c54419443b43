//! The tasks, and the providers that serve them.

/// A task of Hugging Face.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Task {
    /// Name on the Hub.
    pub(super) name: &'static str,
    /// Other names with which the Hub lists models for the task.
    pub(super) aliases: &'static [&'static str],
    /// Providers for which the driver has the requests.
    pub(super) providers: &'static [&'static str],
    /// `true` if a provider that is not known is called with OpenAI's API.
    pub(super) is_openai: bool,
}

impl Task {
    /// Returns a task that only Hugging Face's own servers have.
    pub(super) const fn hosted(name: &'static str) -> Self {
        Self { name, aliases: &[], providers: &["hf-inference"], is_openai: false }
    }

    /// Returns whether the Hub's word for a task means this task.
    pub(super) fn is_named(&self, word: &str) -> bool {
        word == self.name || self.aliases.contains(&word)
    }

    /// Returns whether the driver can call `provider` for the task.
    pub(super) fn is_supported_at(&self, provider: &str) -> bool {
        self.providers.contains(&provider)
    }
}
