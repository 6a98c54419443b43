//! Detects the cause of an error from its text, independent of the status.
//!
//! The phrases come from local servers (`vllm`, `sglang`, `llama.cpp`, …) and from the providers behind the router. A phrase that two
//! causes share never decides alone: a rate limit on tokens is not a prompt that is too long.

use super::error_text::ErrorText;

/// Phrases of a rate limit. The problem goes away with time, even if the text mentions another cause.
pub(super) const RATE: &[&str] = &[
    "rate limit",
    "rate_limit",
    "ratelimit",
    "too many requests",
    "per minute",
    "per min",
    "per second",
    "per hour",
    "per day",
    "/minute",
    "/ minute",
    "(tpm)",
    "(rpm)",
    "(tpd)",
    "(rpd)",
    "throttl",
    "concurrency",
];

impl ErrorText {
    /// Returns whether a content filter rejected the prompt.
    pub(super) fn is_filtered(&self) -> bool {
        let codes = [
            "content_filter",
            "content_policy_violation",
            "responsibleaipolicyviolation",
            "data_inspection_failed",
        ];
        self.has_code_with(&codes) || self.say(&["content management policy", "content_policy_violation"])
    }

    /// Returns whether the service rejected the API key, although the status does not say so.
    pub(super) fn is_about_wrong_key(&self) -> bool {
        let codes = ["invalid_api_key", "api_key_invalid", "incorrect_api_key", "authentication_error"];
        let texts = ["api key not valid", "invalid api key", "incorrect api key", "api key is invalid"];
        self.has_code_with(&codes) || self.say(&texts)
    }

    /// Returns whether the model, or each of its providers, does not support tools.
    pub(super) fn is_without_tools(&self) -> bool {
        let texts = [
            "support tool use",
            "support tool calling",
            "not support tools",
            "n't support tools",
            "not support function calling",
            "tools are not supported",
        ];
        self.say(&texts)
    }

    /// Returns whether the conversation exceeds the model's context length.
    pub(super) fn is_too_long(&self) -> bool {
        const CODES: &[&str] = &[
            "context_length_exceeded",
            "context_window_exceeded",
            "context_overflow",
            "exceed_context",
            "prompt_too_long",
            "tokens_limit_reached",
        ];
        // Each of these is sufficient.
        const SURE: &[&str] = &[
            "maximum context",
            "max context length",
            "maximum prompt length",
            "maximum model length",
            // llama.cpp, for embeddings: a text does not fit into one batch.
            "increase the physical batch size",
            "max_model_len",
            "prompt is too long",
            "prompt too long",
            "prompt exceeds max",
            "prompt exceeds the length",
            "input is too long",
            "input too long",
            "`inputs` tokens",
            "`inputs` must have less than",
            "reduce the length of the messages",
            "reduce the length of the input",
            "reduce the length of your",
            "reduce the prompt length",
            "range of input length",
            "too many tokens",
            "too many input tokens",
            "input token count",
            "exceeded model token limit",
            "tokens in request more than",
            "context the overflows",
            "context size has been exceeded",
        ];
        // A subject counts only together with an excess.
        const SUBJECTS: &[&str] = &[
            "context length",
            "context_length",
            "context size",
            "context window",
            "context limit",
            "max_seq_len",
            "sequence length",
            "seq length",
            "input length",
            "input tokens",
            "prompt length",
            "prompt tokens",
            "prompt contains",
            "the prompt",
            "your prompt",
            "input prompt",
            "tokens in the prompt",
            "number of input tokens",
            "number of prompt tokens",
            "tokens in your prompt",
            "token count",
            "tokens limit",
            "conversation is",
            "max size:",
        ];
        const EXCESS: &[&str] = &[
            "exceed",
            "longer than",
            "greater than",
            "larger than",
            "more than",
            "too long",
            "too large",
            "too many",
            "too big",
            "not enough",
            "overflow",
            "only supports",
            "supports up to",
            "is only",
            "no smaller than",
            "must be <=",
            "less than or equal",
            "cannot be longer",
        ];
        // A limit of the response alone, or an unknown field.
        const OTHER: &[&str] = &[
            "unknown parameter",
            "unrecognized",
            "unexpected",
            "not permitted",
            "unknown field",
            "images",
            "image(s)",
        ];
        if self.say(RATE) || self.say(&["quota", "please wait", "try again in"]) {
            return false;
        }
        self.has_code_with(CODES)
            || self.say(SURE)
            || (self.say(SUBJECTS) && self.say(EXCESS) && !self.say(OTHER))
    }

    /// Returns whether the path does not exist on the server.
    pub(super) fn is_wrong_path(&self) -> bool {
        self.show(&[
            "unexpected endpoint or method",
            "page not found",
            "route not found",
            "no route matched",
            "no such route",
            "path not found",
            "no such path",
            "unknown path",
            "endpoint not found",
            "unknown endpoint",
            "no such endpoint",
            "url not found",
            "unknown request url",
            "unrecognized request url",
            "invalid url (",
            "cannot post /",
            "method not allowed",
        ]) || self.has_code("unknown_url")
    }

    /// Returns whether the model has no chat template, as a base model.
    pub(super) fn is_without_chat(&self) -> bool {
        let lacks_template = self.say(&[
            "template not found",
            "no template",
            "no chat template",
            "not have a chat template",
            "chat template is no longer allowed",
            "chat_template is not set",
            "chat template is not set",
            "must provide a chat template",
            "without a chat template",
        ]);
        // Ollama, and vLLM with an embedding model.
        let does_not_chat = self.say(&[
            "not a chat model",
            "does not support chat completions",
            "not support chat completions api",
        ]) || (self.say(&["does not support chat"])
            && !self.say(&["does not support chat_", "template"]));
        lacks_template || does_not_chat
    }

    /// Returns whether the model's chat template rejected the conversation.
    pub(super) fn is_template_refusal(&self) -> bool {
        self.has_code("template_error")
            || self.has_code("missing_template_variable")
            || self.say(&[
                "template error",
                "jinja exception",
                "jinja error",
                "jinja2.",
                "roles must alternate",
                "role not supported",
                "role is not supported",
                "chat template",
                "chat_template",
                "unexpected message role",
            ])
    }

    /// Returns whether the server cannot build a grammar from the schema or the tools.
    pub(super) fn is_grammar_refusal(&self) -> bool {
        let is_schema = self.say(&[
            "grammar",
            "json schema",
            "json_schema",
            "jsonschema",
            "schema",
            "guided decoding",
            "guided_",
            "structured output",
            "structured_output",
            "response_format",
            "response format",
            "xgrammar",
            "llguidance",
        ]);
        is_schema && !self.say(&["database", "sql", "migration"])
    }

    /// Returns the kind of input that the server does not support, if the text names it.
    pub(super) fn unsupported_input(&self) -> Option<&'static str> {
        const REFUSED: &[&str] = &[
            "not support",
            "n't support",
            "unsupported",
            "not a multimodal",
            "non-multimodal",
            "only supported by",
            "only supports text",
            "only text",
            "text-only",
            "text only",
            "unknown variant `image",
            "endpoints found that support",
            "at most 0 ",
            "missing data required for",
            "mmproj",
            "not enabled",
            "cannot process",
            "can't process",
            "cannot accept",
            "not accept",
            "not available",
            "not allowed",
        ];
        // The kind is supported, but this input is invalid.
        const FAULTY: &[&str] = &[
            "format",
            "mime",
            "media type",
            "media_type",
            "file type",
            "image type",
            "extension",
            "codec",
            "scheme",
            "protocol",
            "resolution",
            "dimension",
            "corrupt",
            "decode",
            "download",
            "too large",
        ];
        const KINDS: &[(&str, &[&str])] = &[
            (
                "an image",
                &["image", "vision", "multimodal", "multi-modal", "multi modal", "mmproj", "picture"],
            ),
            ("a video", &["video"]),
            ("a sound", &["audio", "sound"]),
            ("a document", &["file input", "input_file", "pdf", "document input"]),
        ];
        // Some servers do not name the kind, such as older versions of llama.cpp.
        let is_part = self.say(&[
            "unsupported content[].type",
            "unsupported content part",
            "unknown part type",
            "only text content",
            "allowed values: ['text']",
        ]);
        if is_part {
            return Some("a content part that is not text");
        }
        if !self.say(REFUSED) || self.say(FAULTY) {
            return None;
        }
        KINDS.iter().find(|(_, names)| self.say(names)).map(|(kind, _)| *kind)
    }

    /// Returns whether the server reports an unsupported feature.
    pub(super) fn is_unsupported(&self) -> bool {
        let is_refused = self.mention(&[
            "not supported",
            "not_supported",
            "unsupported",
            "does not support",
            "doesn't support",
            "not implemented",
            "requires --jinja",
            "param requires",
        ]);
        is_refused && !self.say(&["unsupported operand", "temporarily"])
    }

    /// Returns whether the server expects TLS and was called without it.
    pub(super) fn is_tls_expected(&self) -> bool {
        self.show(&[
            "plain http request was sent to https port",
            "http request to an https server",
            "plain http to an ssl-enabled",
            "instead use the https scheme",
        ])
    }

    /// Returns whether the token is invalid. Some servers report that with an unusual status.
    pub(super) fn is_about_token(&self) -> bool {
        self.say(&[
            "invalid token",
            "token expired",
            "token is invalid",
            "token has expired",
            "expired token",
        ])
    }
}
