//! The cache in both directions with the Python package `huggingface_hub`.
//!
//! `BOTTICELLI_HF_PYTHON=venv/bin/python cargo test -p botticelli_models --features hub --test hub -- --ignored python`

use crate::common::{ID, Place, assert_file, bytes};
use botticelli_models::hub::FileFilter;
use botticelli_sandbox::Repository;

fn repository() -> Repository {
    Repository::model(ID)
        .with_file("config.json", "{\"a\": 1}")
        .with_file("folder/é b.txt", "text")
        .with_large_file("model.gguf", bytes(3_000_000))
}

/// Runs Python code with the cache of a place, and returns its output.
async fn python(place: &Place, code: &str, offline: bool) -> String {
    let python =
        std::env::var("BOTTICELLI_HF_PYTHON").unwrap_or_else(|_| panic!("BOTTICELLI_HF_PYTHON is unset"));
    let mut command = std::process::Command::new(python);
    command
        .args(["-c", code])
        .env_clear()
        .env("HF_HUB_CACHE", place.cache())
        .env("HF_HOME", place.folder.path())
        .env("HF_ENDPOINT", place.sandbox.hub_url())
        .env("HF_HUB_DISABLE_XET", "1")
        .env("HF_HUB_OFFLINE", if offline { "1" } else { "0" });
    let output = tokio::task::spawn_blocking(move || command.output().unwrap()).await.unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap().trim().to_owned()
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs Python with huggingface_hub: set BOTTICELLI_HF_PYTHON"]
async fn python_finds_our_files_offline() {
    let place = Place::with(repository()).await;
    let folder = place.hub().snapshot(ID, FileFilter::all()).await.unwrap();
    assert!(place.hub().download(ID, "none.json").await.is_err());
    let code = "from huggingface_hub import *\n\
                print(hf_hub_download('org/name', 'model.gguf'))\n\
                print(hf_hub_download('org/name', 'folder/é b.txt'))\n\
                print(snapshot_download('org/name'))\n\
                print(try_to_load_from_cache('org/name', 'none.json') is _CACHED_NO_EXIST)\n\
                info = scan_cache_dir()\n\
                print(len(info.repos), len(info.warnings), info.size_on_disk, sum(len(r.revisions) for r in info.repos))";
    let code = code
        .replace("_CACHED_NO_EXIST", "file_download._CACHED_NO_EXIST")
        .replace("import *", "import *\nfrom huggingface_hub import file_download");
    let output = python(&place, &code, true).await;
    let expected = format!(
        "{}\n{}\n{}\nTrue\n1 0 {} 1",
        folder.join("model.gguf").display(),
        folder.join("folder/é b.txt").display(),
        folder.display(),
        3_000_000 + 8 + 4
    );
    assert_eq!(output, expected);
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs Python with huggingface_hub: set BOTTICELLI_HF_PYTHON"]
async fn we_find_the_files_of_python_offline() {
    let place = Place::with(repository()).await;
    let code = "from huggingface_hub import *\nprint(snapshot_download('org/name'))";
    let folder = python(&place, code, false).await;
    let sent = place.sandbox.requests().len();
    let hub = place.offline();
    assert_eq!(hub.snapshot(ID, FileFilter::all()).await.unwrap().to_str(), Some(&*folder));
    assert_file(&hub.download(ID, "model.gguf").await.unwrap(), &bytes(3_000_000));
    assert_file(&hub.download(ID, "folder/é b.txt").await.unwrap(), b"text");
    assert_file(hub.download_gguf(ID).await.unwrap().path(), &bytes(3_000_000));
    assert_eq!(place.sandbox.requests().len(), sent);
    // Online, nothing is downloaded again.
    let contents = place.contents().len();
    place.hub().download(ID, "model.gguf").await.unwrap();
    assert_eq!(place.contents().len(), contents);
}
