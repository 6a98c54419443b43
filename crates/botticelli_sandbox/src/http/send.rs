//! Sending of scripts.

use std::io;

use super::connection::Connection;
use super::request::Request;
use super::wire::{chunk, head};
use crate::script::{Action, Body, Script, ScriptedResponse, Step};

/// State of the connection after a response.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum AfterResponse {
    NextRequest,
    /// Looks reusable, but resets on the next request.
    Stale,
    Close,
    /// The client disconnected before the response was complete.
    HungUp,
}

/// Outcome of the steps of a script.
enum StepsOutcome {
    /// All steps were sent.
    Finished,
    /// The script ended the connection early.
    Aborted,
    /// The client disconnected.
    HungUp,
}

/// Sends the script as the response to a request.
pub(crate) async fn send_script(
    script: &Script,
    request: &Request,
    connection: &mut Connection,
) -> io::Result<AfterResponse> {
    match script.action() {
        Action::Respond(response) => {
            let after = send_response(response, request, connection).await?;
            let is_stale = after == AfterResponse::NextRequest && script.resets_on_next_request();
            Ok(if is_stale { AfterResponse::Stale } else { after })
        }
        Action::Raw(steps) => Ok(match send_steps(steps, false, connection).await? {
            StepsOutcome::HungUp => AfterResponse::HungUp,
            StepsOutcome::Finished | StepsOutcome::Aborted => AfterResponse::Close,
        }),
        Action::Hang => {
            connection.stay_silent().await;
            Ok(AfterResponse::HungUp)
        }
        Action::Close => Ok(AfterResponse::Close),
    }
}

async fn send_response(
    response: &ScriptedResponse,
    request: &Request,
    connection: &mut Connection,
) -> io::Result<AfterResponse> {
    // HTTP/1.0 has no chunks, so the end of the connection ends the response.
    let is_chunked = matches!(response.body, Body::Steps(_)) && !request.is_http_1_0;
    let stays_open = request.keeps_alive()
        && !response.header("connection").is_some_and(|value| value.eq_ignore_ascii_case("close"));
    let mut head = head(response, is_chunked, stays_open);
    let after = if stays_open { AfterResponse::NextRequest } else { AfterResponse::Close };
    if request.method == "HEAD" {
        connection.send(&head).await?;
        return Ok(after);
    }
    match &response.body {
        Body::Whole(bytes) => {
            head.extend_from_slice(bytes);
            connection.send(&head).await?;
            Ok(after)
        }
        Body::Steps(steps) => {
            connection.send(&head).await?;
            match send_steps(steps, is_chunked, connection).await? {
                StepsOutcome::Finished => {
                    if is_chunked {
                        connection.send(b"0\r\n\r\n").await?;
                    }
                    Ok(after)
                }
                StepsOutcome::Aborted => Ok(AfterResponse::Close),
                StepsOutcome::HungUp => Ok(AfterResponse::HungUp),
            }
        }
    }
}

/// Sends all steps in order.
async fn send_steps(
    steps: &[Step],
    is_chunked: bool,
    connection: &mut Connection,
) -> io::Result<StepsOutcome> {
    for step in steps {
        match step {
            // An empty chunk would end the body.
            Step::Piece(bytes) | Step::Times(bytes, _) | Step::Repeat(bytes) if bytes.is_empty() => {}
            Step::Piece(bytes) => connection.send(&chunk(bytes, is_chunked)).await?,
            Step::Times(bytes, times) => {
                let chunk = chunk(bytes, is_chunked);
                for _ in 0..*times {
                    connection.send(&chunk).await?;
                }
            }
            Step::Pause(duration) => tokio::time::sleep(*duration).await,
            Step::Repeat(bytes) => {
                connection.send_until_hang_up(&chunk(bytes, is_chunked)).await;
                return Ok(StepsOutcome::HungUp);
            }
            Step::Silence => {
                connection.stay_silent().await;
                return Ok(StepsOutcome::HungUp);
            }
            Step::Cut => return Ok(StepsOutcome::Aborted),
            Step::Reset => {
                connection.reset_when_closed();
                return Ok(StepsOutcome::Aborted);
            }
        }
    }
    Ok(StepsOutcome::Finished)
}
