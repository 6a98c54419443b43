//! The code of the README, unchanged: compiled with the manifest next to it, and run against a sandbox.
//!
//! Each piece that runs calls the router, so it has its own process, whose environment names a sandbox as the router.
#![cfg(feature = "huggingface")]
#![allow(clippy::panic, clippy::unwrap_used, reason = "a failed unwrap is a failed test")]
#![allow(clippy::print_stdout, reason = "the snippets print")]

use botticelli::{
    BotticelliDriver, ErrorCategory, GenerateRequest, HuggingFaceDriver, Input, Message, ModelsResult, Role,
    StreamExt,
};
use botticelli_sandbox::Sandbox;
use std::path::Path;
use std::process::Command;

#[tokio::test]
#[ignore = "runs in its own process, started by another test"]
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
#[ignore = "runs in its own process, started by another test"]
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
#[ignore = "runs in its own process, started by another test"]
async fn without_certificates() -> ModelsResult<()> {
    let near = HuggingFaceDriver::from_env("openai/gpt-oss-20b")?;
    near.generate("Hello".into()).await?;

    let far = HuggingFaceDriver::builder("org/model").base_url("https://127.0.0.1:1/v1").build()?;
    let error = far.generate("Hello".into()).await.unwrap_err();
    assert_eq!(error.category(), ErrorCategory::Configuration, "{error}");
    assert!(error.to_string().contains("ca-certificates"), "{error}");
    Ok(())
}

/// Runs an ignored test of this file with `sandbox` as the router. Returns its output.
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
async fn the_builder_snippet_runs_unchanged() {
    let sandbox = Sandbox::start().await.unwrap();
    run("snippet", &sandbox);
    let requests = sandbox.requests();
    assert_eq!(requests[0].body()["model"], "microsoft/DialoGPT-small");
    assert_eq!(requests[0].body()["max_tokens"], 10);
    assert!(requests[0].has_token(Sandbox::TOKEN));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_first_program_of_the_readme_runs_unchanged() {
    let sandbox = Sandbox::start().await.unwrap();
    let printed = run("short_way", &sandbox);
    assert!(printed.contains("Name three painters"), "{printed}");
    assert!(printed.contains("Tell me a story"), "{printed}");
    assert_eq!(sandbox.requests()[1].body()["stream"], true);
}

#[cfg(target_os = "linux")]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_machine_without_certificates_can_call_a_local_server() {
    let sandbox = Sandbox::start().await.unwrap();
    run("without_certificates", &sandbox);
    assert_eq!(sandbox.requests().len(), 1);
}

/// Returns the fenced blocks of a Markdown text, each with its language.
fn blocks(markdown: &str) -> Vec<(&str, &str)> {
    markdown.split("\n```").skip(1).step_by(2).map(|block| block.split_once('\n').unwrap()).collect()
}

/// Compiles a program in a new crate that has exactly this manifest, apart from the path of `botticelli`.
fn compile(name: &str, manifest: &str, program: &str) {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").canonicalize().unwrap();
    let temporary = Path::new(env!("CARGO_TARGET_TMPDIR"));
    let folder = temporary.join(name);
    let manifest = manifest.replace("path/to/botticelli", root.to_str().unwrap());
    // With the profile of the workspace, the dependencies of `just check-features` are used again.
    let workspace = std::fs::read_to_string(root.join("Cargo.toml")).unwrap();
    let (_, profile) = workspace.split_once("\n[profile.dev]\n").unwrap();
    let package = format!(
        "[package]\nname = \"{name}\"\nedition = \"2024\"\n\n[workspace]\n\n{manifest}\n[profile.dev]\n{profile}"
    );
    std::fs::create_dir_all(folder.join("src")).unwrap();
    std::fs::write(folder.join("Cargo.toml"), package).unwrap();
    std::fs::write(folder.join("src/main.rs"), program).unwrap();
    // The workspace has downloaded these versions, so the new crate needs no network.
    std::fs::copy(root.join("Cargo.lock"), folder.join("Cargo.lock")).unwrap();
    // The target folder of the workspace has most of the dependencies already.
    let output = Command::new(env!("CARGO"))
        .args(["check", "--quiet", "--offline"])
        .current_dir(&folder)
        .env("CARGO_TARGET_DIR", temporary.parent().unwrap())
        .output()
        .unwrap();
    assert!(output.status.success(), "{program}{manifest}{}", String::from_utf8_lossy(&output.stderr));
}

#[test]
fn each_program_of_the_readme_compiles_with_its_manifest() {
    let mut manifest = "";
    let mut compiled = 0;
    for (language, block) in blocks(include_str!("../../../README.md")) {
        match language {
            "toml" => manifest = block,
            "rust,no_run" => {
                compiled += 1;
                compile(&format!("readme_{compiled}"), manifest, block);
            }
            "sh" | "text" => {}
            other => panic!("a block of the README is in {other}"),
        }
    }
    assert!(compiled >= 2, "{compiled} programs in the README");
}

#[test]
fn the_readme_contains_the_program_of_this_test() {
    let lines = |text: &str| text.lines().map(|line| line.trim().to_owned()).collect::<Vec<_>>();
    let source = lines(include_str!("snippets.rs"));
    let readme = blocks(include_str!("../../../README.md"));
    let (_, program) = readme.iter().find(|(language, _)| *language == "rust,no_run").unwrap();
    let body: Vec<_> =
        lines(program).into_iter().skip_while(|line| !line.starts_with("let driver")).collect();
    assert!(source.windows(body.len()).any(|window| window == body), "{program}");
}

#[tokio::test]
async fn the_readme_shows_the_message_of_a_real_error() {
    let sandbox = Sandbox::start().await.unwrap();
    let url = sandbox.base_url();
    let driver = HuggingFaceDriver::builder("gpt2").base_url(url).token(Sandbox::TOKEN).build().unwrap();
    let error = driver.generate("Hello".into()).await.unwrap_err();
    // The README has neither the address of the sandbox nor the id of a request.
    let id = format!(", request id {}", error.request_id().unwrap());
    let error = error.to_string().replace(&id, "");
    let address = url.trim_start_matches("http://").trim_end_matches("/v1");
    let readme = blocks(include_str!("../../../README.md"));
    let (_, shown) = readme.iter().find(|(language, _)| *language == "text").unwrap();
    assert_eq!(error.replace(address, "router.huggingface.co"), shown.lines().collect::<Vec<_>>().join(" "));
}
