//! Every key of a layer has an effect, and the layers work together from a file.

use crate::field_names::FieldNames;
use botticelli::{
    BotticelliDriver, BotticelliError, DriverKind, Environment, ErrorCategory, GenerateRequest,
    GenerateResponse, LayerKind, Ledger, LlmConfig, config_from_toml, driver_from,
};
use botticelli_sandbox::{Sandbox, SandboxBuilder, Script};
use std::sync::Arc;
use std::time::Duration;
use tracing::instrument::WithSubscriber;

/// A service with its responses, in order. The last one is repeated.
pub(crate) async fn service(scripts: impl IntoIterator<Item = Script>) -> Sandbox {
    scripts.into_iter().fold(Sandbox::builder(), SandboxBuilder::with_turn).start().await.unwrap()
}

pub(crate) fn good() -> Script {
    Script::json(200, r#"{"choices":[{"message":{"content":"Well"},"finish_reason":"stop"}]}"#)
}

pub(crate) fn no_credits() -> Script {
    Script::json(402, r#"{"error":"You have exceeded your monthly included credits"}"#)
}

/// Builds a driver whose million tokens cost a dollar, with these tables.
pub(crate) fn build(sandbox: &Sandbox, tables: &str) -> Result<Arc<dyn BotticelliDriver>, BotticelliError> {
    let (keys, tables) = tables.split_once("---\n").unwrap_or(("", tables));
    let text = format!(
        "[llm]\nprovider = \"huggingface\"\nmodel = \"org/model\"\n{keys}\n\
         [llm.huggingface]\nbase_url = \"{}\"\nprice = {{ prompt = 1, completion = 1 }}\n{tables}\n",
        sandbox.base_url()
    );
    driver_from(&config_from_toml(&text)?, Environment::empty().with("HF_TOKEN", Sandbox::TOKEN))
}

pub(crate) fn request() -> GenerateRequest {
    GenerateRequest::from("Hi").with_max_tokens(10)
}

/// Makes two calls, one after the other. Returns their outcomes and the number of requests that the service received.
async fn twice(
    scripts: impl IntoIterator<Item = Script>,
    tables: &str,
    request: GenerateRequest,
) -> ([Result<String, ErrorCategory>; 2], usize) {
    let sandbox = service(scripts).await;
    let driver = build(&sandbox, tables).unwrap();
    let mut outcomes = Vec::new();
    for _ in 0..2 {
        let call = tokio::time::timeout(Duration::from_secs(2), driver.generate(request.clone()));
        outcomes.push(match call.await {
            Ok(outcome) => outcome.map(GenerateResponse::into_text).map_err(|error| error.category()),
            Err(_) => Err(ErrorCategory::Timeout),
        });
    }
    (outcomes.try_into().unwrap(), sandbox.requests().len())
}

/// Returns the number of requests that reach the service if the same request is made twice.
async fn sent(tables: &str, request: GenerateRequest) -> usize {
    twice([good(), good()], tables, request).await.1
}

/// Returns whether the budget refuses a call with a key, and allows it without the key.
async fn refuses(key: &str, value: &str) -> bool {
    let refused = twice([good(), good()], &format!("[llm.budget]\n{key} = {value}\n"), request()).await;
    let allowed = twice([good(), good()], &format!("[llm.budget]\n{key} = 100_000\n"), request()).await;
    refused.0 == [const { Err(ErrorCategory::BudgetExceeded) }; 2] && refused.1 == 0 && allowed.1 == 2
}

/// Returns whether the rate limit with a key allows the first call, and refuses the second one.
async fn limits(key: &str, value: &str) -> bool {
    let tables = format!("[llm.rate_limit]\n{key} = {value}\nmax_wait = \"1 ms\"\n");
    let ([first, second], sent) = twice([good(), good()], &tables, request()).await;
    first.is_ok() && second == Err(ErrorCategory::RateLimited) && sent == 1
}

/// Returns whether the span of a call has the text of the request.
async fn traces_content(value: &str) -> bool {
    let sandbox = service([good()]).await;
    let driver = build(&sandbox, &format!("[llm.trace]\ncontent = {value}\n")).unwrap();
    let subscriber = FieldNames::default();
    let call = driver.generate(GenerateRequest::from("Hi"));
    call.with_subscriber(subscriber.clone()).await.unwrap();
    let recorded = subscriber.names();
    assert!(recorded.contains("gen_ai.request.model"), "no span: {recorded:?}");
    recorded.contains("gen_ai.input.messages")
}

/// Returns whether a key of a layer has an effect that can be seen from the outside.
#[allow(clippy::too_many_lines, reason = "an arm for each key")]
pub(crate) async fn has_effect(key: &str) -> bool {
    let cold = || request().with_temperature(0.0);
    match key {
        "llm.layers" => {
            // The second call is in the cache. A budget around the cache refuses it, and a budget inside does not see it.
            let tables = |order: &str| {
                format!(
                    "layers = [{order}]\n---\n[llm.cache]\n[llm.budget]\ntokens_per_run = 40_000\nper_call = \"1\"\n"
                )
            };
            let large = || cold().with_max_tokens(30_000);
            let outside = twice([good(), good()], &tables("\"budget\", \"cache\""), large()).await.0;
            let inside = twice([good(), good()], &tables("\"cache\", \"budget\""), large()).await.0;
            outside[1] == Err(ErrorCategory::BudgetExceeded) && inside[1].is_ok()
        }
        "llm.trace.content" => traces_content("true").await && !traces_content("false").await,
        key if key.starts_with("llm.budget.") => budget_has_effect(key).await,
        "llm.cache.store" => {
            let folder = tempfile::tempdir().unwrap();
            let path = folder.path().join("cache.sqlite");
            let tables = format!("[llm.cache]\nstore = '{}'\n", path.display());
            let sandbox = service([good()]).await;
            // The second driver finds the response of the first one.
            for _ in 0..2 {
                build(&sandbox, &tables).unwrap().generate(cold()).await.unwrap();
            }
            path.exists() && sandbox.requests().len() == 1
        }
        "llm.cache.time_to_live" => {
            sent("[llm.cache]\n", cold()).await == 1
                && sent("[llm.cache]\ntime_to_live = \"0.001 ms\"\n", cold()).await == 2
        }
        "llm.cache.max_bytes" => sent("[llm.cache]\nmax_bytes = 1\n", cold()).await == 2,
        "llm.cache.sampled" => {
            sent("[llm.cache]\n", request()).await == 2
                && sent("[llm.cache]\nsampled = true\n", request()).await == 1
        }
        "llm.cache.mode" => {
            let only = twice([good(), good()], "[llm.cache]\nmode = \"only\"\n", cold()).await;
            only == ([const { Err(ErrorCategory::Store) }; 2], 0)
                && sent("[llm.cache]\nmode = \"on\"\n", cold()).await == 1
                && sent("[llm.cache]\nmode = \"refresh\"\n", cold()).await == 2
        }
        "llm.rate_limit.requests_per_minute"
        | "llm.rate_limit.requests_per_day"
        | "llm.rate_limit.tokens_per_minute"
        | "llm.rate_limit.tokens_per_day" => limits(key.trim_start_matches("llm.rate_limit."), "1").await,
        "llm.rate_limit.max_in_flight" => {
            let sandbox = service([Script::hang(), good()]).await;
            let tables = "[llm.rate_limit]\nmax_in_flight = 1\nmax_wait = \"10 ms\"\n";
            let driver = build(&sandbox, tables).unwrap();
            let first = tokio::spawn({
                let driver = driver.clone();
                async move { driver.generate(request()).await }
            });
            while sandbox.requests().is_empty() {
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
            let second = driver.generate(request()).await.unwrap_err().category();
            first.abort();
            second == ErrorCategory::RateLimited && sandbox.requests().len() == 1
        }
        // A limit is in memory or on a server, and only one on a server has a name.
        "llm.rate_limit.store" | "llm.rate_limit.name" => {
            let sandbox = service([good()]).await;
            let limit = "[llm.rate_limit]\nrequests_per_minute = 1\n";
            let key = key.trim_start_matches("llm.rate_limit.");
            build(&sandbox, limit).is_ok() && build(&sandbox, &format!("{limit}{key} = \"mine\"\n")).is_err()
        }
        "llm.rate_limit.max_wait" => {
            // Without it, the second call waits.
            let tables = "[llm.rate_limit]\nrequests_per_minute = 1\n";
            twice([good(), good()], tables, request()).await.0[1] == Err(ErrorCategory::Timeout)
                && limits("requests_per_minute", "1").await
        }
        "llm.cassette.path" => {
            let folder = tempfile::tempdir().unwrap();
            let path = folder.path().join("cassette.json");
            let table = format!("[llm.cassette]\npath = '{}'\n", path.display());
            // The first driver records the call, and the second one replays it.
            let sandbox = service([good()]).await;
            let first = build(&sandbox, &table).unwrap().generate(request()).await.unwrap();
            let second = build(&sandbox, &table).unwrap().generate(request()).await.unwrap();
            path.exists() && sandbox.requests().len() == 1 && first.text() == second.text()
        }
        "llm.cassette.match" => {
            let folder = tempfile::tempdir().unwrap();
            let path = folder.path().join("cassette.json");
            let table = format!("[llm.cassette]\npath = '{}'\n", path.display());
            let (first, second) = (request(), request().with_seed(1));
            let sandbox = service([good()]).await;
            let recorded = build(&sandbox, &table).unwrap();
            recorded.generate(first.clone()).await.unwrap();
            recorded.generate(second.clone()).await.unwrap();
            let in_order = build(&sandbox, &table).unwrap();
            let any_order = build(&sandbox, &format!("{table}match = \"any_order\"\n")).unwrap();
            let answers = [any_order.generate(second.clone()).await, any_order.generate(first).await];
            in_order.generate(second).await.is_err() && answers.iter().all(Result::is_ok)
        }
        "llm.cassette.mode" => {
            let folder = tempfile::tempdir().unwrap();
            let path = folder.path().join("cassette.json");
            let table =
                |mode: &str| format!("[llm.cassette]\npath = '{}'\nmode = \"{mode}\"\n", path.display());
            let sandbox = service([good()]).await;
            let missing = build(&sandbox, &table("replay")).is_err();
            for _ in 0..2 {
                build(&sandbox, &table("record")).unwrap().generate(request()).await.unwrap();
            }
            build(&sandbox, &table("replay")).unwrap().generate(request()).await.unwrap();
            missing && sandbox.requests().len() == 2
        }
        "llm.fallback" => {
            let local = service([good(), good(), good(), good()]).await;
            let route = |more: &str| {
                format!("[[llm.fallback]]\nmodel = \"small\"\nbase_url = \"{}\"\n{more}\n", local.base_url())
            };
            let moved =
                twice([no_credits(), good()], &route("on = [\"credits_exhausted\"]"), request()).await;
            let sent = local.requests();
            let stayed = twice([no_credits(), good()], &route("on = [\"loading\"]"), request()).await;
            let again = twice([no_credits(), good()], &route("cool_down = 0.000001"), request()).await;
            // The first server cools down, and later receives calls again. Categories that are not named cause no fallback.
            moved.0[0].is_ok()
                && sent[0].body()["model"] == "small"
                && moved.1 == 1
                && stayed.0[0] == Err(ErrorCategory::CreditsExhausted)
                && again.1 == 2
        }
        // `tests/gguf/config.rs` shows the effect of these with a model.
        "llm.gguf.context_length"
        | "llm.gguf.max_concurrent"
        | "llm.gguf.memory_limit"
        | "llm.gguf.queue_length"
        | "llm.gguf.threads"
        | "llm.gguf.cache_type" => true,
        unknown => panic!("`{unknown}` has no row here: show its effect"),
    }
}

/// The same for the keys of a budget.
async fn budget_has_effect(key: &str) -> bool {
    match key {
        "llm.budget.per_call" | "llm.budget.per_run" | "llm.budget.per_day" | "llm.budget.per_month" => {
            refuses(key.trim_start_matches("llm.budget."), "0").await
        }
        "llm.budget.tokens_per_call"
        | "llm.budget.tokens_per_run"
        | "llm.budget.tokens_per_day"
        | "llm.budget.tokens_per_month" => refuses(key.trim_start_matches("llm.budget."), "1").await,
        "llm.budget.ledger" => {
            let folder = tempfile::tempdir().unwrap();
            let path = folder.path().join("ledger.sqlite");
            let tables = format!("[llm.budget]\nper_month = 1\nledger = '{}'\n", path.display());
            sent(&tables, request()).await == 2
                && Ledger::file(path).unwrap().report().await.unwrap().total().calls == 2
        }
        "llm.budget.account" => {
            let folder = tempfile::tempdir().unwrap();
            let path = folder.path().join("ledger.sqlite");
            let tables =
                format!("[llm.budget]\nper_month = 1\naccount = \"mine\"\nledger = '{}'\n", path.display());
            sent(&tables, request()).await;
            Ledger::file(path).unwrap().report().await.unwrap().lines()[0].account == "mine"
        }
        "llm.budget.max_wait" => {
            let answer = r#"{"choices":[{"message":{"content":"Well"},"finish_reason":"stop"}],
                "usage":{"prompt_tokens":1,"completion_tokens":1,"total_tokens":2}}"#;
            let sandbox = service([Script::json(200, answer)]).await;
            let estimate = build(&sandbox, "").unwrap().estimate(&request()).await.unwrap();
            let tables = format!("[llm.budget]\ntokens_per_day = {}\n", estimate.tokens().unwrap() + 2);
            let refused = build(&sandbox, &tables).unwrap();
            let waits = build(&sandbox, &format!("{tables}max_wait = \"1 min\"\n")).unwrap();
            let at_once =
                futures::future::join(refused.generate(request()), refused.generate(request())).await;
            let in_turn = futures::future::join(waits.generate(request()), waits.generate(request())).await;
            at_once.1.unwrap_err().category() == ErrorCategory::BudgetExceeded && in_turn.1.is_ok()
        }
        "llm.budget.on_unknown_price" => {
            // Without `max_tokens`, the number of tokens is unknown.
            let tables = "[llm.budget]\ntokens_per_day = 1_000\n";
            let allowed = format!("{tables}on_unknown_price = \"allow\"\n");
            sent(tables, "Hi".into()).await == 0 && sent(&allowed, "Hi".into()).await == 2
        }
        "llm.budget.on_credits_exhausted" => {
            let tables = "[llm.budget]\nper_month = 1\n";
            let refused = twice([no_credits(), good()], tables, request()).await;
            let tables = format!("{tables}on_credits_exhausted = \"send\"\n");
            let permitted = twice([no_credits(), good()], &tables, request()).await;
            refused.0[1] == Err(ErrorCategory::CreditsExhausted) && refused.1 == 1 && permitted.0[1].is_ok()
        }
        unknown => panic!("`{unknown}` has no row here: show its effect"),
    }
}

/// The folders of the user come from the environment that the caller gives.
#[tokio::test]
async fn stores_of_the_user_are_in_the_folder_of_the_environment() {
    let sandbox = service([good(), good()]).await;
    let folder = tempfile::tempdir().unwrap();
    let text = format!(
        "[llm]\nprovider = \"huggingface\"\nmodel = \"org/model\"\n\
         [llm.huggingface]\nbase_url = \"{}\"\nprice = {{ prompt = 1, completion = 1 }}\n\
         [llm.budget]\nper_day = \"1\"\nledger = \"user\"\n[llm.cache]\nstore = \"user\"\n",
        sandbox.base_url()
    );
    let environment = Environment::empty().with("HF_TOKEN", Sandbox::TOKEN);
    let config = config_from_toml(&text).unwrap();
    // Without a home folder, the stores have no path.
    let error = driver_from(&config, environment.clone()).unwrap_err();
    assert_eq!(error.category(), ErrorCategory::Store, "{error}");
    let environment = environment.with("XDG_DATA_HOME", folder.path().to_str().unwrap());
    driver_from(&config, environment).unwrap().generate(request()).await.unwrap();
    for name in ["ledger.sqlite", "cache.sqlite"] {
        assert!(folder.path().join("botticelli").join(name).exists(), "{name}");
    }
}

/// A replay needs no token, no server and no layer inside.
/// Not a folder with the name `~`.
#[tokio::test]
async fn a_cassette_can_be_in_the_home_folder() {
    let sandbox = service([good()]).await;
    let home = tempfile::tempdir().unwrap();
    let text = format!(
        "[llm]\nprovider = \"huggingface\"\nmodel = \"org/model\"\n[llm.huggingface]\nbase_url = \"{}\"\n\
         [llm.cassette]\npath = \"~/cassettes/greeting.json\"\n",
        sandbox.base_url()
    );
    let config = config_from_toml(&text).unwrap();
    let environment = Environment::empty().with("HF_TOKEN", Sandbox::TOKEN);
    let error = driver_from(&config, environment.clone()).unwrap_err().to_string();
    assert!(error.contains("no home folder is known. Set the variable HOME"), "{error}");
    assert!(!std::path::Path::new("~").exists());
    let environment = environment.with("HOME", home.path().to_str().unwrap());
    for _ in 0..2 {
        driver_from(&config, environment.clone()).unwrap().generate(request()).await.unwrap();
    }
    assert_eq!(sandbox.requests().len(), 1);
    assert!(home.path().join("cassettes/greeting.json").exists());
}

#[tokio::test]
async fn a_cassette_is_the_outermost_layer_of_a_file() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("cassette.json");
    let sandbox = service([good()]).await;
    let tables =
        format!("[llm.cassette]\npath = '{}'\n[llm.budget]\nper_call = \"1\"\n[llm.cache]\n", path.display());
    build(&sandbox, &tables).unwrap().generate(request()).await.unwrap();
    let text = format!("[llm]\nprovider = \"huggingface\"\nmodel = \"org/model\"\n{tables}");
    let replayed = driver_from(&config_from_toml(&text).unwrap(), Environment::empty()).unwrap();
    assert_eq!(replayed.generate(request()).await.unwrap().text(), "Well");
    assert_eq!(sandbox.requests().len(), 1);

    let route = format!("[[llm.fallback]]\nmodel = \"small\"\nbase_url = \"{}\"\n", sandbox.base_url());
    let order = "layers = [\"fallback\", \"budget\", \"cache\", \"cassette\"]\n---\n";
    let error = build(&sandbox, &format!("{order}{tables}{route}")).unwrap_err().to_string();
    assert!(error.contains("Put `cassette` before `fallback`"), "{error}");
}

#[tokio::test]
async fn a_call_above_the_budget_goes_to_the_own_machine() {
    let (paid, local) = (service([good()]).await, service([good()]).await);
    let tables = format!(
        "[llm.budget]\nper_call = \"0.000001\"\n\
         [[llm.fallback]]\nmodel = \"smollm2\"\nbase_url = \"{}\"\non = [\"budget\"]\n",
        local.base_url()
    );
    let response = build(&paid, &tables).unwrap().generate(request()).await.unwrap();
    assert!(response.skipped_routes()[0].reason().contains("the call may take"), "{response:?}");
    assert_eq!((paid.requests().len(), local.requests().len()), (0, 1));
}

#[tokio::test]
async fn the_shape_of_a_fallback_is_checked_before_a_call() {
    let sandbox = service([good()]).await;
    for (table, words) in [
        ("on = [\"budget\"]", "a fallback has no `model`"),
        ("model = 3", "`model` is not a text"),
        ("model = \"m\"\nbase_ulr = \"http://127.0.0.1:1\"", "base_ulr"),
        ("model = \"m\"\non = [\"bugdet\"]", "bugdet"),
        ("model = \"m\"\non = []", "`on` is empty"),
        ("model = \"m\"\ncool_down = \"soon\"", "soon"),
    ] {
        let error = build(&sandbox, &format!("[[llm.fallback]]\n{table}\n")).unwrap_err();
        assert_eq!(error.category(), ErrorCategory::Configuration, "{error}");
        assert!(error.to_string().contains(words), "{table}: {error}");
    }
}

#[tokio::test]
async fn a_route_on_the_same_server_keeps_its_settings() {
    let sandbox = service([Script::json(503, r#"{"error":"busy"}"#), good()]).await;
    let tables = "bill_to = \"my-org\"\n[llm.retry]\nmax_retries = 0\n\
                  [[llm.fallback]]\nmodel = \"org/other\"\n";
    let response = build(&sandbox, tables).unwrap().generate(request()).await.unwrap();
    assert_eq!(response.requested_model(), Some("org/other"));
    let sent = sandbox.requests();
    assert_eq!(sent.iter().filter_map(|request| request.header("x-hf-bill-to")).count(), 2);
}

#[tokio::test]
async fn the_key_of_one_server_does_not_reach_another() {
    let (first, other) = (service([no_credits()]).await, service([good()]).await);
    let text = format!(
        "[llm]\nprovider = \"huggingface\"\nmodel = \"org/model\"\n[llm.auth]\napi_key_env = \"FIRST\"\n\
         [llm.huggingface]\nbase_url = \"{}\"\n[[llm.fallback]]\nmodel = \"small\"\nbase_url = \"{}\"\n",
        first.base_url(),
        other.base_url()
    );
    let environment = Environment::empty().with("FIRST", "sk-first-key").with("SECOND", "sk-second-key");
    for (more, has_key) in [("", false), ("api_key_env = \"SECOND\"\n", true)] {
        let config = config_from_toml(&format!("{text}{more}")).unwrap();
        let driver = driver_from(&config, environment.clone()).unwrap();
        driver.generate(request()).await.unwrap();
        let sent = other.requests().pop().unwrap();
        assert_eq!((sent.has_token("sk-second-key"), sent.has_token("sk-first-key")), (has_key, false));
        assert_eq!(sent.header("authorization").is_some(), has_key);
    }
    // A provider of the same name as none of our drivers is another server too.
    let text = text.replace(&format!("base_url = \"{}\"\n", other.base_url()), "provider = \"groq\"\n");
    let error =
        driver_from(&config_from_toml(&text).unwrap(), environment).err().map(|error| error.category());
    assert_eq!(error, Some(ErrorCategory::Authentication));
}

#[test]
fn the_files_in_the_documentation_are_valid() {
    let root = concat!(env!("CARGO_MANIFEST_DIR"), "/../..");
    let mut count = 0;
    for page in ["README.md", "HUGGINGFACE.md", "crates/botticelli/src/guide/money.md"] {
        let text = std::fs::read_to_string(format!("{root}/{page}")).unwrap();
        for block in text.split("```toml\n").skip(1).filter_map(|rest| rest.split("```").next()) {
            if block.contains("[llm]") {
                config_from_toml(block).unwrap().layers().unwrap();
                count += 1;
            }
        }
    }
    assert!(count >= 3, "{count}");
}

#[test]
fn layers_in_code_are_those_of_a_file() {
    let file = config_from_toml(
        "[llm]\nprovider = \"huggingface\"\nmodel = \"m\"\nlayers = [\"fallback\", \"budget\"]\n[llm.budget]\nper_month = \"1\"\n\
         [[llm.fallback]]\nmodel = \"a\"\n[[llm.fallback]]\nmodel = \"b\"\n",
    )
    .unwrap();
    let table = |key: &str, value: &str| [(key.to_owned(), value.into())].into_iter().collect();
    let code = LlmConfig::builder()
        .provider(DriverKind::HuggingFace)
        .model("m")
        .layers(vec![LayerKind::Fallback, LayerKind::Budget])
        .layer(LayerKind::Budget, table("per_month", "1"))
        .layer(LayerKind::Fallback, table("model", "a"))
        .layer(LayerKind::Fallback, table("model", "b"))
        .build()
        .unwrap();
    assert_eq!(code, file);
    assert_eq!(code.layers().unwrap(), [LayerKind::Fallback, LayerKind::Budget]);
    // A configuration can be stored and read again.
    let stored: LlmConfig = serde_json::from_value(serde_json::to_value(&code).unwrap()).unwrap();
    assert_eq!(stored, code);
}

#[tokio::test]
async fn every_layer_passes_on_the_generation_parameters_of_its_driver() {
    let sandbox = service([good()]).await;
    let tables = [
        "[llm.budget]\nper_run = \"1\"",
        "[llm.cache]\nstore = \"memory\"",
        "[llm.rate_limit]\nrequests_per_minute = 60",
        "[[llm.fallback]]\nmodel = \"org/other\"",
        "[llm.trace]",
    ];
    let all = tables.join("\n");
    for tables in tables.into_iter().chain(["", &all]) {
        let driver = build(&sandbox, &format!("[llm.generation]\nseed = 7\n{tables}")).unwrap();
        assert_eq!(driver.generation_defaults().seed(), Some(7), "{tables}");
    }
}
