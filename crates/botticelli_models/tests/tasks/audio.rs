//! Tasks of audio.

use crate::support::{answering, hosted, last_body};
use botticelli_core::tasks::{
    AudioClassificationRequest, LabelScore, Media, TranscriptChunk, TranscriptionRequest,
};
use botticelli_interface::tasks::AudioTaskDriver;
use botticelli_sandbox::Sandbox;
use serde_json::json;

fn flac() -> Media {
    Media::new(&b"fLaC and more"[..])
}

#[tokio::test]
async fn speech_is_transcribed_with_and_without_times() {
    let sandbox = Sandbox::start().await.unwrap();
    let driver = hosted(&sandbox, "openai/whisper-large-v3");
    let response = driver.transcribe(flac().into()).await.unwrap();
    assert_eq!((response.text(), response.chunks().len()), (" The audio has 13 bytes.", 0));
    assert_eq!(sandbox.requests()[0].header("content-type"), Some("audio/flac"));
    let generation = serde_json::from_value(json!({ "language": "en" })).unwrap();
    let request = TranscriptionRequest::from(flac()).with_return_timestamps(true);
    let response = driver.transcribe(request.with_generation_parameters(generation)).await.unwrap();
    let expected = [
        TranscriptChunk::new(" The audio", Some(0.0), Some(1.5)),
        // The last part may have no end.
        TranscriptChunk::new(" has 13 bytes.", Some(1.5), None),
    ];
    assert_eq!(response.chunks(), expected);
    let parameters = json!({ "return_timestamps": true, "generation_parameters": { "language": "en" } });
    assert_eq!(last_body(&sandbox)["parameters"], parameters);
}

#[tokio::test]
async fn every_form_of_times_is_read() {
    for body in [
        r#"{"text":"a","chunks":[{"text":"a","timestamp":[0,1]}]}"#,
        r#"{"text":"a","segments":[{"id":0,"text":"a","start":0.0,"end":1.0}]}"#,
    ] {
        let sandbox = answering(body).await;
        let response = hosted(&sandbox, "any/model").transcribe(flac().into()).await.unwrap();
        assert_eq!(response.chunks(), [TranscriptChunk::new("a", Some(0.0), Some(1.0))], "{body}");
    }
    let sandbox = answering(r#"{"text":"a","chunks":null}"#).await;
    assert!(hosted(&sandbox, "any/model").transcribe(flac().into()).await.unwrap().chunks().is_empty());
}

#[tokio::test]
async fn audio_is_classified() {
    let sandbox = Sandbox::start().await.unwrap();
    let driver = hosted(&sandbox, "superb/hubert-large-superb-er");
    let request = AudioClassificationRequest::from(flac()).with_top_k(1);
    let response = driver.classify_audio(request).await.unwrap();
    assert_eq!(response.labels(), [LabelScore::new("neutral", 0.7)]);
}

#[tokio::test]
async fn audio_becomes_tracks() {
    let sandbox = Sandbox::start().await.unwrap();
    let response = hosted(&sandbox, "speechbrain/sepformer-wham").convert_audio(flac().into()).await.unwrap();
    let [first, second] = response.tracks() else { panic!("{response:?}") };
    assert_eq!((first.label(), first.audio().media_type()), ("label_0", "audio/flac"));
    assert_ne!(first.audio(), second.audio());
    // The key of the type has a hyphen, and counts if the bytes are not known.
    let sandbox = answering(r#"[{"label":"x","blob":"AAAA","content-type":"audio/x-raw"}]"#).await;
    let response = hosted(&sandbox, "any/model").convert_audio(flac().into()).await.unwrap();
    assert_eq!(response.tracks()[0].audio().media_type(), "audio/x-raw");
}
