//! Texts that end a response.

/// Finds the first stop text in a text that arrives in parts.
#[derive(Clone, Debug)]
pub(super) struct StopTexts {
    texts: Vec<String>,
    /// Text that may be the beginning of a stop text.
    held: String,
}

impl StopTexts {
    pub(super) fn new(texts: Vec<String>) -> Self {
        Self { texts, held: String::new() }
    }

    /// Appends text, and returns the text that is certain, and whether a stop text follows it.
    pub(super) fn push(&mut self, text: &str) -> (String, bool) {
        if self.texts.is_empty() {
            return (text.to_owned(), false);
        }
        self.held.push_str(text);
        let first = self.texts.iter().filter_map(|stop| self.held.find(stop.as_str())).min();
        if let Some(at) = first {
            let mut text = std::mem::take(&mut self.held);
            text.truncate(at);
            return (text, true);
        }
        let open = self.texts.iter().map(|stop| overlap(&self.held, stop)).max().unwrap_or_default();
        let rest = self.held.split_off(self.held.len() - open);
        (std::mem::replace(&mut self.held, rest), false)
    }

    /// Returns the text that was not a stop text after all.
    pub(super) fn finish(&mut self) -> String {
        std::mem::take(&mut self.held)
    }
}

/// Returns the length of the longest suffix of `text` that is a prefix of `word`, in bytes.
pub(super) fn overlap(text: &str, word: &str) -> usize {
    let starts = word.char_indices().map(|(at, _)| at).filter(|at| *at > 0 && *at <= text.len());
    let fits = |length: &usize| word.get(..*length).is_some_and(|begin| text.ends_with(begin));
    starts.filter(fits).max().unwrap_or_default()
}
