//! Typed answers.
#![cfg(feature = "schema")]
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a failed unwrap is a failed test"
)]

use botticelli_batch::{Batch, BatchReport, Sink, Table};
use botticelli_core::OutputSchema;
use botticelli_error::{BotticelliErrorKind, DataErrorKind, ErrorCategory};
use botticelli_interface::schemars::JsonSchema;
use botticelli_interface::{TypedOptions, TypedSchema};
use botticelli_layers::mock::{MockDriver, MockReply};
use serde::Deserialize;
use serde_json::json;
use std::path::Path;

/// A label.
#[derive(Debug, Deserialize, JsonSchema)]
#[schemars(crate = "botticelli_interface::schemars")]
struct Label {
    /// The sentiment.
    #[expect(dead_code, reason = "only its schema is used")]
    sentiment: Sentiment,
    #[expect(dead_code, reason = "only its schema is used")]
    score: Option<f64>,
    #[expect(dead_code, reason = "only its schema is used")]
    tags: Vec<String>,
}

#[derive(Debug, Deserialize, JsonSchema)]
#[schemars(crate = "botticelli_interface::schemars")]
#[serde(rename_all = "snake_case")]
enum Sentiment {
    Good,
    Bad,
}

async fn run(
    folder: &Path,
    input: &str,
    batch: &Batch,
) -> Result<(BatchReport, String), botticelli_error::BotticelliError> {
    std::fs::write(folder.join("in.jsonl"), input).unwrap();
    let (table, sink) =
        (Table::open(folder.join("in.jsonl")).unwrap(), Sink::create(folder.join("out.jsonl")).unwrap());
    let report = batch.run(table, sink).await?;
    Ok((report, std::fs::read_to_string(folder.join("out.jsonl")).unwrap()))
}

fn labels(driver: &MockDriver) -> Batch {
    Batch::new(driver.clone()).with_prompt("{{ text }}").unwrap().with_output::<Label>().unwrap()
}

#[tokio::test]
async fn every_field_becomes_a_column_and_a_failed_row_has_nulls() {
    let folder = tempfile::tempdir().unwrap();
    let driver = MockDriver::answering([
        MockReply::text(r#"{"sentiment":"good","score":0.9,"tags":["a","b"]}"#),
        MockReply::text(r#"{"sentiment":"so-so","score":null,"tags":[]}"#),
        MockReply::text(r#"{"sentiment":"bad","score":null,"tags":[]}"#),
        MockReply::failure(ErrorCategory::Filtered),
    ]);
    let batch = labels(&driver).with_concurrency(1);
    let (report, output) =
        run(folder.path(), "{\"text\":\"1\"}\n{\"text\":\"2\"}\n{\"text\":\"3\"}\n", &batch).await.unwrap();
    assert_eq!((report.answered, report.failed), (2, 1));
    let lines: Vec<_> = output.lines().collect();
    assert_eq!(lines[0], r#"{"text":"1","sentiment":"good","score":0.9,"tags":["a","b"],"error":null}"#);
    // The model repaired its answer.
    assert_eq!(lines[1], r#"{"text":"2","sentiment":"bad","score":null,"tags":[],"error":null}"#);
    assert!(
        lines[2].starts_with(r#"{"text":"3","sentiment":null,"score":null,"tags":null,"error":""#),
        "{output}"
    );
    assert_eq!(driver.requests().len(), 4);
}

#[tokio::test]
async fn answers_come_from_the_journal_and_another_schema_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let driver = MockDriver::answering([r#"{"sentiment":"good","score":1,"tags":[]}"#]);
    let (_, first) = run(folder.path(), "{\"text\":\"1\"}\n", &labels(&driver)).await.unwrap();
    let (report, second) = run(folder.path(), "{\"text\":\"1\"}\n", &labels(&driver)).await.unwrap();
    assert_eq!((report.cached, first), (1, second));
    let schema = json!({"type": "object", "properties": {"n": {"type": "integer"}}, "required": ["n"]});
    let schema = OutputSchema::new("n", schema).unwrap();
    let other = Batch::new(driver.clone()).with_prompt("{{ text }}").unwrap().with_schema(&schema).unwrap();
    let error = run(folder.path(), "{\"text\":\"1\"}\n", &other).await.unwrap_err();
    let BotticelliErrorKind::Data(data) = error.kind() else { panic!("{error:?}") };
    assert_eq!(data.kind(), &DataErrorKind::OtherRun { changed: "schema".into() });
    assert!(error.to_string().contains("`Batch::restart`"), "{error}");
    let driver = MockDriver::answering([r#"{"n":1}"#]);
    let other = Batch::new(driver).with_prompt("{{ text }}").unwrap().with_schema(&schema).unwrap();
    let (report, output) = run(folder.path(), "{\"text\":\"1\"}\n", &other.restart()).await.unwrap();
    assert_eq!((report.cached, output.as_str()), (0, "{\"text\":\"1\",\"n\":1,\"error\":null}\n"));
}

#[tokio::test]
async fn the_options_of_a_typed_schema_are_used() {
    let schema = json!({"type": "object", "properties": {"n": {"type": "integer"}}, "required": ["n"]});
    let schema = OutputSchema::new("n", schema).unwrap();
    for repairs in [0, 2] {
        let folder = tempfile::tempdir().unwrap();
        let driver = MockDriver::answering(["no", "no", r#"{"n":1}"#]);
        let options = TypedOptions::default().with_max_repairs(repairs);
        let typed = TypedSchema::of_schema(&schema, options).unwrap();
        let batch = Batch::new(driver.clone()).with_prompt("{{ text }}").unwrap().with_typed_schema(typed);
        let (report, _) = run(folder.path(), "{\"text\":\"1\"}\n", &batch).await.unwrap();
        assert_eq!(report.answered, u64::from(repairs == 2));
        assert_eq!(driver.requests().len(), if repairs == 2 { 3 } else { 1 });
    }
}

#[tokio::test]
async fn a_schema_that_is_not_an_object_has_one_column() {
    let folder = tempfile::tempdir().unwrap();
    let driver = MockDriver::answering([r#"{"value":[1,2]}"#]);
    let schema = OutputSchema::new("list", json!({"type": "array", "items": {"type": "integer"}})).unwrap();
    let batch = Batch::new(driver).with_prompt("{{ text }}").unwrap().with_schema(&schema).unwrap();
    let (_, output) = run(folder.path(), "{\"text\":\"1\"}\n", &batch).await.unwrap();
    assert_eq!(output, "{\"text\":\"1\",\"answer\":[1,2],\"error\":null}\n");
}

#[tokio::test]
async fn a_field_with_the_name_of_a_column_is_refused_before_anything_is_sent() {
    let folder = tempfile::tempdir().unwrap();
    let driver = MockDriver::answering([r#"{"sentiment":"good","score":1,"tags":[]}"#]);
    let error = run(folder.path(), "{\"text\":\"1\",\"tags\":[]}\n", &labels(&driver)).await.unwrap_err();
    let BotticelliErrorKind::Data(data) = error.kind() else { panic!("{error:?}") };
    assert_eq!(data.kind(), &DataErrorKind::ColumnExists { column: "tags".into() });
    assert!(driver.requests().is_empty());
    let (report, output) =
        run(folder.path(), "{\"text\":\"1\",\"tags\":[]}\n", &labels(&driver).with_column_prefix("llm_"))
            .await
            .unwrap();
    assert_eq!(report.answered, 1);
    assert!(output.contains(r#""tags":[],"llm_sentiment":"good""#), "{output}");
}

#[tokio::test]
async fn a_service_without_structured_outputs_is_asked_for_them_once() {
    let folder = tempfile::tempdir().unwrap();
    let driver = MockDriver::replying(|call| {
        if call.chat().unwrap().response_format().is_some() {
            return MockReply::failure(ErrorCategory::Unsupported);
        }
        MockReply::tool_call("Label", r#"{"sentiment":"good","score":1,"tags":[]}"#)
    });
    let rows: Vec<_> = (0..20).map(|id| format!("{{\"text\":\"{id}\"}}\n")).collect();
    let (report, _) = run(folder.path(), &rows.concat(), &labels(&driver).with_concurrency(1)).await.unwrap();
    assert_eq!(report.answered, 20);
    assert_eq!(driver.requests().len(), 21);
}

#[tokio::test]
async fn a_model_that_never_fits_the_schema_stops_the_run() {
    let folder = tempfile::tempdir().unwrap();
    let driver = MockDriver::answering(["I cannot write JSON"]).repeating();
    std::fs::write(
        folder.path().join("in.jsonl"),
        (0..500).map(|id| format!("{{\"text\":\"{id}\"}}\n")).collect::<Vec<_>>().concat(),
    )
    .unwrap();
    let (table, sink) = (
        Table::open(folder.path().join("in.jsonl")).unwrap(),
        Sink::create(folder.path().join("out.jsonl")).unwrap(),
    );
    let report = labels(&driver).run(table, sink).await.unwrap();
    assert!(report.stop.is_some(), "{report}");
    assert!(driver.requests().len() < 100, "{}", driver.requests().len());
}

/// Runs a schema over one row into a Parquet file, with this answer.
#[cfg(feature = "parquet")]
async fn parquet(
    folder: &Path,
    schema: serde_json::Value,
    answer: &str,
    name: &str,
) -> Result<serde_json::Value, botticelli_error::BotticelliError> {
    std::fs::write(folder.join("in.jsonl"), "{\"text\":\"1\"}\n").unwrap();
    let schema = OutputSchema::new("answer", schema).unwrap();
    let driver = MockDriver::answering([answer]);
    let batch = Batch::new(driver).with_prompt("{{ text }}").unwrap().with_schema(&schema).unwrap();
    let table = Table::open(folder.join("in.jsonl")).unwrap();
    let report = batch.run(table, Sink::create(folder.join(name)).unwrap()).await?;
    assert_eq!((report.answered, report.failed), (1, 0));
    let row = Table::open(folder.join(name)).unwrap().rows().unwrap().next().unwrap().unwrap();
    Ok(serde_json::Value::Object(row.columns().clone()))
}

#[cfg(feature = "parquet")]
#[tokio::test]
async fn an_answer_that_parquet_cannot_have_is_kept_for_another_format() {
    let folder = tempfile::tempdir().unwrap();
    let schema = json!({
        "type": "object", "properties": {"n": {"type": "integer"}}, "required": ["n"],
        "additionalProperties": false,
    });
    let answer = r#"{"n":9223372036854775808}"#;
    let error = parquet(folder.path(), schema.clone(), answer, "out.parquet").await.unwrap_err();
    assert!(
        error
            .to_string()
            .contains("out.parquet.journal: a run with another output uses them if you rename this file"),
        "{error}"
    );
    assert!(!folder.path().join("out.parquet").exists());
    let path = |name: &str| folder.path().join(name);
    std::fs::rename(path("out.parquet.journal"), path("out.jsonl.journal")).unwrap();
    // The second driver has no answer: this one comes from the journal.
    let row = parquet(folder.path(), schema, "none", "out.jsonl").await.unwrap();
    assert_eq!(row["n"], json!(9_223_372_036_854_775_808_u64));
}

#[cfg(feature = "parquet")]
#[tokio::test]
async fn a_tuple_is_json_text_in_parquet() {
    let folder = tempfile::tempdir().unwrap();
    let pair = json!({"type": "array", "prefixItems": [{"type": "string"}], "items": {"type": "integer"}});
    let schema = json!({
        "type": "object", "properties": {"pair": pair}, "required": ["pair"], "additionalProperties": false,
    });
    let row = parquet(folder.path(), schema, r#"{"pair":["a",1]}"#, "out.parquet").await.unwrap();
    assert_eq!(row["pair"], "[\"a\",1]");
}

#[tokio::test]
async fn a_row_that_finally_fails_counts_with_the_cost_of_all_its_answers() {
    use botticelli_core::{Cost, Usage};
    for (cost, nano_dollars, unknown) in [(Cost::priced(1_000), 4_000, 0), (Cost::unknown(), 0, 2)] {
        let folder = tempfile::tempdir().unwrap();
        let reply = |text: &str| {
            MockReply::text(text).with_cost(cost).with_usage(Usage::new(Some(10), Some(2), Some(12)))
        };
        let right = r#"{"sentiment":"good","score":null,"tags":[]}"#;
        // Two repairs.
        let driver = MockDriver::answering([reply("no"), reply("nope"), reply("never"), reply(right)]);
        let input = "{\"text\":\"a\"}\n{\"text\":\"b\"}\n";
        let batch = labels(&driver).with_concurrency(1);
        let (report, _) = run(folder.path(), input, &batch).await.unwrap();
        assert_eq!((report.answered, report.failed), (1, 1), "{report:?}");
        assert_eq!((report.nano_dollars, report.unknown_costs), (nano_dollars, unknown), "{report:?}");
        // A later run knows it from the journal.
        let (report, _) = run(folder.path(), input, &batch).await.unwrap();
        assert_eq!(report.total_nano_dollars, nano_dollars);
    }
}

#[tokio::test]
async fn a_retry_and_a_repeat_do_not_get_the_answer_of_a_cache() {
    use botticelli_layers::LayerExt;
    use botticelli_layers::cache::Cache;
    let folder = tempfile::tempdir().unwrap();
    let right = r#"{"sentiment":"good","score":null,"tags":[]}"#;
    let mock = MockDriver::answering(["no", "nope", "never", right]);
    let cached = mock.clone().with_cache(Cache::memory().with_sampled(true));
    let batch =
        || Batch::new(cached.clone()).with_prompt("{{ text }}").unwrap().with_output::<Label>().unwrap();
    let input = "{\"text\":\"a\"}\n";
    let (report, _) = run(folder.path(), input, &batch()).await.unwrap();
    assert_eq!((report.failed, mock.requests().len()), (1, 3));
    let (report, _) = run(folder.path(), input, &batch().retry_failed()).await.unwrap();
    assert_eq!((report.answered, mock.requests().len()), (1, 4));

    let folder = tempfile::tempdir().unwrap();
    let mock = MockDriver::answering(["x", "y", "z"]);
    let cached = mock.clone().with_cache(Cache::memory().with_sampled(true));
    let repeats = Batch::new(cached).with_prompt("{{ text }}").unwrap().with_repeats(true);
    let (report, output) = run(folder.path(), &input.repeat(3), &repeats).await.unwrap();
    assert_eq!((report.answered, mock.requests().len()), (3, 3));
    assert!(["\"x\"", "\"y\"", "\"z\""].iter().all(|answer| output.contains(answer)), "{output}");
}
