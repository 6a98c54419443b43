//! Every prefix of a stream is the whole response, or an error with exactly the partial text.

use crate::common::{collect, driver};
use botticelli_error::PartialResponse;
use botticelli_sandbox::{Sandbox, SandboxBuilder, Script};
use serde_json::Value;
use std::path::PathBuf;

/// A simple reader of the same bytes, independent of the library.
///
/// The reader works line by line, so the tests use it only for streams with one line per event.
#[derive(Default)]
struct PrefixContent {
    content: String,
    refusal: String,
    done: bool,
}

impl PrefixContent {
    fn in_bytes(bytes: &[u8]) -> Self {
        let text = String::from_utf8_lossy(bytes);
        let mut prefix_content = Self::default();
        let mut has_choice = false;
        for line in text.split(['\n', '\r']) {
            let Some(data) = line.trim_start_matches('\u{feff}').strip_prefix("data:") else { continue };
            if data.trim() == "[DONE]" {
                prefix_content.done |= has_choice;
                break;
            }
            let Ok(event) = serde_json::from_str::<Value>(data) else { continue };
            let choice = &event["choices"][0];
            has_choice |= choice.is_object();
            prefix_content.content.push_str(choice["delta"]["content"].as_str().unwrap_or_default());
            prefix_content.refusal.push_str(choice["delta"]["refusal"].as_str().unwrap_or_default());
            prefix_content.done |= choice["finish_reason"].as_str().is_some_and(|reason| !reason.is_empty());
        }
        prefix_content
    }

    /// The reasoning that the text begins with, and the text, looked at as a whole.
    fn thought(&self) -> (&str, &str) {
        let Some(thought) = self.content.trim_start().strip_prefix("<think>") else {
            return ("", &self.content);
        };
        let (reasoning, text) = thought.split_once("</think>").unwrap_or((thought, ""));
        let line_ends = ['\r', '\n'];
        (reasoning.trim_start_matches(line_ends), text.trim_start_matches(line_ends))
    }
}

/// Cuts bytes into up to five pieces, at places that depend on the seed.
fn pieces(bytes: &[u8], seed: usize) -> Vec<&[u8]> {
    let mut rest = bytes;
    let mut pieces = Vec::new();
    for round in 1..5_usize {
        let length = seed.wrapping_mul(2_654_435_761).wrapping_mul(round).rotate_left(7) % (rest.len() + 1);
        let (piece, after) = rest.split_at(length);
        pieces.push(piece);
        rest = after;
    }
    pieces.push(rest);
    pieces.into_iter().filter(|piece| !piece.is_empty()).collect()
}

fn streams() -> Vec<(String, Vec<u8>)> {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/huggingface");
    // The simple reader does not support several lines or choices per event, or text in other fields.
    let left_out = [
        "several_lines",
        "several_crlf",
        "two_values",
        "second_choice",
        "two_choices",
        "eos_token",
        "old_tgi",
        "whole_message",
        "as_parts",
    ];
    let mut streams: Vec<_> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "sse"))
        .map(|path| (path.file_stem().unwrap().to_string_lossy().into_owned(), std::fs::read(&path).unwrap()))
        .filter(|(name, _)| !left_out.iter().any(|part| name.contains(part)))
        .collect();
    streams.sort();
    streams
}

#[tokio::test]
async fn every_prefix_is_the_whole_response_or_an_error_with_the_exact_partial_response() {
    let (mut whole, mut broken) = (0, 0);
    for (name, stream) in streams() {
        // Every cut of a short stream, and every seventh of a long one.
        let step = if stream.len() < 600 { 1 } else { 7 };
        let prefixes: Vec<&[u8]> = (0..=stream.len()).step_by(step).map(|end| &stream[..end]).collect();
        let scripts = prefixes.iter().map(|prefix| {
            let in_pieces = pieces(prefix, prefix.len());
            Script::stream(200, "text/event-stream").pieces(in_pieces).cut()
        });
        let sandbox: Sandbox =
            scripts.fold(Sandbox::builder(), SandboxBuilder::with_turn).start().await.unwrap();
        let driver = driver(&sandbox);
        for prefix in prefixes {
            let prefix_content = PrefixContent::in_bytes(prefix);
            let (reasoning, text) = prefix_content.thought();
            let done = prefix_content.done;
            let (chunks, error) = collect(&driver, "Hi".into()).await;
            let place = format!("{name}, cut to {} bytes", prefix.len());
            if let Some(error) = error {
                assert!(!done, "{place}: the model was done, and yet: {error}");
                let arrived = [text, &prefix_content.refusal].concat();
                assert_eq!(error.partial().map_or("", PartialResponse::text), arrived, "{place}: {error}");
                if !reasoning.is_empty() {
                    assert_eq!(error.partial().unwrap().reasoning(), reasoning, "{place}: {error}");
                }
                broken += 1;
            } else {
                assert!(done, "{place}: it passed for an answer: {chunks:?}");
                assert_eq!(chunks.last().unwrap().response().unwrap().text(), text, "{place}");
                whole += 1;
            }
        }
    }
    // The test itself must have seen both.
    assert!(whole > 300 && broken > 3000, "{whole} whole, {broken} broken");
}
