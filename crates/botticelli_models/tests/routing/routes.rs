//! Routes in model names: parsed, rejected, and ignored on other servers.

use crate::common::{failure, scripted, settings, stream_failure};
use botticelli_core::{GenerateRequest, Message};
use botticelli_error::{BotticelliErrorKind, ErrorCategory, HuggingFaceErrorKind, ModelsErrorKind};
use botticelli_interface::BotticelliDriver;
use botticelli_models::Environment;
use botticelli_models::huggingface::{HuggingFaceDriver, ModelRoute, ProviderPolicy};
use botticelli_sandbox::Script;

const ANSWER: &str = r#"{"choices":[{"message":{"content":"ok"}}]}"#;

/// A driver at the router, which these tests never reach.
fn at_the_router(model: &str) -> Result<HuggingFaceDriver, botticelli_error::BotticelliError> {
    HuggingFaceDriver::builder(model).token("hf_x").environment(Environment::empty()).build()
}

fn asking(model: &str) -> GenerateRequest {
    GenerateRequest::builder().messages(vec![Message::user("Hi")]).model(model).build().unwrap()
}

#[test]
fn a_parsed_model_name_displays_unchanged() {
    let provider = |name: &str| ProviderPolicy::Provider(name.to_owned());
    let cases = [
        ("openai/gpt-oss-20b", "openai/gpt-oss-20b", ProviderPolicy::Default),
        ("openai/gpt-oss-20b:fastest", "openai/gpt-oss-20b", ProviderPolicy::Fastest),
        ("openai/gpt-oss-20b:cheapest", "openai/gpt-oss-20b", ProviderPolicy::Cheapest),
        ("openai/gpt-oss-20b:preferred", "openai/gpt-oss-20b", ProviderPolicy::Preferred),
        ("openai/gpt-oss-20b:groq", "openai/gpt-oss-20b", provider("groq")),
        ("org/model:fireworks-ai", "org/model", provider("fireworks-ai")),
        // An old name without an organisation.
        ("gpt2:hf-inference", "gpt2", provider("hf-inference")),
    ];
    for (model, id, route) in cases {
        let read: ModelRoute = model.parse().unwrap();
        assert_eq!((read.id(), read.route()), (id, &route), "{model}");
        assert_eq!(read.to_string(), model);
        assert_eq!(ModelRoute::new(id, route).unwrap(), read);
    }
}

#[test]
fn an_unknown_provider_is_accepted() {
    // Providers removed in 2026, future providers, and words unlike any known one.
    for name in [
        "nebius",
        "nvidia",
        "sambanova",
        "hyperbolic",
        "clarifai",
        "black-forest-labs",
        "parasail",
        "x",
        "new-one",
    ] {
        let read: ModelRoute = format!("org/model:{name}").parse().unwrap();
        assert_eq!(read.route(), &ProviderPolicy::Provider(name.to_owned()));
        assert!(at_the_router(&format!("org/model:{name}")).is_ok());
    }
}

#[test]
fn a_misspelled_route_is_rejected_with_the_nearest_word() {
    let cases = [
        ("fastst", "fastest"),
        ("Fastest", "fastest"),
        ("cheepest", "cheapest"),
        ("Cheapest", "cheapest"),
        ("cheepst", "cheapest"),
        ("chaepest", "cheapest"),
        ("preferrd", "preferred"),
        ("PREFERRED", "preferred"),
        ("Groq", "groq"),
        ("grok", "groq"),
        ("togethr", "together"),
        ("fireworks", "fireworks-ai"),
        ("fireworks_ai", "fireworks-ai"),
        ("hf_inference", "hf-inference"),
        ("featherless", "featherless-ai"),
        ("cerebas", "cerebras"),
        ("zai", "zai-org"),
    ];
    for (word, nearest) in cases {
        let error = at_the_router(&format!("org/model:{word}")).unwrap_err();
        assert_eq!(error.category(), ErrorCategory::InvalidRequest);
        assert!(error.to_string().contains(&format!("Did you mean `{nearest}`?")), "{error}");
        // And how to have it all the same.
        assert!(error.advice().contains("(`provider`)"), "{error}");
        let BotticelliErrorKind::Models(models) = error.kind() else { panic!("{error}") };
        assert_eq!(
            models.kind(),
            &ModelsErrorKind::HuggingFace(HuggingFaceErrorKind::UnknownRoute {
                // What might be a token is not repeated.
                route: if word.starts_with("hf_") { "…" } else { word }.to_owned(),
                nearest: nearest.to_owned()
            })
        );
    }
}

#[test]
fn an_invalid_model_name_is_not_a_route() {
    let cases = [
        ("org/model:owner/name:version", "more than one word after its colon"),
        ("org/model:groq:fastest", "more than one word after its colon"),
        ("org/model:owner/name", "more than one word after its colon"),
        ("org/model:", "nothing after its colon"),
        (":groq", "nothing before its colon"),
        ("org/model:gr oq", "contains white space"),
        ("../secret:groq", "the part .. or ."),
    ];
    for (model, words) in cases {
        let error = model.parse::<ModelRoute>().unwrap_err();
        assert!(error.to_string().contains(words), "{error}");
        assert!(at_the_router(model).is_err(), "{model}");
    }
    let twice = ModelRoute::new("org/model:groq", ProviderPolicy::Fastest).unwrap_err();
    assert!(twice.to_string().contains("is not a valid model name"), "{twice}");
    // Set by hand, no name is taken for a slip.
    assert_eq!(
        ModelRoute::new("org/model", ProviderPolicy::Provider("grok".into())).unwrap().to_string(),
        "org/model:grok"
    );
}

#[tokio::test]
async fn the_model_of_a_request_is_checked_before_anything_is_sent() {
    let driver = at_the_router("org/model").unwrap();
    for error in [
        failure(&driver, asking("org/model:cheepest")).await,
        stream_failure(&driver, asking("org/model:cheepest")).await,
        driver.model_info("org/model:cheepest").await.unwrap_err(),
    ] {
        assert_eq!(error.category(), ErrorCategory::InvalidRequest, "{error}");
        assert!(error.to_string().contains("`cheapest`"), "{error}");
    }
}

#[tokio::test]
async fn on_other_servers_a_colon_is_part_of_the_name() {
    let server = scripted(Script::json(200, ANSWER)).await;
    // A private server, and a dedicated endpoint of Hugging Face.
    for model in ["llama3:8b", "hf.co/org/model:Q4_K_M", "registry:5000/model:Fastest", "org/model:fastst"] {
        let driver = settings(&server).build().unwrap();
        let answer = driver.generate(asking(model)).await.unwrap();
        assert_eq!(answer.requested_model(), Some(model));
        assert_eq!(server.requests().last().unwrap().body()["model"], model);
        let endpoint = "https://abc.eu-west-1.aws.endpoints.huggingface.cloud";
        assert!(HuggingFaceDriver::builder(model).base_url(endpoint).token("hf_x").build().is_ok());
    }
}

#[tokio::test]
async fn the_catalog_is_searched_for_the_name_without_its_route() {
    let server = scripted(Script::json(200, ANSWER)).await;
    let driver = settings(&server).build().unwrap();
    for (model, path) in [
        ("org/model:cheapest", "/v1/models/org/model"),
        ("org/model:groq", "/v1/models/org/model"),
        ("llama3:8b", "/v1/models/llama3:8b"),
    ] {
        let _ = driver.model_info(model).await;
        assert_eq!(server.requests().last().unwrap().path(), path);
    }
}
