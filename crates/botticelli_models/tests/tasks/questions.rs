//! Question answering with a text or a table.

use crate::support::{answering, hosted, last_body};
use botticelli_core::tasks::{Answer, QuestionAnsweringRequest, Table, TableAnswer, TableQuestionRequest};
use botticelli_interface::tasks::QuestionAnsweringDriver;
use botticelli_sandbox::Sandbox;
use serde_json::json;

const TEXT: &str = "deepset/roberta-base-squad2";
const TABLE: &str = "google/tapas-base-finetuned-wtq";

fn request() -> QuestionAnsweringRequest {
    QuestionAnsweringRequest::new("What is the capital of France?", "The capital of France is Paris.")
}

fn table() -> Table {
    Table::new()
        .with_column("Repository", ["Transformers", "Datasets"])
        .with_column("Stars", ["36542", "4512"])
}

#[tokio::test]
async fn one_answer_is_an_object_and_several_are_a_list() {
    let sandbox = Sandbox::start().await.unwrap();
    let driver = hosted(&sandbox, TEXT);
    let response = driver.answer(request()).await.unwrap();
    assert_eq!(response.answers(), [Answer::new("Paris", Some(0.97)).with_span(Some(25), Some(30))]);
    let inputs =
        json!({ "question": "What is the capital of France?", "context": "The capital of France is Paris." });
    assert_eq!(last_body(&sandbox), json!({ "inputs": inputs }));
    let full = request()
        .with_top_k(3)
        .with_doc_stride(1)
        .with_max_answer_len(2)
        .with_max_seq_len(3)
        .with_max_question_len(4)
        .with_handle_impossible_answer(true)
        .with_align_to_words(false);
    let response = driver.answer(full).await.unwrap();
    assert_eq!(response.answers().len(), 3);
    let parameters = json!({
        "top_k": 3, "doc_stride": 1, "max_answer_len": 2, "max_seq_len": 3, "max_question_len": 4,
        "handle_impossible_answer": true, "align_to_words": false,
    });
    assert_eq!(last_body(&sandbox)["parameters"], parameters);
}

#[tokio::test]
async fn the_recorded_answer_is_read() {
    let sandbox = answering(r#"{"score":0.9703431725502014,"start":25,"end":30,"answer":"Paris"}"#).await;
    let response = hosted(&sandbox, TEXT).answer(request()).await.unwrap();
    let expected = Answer::new("Paris", Some(0.970_343_172_550_201_4)).with_span(Some(25), Some(30));
    assert_eq!(response.best(), Some(&expected));
}

#[tokio::test]
async fn a_table_is_sent_in_columns_with_the_question_as_query() {
    let sandbox = Sandbox::start().await.unwrap();
    let driver = hosted(&sandbox, TABLE);
    let question = "What is the average number of stars of Transformers?";
    let request = TableQuestionRequest::builder()
        .question(question)
        .table(table())
        .padding("longest")
        .sequential(true)
        .truncation(false)
        .build()
        .unwrap();
    let response = driver.answer_from_table(request).await.unwrap();
    let expected = TableAnswer::new("AVERAGE > 36542", vec![(0, 1)], vec!["36542".into()])
        .with_aggregator(Some("AVERAGE".into()));
    assert_eq!(response.best(), Some(&expected));
    let cells = json!({ "Repository": ["Transformers", "Datasets"], "Stars": ["36542", "4512"] });
    let parameters = json!({ "padding": "longest", "sequential": true, "truncation": false });
    let body = json!({ "inputs": { "query": question, "table": cells }, "parameters": parameters });
    assert_eq!(last_body(&sandbox), body);
    let body = sandbox.requests()[0].text().to_owned();
    assert!(body.find("Repository") < body.find("Stars"), "the order of the columns is kept");
}

#[tokio::test]
async fn a_missing_aggregator_and_a_list_of_answers_are_read() {
    for body in [
        r#"{"answer":"36542","coordinates":[[0,1]],"cells":["36542"]}"#,
        r#"[{"answer":"36542","coordinates":[[0,1]],"cells":["36542"]}]"#,
    ] {
        let sandbox = answering(body).await;
        let request = TableQuestionRequest::new("How many?", table());
        let response = hosted(&sandbox, TABLE).answer_from_table(request).await.unwrap();
        assert_eq!(
            response.answers(),
            [TableAnswer::new("36542", vec![(0, 1)], vec!["36542".into()])],
            "{body}"
        );
    }
}

#[test]
fn a_table_survives_storage() {
    let stored = serde_json::to_string(&table()).unwrap();
    assert_eq!(serde_json::from_str::<Table>(&stored).unwrap(), table());
    let numbers: Table = serde_json::from_str(r#"{"a":[1,"2",null]}"#).unwrap();
    assert_eq!(numbers, Table::new().with_column("a", ["1", "2", "null"]));
}
