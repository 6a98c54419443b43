//! Every setting in code is the key with the same name in TOML, whose effect `settings.rs` shows.

use botticelli::{
    AuthConfig, DriverKind, GenerationConfig, HuggingFaceConfig, LlmConfig, Price, RetryConfig, Timeouts,
    Usd, config_from_toml,
};
use serde_json::Value;
use std::collections::BTreeMap;
use std::time::Duration;

const FILE: &str = r#"
[llm]
provider = "huggingface"
model = "org/model"
[llm.auth]
api_key_env = "MY_KEY"
[llm.huggingface]
base_url = "http://vllm:8000/v1"
bill_to = "my-org"
provider = "groq"
dialect = "tgi"
choose_provider = true
catalog_file = "models.json"
catalog_max_age = 60
catalog_prices = true
price = { prompt = "0.25", completion = "0.69" }
allow_plain_http = true
api = "tei"
batch_size = 8
concurrency = 2
job_timeout = 60
[llm.generation]
max_tokens = 10
temperature = 0.5
top_p = 0.9
stop = ["END"]
seed = 7
frequency_penalty = 0.25
presence_penalty = 0.75
[llm.timeout]
connect = 1
first_token = 2
idle = 3
keep_alive = 4
total = 5
stream_total = 6
loading = 7
[llm.retry]
max_retries = 9
base_delay = 1
max_delay = 2
max_hint = 3
"#;

fn in_code() -> LlmConfig {
    let seconds = Duration::from_secs;
    let settings = HuggingFaceConfig::default()
        .with_base_url("http://vllm:8000/v1")
        .with_bill_to("my-org")
        .with_provider("groq")
        .with_dialect("tgi")
        .with_choose_provider(true)
        .with_catalog_file("models.json")
        .with_catalog_max_age(60)
        .with_catalog_prices(true)
        .with_price(Price::new(Usd::parse("0.25").unwrap(), Usd::parse("0.69").unwrap()))
        .with_allow_plain_http(true)
        .with_api("tei")
        .with_batch_size(8)
        .with_concurrency(2)
        .with_job_timeout(60);
    let generation = GenerationConfig::default()
        .with_max_tokens(10)
        .with_temperature(0.5)
        .with_top_p(0.9)
        .with_stop(["END"])
        .with_seed(7)
        .with_frequency_penalty(0.25)
        .with_presence_penalty(0.75);
    let timeouts = Timeouts::default()
        .with_connect(seconds(1))
        .with_first_token(seconds(2))
        .with_idle(seconds(3))
        .with_keep_alive(seconds(4))
        .with_total(seconds(5))
        .with_stream_total(seconds(6))
        .with_loading(seconds(7));
    let retry = RetryConfig::default()
        .with_max_retries(9)
        .with_base_delay(seconds(1))
        .with_max_delay(seconds(2))
        .with_max_hint(seconds(3));
    LlmConfig::builder()
        .provider(DriverKind::HuggingFace)
        .model("org/model")
        .auth(AuthConfig::default().with_api_key_env("MY_KEY"))
        .provider_table(DriverKind::HuggingFace, settings.to_table())
        .generation(generation)
        .timeout(timeouts)
        .retry(retry)
        .build()
        .unwrap()
}

fn keys(config: &LlmConfig) -> BTreeMap<String, Value> {
    let Value::Object(tables) = serde_json::to_value(config).unwrap() else {
        panic!("a config is an object")
    };
    let entries = |(table, value): (String, Value)| match value {
        Value::Object(entries) => {
            entries.into_iter().map(|(key, value)| (format!("{table}.{key}"), value)).collect()
        }
        value => vec![(table, value)],
    };
    tables.into_iter().flat_map(entries).collect()
}

#[test]
fn every_setting_in_code_is_the_key_of_its_name() {
    let (code, file) = (in_code(), config_from_toml(FILE).unwrap());
    assert_eq!(keys(&code), keys(&file));
    assert_eq!(code, file);
}

#[test]
fn every_key_is_in_the_table_above() {
    let minimal = config_from_toml("[llm]\nprovider = \"huggingface\"\nmodel = \"other/model\"").unwrap();
    let defaults = keys(&minimal);
    let file = keys(&config_from_toml(FILE).unwrap());
    for (key, default) in defaults.iter().filter(|(key, _)| *key != "provider") {
        let value = file.get(key);
        assert_ne!(value, Some(default), "{key} has its default here");
        assert!(value.is_some(), "{key} is missing here");
    }
    // The settings of the provider have no defaults, so its own error message lists them.
    let error = config_from_toml(&format!("{FILE}[llm.huggingface.x]\n")).unwrap_err().to_string();
    let accepted: Vec<_> = error
        .split('`')
        .filter(|word| word.contains('_') || *word == "provider" || ["dialect", "api"].contains(word))
        .collect();
    for key in accepted.iter().filter(|key| !key.contains('.')) {
        assert!(FILE.contains(&format!("\n{key} = ")), "{key} is missing here: {error}");
    }
    assert!(accepted.contains(&"allow_plain_http"), "{error}");
}
