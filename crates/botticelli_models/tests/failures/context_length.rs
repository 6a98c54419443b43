//! A conversation that is too long, in the words and with the statuses of many servers; and what only sounds like it.

use super::error_text::{assert_all, openai};
use botticelli_error::ErrorCategory::*;

const TOO_LONG: &[(u16, &str)] = &[
    // OpenAI, old and new.
    (
        400,
        "This model's maximum context length is 8192 tokens. However, your messages resulted in 9001 tokens.",
    ),
    (400, "Your input exceeds the context window of this model. Please adjust your input and try again."),
    (
        400,
        "Input tokens exceed the configured limit of 272000 tokens. Your messages resulted in 300000 tokens.",
    ),
    // vLLM, by version.
    (400, "The decoder prompt (length 9001) is longer than the maximum model length of 8192."),
    (400, "The prompt (total length 9001) is too long to fit into the model (context length 4096)."),
    (
        400,
        "You passed 9001 input tokens and requested 16 output tokens. However, the model's context length is only 8192 tokens.",
    ),
    (
        400,
        "'max_tokens' or 'max_completion_tokens' is too large: 5000. This model's maximum context length is 4096 tokens and your request has 17 input tokens",
    ),
    (400, "Input prompt (9762 tokens) is too long and exceeds limit of 8192"),
    // SGLang.
    (400, "The input (61709 tokens) is longer than the model's context length (40960 tokens)."),
    (
        400,
        "Requested token count exceeds the model's maximum context length of 8192 tokens. You requested a total of 9001 tokens",
    ),
    (
        400,
        "Input length (9001 tokens) exceeds the maximum allowed length (8187 tokens). Use a shorter input.",
    ),
    // text-generation-inference.
    (
        422,
        "Input validation error: `inputs` tokens + `max_new_tokens` must be <= 4096. Given: 9001 `inputs` tokens and 20 `max_new_tokens`",
    ),
    (422, "Input validation error: `inputs` must have less than 1024 tokens. Given: 1500"),
    // llama.cpp, by version.
    (400, "request (3014 tokens) exceeds the available context size (2048 tokens), try increasing it"),
    (
        500,
        "the request exceeds the available context size. try increasing the context size or enable context shift",
    ),
    (500, "Context size has been exceeded."),
    // LM Studio.
    (
        400,
        "Trying to keep the first 9001 tokens when context the overflows. However, the model is loaded with context length of only 4096 tokens, which is not enough.",
    ),
    (
        400,
        "The number of tokens to keep from the initial prompt is greater than the context length. Try to load the model with a larger context length",
    ),
    // Ollama.
    (400, "input length exceeds maximum context length"),
    (500, "prompt too long; exceeded max context length by 829 tokens"),
    // TensorRT-LLM.
    (400, "Prompt length (9001) exceeds maximum input length (8192). Set log level to info"),
    // llama-cpp-python.
    (500, "Requested tokens (9001) exceed context window of 2048"),
    // Groq, Cerebras.
    (400, "Please reduce the length of the messages or completion."),
    (
        400,
        "Please reduce the length of the messages or completion. Current length is 9001 while limit is 8192",
    ),
    // Fireworks.
    (400, "The prompt is too long: 9001, model maximum context length: 8191"),
    // Cohere.
    (
        400,
        "too many tokens: total number of tokens in the prompt cannot exceed 4081 - received 9001. Try using a shorter prompt",
    ),
    // Mistral.
    (
        400,
        "Prompt contains 65673 tokens and 0 draft tokens, too large for model with 32768 maximum context length",
    ),
    // DeepSeek, OpenRouter.
    (
        400,
        "This endpoint's maximum context length is 40960 tokens. However, you requested about 76500 tokens",
    ),
    // Anthropic.
    (400, "prompt is too long: 200251 tokens > 200000 maximum"),
    (
        400,
        "input length and `max_tokens` exceed context limit: 190000 + 20000 > 200000, decrease input length",
    ),
    // Gemini.
    (400, "The input token count (1200000) exceeds the maximum number of tokens allowed (1048575)."),
    // Bedrock.
    (400, "Input is too long for requested model."),
    // DashScope.
    (400, "<400> InternalError.Algo.InvalidParameter: Range of input length should be [1, 98304]"),
    // Moonshot.
    (400, "Invalid request: Your request exceeded model token limit: 8192"),
    // Z.AI.
    (400, "Prompt exceeds max length"),
    // MiniMax.
    (400, "invalid params, context window exceeds limit (2013)"),
    // xAI.
    (400, "This model's maximum prompt length is 131072 but the request contains 537812 tokens."),
    // GitHub Models, watsonx.
    (413, "Request body too large for gpt-4o model. Max size: 8000 tokens."),
    (400, "the number of input tokens 9001 cannot exceed the total tokens limit 8192 for this model"),
];

#[tokio::test]
async fn the_message_of_any_server_about_a_long_conversation_is_recognized() {
    for (status, message) in TOO_LONG {
        assert_all(ContextExceeded, &[(*status, &openai(message)), (*status, message)]).await;
    }
}

#[tokio::test]
async fn an_error_code_alone_identifies_a_conversation_that_is_too_long() {
    let codes = [
        "context_length_exceeded",
        "model_context_window_exceeded",
        "tokens_limit_reached",
        "exceed_context_size_error",
    ];
    for code in codes {
        for status in [400, 413, 422, 500] {
            let body = serde_json::json!({"error": {"message": "it does not fit", "code": code}}).to_string();
            assert_all(ContextExceeded, &[(status, &body)]).await;
        }
    }
}

#[tokio::test]
async fn a_message_that_only_mentions_tokens_is_not_a_context_error() {
    for message in [
        "max_tokens must be at least 1, got -1.",
        "max_tokens is too large: 5000. This model supports at most 4096 completion tokens, whereas you provided 5000.",
        "Unknown parameter: 'context_length'.",
        "Extra inputs are not permitted: context_size",
        "'messages' must contain the word 'json' in some form, to use 'response_format' of type 'json_object'.",
        "context must be a string",
        "the prompt must not be empty",
        "stop sequence is too long",
        "At most 4 image(s) may be provided in one prompt; the prompt has more than 4 images",
        "Invalid token in the header",
        "number of tokens must be positive",
    ] {
        assert_all(InvalidRequest, &[(400, &openai(message)), (422, &openai(message))]).await;
    }
    let rate = "Rate limit reached for model `m` on tokens per minute (TPM): Limit 6000, Requested 9001. Too many tokens, please try again in 3s.";
    assert_all(RateLimited, &[(429, &openai(rate))]).await;
    let never = "Request too large for model `m` on tokens per minute (TPM): Limit 6000, Requested 9001, please reduce your message size";
    assert_all(TooLarge, &[(413, &openai(never))]).await;
}
