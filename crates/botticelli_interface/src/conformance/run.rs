//! The list of all cases.

use super::report::{Outcome, Report};
use super::subject::Subject;
use super::{basics, broken, choices, dropped, errors, finish, tools};

/// Runs every case, one after the other. A run sends about thirty requests, for a few tokens each.
pub async fn run(subject: &Subject) -> Report {
    let driver = subject.driver.as_ref();
    let mut report = Report::default();
    let mut add = |name, outcome: Result<(), Outcome>| {
        report.push(name, outcome.err().unwrap_or(Outcome::Passed));
    };
    add("answers a prompt", basics::answers_a_prompt(driver).await);
    add("streams a response that ends once", basics::streams_a_response_that_ends_once(driver).await);
    add(
        "folds a stream into the plain response",
        basics::folds_a_stream_into_the_plain_response(driver).await,
    );
    add("reports usage, plain and streamed", basics::reports_usage(driver).await);
    add("stops at max_tokens and says so", basics::stops_at_max_tokens(driver).await);
    add("accepts a system message", basics::accepts_a_system_message(driver).await);
    add("rejects a request without messages", errors::rejects_a_request_without_messages(driver).await);
    add("rejects an unknown model", errors::rejects_an_unknown_model(subject).await);
    add("rejects a wrong key", errors::rejects_a_wrong_key(subject).await);
    add("gives a finish reason", finish::gives_a_finish_reason(driver).await);
    add("reports the usage on the final chunk", finish::reports_the_usage_on_the_final_chunk(driver).await);
    add("returns nothing after the end", finish::returns_nothing_after_the_end(driver).await);
    add("calls a required tool", tools::calls_a_required_tool(driver).await);
    add("calls no unknown tool", tools::calls_no_unknown_tool(driver).await);
    add("returns the requested number of choices", choices::returns_the_requested_number(driver).await);
    add("stops a call that is dropped", dropped::stops_a_call_that_is_dropped(subject).await);
    if let Some(driver) = &subject.broken_stream {
        add("ends a broken stream with one error", broken::ends_with_one_error(driver.as_ref()).await);
        add(
            "keeps the partial text of a broken stream",
            broken::keeps_the_partial_text(driver.as_ref()).await,
        );
    }
    report
}
