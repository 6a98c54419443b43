//! Tokens: their sources, their destinations, and texts that must not show them.

use crate::common::{failure, scripted, settings, stream_failure};
use botticelli_core::{AuthConfig, DriverKind, GenerateRequest, LlmConfig};
use botticelli_error::{BotticelliError, ErrorCategory};
use botticelli_interface::BotticelliDriver;
use botticelli_models::Environment;
use botticelli_models::huggingface::{HuggingFaceDriver, HuggingFaceDriverBuilder};
use botticelli_sandbox::{Sandbox, Script};
use std::path::PathBuf;

/// A folder for one test, removed when it ends.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Self {
        let path = std::env::temp_dir().join(format!("botticelli-{}-{name}", std::process::id()));
        std::fs::create_dir_all(&path).unwrap();
        Self(path)
    }

    /// Writes a token file, and returns its folder.
    fn with(&self, file: &str, content: &str) -> String {
        let path = self.0.join(file);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, content).unwrap();
        self.0.display().to_string()
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

fn in_environment(sandbox: &Sandbox, environment: Environment) -> HuggingFaceDriverBuilder {
    HuggingFaceDriver::builder("openai/gpt-oss-20b").base_url(sandbox.base_url()).environment(environment)
}

/// The token that a driver with this environment sends to this machine, among `candidates`.
async fn sent(environment: Environment, candidates: &[&str]) -> Option<String> {
    let sandbox = Sandbox::builder().with_turn(Script::json(200, "{}")).start().await.unwrap();
    let _ = in_environment(&sandbox, environment).build().unwrap().generate("Hi".into()).await;
    let received = sandbox.requests().remove(0);
    candidates.iter().find(|token| received.has_token(token)).map(|token| (*token).to_owned())
}

#[tokio::test]
async fn variables_take_precedence_over_the_file_in_their_order() {
    let folder = Folder::new("order");
    let home = folder.with("token", "hf_file\n");
    let all = ["hf_ours", "hf_token", "hf_hub", "hf_file"];
    let environment = Environment::empty().with("HF_HOME", &home);
    assert_eq!(sent(environment.clone(), &all).await.as_deref(), Some("hf_file"));
    let environment = environment.with("HUGGING_FACE_HUB_TOKEN", "hf_hub");
    assert_eq!(sent(environment.clone(), &all).await.as_deref(), Some("hf_hub"));
    let environment = environment.with("HF_TOKEN", " hf_token\n");
    assert_eq!(sent(environment.clone(), &all).await.as_deref(), Some("hf_token"));
    let environment = environment.with("HUGGINGFACE_API_TOKEN", "hf_ours");
    assert_eq!(sent(environment.clone(), &all).await.as_deref(), Some("hf_ours"));
    // An empty variable counts as absent.
    let environment = environment.with("HUGGINGFACE_API_TOKEN", "").with("HF_TOKEN", "  ");
    assert_eq!(sent(environment, &all).await.as_deref(), Some("hf_hub"));
}

#[tokio::test]
async fn the_token_file_is_found_at_the_path_of_the_tools() {
    let folder = Folder::new("file");
    let path = folder.with("elsewhere", "hf_path");
    let elsewhere = format!("{path}/elsewhere");
    let home = folder.with("token", "hf_home");
    let cache = folder.with("huggingface/token", "hf_cache");
    let user = folder.with(".cache/huggingface/token", "hf_user");
    let all = ["hf_path", "hf_home", "hf_cache", "hf_user"];
    let environment = Environment::empty().with("HOME", user);
    assert_eq!(sent(environment.clone(), &all).await.as_deref(), Some("hf_user"));
    let environment = environment.with("XDG_CACHE_HOME", cache);
    assert_eq!(sent(environment.clone(), &all).await.as_deref(), Some("hf_cache"));
    let environment = environment.with("HF_HOME", home);
    assert_eq!(sent(environment.clone(), &all).await.as_deref(), Some("hf_home"));
    let environment = environment.with("HF_TOKEN_PATH", elsewhere);
    assert_eq!(sent(environment, &all).await.as_deref(), Some("hf_path"));
}

#[tokio::test]
async fn a_path_in_a_variable_is_expanded_as_the_tools_do() {
    let folder = Folder::new("tilde");
    let user = folder.with("cache/token", "hf_tilde");
    folder.with("data/huggingface/token", "hf_cache");
    folder.with("other", "hf_path");
    let all = ["hf_tilde", "hf_cache", "hf_path"];
    let home = || Environment::empty().with("HOME", &user);
    for (name, value, token) in [
        ("HF_HOME", "~/cache", "hf_tilde"),
        ("HF_HOME", "\"~/cache\"", "hf_tilde"),
        ("HF_HOME", "$HOME/cache", "hf_tilde"),
        ("HF_HOME", "${HOME}/cache", "hf_tilde"),
        ("HF_TOKEN_PATH", "~/other", "hf_path"),
        ("XDG_CACHE_HOME", "~/data", "hf_cache"),
    ] {
        assert_eq!(sent(home().with(name, value), &all).await.as_deref(), Some(token), "{name}={value}");
    }
    // Without a home folder, and for another user's home folder, the path is unchanged.
    let error = at_the_router(Environment::empty().with("HF_HOME", "~/cache")).unwrap_err();
    assert!(error.to_string().contains("the token file ~/cache/token"), "{error}");
    let error = at_the_router(home().with("HF_HOME", "~ada/cache")).unwrap_err();
    assert!(error.to_string().contains("the token file ~ada/cache/token"), "{error}");
}

#[tokio::test]
async fn quotes_around_a_token_are_removed() {
    let folder = Folder::new("quotes");
    let home = folder.with("token", "\"hf_quoted\"\n");
    for environment in [
        Environment::empty().with("HF_HOME", home),
        Environment::empty().with("HF_TOKEN", "\"hf_quoted\""),
        Environment::empty().with("HF_TOKEN", "'hf_quoted'"),
        Environment::empty().with("HF_TOKEN", " \" hf_quoted \" "),
    ] {
        assert_eq!(sent(environment, &["\"", "'", "hf_quoted"]).await.as_deref(), Some("hf_quoted"));
    }
    let sandbox = Sandbox::builder().with_turn(Script::json(200, "{}")).start().await.unwrap();
    let environment = Environment::empty().with("MY_KEY", "'hf_quoted'");
    let driver = in_environment(&sandbox, environment).api_key_env("MY_KEY").build().unwrap();
    let _ = driver.generate("Hi".into()).await;
    assert!(sandbox.requests()[0].has_token("hf_quoted"));
}

#[test]
fn an_error_about_a_remaining_quote_does_not_show_the_token() {
    for token in ["\"hf_quoted", "hf_quoted'", "\"hf_quoted'", "“hf_quoted”", "`hf_quoted`", "\"\"", "''"]
    {
        let error = at_the_router(Environment::empty().with("HF_TOKEN", token)).unwrap_err();
        assert_eq!(error.category(), ErrorCategory::Authentication, "{error}");
        let words = if token.len() == 2 { "is empty" } else { "contains a quotation mark" };
        assert!(
            error.to_string().contains(&format!("the token from HF_TOKEN is invalid, because it {words}")),
            "{error}"
        );
        assert!(!format!("{error:?}").contains("hf_quoted"), "{error:?}");
    }
}

#[test]
fn the_error_of_a_missing_token_names_servers_that_need_none() {
    let error = at_the_router(Environment::empty()).unwrap_err();
    assert!(error.advice().contains("sandbox") && error.advice().contains("`base_url`"), "{error}");
}

fn at_the_router(environment: Environment) -> Result<HuggingFaceDriver, BotticelliError> {
    HuggingFaceDriver::builder("org/model").environment(environment).build()
}

#[test]
fn the_error_of_a_missing_token_lists_the_searched_places() {
    let error = at_the_router(Environment::empty().with("HOME", "/nowhere")).unwrap_err();
    assert_eq!(error.category(), ErrorCategory::Authentication);
    for place in
        ["HUGGINGFACE_API_TOKEN", "HF_TOKEN", "HUGGING_FACE_HUB_TOKEN", "/nowhere/.cache/huggingface/token"]
    {
        assert!(error.to_string().contains(place), "{error}");
    }
    assert!(error.advice().contains("Set HF_TOKEN"), "{error}");
}

#[test]
fn the_search_can_be_turned_off() {
    for (value, off) in
        [("1", true), ("true", true), ("Yes", true), ("on", true), ("0", false), ("no", false)]
    {
        let environment =
            Environment::empty().with("HF_TOKEN", "hf_x").with("HF_HUB_DISABLE_IMPLICIT_TOKEN", value);
        let driver = at_the_router(environment.clone());
        assert_eq!(driver.is_err(), off, "{value}");
        if let Err(error) = driver {
            let why =
                format!("HF_HUB_DISABLE_IMPLICIT_TOKEN={value} turns off the search for one. Pass the token");
            assert!(error.to_string().contains(&why), "{error}");
        }
        // What is passed or named is not implicit.
        let named =
            HuggingFaceDriver::builder("org/model").environment(environment).api_key_env("HF_TOKEN").build();
        assert!(named.is_ok());
    }
}

#[test]
fn a_named_variable_is_the_only_source() {
    let environment = Environment::empty().with("HF_TOKEN", "hf_other").with("EMPTY", "");
    for name in ["MY_TOKEN", "EMPTY"] {
        let builder =
            HuggingFaceDriver::builder("org/model").api_key_env(name).environment(environment.clone());
        let error = builder.build().unwrap_err();
        assert_eq!(error.category(), ErrorCategory::Authentication);
        assert!(
            error
                .to_string()
                .contains(&format!("the configured variable {name} is unset or empty. Set {name}")),
            "{error}"
        );
        assert!(!error.to_string().contains("hf_other"));
    }
}

#[test]
fn an_invalid_token_is_rejected_and_not_shown() {
    for (token, reason) in [
        ("", "is empty"),
        ("  ", "is empty"),
        ("hf_sec ret", "contains white space"),
        ("hf_sec\nret", "contains a line break"),
        ("hf_sec\r\nx-evil: ret", "contains a line break"),
        ("hf_sec\tret", "contains white space"),
        ("hf_sécret", "not plain ASCII"),
        ("hf_sec\u{0}ret", "not plain ASCII"),
    ] {
        let error = HuggingFaceDriver::new(token, "org/model").unwrap_err();
        assert_eq!(error.category(), ErrorCategory::Authentication, "{token:?}");
        assert!(error.to_string().contains(reason), "{token:?}: {error}");
        assert!(!format!("{error} {error:?}").contains("ret\""), "{error:?}");
        assert!(!format!("{error} {error:?}").contains("hf_s"), "{error:?}");
        if !token.trim().is_empty() {
            let error = at_the_router(Environment::empty().with("HF_TOKEN", token)).unwrap_err();
            assert!(error.to_string().contains("the token from HF_TOKEN"), "{error}");
        }
    }
}

#[test]
fn lookups_need_no_token_but_not_a_wrong_one() {
    let config = |variable: Option<&str>| {
        let auth =
            variable.map_or_else(AuthConfig::default, |name| AuthConfig::default().with_api_key_env(name));
        LlmConfig::builder().provider(DriverKind::HuggingFace).model("org/model").auth(auth).build().unwrap()
    };
    let lookups = |variable, environment| HuggingFaceDriver::for_lookups(&config(variable), environment);
    assert!(HuggingFaceDriver::from_config(&config(None), Environment::empty()).is_err());
    lookups(None, Environment::empty()).unwrap();
    lookups(None, Environment::empty().with("HF_HUB_DISABLE_IMPLICIT_TOKEN", "1")).unwrap();
    for (variable, environment) in [
        (Some("UNSET"), Environment::empty()),
        (None, Environment::empty().with("HF_TOKEN", "hf_sec ret")),
        (None, Environment::empty().with("HF_TOKEN", "sk-of-another-service")),
    ] {
        let error = lookups(variable, environment).unwrap_err();
        assert_eq!(error.category(), ErrorCategory::Authentication, "{error}");
    }
}

/// A driver for a host that is not ours, led to the sandbox all the same.
async fn foreign(environment: Environment, token: Option<&str>) -> (Sandbox, HuggingFaceDriver) {
    let sandbox = Sandbox::start().await.unwrap();
    let port = sandbox.origin().rsplit(':').next().unwrap().to_owned();
    let address = format!("127.0.0.1:{port}").parse().unwrap();
    let client = reqwest::Client::builder()
        .resolve("models.example.org", address)
        .no_proxy()
        .tls_certs_only([])
        .build();
    let builder = HuggingFaceDriver::builder("openai/gpt-oss-20b")
        .base_url(format!("http://models.example.org:{port}/v1"))
        .environment(environment)
        .http_client(client.unwrap());
    let builder = match token {
        Some(token) => builder.token(token),
        None => builder,
    };
    (sandbox, builder.build().unwrap())
}

#[tokio::test]
async fn an_implicit_token_is_not_sent_to_another_host() {
    let environment = Environment::empty().with("HF_TOKEN", Sandbox::TOKEN);
    let (sandbox, driver) = foreign(environment, None).await;
    let error = failure(&driver, "Hi".into()).await;
    let received = &sandbox.requests()[0];
    assert_eq!(received.header("authorization"), None);
    assert!(!received.has_token(Sandbox::TOKEN));
    assert_eq!(error.category(), ErrorCategory::Authentication);
    assert!(error.to_string().contains("none was sent, because the one found in HF_TOKEN"), "{error}");
    assert!(error.advice().contains("pass it to the driver yourself"), "{error}");
}

#[tokio::test]
async fn another_host_needs_no_token() {
    let (sandbox, driver) = foreign(Environment::empty(), None).await;
    let error = failure(&driver, "Hi".into()).await;
    assert_eq!(sandbox.requests()[0].header("authorization"), None);
    assert!(error.to_string().contains("requires a token, and the driver has none"), "{error}");
}

/// A token that is looked for in everything that can be printed.
const SECRET: &str = "hf_sEcReT0123456789";

#[tokio::test]
async fn the_token_is_never_shown() {
    let environment = Environment::empty().with("HF_TOKEN", SECRET);
    let sandbox = Sandbox::start().await.unwrap();
    let builder = settings(&sandbox).token(SECRET).environment(environment.clone());
    let mut printed = vec![format!("{environment:?}"), format!("{builder:?}")];
    let driver = builder.build().unwrap();
    printed.push(format!("{driver:?} {:?}", driver.clone()));
    // The sandbox rejects the token. Other servers repeat the rejected token.
    let refused = failure(&driver, "Hi".into()).await;
    printed.push(format!("{refused} {refused:?} {:#?}", refused.kind()));
    for (status, body) in [
        (401, format!(r#"{{"error":"the token {SECRET} is not valid"}}"#)),
        (500, format!("Authorization: Bearer {SECRET}")),
        (200, format!(r#"{{"error":{{"message":"no {SECRET}"}}}}"#)),
    ] {
        let sandbox = scripted(Script::text(status, "application/json", body)).await;
        let driver = settings(&sandbox).token(SECRET).build().unwrap();
        for error in [failure(&driver, "Hi".into()).await, stream_failure(&driver, "Hi".into()).await] {
            printed.push(format!("{error} {error:?} {}", error.advice()));
            assert!(error.to_string().contains("[token]"), "{error}");
        }
    }
    for text in printed {
        assert!(!text.contains(SECRET), "{text}");
    }
}

#[tokio::test]
async fn the_token_does_not_follow_a_redirect() {
    let target = Sandbox::start().await.unwrap();
    let location = format!("{}/chat/completions", target.base_url());
    let sandbox = scripted(Script::text(302, "text/plain", "").header("location", location)).await;
    let request = GenerateRequest::from("Hi");
    let error = failure(&crate::common::driver(&sandbox), request).await;
    assert_eq!(error.category(), ErrorCategory::Configuration);
    assert!(target.requests().is_empty());
}
