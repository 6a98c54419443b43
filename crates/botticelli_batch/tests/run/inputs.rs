//! Rows, templates and bad inputs.

use crate::common::{Files, batch, echo, prompt};
use botticelli_batch::{Batch, OutputOrder, Sink, Table};
use botticelli_core::{GenerateRequest, Input, MediaSource, Role};
use botticelli_error::{BotticelliError, BotticelliErrorKind, DataErrorKind, ErrorCategory};

fn kind(error: &BotticelliError) -> &DataErrorKind {
    match error.kind() {
        BotticelliErrorKind::Data(error) => error.kind(),
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn every_row_gets_its_answer_in_the_order_of_the_input() {
    let files = Files::with_rows(3);
    let report = files.run(&batch(&echo())).await.unwrap();
    assert_eq!(
        files.output(),
        "{\"id\":0,\"text\":\"t0\",\"answer\":\"re: t0\",\"error\":null}\n\
         {\"id\":1,\"text\":\"t1\",\"answer\":\"re: t1\",\"error\":null}\n\
         {\"id\":2,\"text\":\"t2\",\"answer\":\"re: t2\",\"error\":null}\n"
    );
    assert!(report.is_complete());
    assert_eq!((report.rows, report.answered, report.failed, report.cached), (3, 3, 0, 0));
}

#[tokio::test]
async fn equal_rows_are_asked_once_and_all_written() {
    let files = Files::with_input("{\"text\":\"a\"}\n{\"text\":\"b\"}\n{\"text\":\"a\"}\n{\"text\":\"a\"}\n");
    let driver = echo();
    let report = files.run(&batch(&driver)).await.unwrap();
    assert_eq!(driver.requests().len(), 2);
    assert_eq!((report.rows, report.answered, report.requests), (4, 4, 2));
    assert_eq!(files.output().lines().filter(|line| line.contains("re: a")).count(), 3);
}

#[tokio::test]
async fn repeats_ask_equal_rows_each_also_after_a_resume() {
    let files = Files::with_input(&"{\"text\":\"a\"}\n".repeat(5));
    let driver = echo();
    let repeats = batch(&driver).with_repeats(true);
    let _ = files.run(&repeats.clone().with_limit(3)).await.unwrap();
    assert_eq!(driver.requests().len(), 3);
    let report = files.run(&repeats).await.unwrap();
    assert_eq!((driver.requests().len(), report.cached, report.answered), (5, 3, 5));
}

#[tokio::test]
async fn a_broken_line_fails_with_its_number_and_the_rest_runs() {
    let files = Files::with_input("{\"text\":\"a\"}\n{\"text\": oops\n\n{\"text\":\"b\"}\r\n");
    let report = files.run(&batch(&echo())).await.unwrap();
    assert_eq!((report.rows, report.answered, report.failed), (3, 2, 1));
    let output = files.output();
    let failed = output.lines().nth(1).unwrap();
    assert!(failed.contains("in.jsonl:2") && failed.starts_with("{\"answer\":null"), "{failed}");
    assert!(output.lines().nth(2).unwrap().contains("re: b"));
}

#[tokio::test]
async fn an_unknown_column_is_an_error_with_the_nearest_before_anything_is_sent() {
    let files = Files::with_rows(3);
    let driver = echo();
    let batch = Batch::new(driver.clone()).with_prompt("{{ Texts }}").unwrap();
    let error = files.run(&batch).await.unwrap_err();
    let expected = DataErrorKind::UnknownColumn { column: "Texts".into(), nearest: Some("text".into()) };
    assert_eq!(kind(&error), &expected);
    assert!(driver.requests().is_empty() && !files.path("out.jsonl.journal").exists());
}

#[tokio::test]
async fn a_row_without_a_column_fails_alone() {
    let files = Files::with_input("{\"text\":\"a\"}\n{\"other\":1}\n{\"text\":\"c\"}\n");
    let driver = echo();
    let report = files.run(&batch(&driver)).await.unwrap();
    assert_eq!((report.answered, report.failed, driver.requests().len()), (2, 1, 2));
    assert!(files.output().lines().nth(1).unwrap().contains("in.jsonl:2"));
}

#[tokio::test]
async fn a_default_allows_a_missing_column_and_null_prints_as_nothing() {
    let files = Files::with_input("{\"text\":null,\"list\":[1,{\"a\":\"é\"}]}\n");
    let driver = echo();
    let template = "[{{ text }}|{{ missing | default('-') }}|{{ list }}|{{ list | tojson }}]";
    let batch = Batch::new(driver.clone()).with_prompt(template).unwrap();
    let _ = files.run(&batch).await.unwrap();
    assert_eq!(prompt(&driver.requests()[0]), "[|-|[1,{\"a\":\"é\"}]|[1, {\"a\": \"é\"}]]");
}

#[tokio::test]
async fn html_in_a_prompt_is_not_escaped() {
    let files = Files::with_input("{\"text\":\"<b>\\\"x\\\" & 'y'</b>\"}\n");
    let driver = echo();
    let _ = files.run(&batch(&driver)).await.unwrap();
    assert_eq!(prompt(&driver.requests()[0]), "<b>\"x\" & 'y'</b>");
}

#[test]
fn an_invalid_template_is_an_error_with_its_line() {
    let error = Batch::new(echo()).with_prompt("a\n{{ text").unwrap_err();
    assert!(error.to_string().contains("line 2 of the prompt"), "{error}");
    assert_eq!(error.category(), ErrorCategory::Data);
}

#[tokio::test]
async fn an_endless_template_fails_its_row() {
    let files = Files::with_input("{\"text\":\"a\"}\n");
    let template = "{% for a in range(9999) %}{% for b in range(9999) %}{% for c in range(9999) %}{% endfor %}{% endfor %}{% endfor %}{{ text }}";
    let report = files.run(&Batch::new(echo()).with_prompt(template).unwrap()).await.unwrap();
    assert_eq!(report.failed, 1);
}

#[test]
fn an_empty_input_is_an_error() {
    let files = Files::with_input("\n\n");
    let error = Table::open(files.path("in.jsonl")).unwrap_err();
    assert_eq!(kind(&error), &DataErrorKind::Empty);
}

#[tokio::test]
async fn a_column_of_the_answer_must_not_exist() {
    let files = Files::with_input("{\"text\":\"a\"}\n{\"text\":\"b\",\"error\":\"x\"}\n");
    let driver = echo();
    let error = files.run(&batch(&driver)).await.unwrap_err();
    assert_eq!(kind(&error), &DataErrorKind::ColumnExists { column: "error".into() });
    assert!(driver.requests().is_empty());
    let report = files.run(&batch(&driver).with_column_prefix("llm_")).await.unwrap();
    assert!(report.is_complete());
    assert!(files.output().contains("\"error\":\"x\",\"llm_answer\":\"re: b\",\"llm_error\":null}"));
}

#[tokio::test]
async fn the_output_must_not_be_the_input() {
    let files = Files::with_rows(1);
    let sink = Sink::create(files.path("in.jsonl")).unwrap();
    let error = batch(&echo()).restart().run(files.table(), sink).await.unwrap_err();
    assert!(error.to_string().contains("is an input"), "{error}");
    assert!(files.read("in.jsonl").starts_with("{\"id\":0"));
}

#[tokio::test]
async fn a_pattern_must_not_match_the_parts_of_the_output() {
    // A run that stopped early, or another shard, leaves such files next to the output.
    for name in ["out.partial.jsonl", "out.shard-1-of-4.jsonl", "out.shard-1-of-4.partial.jsonl", "out.jsonl"]
    {
        let files = Files::with_rows(2);
        let driver = echo();
        files.write(name, "{\"text\":\"part\"}\n");
        let table = Table::open(files.path("*.jsonl")).unwrap();
        let shard = botticelli_batch::Shard::new(0, 4).unwrap();
        for batch in [batch(&driver).restart(), batch(&driver).restart().with_shard(shard)] {
            let error = batch.run(table.clone(), files.sink()).await.unwrap_err();
            assert!(
                error.to_string().contains(name) && error.to_string().contains("another folder"),
                "{error}"
            );
        }
        assert_eq!(files.read(name), "{\"text\":\"part\"}\n");
        assert!(driver.requests().is_empty());
    }
    // Similar names, and the same names in another folder.
    let files = Files::with_rows(2);
    for name in ["out.partially.jsonl", "outer.jsonl", "out.shards.jsonl", "out2.partial.jsonl"] {
        files.write(name, "{\"text\":\"part\"}\n");
    }
    std::fs::create_dir(files.path("other")).unwrap();
    files.write("other/out.partial.jsonl", "{\"text\":\"part\"}\n");
    let table = Table::open_all([files.path("*.jsonl"), files.path("other/*.jsonl")]).unwrap();
    assert_eq!(batch(&echo()).run(table, files.sink()).await.unwrap().rows, 7);
}

#[tokio::test]
async fn a_run_without_a_prompt_is_an_error() {
    let files = Files::with_rows(1);
    let error = files.run(&Batch::new(echo())).await.unwrap_err();
    assert!(error.to_string().contains("with_prompt"), "{error}");
}

#[tokio::test]
async fn the_system_prompt_the_options_and_the_chat_reach_the_driver() {
    let files = Files::with_input(
        "{\"topic\":\"art\",\"chat\":[{\"role\":\"user\",\"content\":\"Hi\"},{\"role\":\"assistant\",\"content\":\"Hello\"}]}\n\
         {\"topic\":\"art\",\"chat\":\"[{\\\"role\\\":\\\"user\\\",\\\"content\\\":\\\"Hi\\\"}]\"}\n\
         {\"topic\":\"art\",\"chat\":[{\"role\":\"nobody\"}]}\n",
    );
    let driver = echo();
    let batch = Batch::new(driver.clone())
        .with_system("You know {{ topic }}.")
        .unwrap()
        .with_messages("chat")
        .with_prompt("Go on.")
        .unwrap()
        .with_request(GenerateRequest::default().with_model("m").with_max_tokens(7));
    let report = files.run(&batch).await.unwrap();
    assert_eq!((report.answered, report.failed), (2, 1));
    let requests = driver.requests();
    let roles: Vec<_> = requests[0].messages().iter().map(botticelli_core::Message::role).collect();
    assert_eq!(roles, [Role::System, Role::User, Role::Assistant, Role::User]);
    assert_eq!((requests[0].model(), requests[0].max_tokens()), (Some("m"), Some(7)));
    assert_eq!(requests[1].messages().len(), 3);
}

#[tokio::test]
async fn images_come_from_addresses_paths_and_objects() {
    let png = b"\x89PNG\r\n\x1a\n0000";
    let files = Files::with_input(
        "{\"text\":\"1\",\"image\":\"https://example.com/a.png\"}\n\
         {\"text\":\"2\",\"image\":\"a.png\"}\n\
         {\"text\":\"3\",\"image\":[{\"path\":\"a.png\"},{\"bytes\":\"iVBORw0KGgo=\",\"path\":null}]}\n\
         {\"text\":\"4\",\"image\":\"missing.png\"}\n\
         {\"text\":\"5\",\"image\":null}\n",
    );
    std::fs::write(files.path("a.png"), png).unwrap();
    let driver = echo();
    let report = files.run(&batch(&driver).with_images("image").with_concurrency(1)).await.unwrap();
    assert_eq!((report.answered, report.failed), (4, 1));
    let images: Vec<Vec<_>> = driver
        .requests()
        .iter()
        .map(|request| {
            let inputs = request.messages()[0].content().iter();
            inputs
                .filter_map(|input| match input {
                    Input::Image(MediaSource::Url(url)) => Some(url.clone()),
                    Input::Image(
                        MediaSource::Bytes { media_type, .. } | MediaSource::Base64 { media_type, .. },
                    ) => Some(media_type.clone()),
                    _ => None,
                })
                .collect()
        })
        .collect();
    let expected: [&[&str]; 4] =
        [&["https://example.com/a.png"], &["image/png"], &["image/png", "image/png"], &[]];
    assert_eq!(images, expected);
    assert!(files.output().lines().nth(3).unwrap().contains("missing.png"));
}

#[tokio::test]
async fn a_limit_takes_the_first_rows() {
    let files = Files::with_rows(10);
    let driver = echo();
    let report = files.run(&batch(&driver).with_limit(4)).await.unwrap();
    assert_eq!((report.rows, files.output().lines().count()), (4, 4));
    let report = files.run(&batch(&driver)).await.unwrap();
    assert_eq!((report.cached, driver.requests().len(), files.output().lines().count()), (4, 10, 10));
}

#[tokio::test]
async fn a_missing_input_names_its_path() {
    let files = Files::with_rows(1);
    let error = Table::open(files.path("absent.jsonl")).unwrap_err();
    assert_eq!(kind(&error), &DataErrorKind::NotFound);
}

#[tokio::test]
async fn rows_of_five_megabytes_are_answered_in_both_orders() {
    let text = "\u{e9}".repeat(2_500_000);
    let rows: Vec<_> = (0..2).map(|id| format!("{{\"id\":{id},\"text\":\"{id}{text}\"}}\n")).collect();
    let files = Files::with_input(&rows.concat());
    for order in [OutputOrder::Input, OutputOrder::Completion] {
        let report = files.run(&batch(&echo()).restart().with_order(order)).await.unwrap();
        assert_eq!(report.answered, 2);
        let mut lines: Vec<_> = files.output().lines().map(str::to_owned).collect();
        lines.sort_unstable();
        for (id, line) in lines.iter().enumerate() {
            let row: serde_json::Value = serde_json::from_str(line).unwrap();
            assert!(row["answer"].as_str().unwrap() == format!("re: {id}{text}"));
        }
        assert_eq!(lines.len(), 2);
    }
}

#[tokio::test]
async fn an_empty_text_differs_from_null_and_both_are_answered() {
    let files =
        Files::with_input("{\"text\":\"\",\"id\":\"a\u{2028}b\u{85}\"}\n{\"text\":null,\"id\":\"\"}\n");
    let driver = echo();
    let batch = Batch::new(driver.clone()).with_prompt("{{ text is none }} {{ id }}").unwrap();
    let report = files.run(&batch.with_concurrency(1)).await.unwrap();
    assert_eq!((report.answered, driver.requests().len()), (2, 2));
    let prompts: Vec<_> = driver.requests().iter().map(prompt).collect();
    assert_eq!(prompts, ["False a\u{2028}b\u{85}", "True "]);
    assert_eq!(files.output().split('\n').count(), 3);
}
