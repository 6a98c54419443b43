//! The conformance list, held against drivers with one flaw each: every flaw fails the case that looks for it, and no other driver
//! than these is fake.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a failed unwrap is a failed test")]

use botticelli::{
    BotticelliDriver, BotticelliError, ChunkCollector, ChunkStream, Delta, ErrorCategory, FinishReason,
    GenerateRequest, GenerateResponse, InterruptedError, ModelsError, ModelsResult, PartialResponse,
    StreamChunk, ToolCallDelta, ToolChoice, Usage, async_trait,
};
use botticelli_interface::conformance::{self, Outcome, Subject};
use futures::FutureExt;
use futures::stream::{self, StreamExt};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::task::Poll;

/// A defect of a driver.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Flaw {
    None,
    RefusesToolsAndChoices,
    IgnoresTools,
    CallsAnotherTool,
    WritesArgumentsThatAreNoObject,
    CallsUnasked,
    SaysNoReason,
    SaysToolCallsWithoutAny,
    IgnoresN,
    MixesChoices,
    LosesUsageOfTheLastChunk,
    SaysAnotherUsage,
    GoesOnAfterTheEnd,
    PanicsAfterTheEnd,
    GoesOnAfterItIsDropped,
    FailsAfterADrop,
    // Of a stream that breaks off.
    TakesItForWhole,
    EndsItWithoutAnError,
    ErrsTwice,
    LosesThePartialText,
    TakesAPlainOneForWhole,
}

/// A driver without a service, which returns the same response to every request.
#[derive(Debug)]
struct Fake {
    flaw: Flaw,
    breaks: bool,
    open: Arc<AtomicUsize>,
    was_dropped: Arc<AtomicBool>,
}

impl Fake {
    fn new(flaw: Flaw) -> Self {
        Self { flaw, breaks: false, open: Arc::default(), was_dropped: Arc::default() }
    }

    fn breaking(flaw: Flaw) -> Self {
        Self { breaks: true, ..Self::new(flaw) }
    }

    /// The chunks of a response, and its finish reason.
    fn pieces(&self, request: &GenerateRequest) -> (Vec<StreamChunk>, FinishReason) {
        let call = |name: &str, arguments: &str| {
            let call = ToolCallDelta::new(0, Some("call_1".into()), Some(name.into()), arguments);
            (vec![StreamChunk::of(Delta::ToolCall(call))], FinishReason::ToolCalls)
        };
        match (self.flaw, request.tool_choice()) {
            (Flaw::CallsUnasked, None) | (Flaw::CallsAnotherTool, Some(_)) => return call("launch", "{}"),
            (Flaw::WritesArgumentsThatAreNoObject, Some(_)) => return call("get_weather", "[1]"),
            (Flaw::IgnoresTools, _) => {}
            (_, Some(ToolChoice::Function(name))) => return call(name, "{\"city\":\"Florence\"}"),
            _ => {}
        }
        let limit = usize::try_from(request.max_tokens().unwrap_or(100)).unwrap();
        let words = ["I ", "am ", "well, ", "thank ", "you"];
        let choices = if self.flaw == Flaw::IgnoresN { 1 } else { request.n().unwrap_or(1) };
        let chunks = words.iter().take(limit).flat_map(|word| {
            (0..choices).map(|choice| StreamChunk::of(Delta::Text((*word).into())).of_choice(choice))
        });
        let reason = match self.flaw {
            Flaw::SaysNoReason => FinishReason::Unspecified,
            Flaw::SaysToolCallsWithoutAny => FinishReason::ToolCalls,
            _ if limit < words.len() => FinishReason::Length,
            _ => FinishReason::Stop,
        };
        (chunks.collect(), reason)
    }

    fn response(&self, request: &GenerateRequest) -> GenerateResponse {
        let (chunks, reason) = self.pieces(request);
        let mut collector = ChunkCollector::default();
        for chunk in &chunks {
            collector.push_chunk(chunk);
        }
        if chunks.iter().any(|chunk| chunk.choice() == 1) {
            collector.end(1, reason.clone());
        }
        let usage = Usage::new(Some(10), Some(5), Some(15));
        let mut response = collector.finish(reason.clone(), Some(usage));
        if self.flaw == Flaw::SaysNoReason {
            response = GenerateResponse::builder()
                .outputs(response.outputs().to_vec())
                .finish_reason(reason)
                .usage(usage)
                .build()
                .unwrap();
        }
        response
    }

    fn check(&self, request: &GenerateRequest) -> Result<(), BotticelliError> {
        request.validate()?;
        let asks_for_more = request.tool_choice().is_some() || request.n().is_some();
        if self.flaw == Flaw::RefusesToolsAndChoices && asks_for_more {
            return Err(ModelsError::unsupported("fake", "this request", "ask for one text").into());
        }
        if self.flaw == Flaw::FailsAfterADrop && self.was_dropped.load(Ordering::SeqCst) {
            return Err(InterruptedError::new("fake").into());
        }
        Ok(())
    }

    /// A call that is open, until it is dropped or ends.
    fn open(&self) -> Open {
        self.open.fetch_add(1, Ordering::SeqCst);
        Open {
            open: self.open.clone(),
            was_dropped: self.was_dropped.clone(),
            has_ended: false,
            leaks: self.flaw == Flaw::GoesOnAfterItIsDropped,
        }
    }

    fn broken(&self, text: &str) -> BotticelliError {
        let error = BotticelliError::from(InterruptedError::new("fake"));
        match self.flaw {
            Flaw::LosesThePartialText => error,
            _ => error.with_partial(PartialResponse::new(text, "", Vec::new())),
        }
    }
}

struct Open {
    open: Arc<AtomicUsize>,
    was_dropped: Arc<AtomicBool>,
    has_ended: bool,
    leaks: bool,
}

impl Open {
    fn end_if(&mut self, has_ended: bool) {
        self.has_ended |= has_ended;
    }
}

impl Drop for Open {
    fn drop(&mut self) {
        if !self.has_ended {
            self.was_dropped.store(true, Ordering::SeqCst);
        }
        if self.has_ended || !self.leaks {
            self.open.fetch_sub(1, Ordering::SeqCst);
        }
    }
}

#[async_trait]
impl BotticelliDriver for Fake {
    async fn generate(&self, request: GenerateRequest) -> ModelsResult<GenerateResponse> {
        self.check(&request)?;
        let mut open = self.open();
        tokio::task::yield_now().await;
        open.end_if(true);
        if self.breaks && self.flaw != Flaw::TakesAPlainOneForWhole {
            return Err(self.broken(""));
        }
        Ok(self.response(&request))
    }

    async fn generate_stream(&self, request: GenerateRequest) -> ModelsResult<ChunkStream> {
        self.check(&request)?;
        let (mut chunks, _) = self.pieces(&request);
        let response = self.response(&request);
        if self.flaw == Flaw::MixesChoices {
            chunks = chunks.into_iter().map(|chunk| chunk.of_choice(0)).collect();
        }
        let mut last = StreamChunk::last(response.clone());
        let lasting =
            StreamChunk::builder().finish_reason(response.finish_reason().clone()).response(response);
        match self.flaw {
            Flaw::LosesUsageOfTheLastChunk => last = lasting.build()?,
            Flaw::SaysAnotherUsage => last = lasting.usage(Usage::new(Some(1), Some(1), Some(2))).build()?,
            _ => {}
        }
        let mut items: Vec<ModelsResult<StreamChunk>> = chunks.into_iter().map(Ok).collect();
        if self.breaks {
            items.truncate(2);
            match self.flaw {
                Flaw::TakesItForWhole => items.push(Ok(last)),
                Flaw::EndsItWithoutAnError => {}
                Flaw::ErrsTwice => items.extend([Err(self.broken("I am ")), Err(self.broken("I am "))]),
                _ => items.push(Err(self.broken("I am "))),
            }
        } else {
            items.push(Ok(last));
        }
        let (mut open, flaw) = (self.open(), self.flaw);
        let mut items = items.into_iter();
        let mut ends = 0;
        Ok(stream::poll_fn(move |_| {
            let item = items.next();
            open.end_if(item.is_none());
            ends += usize::from(item.is_none());
            match flaw {
                Flaw::GoesOnAfterTheEnd if ends > 1 => Poll::Ready(Some(Ok(StreamChunk::default()))),
                Flaw::PanicsAfterTheEnd if ends > 1 => panic!("it was polled after its end"),
                _ => Poll::Ready(item),
            }
        })
        .boxed())
    }

    fn provider_name(&self) -> &'static str {
        "fake"
    }

    fn model_name(&self) -> &'static str {
        "fake"
    }
}

/// The cases that a driver fails with this flaw.
async fn failures(flaw: Flaw) -> Vec<&'static str> {
    let driver = Arc::new(Fake::new(flaw));
    let open = driver.open.clone();
    let subject =
        Subject::new(driver).with_broken_stream(Arc::new(Fake::breaking(flaw))).with_idle_check(move || {
            let is_idle = open.load(Ordering::SeqCst) == 0;
            async move { is_idle }.boxed()
        });
    let report = conformance::run(&subject).await;
    assert!(report.outcomes().len() >= 18, "{report}");
    report.failures().map(|(name, _)| name).collect()
}

#[tokio::test]
async fn a_correct_driver_passes() {
    assert_eq!(failures(Flaw::None).await, [""; 0]);
    // A driver may lack an ability if its subject says so.
    assert_eq!(failures(Flaw::RefusesToolsAndChoices).await, [""; 0]);
}

#[tokio::test]
async fn every_defect_fails_the_case_for_it() {
    let tool = "calls a required tool";
    let usage = "reports the usage on the final chunk";
    let after = "returns nothing after the end";
    let dropped = "stops a call that is dropped";
    let (broken, partial) =
        ("ends a broken stream with one error", "keeps the partial text of a broken stream");
    for (flaw, case) in [
        (Flaw::IgnoresTools, tool),
        (Flaw::CallsAnotherTool, tool),
        (Flaw::WritesArgumentsThatAreNoObject, tool),
        (Flaw::CallsUnasked, "calls no unknown tool"),
        (Flaw::SaysToolCallsWithoutAny, "calls no unknown tool"),
        (Flaw::SaysNoReason, "gives a finish reason"),
        (Flaw::IgnoresN, "returns the requested number of choices"),
        (Flaw::MixesChoices, "returns the requested number of choices"),
        (Flaw::LosesUsageOfTheLastChunk, usage),
        (Flaw::SaysAnotherUsage, usage),
        (Flaw::GoesOnAfterTheEnd, after),
        (Flaw::PanicsAfterTheEnd, after),
        (Flaw::GoesOnAfterItIsDropped, dropped),
        (Flaw::FailsAfterADrop, dropped),
        (Flaw::TakesItForWhole, broken),
        (Flaw::EndsItWithoutAnError, broken),
        (Flaw::ErrsTwice, broken),
        (Flaw::TakesAPlainOneForWhole, broken),
        (Flaw::LosesThePartialText, partial),
    ] {
        let failed = failures(flaw).await;
        assert!(failed.contains(&case), "{flaw:?}: {failed:?}");
    }
}

#[tokio::test]
async fn cases_that_the_subject_does_not_support_are_skipped_or_omitted() {
    let report = conformance::run(&Subject::new(Arc::new(Fake::new(Flaw::None)))).await;
    assert_eq!(report.failures().count(), 0, "{report}");
    let skipped = report.outcomes().iter().filter(|(_, outcome)| matches!(outcome, Outcome::Skipped(_)));
    assert_eq!(skipped.count(), 2, "{report}");
    assert!(!report.to_string().contains("broken"), "{report}");
    let error = Fake::new(Flaw::None).generate(Vec::new().into()).await.unwrap_err();
    assert_eq!(error.category(), ErrorCategory::InvalidRequest);
}
