//! The code that users were promised, word for word.
//!
//! It asks the router, so each piece runs in a process of its own, whose environment names a sandbox as the router.
#![cfg(feature = "huggingface")]
#![allow(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]
#![allow(clippy::print_stdout, reason = "it is the user's own code")]

use botticelli::{
    BotticelliDriver, ErrorCategory, GenerateRequest, HuggingFaceDriver, Input, Message, ModelsResult, Role,
    StreamExt,
};
use botticelli_sandbox::Sandbox;
use std::process::Command;

#[tokio::test]
#[ignore = "run by its neighbour, in an environment of its own"]
async fn snippet() -> ModelsResult<()> {
    let api_key = std::env::var("TEST_API_KEY").unwrap();

    let driver = HuggingFaceDriver::new(api_key, "microsoft/DialoGPT-small".to_string())?;
    let request = GenerateRequest::builder()
        .messages(vec![
            Message::builder().role(Role::User).content(vec![Input::Text("Hello".to_string())]).build()?,
        ])
        .max_tokens(10)
        .build()?;
    let response = driver.generate(request).await?;
    assert!(!response.outputs().is_empty());
    Ok(())
}

#[tokio::test]
#[ignore = "run by its neighbour, in an environment of its own"]
async fn short_way() -> ModelsResult<()> {
    let driver = HuggingFaceDriver::from_env("openai/gpt-oss-20b:cheapest")?;
    println!("{}", driver.generate("Name three painters".into()).await?.text());

    let mut stream = driver.generate_stream("Tell me a story".into()).await?;
    while let Some(chunk) = stream.next().await {
        print!("{}", chunk?.text());
    }
    Ok(())
}

#[tokio::test]
#[ignore = "run by its neighbour, in an environment of its own"]
async fn without_certificates() -> ModelsResult<()> {
    let near = HuggingFaceDriver::from_env("openai/gpt-oss-20b")?;
    near.generate("Hello".into()).await?;

    let far = HuggingFaceDriver::builder("org/model").base_url("https://127.0.0.1:1/v1").build()?;
    let error = far.generate("Hello".into()).await.unwrap_err();
    assert_eq!(error.category(), ErrorCategory::Configuration, "{error}");
    assert!(error.to_string().contains("ca-certificates"), "{error}");
    Ok(())
}

/// Runs an ignored test of this file where the router is `sandbox`; gives back what it printed.
fn run(name: &str, sandbox: &Sandbox) -> String {
    let output = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", name, "--ignored", "--nocapture"])
        .env("HUGGINGFACE_BASE_URL", sandbox.base_url())
        .env("TEST_API_KEY", Sandbox::TOKEN)
        .env("HF_TOKEN", Sandbox::TOKEN)
        .envs(name.starts_with("without").then_some(("SSL_CERT_FILE", "/nowhere")))
        .envs(name.starts_with("without").then_some(("SSL_CERT_DIR", "/nowhere")))
        .env_remove("HUGGINGFACE_API_TOKEN")
        .env_remove("HF_HUB_DISABLE_IMPLICIT_TOKEN")
        .output()
        .unwrap();
    let printed = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(output.status.success(), "{printed}{}", String::from_utf8_lossy(&output.stderr));
    assert!(printed.contains("1 passed"), "it did not run: {printed}");
    printed
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_users_own_snippet_runs_unchanged() {
    let sandbox = Sandbox::start().await.unwrap();
    run("snippet", &sandbox);
    let requests = sandbox.requests();
    assert_eq!(requests[0].body()["model"], "microsoft/DialoGPT-small");
    assert_eq!(requests[0].body()["max_tokens"], 10);
    assert!(requests[0].has_token(Sandbox::TOKEN));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_short_way_runs_unchanged() {
    let sandbox = Sandbox::start().await.unwrap();
    let printed = run("short_way", &sandbox);
    assert!(printed.contains("Name three painters"), "{printed}");
    assert!(printed.contains("Tell me a story"), "{printed}");
    assert_eq!(sandbox.requests()[1].body()["stream"], true);
}

#[cfg(target_os = "linux")]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_machine_without_certificates_still_talks_to_itself() {
    let sandbox = Sandbox::start().await.unwrap();
    run("without_certificates", &sandbox);
    assert_eq!(sandbox.requests().len(), 1);
}
