//! What every driver must do, as a list that any driver can be held against.
//!
//! ```no_run
//! use botticelli_interface::{BotticelliDriver, conformance};
//! use std::sync::Arc;
//!
//! async fn holds(driver: Arc<dyn BotticelliDriver>) {
//!     let report = conformance::run(&conformance::Subject::new(driver)).await;
//!     assert!(report.failures().next().is_none(), "{report}");
//! }
//! ```

mod broken;
mod choices;
mod dropped;
mod endings;
mod streamed;
mod tools;

use crate::BotticelliDriver;
use botticelli_core::{FinishReason, GenerateRequest, Message};
use botticelli_error::{BotticelliError, ErrorCategory};
use futures::StreamExt;
use futures::future::BoxFuture;
use std::fmt;
use std::sync::Arc;
use streamed::streamed;

/// The driver under test, and what it takes to see it fail.
#[derive(Clone)]
pub struct Subject {
    driver: Arc<dyn BotticelliDriver>,
    unknown_model: Option<String>,
    wrong_key: Option<Arc<dyn BotticelliDriver>>,
    broken_stream: Option<Arc<dyn BotticelliDriver>>,
    is_idle: Option<IdleCheck>,
}

/// Resolves to whether the service has no call open.
type IdleCheck = Arc<dyn Fn() -> BoxFuture<'static, bool> + Send + Sync>;

impl Subject {
    /// The driver under test.
    pub fn new(driver: Arc<dyn BotticelliDriver>) -> Self {
        Self { driver, unknown_model: None, wrong_key: None, broken_stream: None, is_idle: None }
    }

    /// A model that the service does not have. Without one, the case is skipped.
    pub fn with_unknown_model(mut self, model: impl Into<String>) -> Self {
        self.unknown_model = Some(model.into());
        self
    }

    /// The same driver with a key that the service does not accept. Without one, the case is skipped.
    pub fn with_wrong_key(mut self, driver: Arc<dyn BotticelliDriver>) -> Self {
        self.wrong_key = Some(driver);
        self
    }

    /// The same driver before a service that breaks off in the middle of every answer, after some text. Only with one, the cases
    /// of broken streams run.
    pub fn with_broken_stream(mut self, driver: Arc<dyn BotticelliDriver>) -> Self {
        self.broken_stream = Some(driver);
        self
    }

    /// How to see whether the service has no call open; it may wait for that as long as is reasonable. Without it, a call that
    /// goes on after it was dropped is not seen.
    pub fn with_idle_check<F>(mut self, is_idle: F) -> Self
    where
        F: Fn() -> BoxFuture<'static, bool> + Send + Sync + 'static,
    {
        self.is_idle = Some(Arc::new(is_idle));
        self
    }
}

impl fmt::Debug for Subject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Subject")
            .field("driver", &self.driver)
            .field("unknown_model", &self.unknown_model)
            .field("wrong_key", &self.wrong_key)
            .field("broken_stream", &self.broken_stream)
            .field("is_idle", &self.is_idle.as_ref().map(|_| "…"))
            .finish()
    }
}

/// What came of one case.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Outcome {
    /// The driver does it.
    Passed,
    /// The subject does not say how to try it.
    Skipped(String),
    /// The driver does not.
    Failed(String),
}

/// What came of every case, by name.
#[derive(Debug, Clone, Default)]
pub struct Report(Vec<(&'static str, Outcome)>);

impl Report {
    /// Every case with its outcome, in the order in which they ran.
    pub fn outcomes(&self) -> &[(&'static str, Outcome)] {
        &self.0
    }

    /// The cases that failed, with the reason.
    pub fn failures(&self) -> impl Iterator<Item = (&'static str, &str)> {
        self.0.iter().filter_map(|(name, outcome)| match outcome {
            Outcome::Failed(why) => Some((*name, why.as_str())),
            _ => None,
        })
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (name, outcome) in &self.0 {
            match outcome {
                Outcome::Passed => writeln!(f, "passed   {name}")?,
                Outcome::Skipped(why) => writeln!(f, "skipped  {name}: {why}")?,
                Outcome::Failed(why) => writeln!(f, "FAILED   {name}: {why}")?,
            }
        }
        Ok(())
    }
}

/// Runs every case, one after the other. It asks the service about thirty times, for a few tokens each.
pub async fn run(subject: &Subject) -> Report {
    let driver = subject.driver.as_ref();
    let mut report = Report::default();
    let mut add = |name, outcome: Result<(), Outcome>| {
        report.0.push((name, outcome.err().unwrap_or(Outcome::Passed)));
    };
    add("answers a prompt", answers_a_prompt(driver).await);
    add("streams an answer that ends once", streams_an_answer_that_ends_once(driver).await);
    add("folds a stream into the plain answer", folds_a_stream_into_the_plain_answer(driver).await);
    add("reports usage, plain and streamed", reports_usage(driver).await);
    add("stops at max_tokens and says so", stops_at_max_tokens(driver).await);
    add("takes a system message", takes_a_system_message(driver).await);
    add("refuses a request without messages", refuses_a_request_without_messages(driver).await);
    add("refuses an unknown model", refuses_an_unknown_model(subject).await);
    add("refuses a wrong key", refuses_a_wrong_key(subject).await);
    add("says why an answer ended", endings::says_why_an_answer_ended(driver).await);
    add("says the usage on the final chunk", endings::says_the_usage_on_the_final_chunk(driver).await);
    add("gives nothing after the end", endings::gives_nothing_after_the_end(driver).await);
    add("calls a tool that it has to call", tools::calls_a_tool(driver).await);
    add("calls no tool that nobody gave it", tools::calls_no_unknown_tool(driver).await);
    add("gives as many choices as were asked for", choices::gives_as_many_choices(driver).await);
    add("stops a call that is dropped", dropped::stops_a_call_that_is_dropped(subject).await);
    if let Some(broken) = &subject.broken_stream {
        add("ends a broken stream with one error", broken::ends_with_one_error(broken.as_ref()).await);
        add(
            "keeps the partial text of a broken stream",
            broken::keeps_the_partial_text(broken.as_ref()).await,
        );
    }
    report
}

type Checked = Result<(), Outcome>;

fn failed(why: impl fmt::Display) -> Outcome {
    Outcome::Failed(why.to_string())
}

fn check(holds: bool, why: impl FnOnce() -> String) -> Checked {
    if holds { Ok(()) } else { Err(Outcome::Failed(why())) }
}

/// Greedy, so that two calls give one answer.
fn prompt(max_tokens: u32) -> Result<GenerateRequest, Outcome> {
    GenerateRequest::builder()
        .messages(vec![Message::user("Hello, how are you?")])
        .max_tokens(max_tokens)
        .temperature(0.0)
        .seed(7)
        .build()
        .map_err(failed)
}

async fn answers_a_prompt(driver: &dyn BotticelliDriver) -> Checked {
    let response = driver.generate(prompt(16)?).await.map_err(failed)?;
    check(!response.outputs().is_empty(), || format!("no output in {response:?}"))
}

async fn streams_an_answer_that_ends_once(driver: &dyn BotticelliDriver) -> Checked {
    let response = streamed(driver, prompt(16)?).await?;
    check(!response.outputs().is_empty(), || format!("no output in {response:?}"))
}

async fn folds_a_stream_into_the_plain_answer(driver: &dyn BotticelliDriver) -> Checked {
    let plain = driver.generate(prompt(16)?).await.map_err(failed)?;
    let streamed = streamed(driver, prompt(16)?).await?;
    // Servers trim blanks at the ends of a plain answer and leave them in a stream.
    let same = plain.text().trim() == streamed.text().trim();
    check(same, || format!("plain {:?}, streamed {:?}", plain.text(), streamed.text()))?;
    let (plain, streamed) = (plain.finish_reason(), streamed.finish_reason());
    check(plain == streamed, || format!("plain ends with {plain}, streamed with {streamed}"))
}

async fn reports_usage(driver: &dyn BotticelliDriver) -> Checked {
    let plain = driver.generate(prompt(4)?).await.map_err(failed)?;
    let streamed = streamed(driver, prompt(4)?).await?;
    for (how, response) in [("plain", plain), ("streamed", streamed)] {
        let tokens = response.usage().and_then(botticelli_core::Usage::completion_tokens);
        check(tokens.is_some_and(|tokens| tokens > 0), || format!("{how}: {:?}", response.usage()))?;
    }
    Ok(())
}

async fn stops_at_max_tokens(driver: &dyn BotticelliDriver) -> Checked {
    let plain = driver.generate(prompt(2)?).await.map_err(failed)?;
    let streamed = streamed(driver, prompt(2)?).await?;
    for (how, response) in [("plain", plain), ("streamed", streamed)] {
        let reason = response.finish_reason();
        check(*reason == FinishReason::Length, || format!("{how}: it ended with {reason}"))?;
    }
    Ok(())
}

async fn takes_a_system_message(driver: &dyn BotticelliDriver) -> Checked {
    let request = GenerateRequest::builder()
        .messages(vec![Message::system("You are brief."), Message::user("Hello")])
        .max_tokens(4)
        .build()
        .map_err(failed)?;
    driver.generate(request).await.map(drop).map_err(failed)
}

async fn refuses_a_request_without_messages(driver: &dyn BotticelliDriver) -> Checked {
    let nothing: GenerateRequest = Vec::<Message>::new().into();
    let error = refusal(driver, nothing).await?;
    is_one_of(&error, &[ErrorCategory::InvalidRequest])
}

async fn refuses_an_unknown_model(subject: &Subject) -> Checked {
    let Some(model) = &subject.unknown_model else {
        return Err(Outcome::Skipped("no unknown model was named".to_owned()));
    };
    let error = refusal(subject.driver.as_ref(), prompt(2)?.with_model(model)).await?;
    let accepted = [ErrorCategory::NotFound, ErrorCategory::NotServed, ErrorCategory::InvalidRequest];
    is_one_of(&error, &accepted)?;
    check(error.to_string().contains(model), || format!("the model is not named: {error}"))
}

async fn refuses_a_wrong_key(subject: &Subject) -> Checked {
    let Some(driver) = &subject.wrong_key else {
        return Err(Outcome::Skipped("no driver with a wrong key was given".to_owned()));
    };
    let error = refusal(driver.as_ref(), prompt(2)?).await?;
    is_one_of(&error, &[ErrorCategory::Authentication])
}

/// The error of both ways to ask, which must agree.
async fn refusal(
    driver: &dyn BotticelliDriver,
    request: GenerateRequest,
) -> Result<BotticelliError, Outcome> {
    let plain = match driver.generate(request.clone()).await {
        Ok(response) => return Err(failed(format!("it answered: {response:?}"))),
        Err(error) => error,
    };
    let streamed = match driver.generate_stream(request).await {
        Err(error) => error,
        Ok(mut stream) => match stream.next().await {
            Some(Err(error)) => error,
            other => return Err(failed(format!("streamed, it answered: {other:?}"))),
        },
    };
    let (plain_is, streamed_is) = (plain.category(), streamed.category());
    check(plain_is == streamed_is, || format!("plain is {plain_is:?}, streamed is {streamed_is:?}"))?;
    Ok(plain)
}

fn is_one_of(error: &BotticelliError, accepted: &[ErrorCategory]) -> Checked {
    check(accepted.contains(&error.category()), || format!("{:?}: {error}", error.category()))
}

/// A driver may be unable to do something, and says so before anything is billed.
fn is_refused_by_name(error: &BotticelliError) -> Checked {
    is_one_of(error, &[ErrorCategory::Unsupported, ErrorCategory::InvalidRequest])
}
