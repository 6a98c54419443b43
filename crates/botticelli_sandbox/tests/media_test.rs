//! Images, audio and documents beside the text, and bodies that are too large.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a failed helper is a failed test")]

mod common;

use botticelli_sandbox::{Dialect, Sandbox};
use common::{Answer, chat, hello_with, speaking};
use serde_json::{Value, json};

const SEES: &str = "Qwen/Qwen2.5-VL-7B-Instruct";
const TAKES_ALL: &str = "sandbox/omni";

async fn shown(model: &str, parts: &[Value]) -> Answer {
    let mut content = vec![json!({ "type": "text", "text": "What is it?" })];
    content.extend_from_slice(parts);
    let messages = json!([{ "role": "user", "content": content }]);
    chat(&Sandbox::start().await.unwrap(), &hello_with(json!({ "model": model, "messages": messages }))).await
}

fn image(url: &str) -> Value {
    json!({ "type": "image_url", "image_url": { "url": url } })
}

fn audio(format: &str, data: &str) -> Value {
    json!({ "type": "input_audio", "input_audio": { "format": format, "data": data } })
}

fn document(data: &str) -> Value {
    json!({ "type": "file", "file": { "filename": "plan.pdf", "file_data": data } })
}

#[tokio::test]
async fn images_are_named_by_their_type_and_size() {
    let answer =
        shown(SEES, &[image("data:image/png;base64,AQIDBA=="), image("data:image/webp;base64,AAAA")]).await;
    let text = answer.content();
    assert!(
        text.contains("Images received: 2. An image (image/png, 4 bytes). An image (image/webp, 3 bytes). "),
        "{text}"
    );
    let answer = shown(SEES, &[image("https://example.org/duck.jpg")]).await;
    assert!(answer.content().contains("Images received: 1. An image by its address. "));
}

#[tokio::test]
async fn images_that_are_none_are_refused() {
    for (url, code) in [
        ("data:image/png;base64,A", "invalid_base64"),
        ("data:image/png;base64,????", "invalid_base64"),
        ("data:image/png;base64,", "invalid_base64"),
        ("data:image/tiff;base64,AAAA", "invalid_image_format"),
        ("data:application/pdf;base64,AAAA", "invalid_image_format"),
        ("data:image/png,AAAA", "invalid_data_url"),
        ("duck.png", "invalid_data_url"),
    ] {
        let answer = shown(SEES, &[image(url)]).await;
        assert_eq!((answer.status, &answer.json()["error"]["code"]), (400, &json!(code)), "{url}");
    }
}

#[tokio::test]
async fn a_model_takes_only_what_it_lists() {
    let picture = image("data:image/png;base64,AQID");
    let (sound, file) = (audio("wav", "AQID"), document("data:application/pdf;base64,AQID"));
    for (model, part, takes) in [
        (common::MODEL, &picture, false),
        (common::MODEL, &sound, false),
        (SEES, &sound, false),
        (SEES, &file, false),
        (TAKES_ALL, &picture, true),
        (TAKES_ALL, &sound, true),
        (TAKES_ALL, &file, true),
    ] {
        let answer = shown(model, std::slice::from_ref(part)).await;
        assert_eq!(answer.status, if takes { 200 } else { 400 }, "{model}: {part}");
        if !takes {
            assert_eq!(answer.json()["error"]["code"], "unsupported_content");
        }
    }
}

#[tokio::test]
async fn audio_and_files_are_named() {
    let answer =
        shown(TAKES_ALL, &[audio("wav", "AQIDBA=="), document("data:application/pdf;base64,AQI=")]).await;
    let text = answer.content();
    assert!(text.contains("An audio (wav, 4 bytes). A file plan.pdf (application/pdf, 2 bytes). "), "{text}");
    for part in [audio("wav", "?"), audio("midi", "AQID"), document("AQID"), document("data:a/b;base64,?")] {
        assert_eq!(shown(TAKES_ALL, std::slice::from_ref(&part)).await.status, 400, "{part}");
    }
}

#[tokio::test]
async fn tgi_takes_no_body_above_two_megabytes() {
    let messages = json!([{ "role": "user", "content": " ".repeat(2 * 1024 * 1024) }]);
    let request = hello_with(json!({ "model": "sandbox/everywhere:novita", "messages": messages }));
    for dialect in Dialect::ALL {
        let answer = chat(&speaking(*dialect).await, &request).await;
        if matches!(dialect, Dialect::Tgi2 | Dialect::Tgi3) {
            assert_eq!(answer.status, 413);
            assert_eq!(answer.text(), "Failed to buffer the request body: length limit exceeded");
        } else {
            assert_eq!(answer.status, 200, "{dialect}");
        }
    }
}
