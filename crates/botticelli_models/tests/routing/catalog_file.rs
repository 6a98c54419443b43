//! The catalog file: kept between runs, and other files at its path.

use crate::common::catalog::{MODELS, service, settings, stored_catalog};
use botticelli_interface::ManualClock;
use serde_json::{Value, json};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

#[tokio::test]
async fn a_file_stores_the_catalog_between_runs() {
    let service = service().await;
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("new/folder/catalog.json");
    let clock = ManualClock::default();
    clock.advance(Duration::from_secs(1_000_000));
    let run =
        || settings(&service).catalog_file(&path).clock(Arc::new(clock.clone())).build().unwrap().catalog();
    run().models().await.unwrap();
    let written = std::fs::read_to_string(&path).unwrap();
    assert!(!written.contains("hf_secret"));
    assert_eq!(names_in(path.parent().unwrap()), ["catalog.json"], "no other file remains");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let mode = |path: &Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!((mode(&path), mode(path.parent().unwrap())), (0o600, 0o700));
    }
    // A day is what it holds, in the file and in memory.
    clock.advance(Duration::from_secs(86_399));
    let next = run();
    assert_eq!(next.models().await.unwrap().len(), MODELS);
    assert_eq!(next.age(), Some(Duration::from_secs(86_399)));
    assert_eq!(service.lines().len(), 1);
    clock.advance(Duration::from_secs(1));
    next.models().await.unwrap();
    run().models().await.unwrap();
    assert_eq!(service.lines().len(), 2, "the new one is in the file again");
    // Another limit is the caller's to set.
    let short = settings(&service).catalog_file(&path).catalog_max_age(Duration::from_secs(10));
    clock.advance(Duration::from_secs(10));
    short.clock(Arc::new(clock.clone())).build().unwrap().catalog().models().await.unwrap();
    assert_eq!(service.lines().len(), 3);
}

#[tokio::test]
async fn a_damaged_file_or_one_of_another_server_is_fetched_again() {
    let service = service().await;
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("catalog.json");
    let models = || async {
        let driver = settings(&service).catalog_file(&path).build().unwrap();
        driver.catalog().models().await.unwrap().len()
    };
    assert_eq!(models().await, MODELS);
    let good = std::fs::read_to_string(&path).unwrap();
    let half = good.split_at(good.len() / 2).0.to_owned();
    let source = serde_json::from_str::<Value>(&good).unwrap()["source"].to_string();
    let elsewhere = good.replace(&source, "1");
    // From a machine with a wrong clock.
    let fetched = serde_json::from_str::<Value>(&good).unwrap()["fetched"].to_string();
    let future = good.replace(&fetched, "99999999999");
    let beyond = good.replace(&fetched, "18446744073709551615");
    for (count, broken) in (2..).zip([String::new(), half, "[]".into(), elsewhere, future, beyond]) {
        std::fs::write(&path, broken).unwrap();
        assert_eq!(models().await, MODELS);
        assert_eq!(service.lines().len(), count);
        assert_eq!(models().await, MODELS, "it is good again");
        assert_eq!(service.lines().len(), count);
    }
    // A file that is longer than any catalog.
    let before = service.lines().len();
    std::fs::File::create(&path).unwrap().set_len((64 << 20) + 1).unwrap();
    assert_eq!(models().await, MODELS);
    assert_eq!(service.lines().len(), before + 1);
    // The same file, and another server.
    service.on("GET /other/v1/models", 200, json!({"data": [{"id": "org/other"}]}));
    let other = settings(&service).base_url(format!("{}/other/v1", service.origin())).catalog_file(&path);
    assert_eq!(other.build().unwrap().catalog().models().await.unwrap().len(), 1);
}

#[tokio::test]
async fn without_a_network_an_old_file_is_used() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("catalog.json");
    let clock = ManualClock::default();
    let service = service().await;
    let run =
        || settings(&service).catalog_file(&path).clock(Arc::new(clock.clone())).build().unwrap().catalog();
    run().models().await.unwrap();
    clock.advance(Duration::from_secs(3 * 86_400));
    service.on("GET /v1/models", 503, json!({"error": "Service is dead"}));
    let catalog = run();
    assert_eq!(catalog.models().await.unwrap().len(), MODELS);
    assert!(catalog.warning().unwrap().contains("is 72 h old"), "{:?}", catalog.warning());
    assert_eq!(catalog.age(), Some(Duration::from_secs(3 * 86_400)));
}

#[tokio::test]
async fn a_file_that_cannot_be_written_is_a_warning() {
    let service = service().await;
    let folder = tempfile::tempdir().unwrap();
    // A file in the place of a folder.
    std::fs::write(folder.path().join("taken"), "").unwrap();
    let driver = settings(&service).catalog_file(folder.path().join("taken/catalog.json")).build().unwrap();
    assert_eq!(driver.catalog().models().await.unwrap().len(), MODELS);
    assert!(
        driver.catalog().warning().unwrap().contains("could not be written"),
        "{:?}",
        driver.catalog().warning()
    );
}

#[tokio::test]
async fn an_empty_catalog_does_not_replace_the_file() {
    let service = service().await;
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("catalog.json");
    let (catalog, good) = stored_catalog(settings(&service), &path).await;
    for body in [json!({"data": []}), json!({"data": ["nonsense", {"id": ""}], "error": null})] {
        service.on("GET /v1/models", 200, body);
        assert_eq!(catalog.refresh().await.unwrap().len(), 0);
        assert!(catalog.warning().unwrap().contains("is empty"), "{:?}", catalog.warning());
        assert_eq!(std::fs::read_to_string(&path).unwrap(), good);
    }
}

/// A path that is not a regular file is neither read nor replaced, and the driver warns.
#[cfg(unix)]
#[tokio::test]
async fn only_a_regular_file_is_read_and_replaced() {
    use std::os::unix::fs::{FileTypeExt, symlink};
    let service = service().await;
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    assert!(std::process::Command::new("mkfifo").arg(at("pipe")).status().unwrap().success());
    std::fs::create_dir(at("folder")).unwrap();
    symlink(at("pipe"), at("to-pipe")).unwrap();
    symlink(at("folder"), at("to-folder")).unwrap();
    symlink(at("nothing"), at("to-nothing")).unwrap();
    let before = sorted(names_in(folder.path()));
    for name in ["pipe", "folder", "to-pipe", "to-folder", "to-nothing"] {
        let catalog = settings(&service).catalog_file(at(name)).build().unwrap().catalog();
        assert_eq!(catalog.models().await.unwrap().len(), MODELS, "{name}");
        assert!(catalog.warning().unwrap().contains("could not be written"), "{:?}", catalog.warning());
    }
    assert_eq!(sorted(names_in(folder.path())), before, "no chunk arrived, and no request was sent");
    let kind = |name: &str| std::fs::symlink_metadata(at(name)).unwrap().file_type();
    assert!(kind("pipe").is_fifo() && kind("folder").is_dir());
    assert!(["to-pipe", "to-folder", "to-nothing"].into_iter().all(|name| kind(name).is_symlink()));
}

#[cfg(unix)]
#[tokio::test]
async fn a_symbolic_link_to_the_file_is_kept() {
    let service = service().await;
    let folder = tempfile::tempdir().unwrap();
    let (real, link) = (folder.path().join("real/catalog.json"), folder.path().join("link.json"));
    std::fs::create_dir(folder.path().join("real")).unwrap();
    std::fs::write(&real, "").unwrap();
    std::os::unix::fs::symlink("real/catalog.json", &link).unwrap();
    let run = || settings(&service).catalog_file(&link).build().unwrap().catalog();
    let first = run();
    first.models().await.unwrap();
    assert_eq!(first.warning(), None);
    assert!(std::fs::symlink_metadata(&link).unwrap().is_symlink());
    assert!(std::fs::read_to_string(&real).unwrap().contains("llama3:8b"));
    assert_eq!(names_in(real.parent().unwrap()), ["catalog.json"]);
    assert_eq!(run().models().await.unwrap().len(), MODELS);
    assert_eq!(service.lines().len(), 1, "it is read through the link");
}

#[tokio::test]
async fn a_file_under_the_temporary_name_is_left_alone() {
    let service = service().await;
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("catalog.json");
    // Names that this process would use next: another one in a container may have the same id.
    let taken = |number: u64| folder.path().join(format!(".catalog.json.{}-{number}", std::process::id()));
    for number in 0..8 {
        std::fs::write(taken(number), "somebody else's").unwrap();
    }
    let catalog = settings(&service).catalog_file(&path).build().unwrap().catalog();
    catalog.models().await.unwrap();
    assert_eq!(catalog.warning(), None);
    for number in 0..8 {
        assert_eq!(std::fs::read_to_string(taken(number)).unwrap(), "somebody else's");
    }
    assert!(std::fs::read_to_string(&path).unwrap().contains("DeepSeek"));
    // If no temporary name is free, the catalog is not stored, and no file is removed.
    for number in 0..64 {
        std::fs::write(taken(number), "somebody else's").unwrap();
    }
    catalog.refresh().await.unwrap();
    assert!(catalog.warning().unwrap().contains("could not be written"), "{:?}", catalog.warning());
    assert_eq!(names_in(folder.path()).len(), 65);
}

#[tokio::test]
async fn a_path_with_a_tilde_is_in_the_home_folder() {
    let service = service().await;
    let folder = tempfile::tempdir().unwrap();
    let environment =
        botticelli_models::Environment::empty().with("HOME", folder.path().display().to_string());
    let builder = settings(&service).environment(environment).catalog_file("~/models.json");
    builder.build().unwrap().catalog().models().await.unwrap();
    assert!(folder.path().join("models.json").is_file());
}

/// Returns the result of a refresh that starts while another call fetches the catalog.
async fn refreshed_meanwhile(
    service: &crate::common::service::Service,
    path: &Path,
    age: u64,
) -> Result<usize, String> {
    let clock = ManualClock::default();
    clock.advance(Duration::from_secs(10_000_000));
    settings(service)
        .catalog_file(path)
        .clock(Arc::new(clock.clone()))
        .build()
        .unwrap()
        .catalog()
        .models()
        .await
        .unwrap();
    clock.advance(Duration::from_secs(age));
    service.on("GET /v1/models", 503, json!({"error": "down"}));
    let catalog = settings(service).catalog_file(path).clock(Arc::new(clock)).build().unwrap().catalog();
    let (found, refreshed) = futures::future::join(catalog.models(), catalog.refresh()).await;
    assert_eq!(found.unwrap().len(), MODELS);
    refreshed.map(|models| models.len()).map_err(|error| error.to_string())
}

#[tokio::test]
async fn a_failed_refresh_is_an_error_also_after_another_lookup() {
    // The other call is content with the file, young or old.
    for age in [10, 200_000] {
        let service = service().await;
        let folder = tempfile::tempdir().unwrap();
        let refreshed = refreshed_meanwhile(&service, &folder.path().join("catalog.json"), age).await;
        assert!(refreshed.as_ref().is_err_and(|error| error.contains("down")), "{age}: {refreshed:?}");
    }
}

fn names_in(folder: &Path) -> Vec<String> {
    let entries = std::fs::read_dir(folder).unwrap();
    entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect()
}

#[cfg(unix)]
fn sorted(mut names: Vec<String>) -> Vec<String> {
    names.sort();
    names
}
