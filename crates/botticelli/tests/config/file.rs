//! A configuration file becomes a driver, or an error with file, line and key.

use botticelli::{
    BotticelliError, BotticelliErrorKind, ConfigError, DriverKind, ErrorCategory, LlmConfig,
    config_from_file, config_from_toml, driver_from_config,
};
use std::path::PathBuf;
use std::time::Duration;

/// A file that is removed after the test.
struct File(tempfile::TempDir);

impl File {
    fn new(text: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("botticelli.toml"), text).unwrap();
        Self(folder)
    }

    fn path(&self) -> PathBuf {
        self.0.path().join("botticelli.toml")
    }
}

const MINIMAL: &str = "[llm]\nprovider = \"huggingface\"\nmodel = \"openai/gpt-oss-20b:cheapest\"\n";

fn config_error(error: &BotticelliError) -> &ConfigError {
    assert_eq!(error.category(), ErrorCategory::Configuration, "{error}");
    let BotticelliErrorKind::Config(config) = error.kind() else { panic!("{error:?}") };
    config
}

/// A token that is looked for in everything that can be printed.
const SECRET: &str = "hf_sEcReT0123456789aBcDeF";

#[test]
fn a_token_anywhere_in_a_file_is_not_repeated() {
    for text in [
        SECRET.to_owned(),
        format!("{SECRET} = 1"),
        format!("token = \"{SECRET}\""),
        format!("[{SECRET}]\na = 1"),
        format!("{MINIMAL}{SECRET} = 1"),
        format!("{MINIMAL}{SECRET} = 1\n{SECRET} = 2"),
        format!("{MINIMAL}token = {SECRET}"),
        format!("{MINIMAL}token = \"{SECRET}"),
        format!("{MINIMAL}[llm.{SECRET}]"),
        format!("{MINIMAL}[llm.auth]\n[llm.auth]\n{SECRET} = 1"),
        format!("{MINIMAL}[llm.auth]\n{SECRET} = \"HF_TOKEN\""),
        format!("{MINIMAL}[llm.auth]\napi_key_env = \"{SECRET}\""),
        format!("{MINIMAL}[llm.auth]\napi_key_env = [\"{SECRET}\"]"),
        format!("{MINIMAL}[llm.auth.{SECRET}]\na = 1"),
        format!("{MINIMAL}[llm.auth]\n\"a: {SECRET}\" = 1"),
        format!("{MINIMAL}[llm.huggingface]\nbill_to = \"{SECRET}\"\nbase_url = 3"),
        format!("{MINIMAL}[llm.generation]\nmax_tokens = \"{SECRET}\""),
        format!("{MINIMAL}[llm.timeout]\ntotal = \"{SECRET}\""),
        format!("{MINIMAL}[llm.retry]\nbase_delay = \"{SECRET}\""),
        format!("[llm]\nprovider = \"{SECRET}\"\nmodel = \"org/model\""),
        format!("[llm]\nprovider = \"huggingface\"\nmodel = [\"{SECRET}\"]"),
    ] {
        // The provider reads its own table, so its mistakes are found only if the provider is built.
        if cfg!(not(feature = "huggingface")) && text.contains("[llm.huggingface]") {
            assert!(!format!("{:?}", config_from_toml(&text)).contains(SECRET));
            continue;
        }
        let error = config_from_toml(&text).unwrap_err();
        let mut shown = format!("{error} {error:?} {error:#?}");
        let mut cause = std::error::Error::source(&error);
        while let Some(error) = cause {
            shown = format!("{shown} {error} {error:?}");
            cause = error.source();
        }
        assert!(!shown.contains("sEcReT"), "{text}\n{shown}");
    }
    // These are found when the driver is built.
    for text in [
        format!("[llm]\nprovider = \"huggingface\"\nmodel = \"{SECRET}\""),
        format!("{MINIMAL}[llm.huggingface]\nbill_to = \"{SECRET}\""),
        format!("{MINIMAL}[llm.huggingface]\nbase_url = \"{SECRET}\""),
        format!("{MINIMAL}[llm.huggingface]\nbase_url = \"https://u:{SECRET}@h/{SECRET}\""),
    ] {
        let config = config_from_toml(&text).unwrap();
        let error = driver_from_config(File::new(&text).path()).unwrap_err();
        for shown in [format!("{error} {error:?} {error:#?}"), format!("{config:?} {config:#?}")] {
            assert!(!shown.contains("sEcReT"), "{text}\n{shown}");
        }
    }
}

#[test]
fn a_minimal_file_has_a_provider_and_a_model() {
    let config = config_from_file(File::new(MINIMAL).path()).unwrap();
    assert_eq!(config.provider(), DriverKind::HuggingFace);
    assert_eq!(config.model(), "openai/gpt-oss-20b:cheapest");
    assert_eq!(config.auth().api_key_env(), None);
    assert_eq!(config.provider_table(DriverKind::HuggingFace), None);
    assert_eq!(config.generation().max_tokens(), None);
}

#[test]
fn a_complete_file_is_read_unchanged() {
    let text = r#"
        [llm]
        provider = "huggingface"
        model = "org/model"
        [llm.auth]
        api_key_env = "MY_TOKEN"
        [llm.huggingface]
        base_url = "https://example.org/v1"
        bill_to = "my-org"
        [llm.generation]
        max_tokens = 256
        temperature = 0.7
        top_p = 0.9
        stop = ["END"]
        seed = 18446744073709551615
        frequency_penalty = 0.5
        presence_penalty = -1
        [llm.timeout]
        connect = 5
        idle = 2.5
        total = "none"
        [llm.retry]
        max_retries = 1
        base_delay = 0.25
    "#;
    let config = config_from_toml(text).unwrap();
    assert_eq!(config.auth().api_key_env(), Some("MY_TOKEN"));
    let settings = config.provider_table(DriverKind::HuggingFace).unwrap();
    assert_eq!(settings["base_url"], "https://example.org/v1");
    assert_eq!(settings["bill_to"], "my-org");
    let generation = config.generation();
    assert_eq!(generation.max_tokens(), Some(256));
    assert_eq!(generation.temperature(), Some(0.7));
    assert_eq!(generation.top_p(), Some(0.9));
    assert_eq!(generation.stop(), ["END"]);
    assert_eq!(generation.seed(), Some(u64::MAX));
    assert_eq!(generation.frequency_penalty(), Some(0.5));
    assert_eq!(generation.presence_penalty(), Some(-1.0));
    let timeout = config.timeout();
    assert_eq!(timeout.connect(), Some(Duration::from_secs(5)));
    assert_eq!(timeout.idle(), Some(Duration::from_millis(2500)));
    assert_eq!(timeout.total(), None);
    assert_eq!(timeout.first_token(), Some(Duration::from_secs(120)), "the default");
    assert_eq!(config.retry().max_retries(), 1);
    assert_eq!(config.retry().base_delay(), Duration::from_millis(250));
    assert_eq!(config.retry().max_delay(), Duration::from_secs(8), "the default");
}

/// Lines added to a minimal file, the line and the key of the error, and a part of its message.
const MISTAKES: &[(&str, usize, &str, &str)] = &[
    ("modle = \"x\"", 4, "llm.modle", "Did you mean `model`?"),
    ("[llm.generation]\nmax_token = 5", 5, "llm.generation.max_token", "Did you mean `max_tokens`?"),
    ("[llm.auth]\napi_key = \"hf_secret\"", 5, "llm.auth.api_key", "Did you mean `api_key_env`?"),
    (
        "[llm.huggingface]\nxyz = 1",
        5,
        "llm.huggingface.xyz",
        "Accepted are `base_url`, `bill_to`, `provider`, `dialect`, `choose_provider`, `catalog_file`, `catalog_max_age`",
    ),
    (
        "[llm.huggingface]\nprice = { prompt = \"-1\", completion = \"1\" }",
        5,
        "llm.huggingface.price",
        "it is negative",
    ),
    (
        "[llm.huggingface]\nprice = { prompt = \"1 EUR\", completion = \"1\" }",
        5,
        "llm.huggingface.price",
        "it is not a number of US dollars",
    ),
    ("[llm.huggingface]\nprice = { prompt = \"1\" }", 5, "llm.huggingface.price.completion", "missing"),
    (
        "[llm.huggingface]\nprice = { prompt = 1, completion = 1, cached = 1 }",
        5,
        "llm.huggingface.price",
        "unknown key",
    ),
    ("[llm.huggingface]\nprice = \"0.25\"", 5, "llm.huggingface.price", "a table such as"),
    (
        "[llm.huggingface]\nprice = { prompt = nan, completion = 1 }",
        5,
        "llm.huggingface.price",
        "decimal number",
    ),
    ("[llm.huggingface]\ncatalog_prices = \"yes\"", 5, "llm.huggingface.catalog_prices", "a boolean"),
    ("[llm.openai]\nx = 1", 4, "llm.openai", "unknown key"),
    ("[lmm]\nx = 1", 4, "lmm", "Did you mean `llm`?"),
    ("[llm.retry]\nattempts = 3", 5, "llm.retry.attempts", "Accepted are `max_retries`"),
    ("[llm.retry]\nbase_delay = -1", 5, "llm.retry.base_delay", "a number of seconds, 0 or more"),
    ("[llm.retry]\nmax_retries = -1", 5, "llm.retry.max_retries", "`-1`"),
    ("[llm.timeout]\nidles = 3", 5, "llm.timeout.idles", "Did you mean `idle`?"),
    ("[llm.timeout]\nidle = 0", 5, "llm.timeout.idle", "a number of seconds above 0, or \"none\""),
    ("[llm.timeout]\nidle = -3", 5, "llm.timeout.idle", "a number of seconds above 0, or \"none\""),
    ("[llm.timeout]\nidle = nan", 5, "llm.timeout.idle", "a number of seconds above 0, or \"none\""),
    ("[llm.timeout]\nidle = \"ever\"", 5, "llm.timeout.idle", "a number of seconds above 0, or \"none\""),
    ("[llm.budget]\nper_moth = 3", 5, "llm.budget.per_moth", "Did you mean `per_month`?"),
    ("per_month = 3", 4, "llm.per_month", "Did you mean `llm.budget.per_month`?"),
    ("[llm.budget]\nper_month = -3", 5, "llm.budget.per_month", "it is negative"),
    ("[llm.budget]\nper_month = \"3 EUR\"", 5, "llm.budget.per_month", "it is not a number of US dollars"),
    ("[llm.budget]\nper_month = nan", 5, "llm.budget.per_month", "it is not a decimal number"),
    (
        "[llm.budget]\nper_month = \"0.10\"\nper_call = \"1\"",
        6,
        "llm.budget.per_call",
        "it cannot be $1.00, `per_month` is only $0.10. Give at most $0.10",
    ),
    (
        "[llm.budget]\nper_month = 1\non_unknown_price = \"perhaps\"",
        6,
        "llm.budget.on_unknown_price",
        "`perhaps` is not an accepted word. Accepted are `refuse`, `allow`",
    ),
    ("layers = [\"budget\"]", 4, "llm.layers", "`budget` has no table. Add the table `[llm.budget]`"),
    (
        "layers = [\"budget\", \"budget\"]\n[llm.budget]\nper_month = 1",
        4,
        "llm.layers",
        "names `budget` twice",
    ),
    ("layers = []\n[llm.budget]\nper_month = 1", 4, "llm.layers", "lacks `budget`, which has a table"),
    ("layers = [\"bugdet\"]", 4, "llm.layers", "`bugdet` is not an accepted word. Did you mean `budget`?"),
    ("[llm.generation]\nmax_tokens = \"many\"", 5, "llm.generation.max_tokens", "string \"many\""),
    (
        "[llm.generation]\nmax_tokens = 0",
        5,
        "llm.generation.max_tokens",
        "it cannot be 0, a response has at least one token. Give 1 or more",
    ),
    ("temperature = 0.7", 4, "llm.temperature", "Did you mean `llm.generation.temperature`?"),
    (
        "[llm.generation]\nbase_url = \"x\"",
        5,
        "llm.generation.base_url",
        "Did you mean `llm.huggingface.base_url`?",
    ),
    ("[llm.generation]\nmax_tokens = -1", 5, "llm.generation.max_tokens", "`-1`"),
    ("[llm.generation]\nmax_tokens = 1.5", 5, "llm.generation.max_tokens", "floating point `1.5`"),
    ("[llm.generation]\ntemperature = nan", 5, "llm.generation.temperature", "a finite number"),
    ("[llm.generation]\ntemperature = inf", 5, "llm.generation.temperature", "a finite number"),
    ("[llm.generation]\ntemperature = \"hot\"", 5, "llm.generation.temperature", "string \"hot\""),
    ("[llm.generation]\nstop = \"END\"", 5, "llm.generation.stop", "a list, as"),
    ("[llm.auth]\napi_key_env = \"hf_abcdef\"", 5, "llm.auth.api_key_env", "this is a token instead of"),
    ("[llm.auth]\napi_key_env = \"gsk_abcdef\"", 5, "llm.auth.api_key_env", "this is a token instead of"),
    (
        "[llm.auth]\napi_key_env = \"sdkjfh3987dskjfh3987sdkf\"",
        5,
        "llm.auth.api_key_env",
        "this is a token instead of",
    ),
    (
        "[llm.auth]\napi_key_env = \"MY TOKEN\"",
        5,
        "llm.auth.api_key_env",
        "not a name of an environment variable",
    ),
    ("[llm.auth]\napi_key_env = \"\"", 5, "llm.auth.api_key_env", "not a name of an environment variable"),
    ("[llm.generation]\nmax_tokens = ", 5, "", "this is not valid TOML"),
    ("[llm.generation]\nstop = \"say hf_secret now\"", 5, "llm.generation.stop", "string \"say … now\""),
    ("provider = \"huggingface\"", 4, "", "duplicate key"),
];

#[test]
fn a_mistake_is_reported_with_file_line_and_key() {
    // The provider reads its own table, so its mistakes are found only if the provider is built.
    let is_read = |added: &str| cfg!(feature = "huggingface") || !added.starts_with("[llm.huggingface]");
    for (added, line, key, words) in MISTAKES.iter().filter(|(added, ..)| is_read(added)) {
        let file = File::new(&format!("{MINIMAL}{added}\n"));
        let error = driver_from_config(file.path()).unwrap_err();
        let config = config_error(&error);
        assert_eq!(config.file(), Some(file.path().display().to_string().as_str()));
        assert_eq!(config.line(), Some(*line), "{added}: {error}");
        assert_eq!(config.key().unwrap_or_default(), *key, "{added}: {error}");
        assert!(error.to_string().contains(words), "{added}: {error}");
        for secret in ["hf_secret", "hf_abcdef", "gsk_abcdef", "sdkjfh3987"] {
            assert!(!format!("{error} {error:?}").contains(secret), "{error:?}");
        }
    }
}

#[test]
fn an_error_about_an_unknown_provider_lists_the_known_ones() {
    let error = config_from_toml("[llm]\nprovider = \"openai\"\nmodel = \"m\"").unwrap_err();
    let known = if cfg!(feature = "gguf") { "`huggingface`, `gguf`" } else { "`huggingface`" };
    assert_eq!(
        error.to_string(),
        format!(
            "the configuration, line 2, `llm.provider`: unknown provider `openai`. Accepted are {known}; for an \
             OpenAI-compatible server write `provider = \"huggingface\"`, and its address as `base_url` in \
             `[llm.huggingface]`."
        )
    );
    for name in ["vllm", "llama.cpp", "ollama", "groq", "lm-studio", "azure"] {
        let text = format!("[llm]\nprovider = \"{name}\"\nmodel = \"m\"");
        let error = config_from_toml(&text).unwrap_err();
        assert!(error.to_string().contains("`base_url` in `[llm.huggingface]`"), "{error}");
    }
    let slip = config_from_toml("[llm]\nprovider = \"hugging_face\"\nmodel = \"m\"").unwrap_err();
    assert!(slip.to_string().ends_with("Did you mean `huggingface`?"), "{slip}");
}

#[cfg(feature = "huggingface")]
#[test]
fn only_the_setting_allows_a_key_over_plain_http() {
    use botticelli::{Environment, HuggingFaceDriver};
    let environment = || Environment::empty().with("VLLM_KEY", "sk-of-my-own");
    let build = |allowed: &str| {
        let text = format!(
            "[llm]\nprovider = \"huggingface\"\nmodel = \"m\"\n[llm.auth]\napi_key_env = \"VLLM_KEY\"\n\
             [llm.huggingface]\nbase_url = \"http://vllm:8000\"\n{allowed}"
        );
        HuggingFaceDriver::from_config(&config_from_toml(&text).unwrap(), environment())
    };
    for off in ["", "allow_plain_http = false"] {
        let error = build(off).unwrap_err();
        assert_eq!(error.category(), ErrorCategory::Configuration, "{error}");
        assert!(error.to_string().contains("`allow_plain_http = true` in `[llm.huggingface]`"), "{error}");
    }
    assert!(build("allow_plain_http = true").is_ok());
}

#[test]
fn an_error_names_the_missing_key() {
    let error = config_from_toml("[llm]\nprovider = \"huggingface\"").unwrap_err();
    assert_eq!(config_error(&error).key(), Some("llm.model"));
    let error = config_from_toml("").unwrap_err();
    assert_eq!(config_error(&error).key(), Some("llm"));
    let error = LlmConfig::builder().provider(DriverKind::HuggingFace).build().unwrap_err();
    assert!(error.to_string().contains("`model` is missing"), "{error}");
}

#[test]
fn a_missing_file_is_reported_as_missing() {
    let error = driver_from_config("/nowhere/botticelli.toml").unwrap_err();
    assert_eq!(config_error(&error).file(), Some("/nowhere/botticelli.toml"));
    assert!(error.to_string().contains("it cannot be read"), "{error}");
    assert!(std::error::Error::source(&error).is_some());
}

#[cfg(not(feature = "huggingface"))]
#[test]
fn an_error_about_a_disabled_provider_names_its_feature() {
    let error = driver_from_config(File::new(MINIMAL).path()).unwrap_err();
    assert_eq!(config_error(&error).key(), Some("llm.provider"));
    assert!(
        error.to_string().contains("Enable the feature `huggingface` of the crate `botticelli`"),
        "{error}"
    );
}

#[cfg(feature = "huggingface")]
mod with_huggingface {
    use super::*;
    use botticelli::{BotticelliDriver, Environment, GenerateRequest, Usage, driver_from};
    use botticelli_sandbox::Sandbox;
    use std::sync::Arc;

    #[tokio::test]
    async fn a_driver_from_a_file_returns_a_response() {
        let sandbox = Sandbox::start().await.unwrap();
        let text = format!(
            "{MINIMAL}[llm.auth]\napi_key_env = \"MY_TOKEN\"\n[llm.huggingface]\nbase_url = \"{}\"\nbill_to = \
             \"my-org\"\n[llm.generation]\nmax_tokens = 3\ntemperature = 0.7\n",
            sandbox.base_url()
        );
        let config = config_from_file(File::new(&text).path()).unwrap();
        let environment = Environment::empty().with("MY_TOKEN", Sandbox::TOKEN);
        let driver: Arc<dyn BotticelliDriver> = driver_from(&config, environment).unwrap();
        assert_eq!(driver.provider_name(), "huggingface");
        assert_eq!(driver.model_name(), "openai/gpt-oss-20b:cheapest");

        let answer = driver.generate(GenerateRequest::from("Hello")).await.unwrap();
        assert_eq!(answer.usage().and_then(Usage::completion_tokens), Some(3));
        let received = &sandbox.requests()[0];
        assert_eq!(received.body()["temperature"], 0.7);
        assert_eq!(received.header("x-hf-bill-to"), Some("my-org"));
        assert!(received.has_token(Sandbox::TOKEN));
    }

    #[test]
    fn a_named_but_unset_variable_is_an_error() {
        let config = config_from_toml(&format!("{MINIMAL}[llm.auth]\napi_key_env = \"MY_TOKEN\"\n")).unwrap();
        let environment = Environment::empty().with("HF_TOKEN", "hf_other");
        let error = driver_from(&config, environment).unwrap_err();
        assert_eq!(error.category(), ErrorCategory::Authentication);
        assert!(error.to_string().contains("the configured variable MY_TOKEN is unset or empty"), "{error}");
    }

    #[test]
    fn a_setting_that_the_driver_rejects_is_reported_with_its_line() {
        for (added, key, words) in [
            ("base_url = \"nowhere\"", "llm.huggingface.base_url", "is not a URL"),
            (
                "base_url = \"http://127.0.0.1/v1\"\nbill_to = \"a\\nb\"",
                "llm.huggingface.bill_to",
                "organization name",
            ),
            ("provider = \"fal-ai\"", "llm.huggingface.provider", "fal-ai does not serve chat models"),
            (
                "dialect = \"klingon\"",
                "llm.huggingface.dialect",
                "`openai`, `tgi`, `schema_in_object`, `together`",
            ),
        ] {
            let file =
                File::new(&format!("{MINIMAL}[llm.huggingface]\n# base_url = \"a comment\"\n{added}\n"));
            let error = driver_from_config(file.path()).unwrap_err();
            let config = config_error(&error);
            assert_eq!(config.key(), Some(key), "{error}");
            assert_eq!(config.line(), Some(6 + added.matches('\n').count()), "{error}");
            assert!(error.to_string().contains(words), "{error}");
        }
    }

    #[test]
    fn a_number_out_of_range_is_reported_with_its_line_at_load_time() {
        let place = "[llm.huggingface]\nbase_url = \"http://127.0.0.1:1/v1\"\n[llm.generation]\n";
        for (added, words) in [
            (
                "temperature = -1",
                "`llm.generation.temperature`: it cannot be -1, it is out of range. Give 0 or more",
            ),
            ("top_p = 5", "`llm.generation.top_p`: it cannot be 5"),
            ("stop = [\"\"]", "`llm.generation.stop`: it cannot be an empty text"),
        ] {
            let file = File::new(&format!("{MINIMAL}{place}{added}\n"));
            let error = driver_from_config(file.path()).unwrap_err();
            assert_eq!(config_error(&error).line(), Some(7), "{error}");
            assert!(error.to_string().contains(words), "{error}");
        }
    }

    #[test]
    fn an_invalid_model_name_is_reported_with_its_line() {
        let file = File::new(&MINIMAL.replace("openai/gpt-oss-20b:cheapest", "gpt oss"));
        let error = driver_from_config(file.path()).unwrap_err();
        assert_eq!(config_error(&error).line(), Some(3), "{error}");
        assert!(
            error
                .to_string()
                .contains("\"gpt oss\" is not a valid model name, because it contains white space"),
            "{error}"
        );
    }

    #[test]
    fn another_base_url_in_a_file_needs_no_token() {
        let text = format!("{MINIMAL}[llm.huggingface]\nbase_url = \"https://example.org/v1\"\n");
        let config = config_from_toml(&text).unwrap();
        let environment = Environment::empty().with("HF_TOKEN", "hf_found");
        // That a found token stays at home is shown by the driver's own tests.
        assert!(driver_from(&config, environment).is_ok());
    }
}
