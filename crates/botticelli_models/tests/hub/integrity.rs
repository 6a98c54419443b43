//! Nothing damaged is returned.

use crate::common::{ID, Place, assert_file, blobs, bytes, kind};
use botticelli_error::{ErrorCategory, HubErrorKind};
use botticelli_sandbox::Repository;

const SIZE: usize = 300_000;

fn repository() -> Repository {
    Repository::model(ID).with_large_file("model.gguf", bytes(SIZE)).with_file("config.json", "{\"a\": 1}")
}

#[tokio::test]
async fn a_damaged_content_is_deleted_and_never_returned() {
    for (file, position) in [("model.gguf", 299_999), ("config.json", 3)] {
        let place = Place::with(repository()).await;
        place.inject(&format!("corrupt-byte={position}"));
        let error = place.hub().download(ID, file).await.unwrap_err();
        let expected = repository().checksum(file).unwrap().to_owned();
        assert!(
            matches!(kind(&error), HubErrorKind::ChecksumMismatch { expected: stated, .. } if *stated == expected),
            "{error}"
        );
        assert_eq!(error.category(), ErrorCategory::InvalidResponse);
        assert!(blobs(&place).is_empty(), "{:?}", blobs(&place));
        assert!(place.offline().download(ID, file).await.is_err());
        // Without the fault, the next call succeeds.
        assert!(place.hub().download(ID, file).await.is_ok());
    }
}

#[tokio::test]
async fn a_damaged_range_among_many_is_found() {
    let place = Place::with(repository()).await;
    place.inject("corrupt-byte=5");
    let hub = place.builder().with_range_size(40_000).build().unwrap();
    let error = hub.download(ID, "model.gguf").await.unwrap_err();
    assert!(matches!(kind(&error), HubErrorKind::ChecksumMismatch { .. }), "{error}");
    assert!(blobs(&place).is_empty());
}

#[tokio::test]
async fn more_bytes_than_stated_are_an_error() {
    let place = Place::with(repository()).await;
    place.inject("too-long");
    let error = place.hub().download(ID, "model.gguf").await.unwrap_err();
    assert!(matches!(kind(&error), HubErrorKind::SizeMismatch { .. }), "{error}");
    assert!(place.offline().download(ID, "model.gguf").await.is_err());
}

#[tokio::test]
async fn fewer_bytes_than_stated_are_an_error() {
    let place = Place::with(repository().with_stated_size("model.gguf", 300_001)).await;
    assert!(place.hub().download(ID, "model.gguf").await.is_err());
    assert!(place.offline().download(ID, "model.gguf").await.is_err());
}

#[tokio::test]
async fn a_compressed_content_is_refused() {
    let place = Place::with(repository()).await;
    place.inject("compressed");
    let error = place.hub().download(ID, "model.gguf").await.unwrap_err();
    assert!(matches!(kind(&error), HubErrorKind::UnusableResponse { .. }), "{error}");
    assert!(place.contents().iter().all(|request| request.header("accept-encoding") == Some("identity")));
}

#[tokio::test]
async fn a_response_that_is_not_one_of_a_hub_names_the_missing_header() {
    for (fault, name) in [("no-commit", "X-Repo-Commit"), ("no-etag", "ETag"), ("path-etag", "ETag")] {
        let place = Place::with(repository()).await;
        place.inject(fault);
        let error = place.hub().download(ID, "model.gguf").await.unwrap_err();
        assert!(error.to_string().contains(name), "{fault}: {error}");
        assert!(error.advice().contains("HF_ENDPOINT"), "{error}");
        assert!(!place.folder.path().join("outside").exists());
    }
}

#[tokio::test]
async fn a_file_for_which_the_disk_has_no_space_is_not_begun() {
    let size = 1 << 60;
    let place = Place::with(repository().with_stated_size("model.gguf", size)).await;
    let error = place.hub().download(ID, "model.gguf").await.unwrap_err();
    let HubErrorKind::DiskFull { missing, .. } = kind(&error) else { panic!("{error}") };
    assert!((size / 2..size).contains(missing), "{missing}");
    assert!(place.contents().is_empty());
    assert_eq!(error.category(), ErrorCategory::Store);
}

#[tokio::test]
async fn a_broken_link_is_repaired() {
    let place = Place::with(repository()).await;
    let path = place.hub().download(ID, "model.gguf").await.unwrap();
    let blob = std::fs::canonicalize(&path).unwrap();
    std::fs::remove_file(blob).unwrap();
    assert!(place.offline().download(ID, "model.gguf").await.is_err());
    assert_file(&place.hub().download(ID, "model.gguf").await.unwrap(), &bytes(SIZE));
}

#[tokio::test]
async fn a_range_with_more_bytes_than_requested_is_an_error() {
    let place = Place::with(repository()).await;
    place.inject("too-long");
    let hub = place.builder().with_range_size(40_000).build().unwrap();
    let error = hub.download(ID, "model.gguf").await.unwrap_err();
    assert!(matches!(kind(&error), HubErrorKind::SizeMismatch { expected: 40_000, .. }), "{error}");
}
