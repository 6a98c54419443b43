//! A disk that becomes full during a download.
//!
//! `mount -t tmpfs -o size=3m tmpfs DIR`, then
//! `BOTTICELLI_SMALL_DISK=DIR cargo test -p botticelli_models --features hub --test hub -- --ignored full_disk`

use crate::common::{ID, Place, assert_file, bytes, kind, observed};
use botticelli_error::{ErrorCategory, HubErrorKind};
use botticelli_models::hub::Progress;
use botticelli_sandbox::Repository;
use std::path::PathBuf;

const SIZE: usize = 2_500_000;

#[tokio::test]
#[ignore = "needs an empty disk of 3 MB: set BOTTICELLI_SMALL_DISK"]
async fn a_full_disk_keeps_what_arrived_and_says_how_much_is_missing() {
    let disk =
        std::env::var("BOTTICELLI_SMALL_DISK").unwrap_or_else(|_| panic!("BOTTICELLI_SMALL_DISK is unset"));
    let place = Place::with(Repository::model(ID).with_large_file("model.gguf", bytes(SIZE))).await;
    let (cache, filler) = (PathBuf::from(&disk).join("hub"), PathBuf::from(&disk).join("filler"));
    let hub = || place.builder().with_cache(&cache).with_concurrency(1).build().unwrap();
    let taken = filler.clone();
    let filling = hub().with_observer(move |progress: &Progress| {
        if progress.received == 0 {
            std::fs::write(&taken, vec![0; 1_500_000]).unwrap();
        }
    });
    let error = filling.download(ID, "model.gguf").await.unwrap_err();
    assert_eq!(error.category(), ErrorCategory::Store);
    let HubErrorKind::DiskFull { missing, .. } = kind(&error) else { panic!("{error}") };
    assert!((500_000..1_600_000).contains(missing), "{error}");
    assert!(
        place
            .builder()
            .with_cache(&cache)
            .with_offline(true)
            .build()
            .unwrap()
            .download(ID, "model.gguf")
            .await
            .is_err()
    );
    // The check before a download counts what is on the disk already.
    let error = hub().download(ID, "model.gguf").await.unwrap_err();
    assert!(matches!(kind(&error), HubErrorKind::DiskFull { .. }), "{error}");
    std::fs::remove_file(&filler).unwrap();
    let (hub, seen) = observed(hub());
    let path = hub.download(ID, "model.gguf").await.unwrap();
    assert_file(&path, &bytes(SIZE));
    assert!(seen.lock().unwrap()[0].resumed_from > 900_000);
    std::fs::remove_dir_all(&cache).unwrap();
}
