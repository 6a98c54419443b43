//! The columns about an answer.

use crate::common::{Files, batch};
use botticelli_batch::Extra;
use botticelli_core::{Cost, Delta, Usage};
use botticelli_layers::mock::{MockDriver, MockReply};

#[tokio::test]
async fn all_columns_of_an_answer_are_written() {
    let files = Files::with_input("{\"text\":\"a\"}\n");
    let reply = MockReply::deltas([Delta::Reasoning("hm".into()), Delta::Text("yes".into())])
        .with_usage(Usage::new(Some(7), Some(3), None))
        .with_cost(Cost::reported(1200));
    let driver = MockDriver::answering([reply]);
    let report = files.run(&batch(&driver).with_columns(Extra::ALL)).await.unwrap();
    assert_eq!(
        files.output(),
        "{\"text\":\"a\",\"answer\":\"yes\",\"reasoning\":\"hm\",\"finish_reason\":\"stop\",\"model\":\"mock-model\",\
         \"provider\":\"mock\",\"prompt_tokens\":7,\"completion_tokens\":3,\"cost_nano_dollars\":1200,\"error\":null}\n"
    );
    assert_eq!((report.prompt_tokens, report.completion_tokens, report.nano_dollars), (7, 3, 1200));
    assert_eq!(report.to_string(), "1 of 1 rows answered, 0 failed, $0.0000012");
}

#[tokio::test]
async fn an_unknown_cost_is_null_and_counted() {
    let files = Files::with_input("{\"text\":\"a\"}\n");
    let driver = MockDriver::answering([MockReply::text("x").with_cost(Cost::unknown())]);
    let report = files.run(&batch(&driver).with_columns([Extra::Cost])).await.unwrap();
    assert_eq!(files.output(), "{\"text\":\"a\",\"answer\":\"x\",\"cost_nano_dollars\":null}\n");
    assert_eq!(report.unknown_costs, 1);
}

#[tokio::test]
async fn a_changed_column_setting_needs_no_request() {
    let files = Files::with_input("{\"text\":\"a\"}\n");
    let driver = MockDriver::answering(["x"]);
    let _ = files.run(&batch(&driver)).await.unwrap();
    let renamed = batch(&driver).with_answer_column("label").with_columns([Extra::Model]);
    let report = files.run(&renamed).await.unwrap();
    assert_eq!((report.cached, driver.requests().len()), (1, 1));
    assert_eq!(files.output(), "{\"text\":\"a\",\"label\":\"x\",\"model\":\"mock-model\"}\n");
}

#[tokio::test]
async fn two_columns_with_one_name_are_an_error() {
    let files = Files::with_input("{\"text\":\"a\"}\n");
    let driver = MockDriver::answering(["x"]);
    let error = files.run(&batch(&driver).with_answer_column("error")).await.unwrap_err();
    assert!(error.to_string().contains("`error`"), "{error}");
    assert!(driver.requests().is_empty());
}
