//! Several files of one commit.

use crate::common::{ID, Place, assert_file, bytes, kind};
use botticelli_core::RetryConfig;
use botticelli_error::{ErrorCategory, HubErrorKind};
use botticelli_models::hub::FileFilter;
use botticelli_sandbox::Repository;

#[tokio::test]
async fn a_snapshot_has_all_files_of_all_pages() {
    let repository = (0..120).fold(Repository::model(ID), |repository, number| {
        repository.with_file(format!("part/{number:03}.txt"), format!("text {number}"))
    });
    let place = Place::with(repository.with_large_file("model.bin", bytes(50_000))).await;
    let folder = place.hub().snapshot(ID, FileFilter::all()).await.unwrap();
    for number in 0..120 {
        assert_file(&folder.join(format!("part/{number:03}.txt")), format!("text {number}").as_bytes());
    }
    assert_file(&folder.join("model.bin"), &bytes(50_000));
    let before = place.sandbox.requests().len();
    assert_eq!(place.hub().snapshot(ID, FileFilter::all()).await.unwrap(), folder);
    assert_eq!(place.sandbox.requests().len(), before + 1, "only the commit is looked up");
}

#[tokio::test]
async fn patterns_select_files() {
    let names = ["a.json", "b.txt", "onnx/a.json", "onnx/model.bin", "[x].json"];
    let repository = names.iter().fold(Repository::model(ID), |all, name| all.with_file(*name, *name));
    let place = Place::with(repository).await;
    let filter = FileFilter::matching(["*.json", "onnx/"]).without(["onnx/a*"]);
    let folder = place.hub().snapshot(ID, filter).await.unwrap();
    for (name, is_selected) in names.iter().zip([true, false, false, true, true]) {
        assert_eq!(folder.join(name).is_file(), is_selected, "{name}");
    }
}

#[test]
fn patterns_match_whole_names() {
    let is_match = |pattern: &str, name: &str| FileFilter::matching([pattern]).includes(name);
    for (pattern, name) in [("*", ""), ("a*b*c", "aXbYbZc"), ("?.txt", "é.txt"), ("**", "a/b"), ("a", "a")] {
        assert!(is_match(pattern, name), "{pattern} {name}");
    }
    for (pattern, name) in
        [("a", "ab"), ("*.json", "a.jsonl"), ("a*b*c", "abcd"), ("?", ""), ("on/", "onnx/a"), ("", "a")]
    {
        assert!(!is_match(pattern, name), "{pattern} {name}");
    }
}

#[tokio::test]
async fn a_snapshot_with_a_name_outside_of_the_folder_writes_nothing() {
    let place = Place::with(Repository::model(ID).with_file("config.json", "{}")).await;
    place.inject("path-name");
    let error = place.hub().snapshot(ID, FileFilter::all()).await.unwrap_err();
    let HubErrorKind::UnsafeName { name } = kind(&error) else { panic!("{error}") };
    assert_eq!(name, "../../outside.txt");
    assert!(!place.cache().exists());
}

#[tokio::test]
async fn a_snapshot_checks_the_space_for_all_files_first() {
    let repository = Repository::model(ID).with_file("config.json", "{}").with_large_file("a", "a");
    let place = Place::with(repository.with_stated_size("a", 1 << 60)).await;
    let error = place.hub().snapshot(ID, FileFilter::all()).await.unwrap_err();
    assert!(matches!(kind(&error), HubErrorKind::DiskFull { .. }), "{error}");
    assert!(!place.repository().join("snapshots").exists());
}

#[tokio::test]
async fn a_snapshot_needs_no_space_for_what_an_earlier_download_left() {
    // 1 TB, of which all but the end is on the disk. The file has holes, so it takes no space.
    const SIZE: u64 = 1 << 40;
    let repository = Repository::model(ID).with_large_file("a", "a").with_stated_size("a", SIZE);
    let etag = repository.checksum("a").unwrap().to_owned();
    let place = Place::with(repository).await;
    let part = place.repository().join("blobs").join(format!("{etag}.incomplete"));
    std::fs::create_dir_all(part.parent().unwrap()).unwrap();
    std::fs::File::create(&part).unwrap().set_len(SIZE - 1).unwrap();
    let hub = place.builder().with_retry(RetryConfig::never()).build().unwrap();
    let error = hub.snapshot(ID, FileFilter::all()).await.unwrap_err();
    assert_ne!(error.category(), ErrorCategory::Store, "{error}");
    assert!(!place.contents().is_empty(), "the content was not requested");
}
