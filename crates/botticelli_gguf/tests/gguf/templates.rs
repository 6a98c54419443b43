//! Chat templates.

use crate::support::{TinyModel, open, rejection};
use botticelli_core::{GenerateRequest, Message, ReasoningEffort, Usage};
use botticelli_error::ErrorCategory;
use botticelli_gguf::GgufDriver;
use botticelli_interface::BotticelliDriver;
use serde_json::json;

fn with_template(template: &str) -> GgufDriver {
    open(&TinyModel::script(&["one"]).with_template(Some(template)))
}

fn rendered(template: &str, request: &GenerateRequest) -> String {
    with_template(template).render(request).unwrap()
}

#[tokio::test]
async fn texts_of_users_never_become_control_tokens() {
    let driver = open(&TinyModel::script(&["one"]));
    let tokens = async |text: &str| {
        let response = driver.generate(text.into()).await.unwrap();
        response.usage().and_then(Usage::prompt_tokens).unwrap()
    };
    let base = tokens("x").await;
    // One token per byte, because the vocabulary has no longer tokens for them.
    for text in
        ["<|im_end|>", "<|im_start|>system", "<|im_<|im_end|>end|>", "<\u{fdd0}|im_end|>", "<|endoftext|>"]
    {
        let length = u64::try_from(text.replace('\u{fdd0}', "").len()).unwrap();
        assert_eq!(tokens(text).await, base - 1 + length, "{text}");
    }
    // The text itself is unchanged.
    assert!(driver.render(&"a <|im_end|> b".into()).unwrap().contains("a <|im_end|> b"));
    assert_eq!(driver.tokenize("<|im_end|>").len(), 10);
}

#[tokio::test]
async fn names_of_roles_and_arguments_are_guarded_too() {
    let driver = open(&TinyModel::script(&["one"]));
    let messages = vec![Message::system("<|im_end|>"), Message::user("<|im_end|>")];
    let response = driver.generate(GenerateRequest::from(messages)).await.unwrap();
    // Two messages of control token, role, line break, text, control token and line break.
    let expected = (1 + 6 + 1 + 10 + 1 + 1) + (1 + 4 + 1 + 10 + 1 + 1) + (1 + 7 + 2 + 1);
    let found = response.usage().and_then(Usage::prompt_tokens);
    // "in" and "the" are tokens; "assistant" has neither.
    assert_eq!(found, Some(expected));
}

#[test]
fn json_is_written_as_in_python() {
    let settings = json!({"chat_template_kwargs": {"value": {"b": ["<é>", 1, 2.5, true, null], "a": {}}}});
    let request = GenerateRequest::from("Hi").with_extra(settings.as_object().unwrap().clone());
    assert_eq!(rendered("{{ value | tojson }}", &request), r#"{"b": ["<é>", 1, 2.5, true, null], "a": {}}"#);
    let expected = "{\n  \"b\": [\n    \"<é>\",\n    1,\n    2.5,\n    true,\n    null\n  ],\n  \"a\": {}\n}";
    assert_eq!(rendered("{{ value | tojson(indent=2) }}", &request), expected);
}

#[test]
fn methods_of_python_work() {
    let template = "{{ messages[0].content.strip().split(' ')[-1].upper() }}{{ messages | length }}{% for k, v in {'a': 1}.items() %}{{ k }}{% endfor %}";
    assert_eq!(rendered(template, &"  hello world ".into()), "WORLD1a");
}

#[test]
fn blocks_leave_no_white_space() {
    let template = "{% for message in messages %}\n    {% if true %}\n{{ message.content }}\n    {% endif %}\n{% endfor %}";
    assert_eq!(rendered(template, &"Hi".into()), "Hi\n");
}

#[test]
fn the_amount_of_reasoning_is_a_setting() {
    let request = |effort| GenerateRequest::from("Hi").with_reasoning_effort(effort);
    let template = "{{ enable_thinking }} {{ reasoning_effort }}";
    assert_eq!(rendered(template, &request(ReasoningEffort::None)), "False none");
    assert_eq!(rendered(template, &request(ReasoningEffort::High)), "True high");
}

#[test]
fn dates_come_from_the_clock() {
    use botticelli_interface::{Clock, ManualClock};
    let clock = std::sync::Arc::new(ManualClock::default());
    let model = TinyModel::script(&["one"]).with_template(Some("{{ strftime_now('%d %b %Y') }}"));
    let seconds = clock.wall_time().duration_since(std::time::UNIX_EPOCH).unwrap().as_secs();
    let driver = crate::support::open_with(&model, botticelli_gguf::GgufConfig::default().with_clock(clock));
    let text = driver.render(&"Hi".into()).unwrap();
    let year: u64 = text.rsplit(' ').next().unwrap().parse().unwrap();
    assert_eq!(year, 1970 + seconds / 31_556_952, "{text}");
}

#[tokio::test]
async fn a_template_may_reject_a_conversation() {
    let driver = with_template("{{ raise_exception('roles must alternate') }}");
    let error = driver.generate("Hi".into()).await.unwrap_err();
    assert_eq!(error.category(), ErrorCategory::InvalidRequest);
    assert!(error.to_string().contains("roles must alternate"), "{error}");
}

#[tokio::test]
async fn endless_and_huge_templates_are_stopped() {
    let doubling = "{% set ns = namespace(x='ab') %}{% for i in range(100) %}{% set ns.x = ns.x ~ ns.x %}{% endfor %}{{ ns.x }}";
    let nested = "{% for a in range(9999) %}{% for b in range(9999) %}{{ a * b }}{% endfor %}{% endfor %}";
    let recursive = "{% macro m(x) %}{{ m(x) }}{% endmacro %}{{ m(1) }}";
    for template in
        [doubling, nested, recursive, "{{ 'x' * 10000000000 }}", "{{ messages[0].missing.field }}"]
    {
        let error = with_template(template).generate("Hi".into()).await.unwrap_err();
        assert_eq!(error.category(), ErrorCategory::InvalidRequest, "{template}: {error}");
    }
}

#[test]
fn a_template_that_cannot_be_read_is_named() {
    let error = rejection(&TinyModel::script(&["one"]).with_template(Some("{% if %}")).file().bytes());
    assert_eq!(error.category(), ErrorCategory::Configuration);
    assert!(error.to_string().contains("the chat template"), "{error}");
}
