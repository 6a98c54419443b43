//! Every variation of a text completion is read, plain and streamed, wherever the bytes are cut.

use crate::common::settings;
use crate::common::text::{collect, folded};
use botticelli_core::{CompletionRequest, FinishReason, GenerateResponse, TokenLogprob};
use botticelli_error::PartialResponse;
use botticelli_interface::CompletionDriver;
use botticelli_models::huggingface::{Dialect, HuggingFaceDriver};
use botticelli_sandbox::{Sandbox, SandboxBuilder, Script};
use serde_json::Value;
use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// The name of a fixture and its expected response: text, finish reason, prompt tokens and completion tokens.
type Case = (&'static str, &'static str, FinishReason, Option<u64>, Option<u64>);

const FAIR: &str = " there lived";
const CASES: &[Case] = &[
    (
        "openai_together_prompt_list_and_seed_above_i64.json",
        " there lived a shell",
        FinishReason::Length,
        Some(4),
        Some(5),
    ),
    (
        "openai_finish_reason_empty_until_the_end_end_token_leaks.sse",
        FAIR,
        FinishReason::Stop,
        Some(4),
        Some(3),
    ),
    ("openai_together_text_beside_delta.sse", FAIR, FinishReason::Stop, Some(4), Some(3)),
    ("openai_think_tag_is_text.sse", "<think> so</think>", FinishReason::Stop, None, None),
    ("openai_think_tag_is_text.json", "<think> so</think>", FinishReason::Stop, None, None),
    (
        "openai_usage_in_a_chunk_of_its_own_after_multi_byte_text.sse",
        " 春é🌸",
        FinishReason::Length,
        Some(4),
        Some(3),
    ),
    ("openai_logprobs_with_an_object_of_tops.json", " a shell", FinishReason::Stop, None, None),
    ("openai_logprobs_in_every_chunk.sse", " a shell", FinishReason::Stop, None, None),
    ("openai_logprobs_of_a_repeated_prompt.json", "Once upon", FinishReason::Length, None, None),
    ("openai_llama_server_empty_text_at_the_end.sse", " there", FinishReason::Length, Some(4), Some(3)),
    ("tgi_end_token_is_special.sse", FAIR, FinishReason::Stop, Some(4), Some(3)),
    ("tgi_old_no_blank_no_index_details_null.sse", FAIR, FinishReason::Unspecified, None, None),
    ("tgi_special_token_in_the_middle_length_at_the_end.sse", FAIR, FinishReason::Length, Some(4), Some(3)),
    ("tgi_multi_byte_text_stop_sequence.sse", " 春é🌸.", FinishReason::Stop, Some(4), Some(3)),
    ("tgi_no_token_in_the_last_event.sse", FAIR, FinishReason::Stop, Some(4), Some(3)),
    ("tgi_whole_text_in_one_event.sse", FAIR, FinishReason::Stop, Some(4), Some(3)),
    ("tgi_nothing_but_the_end_token.sse", "", FinishReason::Stop, None, Some(1)),
    ("tgi_logprobs_with_tops.sse", " a shell", FinishReason::Stop, Some(4), Some(3)),
    ("tgi_object.json", FAIR, FinishReason::Stop, None, Some(3)),
    ("tgi_list_of_one.json", FAIR, FinishReason::Stop, None, Some(3)),
    ("tgi_prompt_repeated_without_details.json", FAIR, FinishReason::Unspecified, None, None),
    (
        "tgi_text_that_begins_as_its_prompt.json",
        "Once upon a time there lived",
        FinishReason::Stop,
        None,
        Some(3),
    ),
    ("tgi_details_null.json", FAIR, FinishReason::Unspecified, None, None),
    ("tgi_seed_above_i64.json", FAIR, FinishReason::Length, None, Some(3)),
    ("tgi_logprobs_with_tops.json", " a shell", FinishReason::Stop, None, Some(3)),
];

#[test]
fn every_fixture_has_a_case_and_every_case_a_fixture() {
    let names =
        fs::read_dir(folder()).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let cases = CASES.iter().map(|case| case.0.to_owned());
    assert_eq!(names.collect::<BTreeSet<_>>(), cases.collect::<BTreeSet<_>>());
}

#[tokio::test]
async fn reads_every_text_plain_and_streamed_and_byte_by_byte() {
    for (file, text, reason, prompt, completion) in CASES {
        let body = read(file);
        let mut scripts = if is_stream(file) {
            let pieces = |size: usize| body.chunks(size).map(<[u8]>::to_vec);
            let streams =
                [1, 7, 64].map(|size| Script::stream(200, "text/event-stream").pieces(pieces(size)));
            [vec![Script::sse(body.clone())], streams.to_vec()].concat()
        } else {
            vec![
                Script::text(200, "application/json", body.clone()),
                Script::text(200, "text/plain", body.clone()),
            ]
        };
        scripts.extend(scripts.clone());
        let count = scripts.len();
        let sandbox = start(scripts.into_iter()).await;
        let driver = driver(&sandbox, file);
        for call in 0..count {
            let answer = if call < count / 2 {
                driver.complete(prompt_request()).await.unwrap_or_else(|error| panic!("{file}: {error}"))
            } else {
                folded(&driver, prompt_request()).await
            };
            assert_eq!((&*answer.text(), answer.finish_reason()), (*text, reason), "{file}, call {call}");
            assert_eq!(answer.reasoning(), "", "{file}");
            let usage = answer.usage().copied().unwrap_or_default();
            assert_eq!((usage.prompt_tokens(), usage.completion_tokens()), (*prompt, *completion), "{file}");
            check_logprobs(file, &answer);
        }
    }
}

fn check_logprobs(file: &str, answer: &GenerateResponse) {
    let mut first = TokenLogprob::new(" a", -0.5);
    first.top = vec![TokenLogprob::new(" a", -0.5), TokenLogprob::new(" the", -1.5)];
    let second = TokenLogprob::new(" shell", -0.25);
    let tokens = answer.logprobs().map(|logprobs| logprobs.tokens.clone());
    match file {
        "openai_logprobs_in_every_chunk.sse" => {
            assert_eq!(tokens, Some(vec![TokenLogprob::new(" a", -0.5), second]));
        }
        // A token without a probability is not supported, so the original format is kept.
        "openai_logprobs_of_a_repeated_prompt.json" => {
            assert_eq!(
                answer.logprobs().unwrap().raw,
                [r#"{"tokens":["Once"," upon"],"token_logprobs":[null,-0.25]}"#]
            );
        }
        name if name.contains("tops") => assert_eq!(tokens, Some(vec![first, second]), "{file}"),
        _ => {}
    }
}

/// A simple reader of the same bytes, independent of the library.
fn text_before(bytes: &[u8]) -> (String, bool) {
    let (mut text_before, mut done) = (String::new(), false);
    for line in String::from_utf8_lossy(bytes).split('\n') {
        let Some(data) = line.strip_prefix("data:") else { continue };
        let Ok(event) = serde_json::from_str::<Value>(data) else { continue };
        let choice = &event["choices"][0];
        let reason = choice["finish_reason"].as_str().unwrap_or_default();
        let texts = [choice["text"].as_str().filter(|_| reason != "eos_token"), token(&event["token"])];
        texts.into_iter().flatten().for_each(|text| text_before.push_str(text));
        if event["token"].is_null() && text_before.is_empty() {
            text_before.push_str(event["generated_text"].as_str().unwrap_or_default());
        }
        done |= !reason.is_empty() || event["generated_text"].is_string();
    }
    (text_before, done)
}

fn token(token: &Value) -> Option<&str> {
    token["text"].as_str().filter(|_| token["special"] == false)
}

#[tokio::test]
async fn every_prefix_is_the_whole_text_or_an_error_with_the_exact_partial_text() {
    let (mut whole, mut broken) = (0, 0);
    for (file, text, ..) in CASES.iter().filter(|case| is_stream(case.0)) {
        let body = read(file);
        let prefixes: Vec<&[u8]> = (0..=body.len()).map(|end| &body[..end]).collect();
        let scripts =
            prefixes.iter().map(|prefix| Script::stream(200, "text/event-stream").piece(*prefix).cut());
        let sandbox = start(scripts).await;
        let driver = driver(&sandbox, file);
        for prefix in prefixes {
            let (arrived, done) = text_before(prefix);
            let place = format!("{file}, cut to {} bytes", prefix.len());
            match collect(&driver, prompt_request()).await {
                (_, Some(error)) => {
                    assert!(!done, "{place}: the model was done, and yet: {error}");
                    assert_eq!(
                        error.partial().map_or("", PartialResponse::text),
                        arrived,
                        "{place}: {error}"
                    );
                    broken += 1;
                }
                (chunks, None) => {
                    assert!(done, "{place}: it passed for an answer: {chunks:?}");
                    assert_eq!(chunks.last().unwrap().response().unwrap().text(), *text, "{place}");
                    whole += 1;
                }
            }
        }
    }
    // The test itself must have seen both.
    assert!(whole > 200 && broken > 3000, "{whole} whole, {broken} broken");
}

fn prompt_request() -> CompletionRequest {
    CompletionRequest::builder().prompt("Once upon a time").logprobs(2).build().unwrap()
}

/// A sandbox with the routes of text-generation-inference.
async fn start(scripts: impl IntoIterator<Item = Script>) -> Sandbox {
    let builder = Sandbox::builder().with_dialect(botticelli_sandbox::Dialect::Tgi3);
    scripts.into_iter().fold(builder, SandboxBuilder::with_turn).start().await.unwrap()
}

fn driver(sandbox: &Sandbox, file: &str) -> HuggingFaceDriver {
    let dialect = if file.starts_with("tgi_") { Dialect::Tgi } else { Dialect::OpenAi };
    settings(sandbox).dialect(dialect).build().unwrap()
}

fn is_stream(file: &str) -> bool {
    Path::new(file).extension().is_some_and(|extension| extension == "sse")
}

fn read(file: &str) -> Vec<u8> {
    fs::read(folder().join(file)).unwrap()
}

fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/huggingface_text")
}
