//! Images, audio and documents, and bodies that are too large.

use crate::common::{Response, chat, hello_with, with_dialect};
use botticelli_sandbox::{Dialect, Sandbox};
use serde_json::{Value, json};

const VISION_MODEL: &str = "Qwen/Qwen2.5-VL-7B-Instruct";
const OMNI_MODEL: &str = "sandbox/omni";

async fn respond_to_parts(model: &str, parts: &[Value]) -> Response {
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
async fn images_are_described_by_type_and_size() {
    let response = respond_to_parts(
        VISION_MODEL,
        &[image("data:image/png;base64,AQIDBA=="), image("data:image/webp;base64,AAAA")],
    )
    .await;
    let text = response.content();
    assert!(
        text.contains("Images received: 2. An image (image/png, 4 bytes). An image (image/webp, 3 bytes). "),
        "{text}"
    );
    let response = respond_to_parts(VISION_MODEL, &[image("https://example.org/duck.jpg")]).await;
    assert!(response.content().contains("Images received: 1. An image by its address. "));
}

#[tokio::test]
async fn invalid_images_are_rejected() {
    for (url, code) in [
        ("data:image/png;base64,A", "invalid_base64"),
        ("data:image/png;base64,????", "invalid_base64"),
        ("data:image/png;base64,", "invalid_base64"),
        ("data:image/tiff;base64,AAAA", "invalid_image_format"),
        ("data:application/pdf;base64,AAAA", "invalid_image_format"),
        ("data:image/png,AAAA", "invalid_data_url"),
        ("duck.png", "invalid_data_url"),
    ] {
        let response = respond_to_parts(VISION_MODEL, &[image(url)]).await;
        assert_eq!((response.status, &response.json()["error"]["code"]), (400, &json!(code)), "{url}");
    }
}

#[tokio::test]
async fn a_model_accepts_only_its_listed_modalities() {
    let image_part = image("data:image/png;base64,AQID");
    let (audio_part, file) = (audio("wav", "AQID"), document("data:application/pdf;base64,AQID"));
    for (model, part, takes) in [
        (crate::common::MODEL, &image_part, false),
        (crate::common::MODEL, &audio_part, false),
        (VISION_MODEL, &audio_part, false),
        (VISION_MODEL, &file, false),
        (OMNI_MODEL, &image_part, true),
        (OMNI_MODEL, &audio_part, true),
        (OMNI_MODEL, &file, true),
    ] {
        let response = respond_to_parts(model, std::slice::from_ref(part)).await;
        assert_eq!(response.status, if takes { 200 } else { 400 }, "{model}: {part}");
        if !takes {
            assert_eq!(response.json()["error"]["code"], "unsupported_content");
        }
    }
}

#[tokio::test]
async fn audio_and_files_are_described() {
    let response = respond_to_parts(
        OMNI_MODEL,
        &[audio("wav", "AQIDBA=="), document("data:application/pdf;base64,AQI=")],
    )
    .await;
    let text = response.content();
    assert!(text.contains("An audio (wav, 4 bytes). A file plan.pdf (application/pdf, 2 bytes). "), "{text}");
    for part in [audio("wav", "?"), audio("midi", "AQID"), document("AQID"), document("data:a/b;base64,?")] {
        assert_eq!(respond_to_parts(OMNI_MODEL, std::slice::from_ref(&part)).await.status, 400, "{part}");
    }
}

#[tokio::test]
async fn tgi_rejects_bodies_above_two_mebibytes() {
    let messages = json!([{ "role": "user", "content": " ".repeat(2 * 1024 * 1024) }]);
    let request = hello_with(json!({ "model": "sandbox/everywhere:novita", "messages": messages }));
    for dialect in Dialect::ALL {
        let response = chat(&with_dialect(*dialect).await, &request).await;
        if matches!(dialect, Dialect::Tgi2 | Dialect::Tgi3) {
            assert_eq!(response.status, 413);
            assert_eq!(response.text(), "Failed to buffer the request body: length limit exceeded");
        } else {
            assert_eq!(response.status, 200, "{dialect}");
        }
    }
}
