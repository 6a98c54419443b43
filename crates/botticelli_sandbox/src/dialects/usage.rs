//! The three figures that everybody who reports usage reports.

use serde::Serialize;

use crate::chat::Completion;

#[derive(Clone, Copy, Serialize)]
pub(crate) struct Usage {
    #[serde(rename = "prompt_tokens")]
    prompt: u64,
    #[serde(rename = "completion_tokens")]
    completion: u64,
    #[serde(rename = "total_tokens")]
    total: u64,
}

impl Usage {
    pub(crate) fn of(completion: &Completion) -> Self {
        let (prompt, completion) = (completion.prompt_tokens, completion.completion_tokens());
        Self { prompt, completion, total: prompt.saturating_add(completion) }
    }
}
