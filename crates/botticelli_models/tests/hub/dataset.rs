//! The Parquet files of data sets.

use crate::common::{Place, assert_file, bytes, kind};
use botticelli_error::HubErrorKind;
use botticelli_sandbox::Repository;

const DATA: &str = "org/data";

fn data() -> Repository {
    Repository::dataset(DATA)
        .with_parquet("default", "train", bytes(1_000))
        .with_parquet("default", "train", bytes(2_000))
        .with_parquet("default", "test", bytes(3_000))
        .with_parquet("german", "train", bytes(4_000))
}

#[tokio::test]
async fn a_split_is_downloaded_as_parquet() {
    let place = Place::with(data()).await;
    let files = place.hub().dataset(DATA, "train").await.unwrap();
    assert_eq!(files.len(), 2);
    assert_file(&files[0], &bytes(1_000));
    assert_file(&files[1], &bytes(2_000));
    assert!(files[0].ends_with("default/train/0000.parquet"), "{}", files[0].display());
    assert_eq!(place.hub().dataset("datasets/org/data", "default/train").await.unwrap(), files);
    let german = place.hub().dataset(DATA, "german/train").await.unwrap();
    assert_file(&german[0], &bytes(4_000));
    let folder = place.cache().join("datasets--org--data");
    assert_eq!(std::fs::read_to_string(folder.join("refs/refs/convert/parquet")).unwrap(), data().commit());
}

#[tokio::test]
async fn an_unknown_split_lists_the_splits() {
    let place = Place::with(data()).await;
    for split in ["validation", "german/test", "french/train"] {
        let error = place.hub().dataset(DATA, split).await.unwrap_err();
        let HubErrorKind::NoSplit { available } = kind(&error) else { panic!("{error}") };
        assert_eq!(available, &["default/test", "default/train", "german/train"]);
    }
    let error = place.hub().dataset(DATA, "../train").await.unwrap_err();
    assert!(matches!(kind(&error), HubErrorKind::InvalidName { part: "split", .. }), "{error}");
}

#[tokio::test]
async fn a_data_set_is_found_offline_only_if_it_is_complete() {
    let place = Place::with(data()).await;
    let files = place.hub().dataset(DATA, "train").await.unwrap();
    let offline = place.offline();
    assert_eq!(offline.dataset(DATA, "train").await.unwrap(), files);
    assert_eq!(offline.dataset(DATA, "default/train").await.unwrap(), files);
    assert!(offline.dataset(DATA, "test").await.is_err());
    std::fs::remove_file(&files[1]).unwrap();
    assert!(offline.dataset(DATA, "train").await.is_err());
}

#[tokio::test]
async fn a_split_of_another_configuration_is_not_found_offline() {
    let data = Repository::dataset(DATA).with_parquet("arabic", "train", bytes(1_000)).with_parquet(
        "default",
        "train",
        bytes(2_000),
    );
    let place = Place::with(data).await;
    let arabic = place.hub().dataset(DATA, "arabic/train").await.unwrap();
    let offline = place.offline();
    assert!(offline.dataset(DATA, "train").await.is_err());
    assert_eq!(offline.dataset(DATA, "arabic/train").await.unwrap(), arabic);
    let default = place.hub().dataset(DATA, "train").await.unwrap();
    assert_eq!(offline.dataset(DATA, "train").await.unwrap(), default);
    assert_file(&default[0], &bytes(2_000));
}

#[tokio::test]
async fn a_data_set_without_parquet_says_so() {
    let place = Place::with(Repository::dataset(DATA).with_file("a.csv", "a")).await;
    let error = place.hub().dataset(DATA, "train").await.unwrap_err();
    assert!(matches!(kind(&error), HubErrorKind::NoSplit { available } if available.is_empty()), "{error}");
}
