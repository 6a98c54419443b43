//! Names of real models, organizations, hosts, files and variables are accepted. Tokens in their place are rejected.

use crate::common::scripted;
use botticelli_core::{AuthConfig, GenerateRequest};
use botticelli_error::ErrorCategory;
use botticelli_interface::BotticelliDriver;
use botticelli_models::Environment;
use botticelli_models::huggingface::{HuggingFaceDriver, ModelRoute};
use botticelli_sandbox::{Sandbox, Script};

const MODELS: &[&str] = &[
    "qwen2.5-coder-7b-instruct",
    "llama-3.2-3b-instruct-q4_k_m.gguf",
    "gpt-4o-mini-2024-07-18",
    "gpt-3.5-turbo-16k-0613",
    "text-embedding-3-large",
    "meta-llama-3.1-8b-instruct-fp8",
    "mistral-7b-instruct-v0.3",
    "mixtral-8x7b-instruct-v0.1",
    "deepseek-r1-distill-qwen-32b",
    "phi-3-mini-4k-instruct-q4",
    "gemma-2-9b-it-sppo-iter3",
    "claude-3-5-sonnet-20241022",
    "gemini-2.0-flash-exp-0827",
    "nous-hermes-2-mixtral-8x7b-dpo",
    "codellama-34b-instruct-hf",
    "tinyllama-1.1b-chat-v1.0.Q4_K_M.gguf",
    "llama-v3p1-405b-instruct",
    "hermes3:8b-llama3.1-q6_K",
    "smollm2:135m-instruct-q4_0",
    "ft:gpt-4o-mini-2024-07-18:my-org::abc123XYZ",
    "hf_model",
    "hf_gguf_models_2024_q4_k_m",
    "sk-learn-text-classifier-2024",
    "sk_bert_base_multilingual_v2",
    "xai-grok-2-1212",
    "r8_stable_diffusion_v1_5",
    "fw_llama_v3_70b_instruct",
    "0123456789abcdef0123456789abcdef",
    "9f86d081884c7d659a2feaa0c55ad015",
];

const ROUTED: &[&str] =
    &["openai/gpt-oss-20b", "org/sk-0123456789abcdef0123456789", "qwen2.5-coder-7b-instruct:groq"];

const TOKENS: &[&str] = &[
    "hf_sEcReT0123456789aBcDeF",
    "hf_abcdefghijKLMNOPQRSTuvwxyzABCDEFGH",
    "sk-0123456789abcdef0123456789abcdef",
    "sk-proj-Ab1_cD2-eF3_gH4-iJ5_kL6-mN7",
    "gsk_0123456789ABCDEFabcdef0123456789",
    "Bearer hf_sEcReT0123456789aBcDeF",
];

#[tokio::test]
async fn names_of_real_models_are_sent_as_they_are() {
    let answer = r#"{"choices":[{"message":{"content":"ok"},"finish_reason":"stop"}]}"#;
    for name in MODELS {
        let sandbox = scripted(Script::json(200, answer)).await;
        let driver = HuggingFaceDriver::builder(*name)
            .base_url(sandbox.base_url())
            .token(Sandbox::TOKEN)
            .environment(Environment::empty())
            .build()
            .unwrap();
        driver.generate("Hi".into()).await.unwrap();
        driver.generate(GenerateRequest::from("Hi").with_model(*name)).await.unwrap();
        for request in sandbox.requests() {
            assert_eq!(request.body()["model"], **name);
        }
    }
}

#[test]
fn names_of_real_models_are_routes_at_the_router() {
    for name in MODELS.iter().filter(|name| !name.contains(':')).chain(ROUTED) {
        assert!(name.parse::<ModelRoute>().is_ok(), "{name}");
        assert!(HuggingFaceDriver::new("hf_x", *name).is_ok(), "{name}");
    }
}

#[test]
fn names_of_real_organizations_providers_and_variables_pass() {
    let builder = || HuggingFaceDriver::builder("org/model").environment(Environment::empty());
    for name in
        ["my-research-lab-2024", "hf-internal-testing", "team4-computational-linguistics", "sk-data-2"]
    {
        assert!(builder().token("hf_x").bill_to(name).build().is_ok(), "{name}");
    }
    for name in ["my-gateway-for-llama-3-in-frankfurt", "provider-2024-europe-west1"] {
        assert!(builder().token("hf_x").provider(name).build().is_ok(), "{name}");
    }
    for name in [
        "my_huggingface_token_for_2024",
        "HF_TOKEN_PRODUCTION_2024",
        "hf_token",
        "gsk_key_2",
        "sk_api_key_v2",
    ] {
        let environment = Environment::empty().with(name, "hf_x");
        let built = builder().api_key_env(name).environment(environment).build();
        assert!(built.is_ok(), "{name}: {built:?}");
        let written = serde_json::json!({ "api_key_env": name });
        assert!(serde_json::from_value::<AuthConfig>(written).is_ok(), "{name}");
    }
    for host in ["inference-2024-08-01.internal.example.org", "gpu-node-17.cluster-4.research-lab.example"] {
        assert!(builder().token("hf_x").base_url(format!("https://{host}/v1")).build().is_ok(), "{host}");
    }
}

#[test]
fn a_token_instead_of_a_name_is_rejected_and_not_shown() {
    let builder = || HuggingFaceDriver::builder("org/model").environment(Environment::empty());
    for token in TOKENS {
        let errors = [
            HuggingFaceDriver::new("org/model", *token).unwrap_err(),
            builder().token("hf_x").bill_to(*token).build().unwrap_err(),
            builder().token("hf_x").provider(*token).build().unwrap_err(),
            builder().api_key_env(*token).build().unwrap_err(),
        ];
        let [model, others @ ..] = &errors;
        assert_eq!(model.category(), ErrorCategory::InvalidRequest, "{model}");
        for error in others {
            assert_eq!(error.category(), ErrorCategory::Configuration, "{error}");
        }
        for error in &errors {
            assert!(!format!("{error} {error:?} {error:#?}").contains(*token), "{error}");
        }
    }
}
