//! Every known variation of a response is read, plain and streamed, wherever the bytes are cut.

#[path = "../fixtures/cases.rs"]
mod cases;

use botticelli_core::{ChunkCollector, GenerateResponse, Timings};
use botticelli_error::BotticelliError;
use botticelli_interface::BotticelliDriver;
use botticelli_models::huggingface::HuggingFaceDriver;
use botticelli_sandbox::{Sandbox, SandboxBuilder, Script};
use cases::{ASKED, Case};
use futures::StreamExt;
use std::fs;
use std::path::{Path, PathBuf};

/// A group of cases is a function of `cases`, and a test of the same name here.
macro_rules! groups {
    ($($group:ident),+ $(,)?) => {
        $(
            #[tokio::test]
            async fn $group() {
                let mut wrong = Vec::new();
                for case in cases::$group() {
                    if let Err(difference) = check(&case).await {
                        wrong.push(difference);
                    }
                }
                assert!(wrong.is_empty(), "{} read wrongly:\n{}", wrong.len(), wrong.join("\n"));
            }
        )+

        fn every_case() -> Vec<Case> {
            [$(cases::$group()),+].into_iter().flatten().collect()
        }
    };
}

groups! {
    reads_whole_answers_of_known_servers,
    reads_whole_answers_of_odd_shapes,
    reads_every_finish_reason,
    reads_whole_tool_calls,
    reads_reasoning_under_each_of_its_names,
    finds_usage_wherever_it_stands,
    reads_every_framing,
    reads_whatever_a_chunk_carries,
    puts_tool_calls_together,
}

#[test]
fn every_fixture_has_a_case_and_every_case_a_fixture() {
    let mut files: Vec<_> = fs::read_dir(folder())
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    let mut cases: Vec<_> = every_case().iter().map(|case| case.file.to_owned()).collect();
    files.sort();
    cases.sort();
    assert_eq!(files, cases);
}

#[tokio::test]
async fn content_type_parameters_are_accepted_in_any_spelling() {
    let events = read("crlf_lines.sse").unwrap();
    let object = read("multi_byte_text.json").unwrap();
    let spellings = |kind: &str| {
        let upper = kind.to_uppercase();
        [";charset=utf-8", "; charset=utf-8", " ; charset=UTF-8; x=y"]
            .map(|parameters| format!("{kind}{parameters}"))
            .into_iter()
            .chain([upper])
            .collect::<Vec<_>>()
    };
    for (kind, body, text) in
        [("text/event-stream", events, "Line ends."), ("application/json", object, "La Naixença — 春 é🌸🎨")]
    {
        for content_type in spellings(kind) {
            let sandbox = start([Script::text(200, &content_type, &*body)]).await.unwrap();
            let driver = driver(&sandbox).unwrap();
            assert_eq!(plain(&driver).await.unwrap().text(), text, "plain, {content_type}");
            assert_eq!(streamed(&driver).await.unwrap().text(), text, "streamed, {content_type}");
        }
    }
}

#[tokio::test]
async fn a_retry_after_on_a_success_is_ignored() {
    let together = Script::text(200, "application/json", read("together_seed_above_i64.json").unwrap());
    let sandbox = start([together.header("retry-after", "2")]).await.unwrap();
    let answer = plain(&driver(&sandbox).unwrap()).await.unwrap();
    assert_eq!(answer.text(), "A shell.");
    assert_eq!(sandbox.requests().len(), 1);
}

/// The request for a fixture, and the division of its bytes.
struct Delivery {
    how: String,
    is_streamed: bool,
    script: Script,
}

/// Sends a fixture in every delivery, and returns the first difference from the expected response.
async fn check(case: &Case) -> Result<(), String> {
    let problem = |how: &str, what: String| format!("{}, {how}: {what}", case.file);
    let body = read(case.file).map_err(|error| problem("from disk", error))?;
    let deliveries = deliveries(case.file, &body);
    let scripts = deliveries.iter().map(|delivery| delivery.script.clone());
    let sandbox = start(scripts).await.map_err(|error| problem("sandbox", error))?;
    let driver = driver(&sandbox).map_err(|error| problem("driver", error.to_string()))?;
    for Delivery { how, is_streamed, .. } in &deliveries {
        let answer = match is_streamed {
            true => streamed(&driver).await,
            false => plain(&driver).await.map_err(|error| error.to_string()),
        };
        let answer = answer.map_err(|error| problem(how, error))?;
        let same_text = answer.text() == case.text && answer.reasoning() == case.reasoning;
        let (read, expected) = (answer.with_timings(Timings::default()), case.expected());
        if read != expected || !same_text {
            return Err(problem(how, format!("\n    read     {read:?}\n    expected {expected:?}")));
        }
    }
    match sandbox.requests().len() {
        request_count if request_count == deliveries.len() => Ok(()),
        request_count => {
            Err(problem("in all", format!("{request_count} requests for {} answers", deliveries.len())))
        }
    }
}

fn deliveries(file: &str, body: &[u8]) -> Vec<Delivery> {
    let delivery = |how: &str, is_streamed, script| Delivery { how: how.to_owned(), is_streamed, script };
    if Path::new(file).extension().is_some_and(|kind| kind == "json") {
        let object = Script::text(200, "application/json", body);
        return vec![
            delivery("plain", false, object.clone()),
            delivery("asked for as a stream", true, object),
        ];
    }
    let bytes = body.chunks(1).map(<[u8]>::to_vec);
    let byte_by_byte = Script::stream(200, "text/event-stream").pieces(bytes);
    let mut deliveries = vec![
        delivery("streamed", true, Script::sse(body)),
        delivery("streamed though asked for plain", false, Script::sse(body)),
        delivery("byte by byte", true, byte_by_byte),
    ];
    for cut in cuts(body) {
        let (before, after) = body.split_at(cut);
        let script = Script::stream(200, "text/event-stream").piece(before).piece(after);
        deliveries.push(delivery(&format!("cut at byte {cut}"), true, script));
    }
    deliveries
}

/// Every position in a short stream; in a long one every seventh, and each next to a line's end or inside of a
/// character.
fn cuts(body: &[u8]) -> Vec<usize> {
    let delicate = |byte: Option<&u8>| byte.is_some_and(|byte| !(b' '..=b'~').contains(byte));
    (1..body.len())
        .filter(|cut| {
            let beside = [body.get(cut - 1), body.get(*cut)];
            body.len() < 600 || cut % 7 == 0 || beside.into_iter().any(delicate)
        })
        .collect()
}

async fn plain(driver: &HuggingFaceDriver) -> Result<GenerateResponse, BotticelliError> {
    driver.generate("Who painted it?".into()).await
}

/// Returns the response of the final chunk, which must equal the sum of the chunks.
async fn streamed(driver: &HuggingFaceDriver) -> Result<GenerateResponse, String> {
    let stream = driver.generate_stream("Who painted it?".into()).await;
    let mut stream = stream.map_err(|error| error.to_string())?;
    let mut pieces = ChunkCollector::default();
    while let Some(chunk) = stream.next().await {
        let chunk = chunk.map_err(|error| error.to_string())?;
        pieces.push_chunk(&chunk);
        let Some(response) = chunk.into_response() else {
            continue;
        };
        let folded = pieces.finish(response.finish_reason().clone(), response.usage().copied());
        if folded.outputs() != response.outputs() {
            return Err(format!("the pieces fold into {:?}", folded.outputs()));
        }
        return match stream.next().await {
            None => Ok(response),
            Some(more) => Err(format!("after the final piece came {more:?}")),
        };
    }
    Err("the stream ended without a final piece".to_owned())
}

async fn start(scripts: impl IntoIterator<Item = Script>) -> Result<Sandbox, String> {
    let sandbox = scripts.into_iter().fold(Sandbox::builder(), SandboxBuilder::with_turn);
    sandbox.start().await.map_err(|error| error.to_string())
}

fn driver(sandbox: &Sandbox) -> Result<HuggingFaceDriver, BotticelliError> {
    HuggingFaceDriver::builder(ASKED).base_url(sandbox.base_url()).token(Sandbox::TOKEN).build()
}

fn read(file: &str) -> Result<Vec<u8>, String> {
    fs::read(folder().join(file)).map_err(|error| error.to_string())
}

fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/huggingface")
}
