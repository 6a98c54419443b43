//! One file.

use crate::common::{ID, Place, assert_file, blobs, bytes, kind, observed};
use botticelli_error::{ErrorCategory, HubErrorKind};
use botticelli_models::hub::{DownloadStep, Progress};
use botticelli_sandbox::Repository;
use std::sync::Mutex;

fn repository() -> Repository {
    Repository::model(ID)
        .with_file("config.json", "{\"a\": 1}")
        .with_file("folder/a b+c.txt", "with a space")
        .with_large_file("model.gguf", bytes(100_000))
}

#[tokio::test]
async fn a_large_and_a_small_file_have_the_layout_of_the_hf_tools() {
    let place = Place::with(repository()).await;
    let hub = place.hub();
    let large = hub.download(ID, "model.gguf").await.unwrap();
    let small = hub.download(ID, "folder/a b+c.txt").await.unwrap();
    assert_file(&large, &bytes(100_000));
    assert_file(&small, b"with a space");
    let commit = repository().commit();
    let root = place.repository();
    assert_eq!(large, root.join("snapshots").join(&commit).join("model.gguf"));
    assert_eq!(std::fs::read_to_string(root.join("refs/main")).unwrap(), commit);
    let sha = repository().checksum("model.gguf").unwrap().to_owned();
    assert_eq!(std::fs::read_link(&large).unwrap(), std::path::Path::new("../../blobs").join(&sha));
    let git = repository().checksum("folder/a b+c.txt").unwrap().to_owned();
    assert_eq!(std::fs::read_link(&small).unwrap(), std::path::Path::new("../../../blobs").join(&git));
    let mut expected = [sha, git];
    expected.sort();
    assert_eq!(blobs(&place), expected);
    let tag = std::fs::read_to_string(place.cache().join("CACHEDIR.TAG")).unwrap();
    assert!(tag.starts_with("Signature: 8a477f597d28d172789f06886806bc55"));
}

#[tokio::test]
async fn a_cached_file_is_checked_with_one_request_and_a_commit_with_none() {
    let place = Place::with(repository()).await;
    let hub = place.hub();
    let first = hub.download(ID, "model.gguf").await.unwrap();
    let before = place.sandbox.requests().len();
    assert_eq!(hub.download(ID, "model.gguf").await.unwrap(), first);
    assert_eq!(place.sandbox.requests().len(), before + 1);
    let commit = repository().commit();
    assert_eq!(hub.download(&format!("{ID}@{commit}"), "model.gguf").await.unwrap(), first);
    assert_eq!(place.sandbox.requests().len(), before + 1);
}

#[tokio::test]
async fn a_new_commit_downloads_only_what_changed() {
    let place = Place::with(repository()).await;
    let hub = place.hub();
    let old = hub.download(ID, "model.gguf").await.unwrap();
    place.sandbox.publish(repository().with_file("config.json", "{\"a\": 2}"));
    let contents = place.contents().len();
    let new = hub.download(ID, "model.gguf").await.unwrap();
    assert_ne!(old, new);
    assert_file(&new, &bytes(100_000));
    assert_eq!(place.contents().len(), contents, "the content was downloaded again");
    assert_file(&hub.download(ID, "config.json").await.unwrap(), b"{\"a\": 2}");
}

#[tokio::test]
async fn an_empty_file_is_a_file() {
    let place = Place::with(Repository::model(ID).with_file("empty", "").with_large_file("void", "")).await;
    assert_file(&place.hub().download(ID, "empty").await.unwrap(), b"");
    assert_file(&place.hub().download(ID, "void").await.unwrap(), b"");
}

#[tokio::test]
async fn many_ranges_at_the_same_time_give_the_same_file() {
    let content = bytes(1_000_003);
    let place = Place::with(Repository::model(ID).with_large_file("model.gguf", content.clone())).await;
    let hub = place.builder().with_range_size(70_000).with_concurrency(5).build().unwrap();
    let (hub, seen) = observed(hub);
    assert_file(&hub.download(ID, "model.gguf").await.unwrap(), &content);
    let ranges = place.contents();
    assert_eq!(ranges.len(), 15);
    assert!(ranges.iter().all(|request| request.status() == Some(206)));
    let seen = seen.lock().unwrap();
    assert!(seen.iter().is_sorted_by_key(|progress| progress.received));
    let last = seen.last().unwrap();
    assert_eq!((last.step, last.received, last.total), (DownloadStep::Complete, 1_000_003, Some(1_000_003)));
    assert!(seen.iter().any(|progress| progress.step == DownloadStep::Verifying));
}

#[tokio::test]
async fn a_missing_file_is_named_and_recorded_for_other_tools() {
    let place = Place::with(repository()).await;
    let error = place.hub().download(ID, "folder/none.json").await.unwrap_err();
    assert!(matches!(kind(&error), HubErrorKind::FileNotFound { revision } if revision == "main"), "{error}");
    assert_eq!(error.category(), ErrorCategory::NotFound);
    assert!(error.to_string().contains("folder/none.json in org/name"), "{error}");
    let commit = repository().commit();
    assert!(place.repository().join(".no_exist").join(commit).join("folder/none.json").is_file());
}

#[tokio::test]
async fn an_unknown_revision_and_an_unknown_repository_are_different_errors() {
    let place = Place::with(repository()).await;
    let hub = place.hub();
    let error = hub.clone().with_revision("v9").download(ID, "config.json").await.unwrap_err();
    assert!(
        matches!(kind(&error), HubErrorKind::RevisionNotFound { revision } if revision == "v9"),
        "{error}"
    );
    let error = hub.snapshot("org/other", botticelli_models::hub::FileFilter::all()).await.unwrap_err();
    assert!(matches!(kind(&error), HubErrorKind::RepositoryNotFound { has_token: false, .. }), "{error}");
    assert!(error.advice().contains("HF_TOKEN"), "{error}");
}

#[tokio::test]
async fn a_branch_with_a_slash_is_one_revision() {
    let place = Place::with(repository().with_reference("refs/pr/1")).await;
    let path = place.hub().download(&format!("{ID}@refs/pr/1"), "config.json").await.unwrap();
    assert_file(&path, b"{\"a\": 1}");
    let commit = std::fs::read_to_string(place.repository().join("refs/refs/pr/1")).unwrap();
    assert_eq!(commit, repository().commit());
}

#[tokio::test]
async fn a_renamed_repository_is_found_under_its_old_name() {
    let place = Place::with(repository()).await;
    place.sandbox.publish(Repository::model("old/name").renamed_to(ID));
    assert_file(&place.hub().download("old/name", "config.json").await.unwrap(), b"{\"a\": 1}");
    assert_file(&place.hub().download("old/name", "model.gguf").await.unwrap(), &bytes(100_000));
}

#[tokio::test]
async fn a_failing_hub_is_asked_again() {
    let place = Place::with(repository()).await;
    for fault in ["status=503", "status=500", "status=429"] {
        place.inject(fault);
    }
    assert_file(&place.hub().download(ID, "config.json").await.unwrap(), b"{\"a\": 1}");
}

#[tokio::test]
async fn two_tasks_download_a_content_once_and_the_second_reports_that_it_waits() {
    let place = Place::with(repository()).await;
    place.inject("slow=40");
    let ((first, seen), (second, others)) = (observed(place.hub()), observed(place.hub()));
    let (one, two) = tokio::join!(first.download(ID, "model.gguf"), second.download(ID, "model.gguf"));
    assert_eq!(one.unwrap(), two.unwrap());
    assert_eq!(place.contents().len(), 1);
    let steps = |seen: &Mutex<Vec<Progress>>| -> Vec<DownloadStep> {
        seen.lock().unwrap().iter().map(|progress| progress.step).collect()
    };
    let mut both = [steps(&seen), steps(&others)];
    both.sort_by_key(|steps| steps[0] != DownloadStep::Waiting);
    assert_eq!(both[0], [DownloadStep::Waiting, DownloadStep::Complete]);
    assert_eq!(both[1][0], DownloadStep::Downloading);
}
