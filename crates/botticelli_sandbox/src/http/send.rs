//! Puts a script onto the wire.

use std::io;

use super::connection::Connection;
use super::request::Request;
use super::wire::{chunk, head};
use crate::script::{Act, Answer, Body, Script, Step};

/// What the connection is good for afterwards.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum After {
    NextRequest,
    /// It looks good for more, and is not.
    Stale,
    Close,
    /// The client left before the answer was complete.
    HungUp,
}

/// Where the steps of an answer led.
enum Walked {
    /// To the regular end.
    ToTheEnd,
    /// To an end that the script wanted earlier.
    Broken,
    /// The client did not stay.
    Alone,
}

/// Plays the script as the answer to this request.
pub(crate) async fn play(
    script: &Script,
    request: &Request,
    connection: &mut Connection,
) -> io::Result<After> {
    match script.act() {
        Act::Answer(answer) => {
            let after = play_answer(answer, request, connection).await?;
            let is_stale = after == After::NextRequest && script.goes_stale();
            Ok(if is_stale { After::Stale } else { after })
        }
        Act::Raw(steps) => Ok(match walk(steps, false, connection).await? {
            Walked::Alone => After::HungUp,
            Walked::ToTheEnd | Walked::Broken => After::Close,
        }),
        Act::Hang => {
            connection.fall_silent().await;
            Ok(After::HungUp)
        }
        Act::Close => Ok(After::Close),
    }
}

async fn play_answer(answer: &Answer, request: &Request, connection: &mut Connection) -> io::Result<After> {
    // HTTP/1.0 has no chunks: there the end of the connection is the end of the answer.
    let is_chunked = matches!(answer.body, Body::Steps(_)) && !request.is_http_1_0;
    let stays_open = request.keeps_alive()
        && !answer.header("connection").is_some_and(|value| value.eq_ignore_ascii_case("close"));
    let mut head = head(answer, is_chunked, stays_open);
    let after = if stays_open { After::NextRequest } else { After::Close };
    if request.method == "HEAD" {
        connection.send(&head).await?;
        return Ok(after);
    }
    match &answer.body {
        Body::Whole(bytes) => {
            head.extend_from_slice(bytes);
            connection.send(&head).await?;
            Ok(after)
        }
        Body::Steps(steps) => {
            connection.send(&head).await?;
            match walk(steps, is_chunked, connection).await? {
                Walked::ToTheEnd => {
                    if is_chunked {
                        connection.send(b"0\r\n\r\n").await?;
                    }
                    Ok(after)
                }
                Walked::Broken => Ok(After::Close),
                Walked::Alone => Ok(After::HungUp),
            }
        }
    }
}

/// Sends step after step.
async fn walk(steps: &[Step], is_chunked: bool, connection: &mut Connection) -> io::Result<Walked> {
    for step in steps {
        match step {
            // A chunk of no bytes would be the last one.
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
                connection.send_for_ever(&chunk(bytes, is_chunked)).await;
                return Ok(Walked::Alone);
            }
            Step::Silence => {
                connection.fall_silent().await;
                return Ok(Walked::Alone);
            }
            Step::Cut => return Ok(Walked::Broken),
            Step::Reset => {
                connection.reset_when_closed();
                return Ok(Walked::Broken);
            }
        }
    }
    Ok(Walked::ToTheEnd)
}
