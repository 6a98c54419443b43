//! Cassettes as files: without calls, and from other editors.

use botticelli_interface::BotticelliDriver;
use botticelli_layers::LayerExt;
use botticelli_layers::cassette::CassetteConfig;
use botticelli_layers::mock::MockDriver;
use serde_json::json;
use std::fs;

/// A program that ends before its first call leaves a file without calls. It would fail forever if that was replayed.
#[tokio::test]
async fn a_cassette_without_calls_is_recorded() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("cassette.json");
    let table = json!({ "path": path.to_str().unwrap() });
    let config: CassetteConfig = serde_json::from_value(table.clone()).unwrap();
    assert!(config.player().unwrap().is_none());
    drop(MockDriver::answering(["Hi"]).with_recording(&path).unwrap());
    assert!(config.player().unwrap().is_none());
    fs::write(&path, "").unwrap();
    assert!(config.player().unwrap().is_none());

    let driver = MockDriver::answering(["Hi"]).with_recording(&path).unwrap();
    driver.generate("Hello".into()).await.unwrap();
    let player = config.player().unwrap().unwrap();
    player.generate("Hello".into()).await.unwrap();
    let error = player.generate("Hello".into()).await.unwrap_err().to_string();
    let expected = format!(
        "cassette: the only call of {} was replayed. Send the recorded request, or record the calls again, with \
         `with_recording` or the mode `record`.",
        path.display()
    );
    assert_eq!(error, expected);

    // The mode `replay` never records.
    fs::write(&path, "{\"format\": \"botticelli cassette\", \"version\": 1}").unwrap();
    let table = json!({ "path": path.to_str().unwrap(), "mode": "replay" });
    let config: CassetteConfig = serde_json::from_value(table).unwrap();
    let error = config.player().unwrap().unwrap().generate("Hello".into()).await.unwrap_err().to_string();
    assert!(error.contains("cassette.json has no calls."), "{error}");
}
