//! Names that users and servers send.

use crate::common::{ID, Place, kind};
use botticelli_error::{ErrorCategory, HubErrorKind};
use botticelli_sandbox::Repository;

#[tokio::test]
async fn invalid_names_are_refused_before_anything_is_sent() {
    let place = Place::with(Repository::model(ID).with_file("config.json", "{}")).await;
    let hub = place.hub();
    let token = "hf_abcdefghijklmnopqrstuvwxyzABCDEFGH";
    let long = "x".repeat(97);
    for name in [
        "",
        "/",
        "a/b/c",
        "../b",
        "a/..",
        "a//b",
        "a b/c",
        "org/na--me",
        "-a/b",
        "a/b.",
        "a/b@",
        "https://huggingface.co/a/b",
        "a\\b",
        "ä/b",
        "a/b:Q4_K_M",
        &long,
        token,
        &format!("org/{token}@x y\u{0}"),
    ] {
        let error = hub.download(name, "config.json").await.unwrap_err();
        assert!(matches!(kind(&error), HubErrorKind::InvalidName { .. }), "{name}: {error}");
        assert_eq!(error.category(), ErrorCategory::InvalidRequest);
        assert!(!error.to_string().contains(token), "{error}");
    }
    for file in [
        "",
        "/etc/passwd",
        "../config.json",
        "a/../../b",
        "a//b",
        "./a",
        "C:/a",
        "c:a",
        "a\\..\\b",
        "a\nb",
        "a\u{0}",
        "~/a",
        token,
        "a/",
        &"x".repeat(300),
        &format!("folder/{token}"),
    ] {
        let error = hub.download(ID, file).await.unwrap_err();
        assert!(matches!(kind(&error), HubErrorKind::InvalidName { part: "file", .. }), "{file}: {error}");
        assert!(!error.to_string().contains(token), "{error}");
    }
    for revision in ["", "..", "a/../b", "/main", "a\u{7}"] {
        let error = hub.clone().with_revision(revision).download(ID, "config.json").await.unwrap_err();
        assert!(
            matches!(kind(&error), HubErrorKind::InvalidName { part: "revision", .. }),
            "{revision}: {error}"
        );
    }
    assert!(place.sandbox.requests().is_empty());
    assert!(!place.cache().exists());
}

#[tokio::test]
async fn all_forms_of_a_name_mean_the_same_repository() {
    let place = Place::with(Repository::model(ID).with_file("config.json", "{}")).await;
    place.sandbox.publish(Repository::model("gpt2").with_file("config.json", "{}"));
    place.sandbox.publish(Repository::dataset(ID).with_file("data.csv", "a"));
    let hub = place.hub();
    let path = hub.download(ID, "config.json").await.unwrap();
    for name in ["org/name", " org/name ", "hf://org/name", "models/org/name", "org/name@main"] {
        assert_eq!(hub.download(name, "config.json").await.unwrap(), path, "{name}");
    }
    let old = hub.download("gpt2", "config.json").await.unwrap();
    assert!(old.starts_with(place.cache().join("models--gpt2")), "{}", old.display());
    let data = hub.download("hf://datasets/org/name", "data.csv").await.unwrap();
    assert!(data.starts_with(place.cache().join("datasets--org--name")), "{}", data.display());
}

#[tokio::test]
async fn unusual_names_of_files_arrive_as_they_are() {
    let names = [
        "a%b.txt",
        "a%2Fb.txt",
        "#1?.txt",
        "a&b=c.txt",
        "\u{1f600}/ü ä.txt",
        "a'b\"c.txt",
        ".hidden",
        "ab:c.txt",
        "...txt",
    ];
    let all = names.iter().fold(Repository::model(ID), |all, name| all.with_file(*name, *name));
    let place = Place::with(all).await;
    for name in names {
        let path = place.hub().download(ID, name).await.unwrap_or_else(|error| panic!("{name}: {error}"));
        assert_eq!(std::fs::read_to_string(&path).unwrap(), name);
        assert!(path.ends_with(name), "{}", path.display());
    }
}
