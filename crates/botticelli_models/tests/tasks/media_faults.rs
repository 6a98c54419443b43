//! Every named fault of a provider of media has one meaning, and the token stays at the provider.

use crate::providers::{IMAGE, VIDEO, run};
use botticelli_core::tasks::MediaResponse;
use botticelli_error::{BotticelliError, ErrorCategory};
use botticelli_interface::tasks::MediaGenerationDriver;
use botticelli_models::huggingface::HuggingFaceTasks;
use botticelli_sandbox::{Sandbox, TaskFault};
use std::time::Duration;

/// The outcome of an image at a provider with a job, and of a video.
async fn outcome(sandbox: &Sandbox, name: &str, is_video: bool) -> Result<MediaResponse, BotticelliError> {
    let call = move |driver: HuggingFaceTasks| async move {
        let driver = driver.with_job_timeout(Duration::from_secs(300));
        if is_video {
            driver.generate_video("waves".into()).await
        } else {
            driver.generate_image("Venus".into()).await
        }
    };
    run(sandbox, name, if is_video { VIDEO } else { IMAGE }, call).await
}

#[tokio::test]
async fn every_fault_of_a_provider_has_its_meaning() {
    use ErrorCategory as Category;
    let expected = |fault: &TaskFault| {
        Some(match fault.name() {
            "status" => Category::Server,
            "job-fails" => Category::Generation,
            "job-never-ends" => Category::Timeout,
            "plain-result" | "file-result" => Category::Unsupported,
            "not-json" | "unrelated" | "missing-result" | "error-as-media" | "page-as-media"
            | "empty-media" => Category::InvalidResponse,
            "cut-media" => Category::Connection,
            // The only harmless one.
            "foreign-result" => return None,
            other => panic!("{other} has no row"),
        })
    };
    let sandbox = Sandbox::start().await.unwrap();
    for fault in TaskFault::all().filter(|fault| !fault.is_of_answer()) {
        for (name, is_video) in [("wavespeed", false), ("replicate", true), ("fal-ai", true)] {
            sandbox.inject_task_fault(fault);
            let outcome = outcome(&sandbox, name, is_video).await;
            match expected(&fault) {
                Some(category) => {
                    let error = outcome.expect_err(&format!("{fault} at {name}"));
                    assert_eq!(error.category(), category, "{fault} at {name}: {error}");
                    let is_sent = !matches!(fault.name(), "status");
                    assert!(!is_sent || !error.to_string().contains(Sandbox::TOKEN), "{error}");
                }
                None => assert!(outcome.unwrap().media().is_known(), "{fault} at {name}"),
            }
        }
    }
    let requests = sandbox.requests();
    assert!(requests.iter().any(|request| request.header("host").unwrap().starts_with("localhost")));
    for request in requests.iter().filter(|request| request.path().starts_with("/results/")) {
        assert!(!request.has_token(Sandbox::TOKEN), "{request}");
    }
}

#[tokio::test]
async fn an_error_object_in_place_of_an_image_is_quoted_nowhere_as_an_image() {
    let sandbox = Sandbox::start().await.unwrap();
    sandbox.inject_task_fault("error-as-media".parse().unwrap());
    let error = outcome(&sandbox, "wavespeed", false).await.unwrap_err();
    assert!(error.to_string().contains("is not an image, audio or video"), "{error}");
}
