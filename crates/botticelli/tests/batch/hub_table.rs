//! Tables of the Hub.

use botticelli::{Environment, ErrorCategory, Hub, open_table, open_table_with};
use botticelli_sandbox::{Repository, Sandbox};
use tempfile::TempDir;

async fn sandbox() -> Sandbox {
    let data = Repository::dataset("org/reviews").with_file("data/reviews.csv", "text\ngood\nbad\n");
    Sandbox::builder().with_repository(data).start().await.unwrap()
}

fn hub(sandbox: &Sandbox, cache: &TempDir) -> Hub {
    let hub = Hub::builder().with_environment(Environment::empty()).with_endpoint(sandbox.hub_url());
    hub.with_cache(cache.path()).build().unwrap()
}

#[cfg(feature = "csv")]
#[tokio::test]
async fn a_file_of_a_data_set_is_a_table() {
    let (sandbox, cache) = (sandbox().await, TempDir::new().unwrap());
    let address = "hf://datasets/org/reviews/data/reviews.csv";
    for _ in 0..2 {
        let table = open_table_with(&hub(&sandbox, &cache), address).await.unwrap();
        let texts: Vec<_> = table.rows().unwrap().map(|row| row.unwrap().columns()["text"].clone()).collect();
        assert_eq!(texts, ["good", "bad"]);
    }
}

#[cfg(feature = "parquet")]
#[tokio::test]
async fn a_split_of_a_data_set_is_a_table() {
    // The rows come from a batch run, which writes them as Parquet.
    let folder = TempDir::new().unwrap();
    let (input, output) = (folder.path().join("rows.jsonl"), folder.path().join("rows.parquet"));
    std::fs::write(&input, "{\"text\":\"good\"}\n{\"text\":\"bad\"}\n").unwrap();
    let driver = botticelli::MockDriver::answering(["ok", "fine"]);
    let run = botticelli::Batch::new(driver).with_prompt("{{ text }}").unwrap();
    let sink = botticelli::Sink::create(&output).unwrap();
    let report = run.run(botticelli::Table::open(&input).unwrap(), sink).await.unwrap();
    assert_eq!(report.into_complete().unwrap().answered, 2);

    let bytes = std::fs::read(&output).unwrap();
    let data = Repository::dataset("org/reviews").with_parquet("default", "train", bytes);
    let sandbox = Sandbox::builder().with_repository(data).start().await.unwrap();
    let cache = TempDir::new().unwrap();
    for address in ["hf://datasets/org/reviews/train", "hf://datasets/org/reviews/default/train"] {
        let table = open_table_with(&hub(&sandbox, &cache), address).await.unwrap();
        let texts: Vec<_> = table.rows().unwrap().map(|row| row.unwrap().columns()["text"].clone()).collect();
        assert_eq!(texts, ["good", "bad"], "{address}");
    }
}

#[tokio::test]
async fn an_address_without_a_scheme_is_a_path() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("rows.jsonl");
    std::fs::write(&path, "{\"text\":\"good\"}\n").unwrap();
    assert_eq!(open_table(&path).await.unwrap().rows().unwrap().count(), 1);
    let error = open_table("/no/such/rows.jsonl").await.unwrap_err();
    assert!(error.to_string().contains("/no/such/rows.jsonl"), "{error}");
}

#[tokio::test]
async fn an_invalid_address_is_refused_before_a_request() {
    let (sandbox, cache) = (sandbox().await, TempDir::new().unwrap());
    let hub = hub(&sandbox, &cache);
    for address in [
        "hf://org/model/train",
        "hf://datasets/org/reviews",
        "hf://datasets//reviews/train",
        "hf://datasets/org/reviews/",
    ] {
        let error = open_table_with(&hub, address).await.unwrap_err();
        assert_eq!(error.category(), ErrorCategory::InvalidRequest, "{error}");
        assert!(error.to_string().contains(address), "{error}");
        assert!(error.to_string().contains("hf://datasets/org/name/split"), "{error}");
    }
    assert!(sandbox.requests().is_empty());
    // Without the Hub, the address is not a path.
    let error = botticelli::Table::open("hf://datasets/org/reviews/train").unwrap_err();
    assert!(error.to_string().contains("open_table"), "{error}");
}
