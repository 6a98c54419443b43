//! Recorded answers of real servers, replayed. Not part of the repository: a file is named in `BOTTICELLI_RECORDINGS`.
//!
//! The file is a JSON object of recordings, each `{note, url, init: {body}, response: {status, headers, body}}`. Chat
//! recordings must be read as what they are: an answer with text, or a refusal.
#![cfg(feature = "huggingface")]
#![allow(clippy::print_stdout, reason = "the report is what it is run for")]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a failed unwrap is a failed test"
)]

mod common;

use botticelli_interface::BotticelliDriver;
use botticelli_sandbox::Script;
use common::{collect, driver, scripted};
use serde_json::Value;

#[tokio::test]
#[ignore = "replays the file named in BOTTICELLI_RECORDINGS"]
async fn reads_every_recorded_chat_answer() {
    let path =
        std::env::var("BOTTICELLI_RECORDINGS").expect("set BOTTICELLI_RECORDINGS to a file of recordings");
    let recordings: Value = serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
    let (mut chat, mut right, mut other) = (0, 0, 0);
    for recording in recordings.as_object().unwrap().values() {
        let (note, url) = (recording["note"].as_str().unwrap(), recording["url"].as_str().unwrap());
        let response = &recording["response"];
        let status = u16::try_from(response["status"].as_u64().unwrap()).unwrap();
        let is_chat = url.ends_with("/chat/completions");
        if !is_chat {
            other += 1;
        }
        chat += usize::from(is_chat);
        let body = response["body"].as_str().unwrap();
        let content_type = response["headers"]["content-type"].as_str().unwrap_or_default();
        let sandbox = scripted(Script::text(status, content_type, body)).await;
        let streamed = recording["init"]["body"].as_str().unwrap_or_default().contains("\"stream\":true");
        let outcome = if streamed {
            match collect(&driver(&sandbox), "Hi".into()).await {
                (_, Some(error)) => Err(error),
                (chunks, None) => Ok(chunks.last().unwrap().response().unwrap().clone()),
            }
        } else {
            driver(&sandbox).generate("Hi".into()).await
        };
        let (is_right, shown) = match &outcome {
            Ok(answer) => {
                let text = answer.text();
                let clean = !text.is_empty() && !text.contains("</s>") && !text.contains("data:");
                let usage = answer.usage().map(botticelli_core::Usage::total_tokens);
                (
                    status == 200 && clean,
                    format!("{} [{}] {usage:?} {text:?}", answer.text().len(), answer.finish_reason()),
                )
            }
            Err(error) => (status != 200, format!("{:?}: {error}", error.category())),
        };
        right += usize::from(is_chat && is_right);
        println!(
            "{} {note}\n    {shown}",
            if !is_chat {
                "other"
            } else if is_right {
                "right"
            } else {
                "WRONG"
            }
        );
    }
    println!("{right} of {chat} chat recordings read rightly; {other} of other tasks looked at");
    assert_eq!(right, chat);
}
