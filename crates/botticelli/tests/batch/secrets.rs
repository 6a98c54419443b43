//! The token is in no file, no report and no error of a run, although the service repeats it in its errors.

use botticelli::{Batch, HuggingFaceDriver, RetryConfig, Sink, Table};
use botticelli_sandbox::{Sandbox, Script};

const TOKEN: &str = "hf_aVerySecretTokenOfTheCaller";

async fn driver_of(status: u16) -> (Sandbox, HuggingFaceDriver) {
    let body = format!("{{\"error\":{{\"message\":\"Bearer {TOKEN} may not do this ({TOKEN})\"}}}}");
    let sandbox = Sandbox::builder().with_turn(Script::json(status, body)).start().await.unwrap();
    let driver = HuggingFaceDriver::builder("openai/gpt-oss-20b:fireworks-ai")
        .base_url(sandbox.base_url())
        .token(TOKEN)
        .retry(RetryConfig::never())
        .build()
        .unwrap();
    (sandbox, driver)
}

#[tokio::test]
async fn a_token_that_the_service_repeats_is_in_no_file_and_no_report() {
    // A row fails with 422, and 401 stops the run.
    for status in [422, 401] {
        let folder = tempfile::tempdir().unwrap();
        let (input, output) = (folder.path().join("in.jsonl"), folder.path().join("out.jsonl"));
        std::fs::write(&input, "{\"text\":\"a\"}\n{\"text\":\"b\"}\n").unwrap();
        let (sandbox, driver) = driver_of(status).await;
        let batch = Batch::new(driver).with_prompt("{{ text }}").unwrap();
        let report = batch.run(Table::open(&input).unwrap(), Sink::create(&output).unwrap()).await.unwrap();
        assert!(sandbox.requests().iter().all(|request| request.has_token(TOKEN)));
        assert_eq!((report.failed, report.is_complete()), if status == 422 { (2, true) } else { (0, false) });

        let mut texts = vec![format!("{report} {report:?} {batch:?}")];
        if let Err(error) = report.into_complete() {
            texts.push(format!("{error} {error:?} {error:#?}"));
        }
        for file in std::fs::read_dir(folder.path()).unwrap() {
            texts.push(std::fs::read_to_string(file.unwrap().path()).unwrap());
        }
        assert!(texts.iter().any(|text| text.contains("may not do this")), "{texts:?}");
        let leaks: Vec<_> = texts.iter().filter(|text| text.contains("VerySecret")).collect();
        assert!(leaks.is_empty(), "{leaks:?}");
    }
}
