//! Interrupted downloads.

use crate::common::{ID, Place, assert_file, blobs, bytes, kind, observed};
use botticelli_core::RetryConfig;
use botticelli_error::{ErrorCategory, HubErrorKind};
use botticelli_sandbox::Repository;
use std::time::Duration;

const SIZE: usize = 400_000;

async fn place() -> Place {
    Place::with(Repository::model(ID).with_large_file("model.gguf", bytes(SIZE))).await
}

/// The path of the part of the content.
fn part(place: &Place) -> std::path::PathBuf {
    let repository = Repository::model(ID).with_large_file("model.gguf", bytes(SIZE));
    let sha = repository.checksum("model.gguf").unwrap().to_owned();
    let path = place.repository().join("blobs").join(format!("{sha}.incomplete"));
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    path
}

#[tokio::test]
async fn a_cut_download_continues_by_itself_from_the_byte_that_arrived() {
    let place = place().await;
    place.inject("cut-after=100000");
    place.inject("cut-after=150000");
    assert_file(&place.hub().download(ID, "model.gguf").await.unwrap(), &bytes(SIZE));
    let ranges: Vec<Option<String>> =
        place.contents().iter().map(|request| request.header("range").map(str::to_owned)).collect();
    assert_eq!(ranges, [None, Some("bytes=100000-".to_owned()), Some("bytes=250000-".to_owned())]);
    // The second server states its entity tag in the first response, and the condition names that tag.
    assert!(place.contents()[1].header("if-range").unwrap().starts_with("\"storage-"));
}

#[tokio::test]
async fn a_download_that_failed_is_continued_by_the_next_call() {
    let place = place().await;
    let once = place.builder().with_retry(RetryConfig::never()).build().unwrap();
    // The first attempt makes progress, and the second one does not.
    place.inject("cut-after=123456");
    place.inject("cut-after=0");
    let first = once.download(ID, "model.gguf").await;
    assert_eq!(first.unwrap_err().category(), ErrorCategory::Connection);
    let kept = std::fs::metadata(part(&place)).unwrap().len();
    assert_eq!(kept, 123_456);
    let (hub, seen) = observed(place.hub());
    assert_file(&hub.download(ID, "model.gguf").await.unwrap(), &bytes(SIZE));
    assert_eq!(seen.lock().unwrap()[0].resumed_from, kept);
    assert_eq!(blobs(&place).len(), 1, "the part is gone");
}

#[tokio::test]
async fn a_download_that_is_dropped_keeps_what_was_written() {
    let place = Place::with(Repository::model(ID).with_large_file("model.gguf", bytes(4 << 20))).await;
    place.inject("silence-after=3000000");
    let hub = place.hub();
    let task = tokio::spawn(async move { hub.download(ID, "model.gguf").await });
    place.sandbox.wait_until_silent().await;
    tokio::time::sleep(Duration::from_millis(100)).await;
    task.abort();
    let _ = task.await;
    let (hub, seen) = observed(place.hub());
    assert_file(&hub.download(ID, "model.gguf").await.unwrap(), &bytes(4 << 20));
    let resumed = seen.lock().unwrap().iter().map(|progress| progress.resumed_from).max().unwrap();
    assert!(resumed >= 1 << 20, "{resumed}");
}

#[tokio::test]
async fn a_part_of_another_tool_is_continued() {
    let place = place().await;
    std::fs::write(part(&place), &bytes(SIZE)[..250_000]).unwrap();
    assert_file(&place.hub().download(ID, "model.gguf").await.unwrap(), &bytes(SIZE));
    assert_eq!(place.contents()[0].header("range"), Some("bytes=250000-"));
}

#[tokio::test]
async fn a_complete_part_is_verified_without_a_request_for_its_content() {
    let place = place().await;
    std::fs::write(part(&place), bytes(SIZE)).unwrap();
    assert_file(&place.hub().download(ID, "model.gguf").await.unwrap(), &bytes(SIZE));
    assert!(place.contents().is_empty());
}

#[tokio::test]
async fn a_damaged_or_too_long_part_is_downloaded_from_its_beginning() {
    for damage in ["byte", "length"] {
        let place = place().await;
        let mut content = bytes(SIZE);
        match damage {
            "byte" => content.truncate(250_000),
            _ => content.extend_from_slice(b"more"),
        }
        content[7] ^= 1;
        std::fs::write(part(&place), content).unwrap();
        assert_file(&place.hub().download(ID, "model.gguf").await.unwrap(), &bytes(SIZE));
        assert_eq!(place.contents().last().unwrap().header("range"), None, "{damage}");
    }
}

#[tokio::test]
async fn a_server_without_ranges_sends_everything_again() {
    let place = place().await;
    std::fs::write(part(&place), &bytes(SIZE)[..250_000]).unwrap();
    place.inject("no-ranges");
    assert_file(&place.hub().download(ID, "model.gguf").await.unwrap(), &bytes(SIZE));
    assert_eq!(place.contents().len(), 1);
}

#[tokio::test]
async fn parallel_ranges_fall_back_to_one_response() {
    let place = place().await;
    place.inject("no-ranges");
    let hub = place.builder().with_range_size(50_000).build().unwrap();
    assert_file(&hub.download(ID, "model.gguf").await.unwrap(), &bytes(SIZE));
    assert_eq!(place.contents().last().unwrap().status(), Some(200));
}

#[tokio::test]
async fn an_interrupted_range_continues_inside_the_range() {
    let place = place().await;
    for _ in 0..3 {
        place.inject("cut-after=70000");
    }
    let hub = place.builder().with_range_size(100_000).with_concurrency(2).build().unwrap();
    assert_file(&hub.download(ID, "model.gguf").await.unwrap(), &bytes(SIZE));
    assert!(place.contents().iter().any(|request| request.header("range") == Some("bytes=70000-99999")));
}

#[tokio::test]
async fn a_changed_entity_tag_restarts_the_download() {
    let place = place().await;
    place.inject("cut-after=100000");
    place.inject("changed-etag");
    assert_file(&place.hub().download(ID, "model.gguf").await.unwrap(), &bytes(SIZE));
    let ranges: Vec<bool> =
        place.contents().iter().map(|request| request.header("range").is_some()).collect();
    assert_eq!(ranges, [false, true, false]);
}

#[tokio::test]
async fn a_content_that_changes_all_the_time_is_given_up() {
    let place = place().await;
    for _ in 0..8 {
        place.inject("cut-after=100000");
        place.inject("changed-etag");
    }
    let error = place.hub().download(ID, "model.gguf").await.unwrap_err();
    assert!(matches!(kind(&error), HubErrorKind::UnusableResponse { .. }), "{error}");
}

#[tokio::test]
async fn another_range_than_the_requested_one_is_refused() {
    let place = place().await;
    place.inject("cut-after=100000");
    place.inject("wrong-range");
    let error = place.hub().download(ID, "model.gguf").await.unwrap_err();
    assert!(error.to_string().contains("another range"), "{error}");
}

#[tokio::test]
async fn an_expired_address_is_requested_again() {
    let place = place().await;
    place.inject("cut-after=100000");
    place.inject("expired-403");
    assert_file(&place.hub().download(ID, "model.gguf").await.unwrap(), &bytes(SIZE));
    let heads = place.sandbox.requests().into_iter().filter(|request| request.method() == "HEAD").count();
    assert_eq!(heads, 2);
}

#[tokio::test]
async fn a_silent_server_is_left_and_the_rest_comes_from_another_connection() {
    let place = place().await;
    place.inject("silence-after=100000");
    let hub = place.builder().with_idle_timeout(Duration::from_millis(300)).build().unwrap();
    assert_file(&hub.download(ID, "model.gguf").await.unwrap(), &bytes(SIZE));
}

#[tokio::test]
async fn a_server_that_is_always_silent_is_given_up_with_the_name_of_the_timeout() {
    let place = place().await;
    for _ in 0..8 {
        place.inject("silence-after=0");
    }
    let hub = place.builder().with_idle_timeout(Duration::from_millis(100)).build().unwrap();
    let error = hub.download(ID, "model.gguf").await.unwrap_err();
    assert_eq!(error.category(), ErrorCategory::Timeout);
    assert!(error.to_string().contains("`idle`"), "{error}");
    assert_eq!(place.contents().len(), 4);
}

#[tokio::test]
async fn a_content_without_a_length_is_complete_when_its_size_is() {
    let place = place().await;
    place.inject("no-length");
    assert_file(&place.hub().download(ID, "model.gguf").await.unwrap(), &bytes(SIZE));
    let small = Place::with(Repository::model(ID).with_file("small", "text")).await;
    small.inject("no-length");
    assert_file(&small.hub().download(ID, "small").await.unwrap(), b"text");
}
