//! Fill mask, summarization, translation, tabular data.

use crate::support::{answering, hosted, last_body};
use botticelli_core::tasks::{
    FillMaskRequest, MaskFill, SummarizationRequest, Table, TabularRequest, TextTruncation,
    TranslationRequest,
};
use botticelli_error::ErrorCategory;
use botticelli_interface::tasks::{TabularDriver, TextTaskDriver};
use botticelli_sandbox::Sandbox;
use serde_json::{Map, Value, json};

const MASK: &str = "google-bert/bert-base-uncased";
const SUMMARY: &str = "facebook/bart-large-cnn";
const TRANSLATION: &str = "google-t5/t5-small";

fn object(value: Value) -> Map<String, Value> {
    serde_json::from_value(value).unwrap()
}

#[tokio::test]
async fn one_mask_has_a_list_and_several_have_a_list_each() {
    let sandbox = Sandbox::start().await.unwrap();
    let driver = hosted(&sandbox, MASK);
    let response = driver.fill_mask(FillMaskRequest::from("[MASK] world!").with_top_k(2)).await.unwrap();
    let words: Vec<_> = response.fills().iter().map(|fill| (fill.token(), fill.sequence())).collect();
    assert_eq!(words, [("the", "the world!"), ("hello", "hello world!")]);
    assert_eq!(last_body(&sandbox), json!({ "inputs": "[MASK] world!", "parameters": { "top_k": 2 } }));
    let request = FillMaskRequest::from("[MASK] and [MASK]").with_targets(["his", "her"]);
    let response = driver.fill_mask(request).await.unwrap();
    assert_eq!(response.masks().len(), 2);
    assert_eq!(response.masks()[1][1].sequence(), "[MASK] and her");
    assert_eq!(last_body(&sandbox)["parameters"], json!({ "targets": ["his", "her"] }));
}

#[tokio::test]
async fn recorded_words_are_read() {
    let word = r#"{"score":0.2910905182361603,"token":1996,"token_str":"the","sequence":"the world!"}"#;
    let expected = MaskFill::new("the", 0.291_090_518_236_160_3, "the world!").with_token_id(Some(1996));
    for (body, masks) in
        [(format!("[{word}]"), 1), (format!("[[{word}]]"), 1), (format!("[[{word}],[{word}]]"), 2)]
    {
        let sandbox = answering(&body).await;
        let response = hosted(&sandbox, MASK).fill_mask("[MASK] world!".into()).await.unwrap();
        assert_eq!(response.masks().len(), masks, "{body}");
        assert_eq!(response.fills(), std::slice::from_ref(&expected), "{body}");
    }
}

#[tokio::test]
async fn a_text_without_a_mask_is_an_error_of_the_server() {
    let sandbox = Sandbox::start().await.unwrap();
    let error = hosted(&sandbox, MASK).fill_mask("no mask".into()).await.unwrap_err();
    assert_eq!(error.category(), ErrorCategory::InvalidRequest);
    assert!(error.to_string().contains("No mask_token ([MASK]) found on the input"), "{error}");
}

#[tokio::test]
async fn texts_are_summarized_one_by_one() {
    let sandbox = Sandbox::start().await.unwrap();
    let driver = hosted(&sandbox, SUMMARY);
    let request = SummarizationRequest::from(["one two three four five six seven", "eight"])
        .with_clean_up_tokenization_spaces(true)
        .with_truncation(TextTruncation::OnlyFirst)
        .with_generate_parameters(object(json!({ "max_new_tokens": 9 })));
    let response = driver.summarize(request).await.unwrap();
    assert_eq!(response.summaries(), ["one two three four five six", "eight"]);
    assert_eq!(response.text(), "one two three four five six");
    let parameters = json!({
        "clean_up_tokenization_spaces": true,
        "truncation": "only_first",
        "generate_parameters": { "max_new_tokens": 9 },
    });
    let body = json!({ "inputs": "eight", "parameters": parameters });
    assert!(sandbox.requests().iter().any(|request| *request.body() == body));
}

#[tokio::test]
async fn several_texts_are_translated_in_one_request() {
    let sandbox = Sandbox::start().await.unwrap();
    let driver = hosted(&sandbox, TRANSLATION);
    let request = TranslationRequest::from(["a b", "c d e"]).with_languages("en_XX", "de_DE");
    let response = driver.translate(request).await.unwrap();
    assert_eq!(response.translations(), ["b a", "e d c"]);
    let parameters = json!({ "src_lang": "en_XX", "tgt_lang": "de_DE" });
    assert_eq!(last_body(&sandbox), json!({ "inputs": ["a b", "c d e"], "parameters": parameters }));
    assert_eq!(driver.translate("x y".into()).await.unwrap().text(), "y x");
    assert_eq!(last_body(&sandbox), json!({ "inputs": "x y" }));
}

#[tokio::test]
async fn recorded_translations_are_read_and_a_missing_one_is_an_error() {
    let body = r#"[{"translation_text":"Hallo Welt"},{"translation_text":"Guten Abend"}]"#;
    let sandbox = answering(body).await;
    let driver = hosted(&sandbox, TRANSLATION);
    let response = driver.translate(["a", "b"].into()).await.unwrap();
    assert_eq!(response.translations()[1], "Guten Abend");
    let error = driver.translate(["a", "b", "c"].into()).await.unwrap_err();
    assert!(error.to_string().contains("2 texts for 3 inputs"), "{error}");
}

#[tokio::test]
async fn rows_of_a_table_get_labels_and_numbers() {
    let sandbox = Sandbox::start().await.unwrap();
    let table = Table::new().with_column("alcohol", ["9.4", "10.25"]).with_column("sulphates", ["0.5", "1"]);
    let driver = hosted(&sandbox, "scikit-learn/tabular-playground");
    let response = driver.classify_rows(TabularRequest::new(table.clone())).await.unwrap();
    assert_eq!(response.labels(), ["6", "6"]);
    let data = json!({ "alcohol": ["9.4", "10.25"], "sulphates": ["0.5", "1"] });
    assert_eq!(last_body(&sandbox), json!({ "inputs": { "data": data } }));
    let driver = hosted(&sandbox, "scikit-learn/Fish-Weight");
    let response = driver.predict_rows(TabularRequest::new(table.clone())).await.unwrap();
    assert_eq!(response.values(), [6.5, 6.5]);
    let sandbox = answering(r#"[5,"good"]"#).await;
    let response = hosted(&sandbox, "any/model").classify_rows(TabularRequest::new(table)).await.unwrap();
    assert_eq!(response.labels(), ["5", "good"]);
}
