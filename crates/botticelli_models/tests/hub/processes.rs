//! Several processes with one cache. Each is this test program again, with the ignored test `child`.

use crate::common::{ID, Place, assert_file, bytes, observed};
use botticelli_models::Environment;
use botticelli_models::hub::{DownloadStep, Hub, Progress};
use botticelli_sandbox::Repository;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

const SIZE: usize = 6 << 20;

async fn place() -> Place {
    Place::with(Repository::model(ID).with_large_file("model.gguf", bytes(SIZE))).await
}

/// Starts a process that downloads the model.
fn start(place: &Place) -> Child {
    Command::new(std::env::current_exe().unwrap())
        .args(["processes::child", "--exact", "--ignored", "--nocapture"])
        .env("HUB_TEST_ENDPOINT", place.sandbox.hub_url())
        .env("HUB_TEST_CACHE", place.cache())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap()
}

#[tokio::test]
#[ignore = "a process that other tests start"]
async fn child() {
    let Ok(endpoint) = std::env::var("HUB_TEST_ENDPOINT") else { return };
    let builder = Hub::builder().with_endpoint(endpoint).with_environment(Environment::empty());
    let hub = builder.with_cache(std::env::var("HUB_TEST_CACHE").unwrap()).build().unwrap();
    let hub = hub.with_observer(|progress: &Progress| {
        if progress.step == DownloadStep::Waiting {
            println!("it waits");
        }
    });
    hub.download(ID, "model.gguf").await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn two_processes_download_a_content_once() {
    let place = place().await;
    place.inject("slow=100");
    let children = [start(&place), start(&place)];
    let wait = |child: Child| tokio::task::spawn_blocking(move || child.wait_with_output().unwrap());
    let mut waited = 0;
    for child in children {
        let output = wait(child).await.unwrap();
        assert!(output.status.success());
        waited += String::from_utf8(output.stdout).unwrap().matches("it waits").count();
    }
    // On a busy machine, the first may be ready before the second has begun.
    assert_eq!(place.contents().len(), 1);
    assert!(waited <= 1, "{waited}");
    assert_file(&place.offline().download(ID, "model.gguf").await.unwrap(), &bytes(SIZE));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_download_of_a_killed_process_is_continued() {
    let place = place().await;
    place.inject("silence-after=4000000");
    let mut child = start(&place);
    place.sandbox.wait_until_silent().await;
    let part = || {
        let blobs = std::fs::read_dir(place.repository().join("blobs")).into_iter().flatten();
        blobs.map(|entry| entry.unwrap().metadata().unwrap().len()).sum::<u64>()
    };
    for _ in 0..500 {
        if part() >= 3 << 20 {
            break;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    child.kill().unwrap();
    child.wait().unwrap();
    let kept = part();
    assert!(kept >= 3 << 20, "{kept}");
    let (hub, seen) = observed(place.hub());
    assert_file(&hub.download(ID, "model.gguf").await.unwrap(), &bytes(SIZE));
    assert_eq!(seen.lock().unwrap().iter().map(|progress| progress.resumed_from).max(), Some(kept));
}
