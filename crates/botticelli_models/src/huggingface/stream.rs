//! Streamed responses: sending a request until its stream has started.

use crate::huggingface::client::api_client::ApiRequest;
use crate::huggingface::client::body_kind::BodyKind;
use crate::huggingface::client::prepared_request::PreparedRequest;
use crate::huggingface::client::response_metadata::ResponseMetadata;
use crate::huggingface::client::stream_options::{is_refused, without_stream_options};
use crate::huggingface::costs::price_fetch::with_fetch;
use crate::huggingface::response::{api_request, read_response};
use crate::huggingface::settings::DriverSettings;
use crate::transport::{Deadline, TimeSpent};
use botticelli_core::GenerateResponse;
use botticelli_error::{BotticelliError, JsonError, JsonErrorKind};
use botticelli_interface::{ChunkStream, response_stream};
use bytes::Bytes;
use futures::StreamExt;
use response_stream::ResponseStream;
use std::pin::pin;

pub(in crate::huggingface) mod event_template;
pub(in crate::huggingface) mod response_stream;

/// The start of a response to a streamed request.
enum StreamStart {
    Chunks(ResponseStream),
    Whole(GenerateResponse),
}

/// Sends a request, and retries it until a stream has started or a retry is pointless.
pub(in crate::huggingface) async fn respond_stream(
    settings: &DriverSettings,
    request: &PreparedRequest,
    deadline: &Deadline,
) -> Result<ChunkStream, BotticelliError> {
    // Boxed parts keep each allocation of a call small.
    let attempt = |spent| Box::pin(attempt(settings, request, deadline, spent));
    let (model, guard) = (&request.plan.requested_model, &request.guard);
    let call = pin!(settings.retrier.run(model, guard, deadline, attempt));
    let (start, retries) = with_fetch(request.price_fetch.clone(), call).await?;
    Ok(match start {
        StreamStart::Chunks(stream) => stream.with_retries(retries).boxed(),
        StreamStart::Whole(mut response) => {
            response.set_retries(retries);
            response_stream(response)
        }
    })
}

/// Makes one attempt, up to the first piece of the stream.
///
/// The driver adds `stream_options`, not the caller. If a server rejects the field, the driver repeats the request without it.
async fn attempt(
    settings: &DriverSettings,
    request: &PreparedRequest,
    deadline: &Deadline,
    spent: TimeSpent,
) -> Result<StreamStart, BotticelliError> {
    let bare_streams = &settings.bare_streams;
    let server = server_of(settings, request);
    let is_known = bare_streams.has(server);
    let bare = if is_known { without_stream_options(&request.body) } else { None };
    let body = bare.as_ref().unwrap_or(&request.body);
    let error = match start(settings, request, body, deadline, spent).await {
        Err(error) if !is_known && is_refused(&error) => error,
        started => return started,
    };
    let Some(body) = without_stream_options(&request.body) else { return Err(error) };
    request.guard.failed(&error);
    let error = request.guard.permit(error, deadline).await?;
    tracing::debug!(%error, "the request is sent again at once, without `stream_options`");
    let spent = spent.at(deadline.elapsed());
    let started = Box::pin(start(settings, request, &body, deadline, spent)).await;
    let started = started.map_err(|last| last.with_billing(error.may_be_billed()))?;
    // Recorded only after a success, because the error message could have been about another field.
    bare_streams.add(server);
    Ok(started)
}

async fn start(
    settings: &DriverSettings,
    request: &PreparedRequest,
    body: &Bytes,
    deadline: &Deadline,
    spent: TimeSpent,
) -> Result<StreamStart, BotticelliError> {
    let timeouts = deadline.attempt(spent);
    let api_request = ApiRequest { body: Some(body), ..api_request(request) };
    let (mut response, context) =
        Box::pin(settings.client.send(&request.plan.target, api_request, timeouts)).await?;
    settings.retrier.loading_models.ready(&request.plan.requested_model);
    let metadata = ResponseMetadata::new(settings, request, &response, &context, deadline);
    match BodyKind::detect(&mut response).await? {
        // The server cannot stream: the whole response becomes the stream.
        kind @ BodyKind::Json => {
            let response = Box::pin(read_response(response, kind, &context, &request.expected)).await?;
            Ok(StreamStart::Whole(metadata.apply(response, context, None)))
        }
        BodyKind::Html => Err(JsonError::new(JsonErrorKind::Html, &**response.host()).into()),
        BodyKind::Events | BodyKind::Unknown => {
            let timeouts = deadline.timeouts();
            let events = response.events(timeouts.idle(), timeouts.keep_alive());
            let stream = ResponseStream::new(events, context, metadata, &request.expected);
            stream.started().await.map(StreamStart::Chunks)
        }
    }
}

/// Returns the key under which a rejected field is remembered. Behind the router that is the requested model, because its provider decides;
/// elsewhere the driver knows one server, and the key is empty.
fn server_of<'a>(settings: &DriverSettings, request: &'a PreparedRequest) -> &'a str {
    if settings.endpoint.address().is_router() { &request.plan.requested_model } else { "" }
}
