//! Cassettes as files: without calls, and from other editors.

use botticelli_interface::BotticelliDriver;
use botticelli_layers::LayerExt;
use botticelli_layers::cassette::{CassetteConfig, Player};
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

#[tokio::test]
async fn tokens_of_other_services_and_passwords_in_addresses_are_not_recorded() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("cassette.json");
    let secrets = [
        "github_pat_11ABCDEFG0aBcDeFgHiJkL_MnOpQrStUvWxYz0123456789AbCdEfGhIjKlMnOpQrStUvWx",
        "gho_16C7e42F292c6912E7710c838347Ae178B4a",
        "xoxb-123456789012-1234567890123-AbCdEfGhIjKlMnOpQrStUvWx",
        "AKIAIOSFODNN7EXAMPLE",
        "correct-horse",
        "pa:ss@word",
    ];
    let [pat, app, chat, cloud, password, odd] = secrets;
    let prompt = format!(
        "Use {pat}, {app}, {chat} and {cloud}. Connect to postgres://admin:{password}@db:5432/x?y=z and \"redis://:{odd}@host\"."
    );
    let harmless = "See https://example.org/a:b@c, https://user@host, mailto:a@b and 10:30://";
    let driver = MockDriver::answering([prompt.clone(), harmless.to_owned()]).with_recording(&path).unwrap();
    driver.generate(prompt.as_str().into()).await.unwrap();
    driver.generate(harmless.into()).await.unwrap();
    let text = fs::read_to_string(&path).unwrap();
    for secret in secrets {
        assert!(!text.contains(secret), "{secret}: {text}");
    }
    assert_eq!(text.matches("postgres://admin:[redacted]@db:5432/x?y=z").count(), 2, "{text}");
    assert_eq!(text.matches("redis://:[redacted]@host").count(), 2, "{text}");
    assert_eq!(text.matches(harmless).count(), 2, "{text}");
    // The same prompts find their calls.
    let player = Player::open(&path).unwrap();
    player.generate(prompt.as_str().into()).await.unwrap();
    player.generate(harmless.into()).await.unwrap();
}

/// Programs that make calls at the same time make them in any order.
#[tokio::test]
async fn a_changed_order_is_named_as_the_reason() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("cassette.json");
    let driver = MockDriver::answering(["1", "2"]).with_recording(&path).unwrap();
    driver.generate("First".into()).await.unwrap();
    driver.generate("Second".into()).await.unwrap();
    let player = Player::open(&path).unwrap();
    let error = player.generate("Second".into()).await.unwrap_err().to_string();
    let expected = "\"First\" instead of \"Second\". Make the calls in the recorded order, replay them in any order \
                    (`Match::AnyOrder`, or `match = \"any_order\"`), or record the calls again";
    assert!(error.contains(expected), "{error}");
    let error = player.generate("Third".into()).await.unwrap_err().to_string();
    assert!(error.contains("Send the recorded request"), "{error}");
}

/// Tests that run at the same time may name the same file.
#[cfg(unix)]
#[tokio::test]
async fn two_recordings_do_not_overwrite_each_other() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("cassette.json");
    let first = MockDriver::answering(["1", "2"]).with_recording(&path).unwrap();
    first.generate("First".into()).await.unwrap();
    let error = MockDriver::answering(["3"]).with_recording(&path).unwrap_err().to_string();
    let expected = format!(
        "{}: another driver or program is recording to this file. Use another path, or end the other recording first.",
        path.display()
    );
    assert_eq!(error, expected);
    first.generate("Second".into()).await.unwrap();
    // It can be read meanwhile.
    assert_eq!(Player::open(&path).unwrap().remaining(), 2);
    drop(first);
    let second = MockDriver::answering(["3"]).with_recording(&path).unwrap();
    second.generate("Third".into()).await.unwrap();
    assert_eq!(Player::open(&path).unwrap().remaining(), 1);
}

/// Editors and version control on Windows change the ends of lines, and put a mark at the beginning.
#[tokio::test]
async fn a_cassette_of_another_editor_is_read() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("cassette.json");
    let driver = MockDriver::answering(["1\n2"]).with_recording(&path).unwrap();
    driver.generate("First\nline".into()).await.unwrap();
    let text = fs::read_to_string(&path).unwrap().replace('\n', "\r\n");
    fs::write(&path, format!("\u{feff}{text}")).unwrap();
    let player = Player::open(&path).unwrap();
    assert_eq!(player.generate("First\nline".into()).await.unwrap().text(), "1\n2");
}
