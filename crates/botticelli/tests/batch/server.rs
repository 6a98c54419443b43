//! A run that continues at another address.

use botticelli::{Batch, HuggingFaceDriver, Sink, Table};
use botticelli_sandbox::Sandbox;

fn batch(sandbox: &Sandbox) -> Batch {
    let driver = HuggingFaceDriver::builder("openai/gpt-oss-20b:fireworks-ai").base_url(sandbox.base_url());
    let driver = driver.token(Sandbox::TOKEN).build().unwrap();
    Batch::new(driver).with_prompt("{{ text }}").unwrap()
}

#[tokio::test]
async fn a_run_continues_at_another_address_and_keeps_its_answers() {
    let folder = tempfile::tempdir().unwrap();
    let (input, output) = (folder.path().join("in.jsonl"), folder.path().join("out.jsonl"));
    std::fs::write(&input, "{\"text\":\"a\"}\n{\"text\":\"b\"}\n{\"text\":\"c\"}\n").unwrap();
    let files = || (Table::open(&input).unwrap(), Sink::create(&output).unwrap());
    let (first, second) = (Sandbox::start().await.unwrap(), Sandbox::start().await.unwrap());
    let (table, sink) = files();
    let report = batch(&first).with_limit(2).run(table, sink).await.unwrap();
    assert_eq!((report.answered, first.requests().len()), (2, 2));
    let (table, sink) = files();
    let report = batch(&second).run(table, sink).await.unwrap();
    assert_eq!((report.answered, report.cached, second.requests().len()), (3, 2, 1));
    let (table, sink) = files();
    let report = batch(&second).restart().run(table, sink).await.unwrap();
    assert_eq!((report.cached, second.requests().len()), (0, 4));
}
