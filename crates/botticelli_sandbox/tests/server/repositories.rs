//! Repositories of the Hub, and the faults of downloads.

use std::collections::HashSet;

use botticelli_sandbox::{HubFault, Repository, Sandbox};

use crate::common::{Response, exchange};

fn repository() -> Repository {
    Repository::model("org/name").with_file("config.json", "{}").with_large_file("model.bin", "0123456789")
}

/// Both servers have the same responses.
async fn request(sandbox: &Sandbox, method: &str, path: &str, headers: &str) -> Response {
    let head = format!("{method} {path} HTTP/1.1\r\nhost: localhost\r\n{headers}connection: close\r\n\r\n");
    exchange(sandbox, head).await
}

#[tokio::test]
async fn a_large_file_is_on_the_second_server_and_a_small_one_on_the_hub() {
    let sandbox = Sandbox::builder().with_repository(repository()).start().await.unwrap();
    let small = request(&sandbox, "GET", "/org/name/resolve/main/config.json", "").await;
    assert_eq!((small.status, small.text()), (200, "{}"));
    assert_eq!(small.header("x-repo-commit"), Some(&*repository().commit()));
    assert_eq!(small.header("etag"), Some("\"9e26dfeeb6e641a33dae4961196235bdb965b21b\""));
    let large = request(&sandbox, "GET", "/org/name/resolve/main/model.bin", "").await;
    assert_eq!((large.status, large.header("x-linked-size")), (302, Some("10")));
    let tag = "\"84d89877f0d4041efb6bf91a16f0248f2fd573e6af05c19f96bedb9f882f7882\"";
    assert_eq!(large.header("x-linked-etag"), Some(tag));
    let path = large.header("location").unwrap().strip_prefix(sandbox.storage_url()).unwrap();
    let content = request(&sandbox, "GET", path, "").await;
    assert_eq!((content.status, content.text()), (200, "0123456789"));
    let refused = request(&sandbox, "GET", path, "authorization: Bearer x\r\n").await;
    assert_eq!(refused.status, 400);
}

#[tokio::test]
async fn ranges_and_conditions_follow_http() {
    let sandbox = Sandbox::builder().with_repository(repository()).start().await.unwrap();
    let path = format!("/storage/{}", repository().checksum("model.bin").unwrap());
    let get = |headers: &'static str| request(&sandbox, "GET", &path, headers);
    let tag = get("").await.header("etag").unwrap().to_owned();
    assert!(tag.starts_with("\"storage-"), "{tag}");
    let range = get("range: bytes=2-4\r\n").await;
    assert_eq!(
        (range.status, range.text(), range.header("content-range")),
        (206, "234", Some("bytes 2-4/10"))
    );
    let rest = get("range: bytes=7-\r\n").await;
    assert_eq!((rest.status, rest.text()), (206, "789"));
    assert_eq!(get("range: bytes=10-\r\n").await.status, 416);
    assert_eq!(get("range: bytes=2-\r\nif-range: \"other\"\r\n").await.status, 200);
}

#[tokio::test]
async fn a_fault_affects_one_request_of_its_kind() {
    let fault = |word: &str| word.parse::<HubFault>().unwrap();
    let sandbox = Sandbox::builder()
        .with_repository(repository())
        .with_hub_fault(fault("corrupt-byte=1"))
        .with_hub_fault(fault("status=503"))
        .start()
        .await
        .unwrap();
    let get = || request(&sandbox, "GET", "/org/name/resolve/main/config.json", "");
    assert_ne!(get().await.body, b"{}");
    assert_eq!(get().await.status, 503);
    assert_eq!(get().await.text(), "{}");
}

#[tokio::test]
async fn an_unknown_repository_is_none_of_the_sandbox() {
    let sandbox = Sandbox::builder().with_repository(repository()).start().await.unwrap();
    let missing = request(&sandbox, "GET", "/org/name/resolve/v2/config.json", "").await;
    assert_eq!(missing.header("x-error-code"), Some("RevisionNotFound"));
    let missing = request(&sandbox, "GET", "/org/name/resolve/main/none", "").await;
    assert_eq!(missing.header("x-error-code"), Some("EntryNotFound"));
    let missing = request(&sandbox, "GET", "/api/models/org/other/revision/main", "").await;
    assert_eq!(missing.status, 401);
}

#[test]
fn hub_faults_md_lists_every_fault_once_in_order() {
    let page = include_str!("../../HUB_FAULTS.md");
    let listed: Vec<_> = page.lines().filter(|line| line.starts_with("| `")).map(str::to_owned).collect();
    let expected: Vec<_> =
        HubFault::all().map(|fault| format!("| `{fault}` | {} |", fault.description())).collect();
    assert_eq!(listed, expected);
    let names: HashSet<_> = HubFault::all().map(|fault| fault.name()).collect();
    assert_eq!(names.len(), expected.len());
    for fault in HubFault::all() {
        assert_eq!(fault.to_string().parse(), Ok(fault));
    }
    for wrong in ["", "cut", "cut-after=", "cut-after=x", "no-ranges=1"] {
        assert!(wrong.parse::<HubFault>().unwrap_err().to_string().contains("cut-after"), "{wrong}");
    }
}
