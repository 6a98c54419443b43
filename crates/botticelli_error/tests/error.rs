//! The promises of every error.

use botticelli_error::{
    BotticelliError, BotticelliErrorKind, BuilderError, ConfigError, ErrorCategory, ErrorDetails, HttpError,
    HttpErrorKind, InterruptedError, LimitError, LimitErrorKind, ModelsError, ModelsErrorKind,
    PartialResponse, TimeoutKind,
};
use std::error::Error;
use std::time::Duration;

#[test]
fn is_one_word_wide() {
    assert_eq!(size_of::<BotticelliError>(), size_of::<usize>());
}

#[test]
fn can_be_shared_between_threads_and_waiters() {
    fn shared<T: Send + Sync + Clone + 'static>(_: &T) {}
    let error = BotticelliError::new(InterruptedError::new("example.org"));
    shared(&error);
    assert_eq!(error.clone().to_string(), error.to_string());
}

#[test]
fn a_message_names_who_what_value_and_remedy() {
    let error: BotticelliError = BuilderError::refused(
        "GenerateRequest",
        "max_tokens",
        "0",
        "a response has a token",
        "give 1 or more",
    )
    .into();
    assert_eq!(
        error.to_string(),
        "GenerateRequest: `max_tokens` cannot be 0 because a response has a token. Give 1 or more."
    );
    assert_eq!(error.advice(), "Give 1 or more.");
}

#[test]
fn a_configuration_error_names_file_line_and_key() {
    let error = ConfigError::new("no such key", "write `model`")
        .with_file("botticelli.toml")
        .with_line(3)
        .with_key("llm.modle");
    assert_eq!(error.to_string(), "botticelli.toml, line 3, `llm.modle`: no such key. Write `model`.");
}

#[test]
fn the_message_does_not_repeat_its_source() {
    let source = std::io::Error::other("the cable is out");
    let error: BotticelliError =
        HttpError::new(HttpErrorKind::Connect, "example.org").with_source(source).into();
    assert!(!error.to_string().contains("cable"));
    assert_eq!(error.source().map(ToString::to_string).as_deref(), Some("the cable is out"));
}

#[test]
fn debug_names_the_location_that_created_it() {
    let error = BotticelliError::new(ModelsError::unsupported("huggingface", "a video input", "send text"));
    let debug = format!("{error:?}");
    assert!(debug.starts_with(&error.to_string()) && debug.contains("tests/error.rs"), "{debug}");
    assert!(format!("{error:#?}").contains("Unsupported"));
    assert!(!error.to_string().contains("tests/error.rs"));
}

#[test]
fn a_timeout_names_its_duration_and_its_setting() {
    let kind = HttpErrorKind::Timeout { kind: TimeoutKind::FirstToken, limit: Duration::from_secs(120) };
    let error: BotticelliError = HttpError::new(kind, "example.org").into();
    assert_eq!(
        error.to_string(),
        "no first token from example.org within 120s (the `first_token` timeout). Send the request again, \
         or raise the `first_token` timeout."
    );
    assert_eq!(error.category(), ErrorCategory::Timeout);
    assert!(error.is_retryable());
}

#[test]
fn a_limit_names_itself_and_what_was_spent() {
    let say = |kind| {
        let error: BotticelliError = LimitError::new(kind).into();
        assert_eq!(error.category(), ErrorCategory::LimitReached);
        assert!(!error.is_retryable() && error.may_be_billed());
        assert!(error.to_string().ends_with(&error.advice()), "{error}");
        error.to_string()
    };
    assert_eq!(
        say(LimitErrorKind::Turns { limit: 5 }),
        "the limit of 5 turns is reached, and the model still calls tools. Continue from the messages of the run, \
         or allow more turns."
    );
    assert!(say(LimitErrorKind::Turns { limit: 1 }).contains("1 turn is"));
    assert!(say(LimitErrorKind::Turns { limit: 0 }).contains("allows no request"));
    let spent = say(LimitErrorKind::Cost { limit: 1_500_000_000, spent: 1_600_000_000, next: None });
    assert!(
        spent.starts_with("the cost limit of $1.500000000 is reached ($1.600000000 is spent). Continue"),
        "{spent}"
    );
    let ahead = say(LimitErrorKind::Cost { limit: 9, spent: 1, next: Some(10) });
    assert!(ahead.contains("may cost $0.000000010") && ahead.contains("($0.000000001 is spent)"), "{ahead}");
    assert!(say(LimitErrorKind::UnknownCost { limit: 9 }).contains("cannot be enforced"));
}

#[test]
fn a_partial_response_changes_nothing_else_in_the_error() {
    let error = BotticelliError::new(InterruptedError::new("example.org"));
    let whole = error.clone().with_partial(PartialResponse::new("Hello", "", Vec::new()));
    assert_eq!(whole.partial().map(PartialResponse::text), Some("Hello"));
    assert_eq!(whole.category(), error.category());
    assert!(error.partial().is_none());
    assert!(matches!(whole.kind(), BotticelliErrorKind::Interrupted(_)));
}

#[test]
fn an_empty_partial_response_is_ignored() {
    let error =
        BotticelliError::new(InterruptedError::new("example.org")).with_partial(PartialResponse::default());
    assert!(error.partial().is_none());
}

#[cfg(feature = "huggingface")]
#[test]
fn the_remedy_fits_the_server() {
    use botticelli_error::HuggingFaceErrorKind as Kind;
    let advice = |kind: Kind, host: &str| {
        let mut refusal = ErrorDetails::new("huggingface");
        refusal.host = Some(host.to_owned());
        ModelsError::new(ModelsErrorKind::HuggingFace(kind), refusal).advice()
    };
    for (kind, at_the_router, at_home) in [
        (Kind::TokenRejected, "huggingface.co/settings/tokens", "the token of this server"),
        (Kind::PermissionDenied, "Inference Providers", "the missing permission"),
        (Kind::ModelNotFound, "inference_provider=all", "/v1/models"),
        (Kind::Server, "name another provider", "the server's own log"),
        (Kind::RateLimited, "use another provider", "a little later"),
    ] {
        let advice_text = advice(kind.clone(), "router.huggingface.co");
        assert!(advice_text.contains(at_the_router), "{advice_text}");
        let advice_text = advice(kind, "127.0.0.1:8080");
        assert!(advice_text.contains(at_home) && !advice_text.contains("huggingface.co"), "{advice_text}");
    }
}

#[test]
fn a_note_is_the_end_of_the_message() {
    let error: BotticelliError =
        BuilderError::missing("GenerateRequest", "messages", "give at least one").into();
    assert_eq!(error.note(), None);
    let clean = error.to_string();
    let noted = error.clone().with_note("The route `a` failed, too.").with_note("The route `b` failed, too.");
    assert_eq!(noted.note(), Some("The route `a` failed, too. The route `b` failed, too."));
    assert_eq!(noted.to_string(), format!("{clean} The route `a` failed, too. The route `b` failed, too."));
    assert!(format!("{noted:?}").contains("`b`") && format!("{noted:#?}").contains("note: Some"));
    assert_eq!((noted.category(), error.to_string()), (error.category(), clean));
}

#[test]
fn a_driver_of_another_crate_can_reject_with_any_category() {
    let mut details = ErrorDetails::new("acme");
    details.status = Some(429);
    details.retry_after = Some(Duration::from_secs(3));
    let kind = ModelsErrorKind::Rejected {
        category: ErrorCategory::RateLimited,
        what: "the service receives too many requests".to_owned(),
        remedy: "wait".to_owned(),
    };
    let error: BotticelliError = ModelsError::new(kind, details).into();
    assert_eq!(error.to_string(), "acme: the service receives too many requests (HTTP 429). Wait.");
    assert_eq!((error.category(), error.advice()), (ErrorCategory::RateLimited, "Wait.".to_owned()));
    assert_eq!(error.retry_after(), Some(Duration::from_secs(3)));
    assert!(error.is_retryable() && !error.may_be_billed());
}
