//! List, size and removal; caches without links and without permission.

use crate::common::{ID, Place, assert_file, blobs, bytes, kind};
use botticelli_error::{ErrorCategory, HubErrorKind};
use botticelli_models::Environment;
use botticelli_models::hub::{FileFilter, RepositoryKind};
use botticelli_sandbox::Repository;

fn repository() -> Repository {
    Repository::model(ID).with_file("a/config.json", "{}").with_large_file("model.gguf", bytes(60_000))
}

#[tokio::test]
async fn the_cache_lists_repositories_with_their_commits_and_sizes() {
    let place = Place::with(repository()).await;
    place.sandbox.publish(Repository::dataset("org/data").with_file("rows.csv", "12345"));
    let hub = place.hub();
    assert!(hub.list().unwrap().is_empty());
    hub.snapshot(ID, FileFilter::all()).await.unwrap();
    hub.download("datasets/org/data", "rows.csv").await.unwrap();
    let old = repository().commit();
    let changed = repository().with_file("a/config.json", "{ }");
    place.sandbox.publish(changed.clone());
    hub.snapshot(ID, FileFilter::all()).await.unwrap();
    std::fs::write(place.repository().join("blobs/abc.incomplete"), "1234567890").unwrap();
    let list = hub.list().unwrap();
    let [model, data] = list.as_slice() else { panic!("{list:?}") };
    assert_eq!((model.id(), model.kind()), (ID, RepositoryKind::Model));
    assert_eq!(
        (model.size(), model.incomplete()),
        (60_000 + 2 + 3 + 10, 10),
        "the shared content counts once"
    );
    assert_eq!(model.revisions().len(), 2);
    for revision in model.revisions() {
        assert_eq!(revision.files(), ["a/config.json", "model.gguf"]);
        let is_current = revision.commit() == changed.commit();
        assert!(is_current || revision.commit() == old);
        assert_eq!(
            revision.names().iter().map(String::as_str).collect::<Vec<_>>(),
            if is_current { vec!["main"] } else { vec![] }
        );
    }
    assert_eq!((data.id(), data.kind(), data.size()), ("org/data", RepositoryKind::Dataset, 5));
    assert_eq!(hub.size().unwrap(), 60_020);
}

#[tokio::test]
async fn a_removed_repository_is_gone_with_its_locks() {
    let place = Place::with(repository()).await;
    let hub = place.hub();
    hub.download(ID, "model.gguf").await.unwrap();
    assert!(hub.remove(ID).unwrap());
    assert!(!hub.remove(ID).unwrap());
    assert!(!place.repository().exists());
    let left: Vec<_> =
        std::fs::read_dir(place.cache()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert!(left.iter().all(|name| name == "CACHEDIR.TAG" || name == ".locks"), "{left:?}");
    assert_file(&hub.download(ID, "model.gguf").await.unwrap(), &bytes(60_000));
}

#[tokio::test]
async fn a_repository_with_a_running_download_is_not_removed() {
    let place = Place::with(repository()).await;
    place.inject("silence-after=1000");
    let hub = place.hub();
    let task = tokio::spawn({
        let hub = hub.clone();
        async move { hub.download(ID, "model.gguf").await }
    });
    place.sandbox.wait_until_silent().await;
    let error = hub.remove(ID).unwrap_err();
    assert!(matches!(kind(&error), HubErrorKind::InUse), "{error}");
    task.abort();
    let _ = task.await;
    assert!(hub.remove(ID).unwrap());
}

#[tokio::test]
async fn without_links_a_new_content_is_moved_and_a_shared_one_is_copied() {
    let place = Place::with(repository()).await;
    let environment = Environment::empty().with("HF_HUB_DISABLE_SYMLINKS", "1");
    let hub = place.builder().with_environment(environment).build().unwrap();
    let path = hub.download(ID, "model.gguf").await.unwrap();
    assert!(!path.is_symlink());
    assert_file(&path, &bytes(60_000));
    assert!(blobs(&place).is_empty());
    assert_eq!(hub.list().unwrap()[0].size(), 60_000);
    assert_eq!(place.offline().download(ID, "model.gguf").await.unwrap(), path);
    // A content that another tool linked is copied.
    let linked = place.hub().download(ID, "a/config.json").await.unwrap();
    std::fs::remove_file(&linked).unwrap();
    let path = hub.download(ID, "a/config.json").await.unwrap();
    assert!(!path.is_symlink() && blobs(&place).len() == 1);
}

#[cfg(unix)]
#[tokio::test]
async fn a_read_only_cache_can_be_used() {
    use std::os::unix::fs::PermissionsExt;
    let place = Place::with(repository()).await;
    let path = place.hub().download(ID, "model.gguf").await.unwrap();
    let set = |mode| {
        let mut folders = vec![place.cache()];
        while let Some(folder) = folders.pop() {
            if mode == 0o755 {
                std::fs::set_permissions(&folder, std::fs::Permissions::from_mode(mode)).unwrap();
            }
            for entry in std::fs::read_dir(&folder).unwrap().map(Result::unwrap) {
                if entry.file_type().unwrap().is_dir() {
                    folders.push(entry.path());
                }
            }
            std::fs::set_permissions(&folder, std::fs::Permissions::from_mode(mode)).unwrap();
        }
    };
    set(0o555);
    let again = place.hub().download(ID, "model.gguf").await;
    let is_root = std::fs::write(place.cache().join("probe"), "").is_ok();
    let other = place.hub().download(ID, "a/config.json").await;
    set(0o755);
    assert_eq!(again.unwrap(), path);
    // Root may write everywhere.
    if !is_root {
        assert_eq!(other.unwrap_err().category(), ErrorCategory::Store);
    }
}

#[tokio::test]
async fn a_cache_that_is_a_file_is_an_error_with_its_path() {
    let place = Place::with(repository()).await;
    std::fs::write(place.cache(), "a file").unwrap();
    let error = place.hub().download(ID, "model.gguf").await.unwrap_err();
    assert_eq!(error.category(), ErrorCategory::Store);
    assert!(matches!(kind(&error), HubErrorKind::Cache { .. }), "{error}");
    assert!(error.advice().contains("HF_HUB_CACHE"), "{error}");
}
