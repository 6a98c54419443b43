//! Plain responses: sending a request until its response is there, and reading the response.

use crate::huggingface::client::api_client::ApiRequest;
use crate::huggingface::client::body_kind::BodyKind;
use crate::huggingface::client::json_body::JsonBody;
use crate::huggingface::client::prepared_request::PreparedRequest;
use crate::huggingface::client::response_metadata::ResponseMetadata;
use crate::huggingface::conversions::{ErrorContext, ExpectedResponse, partial_of_bytes, response_of_text};
use crate::huggingface::costs::price_fetch::with_fetch;
use crate::huggingface::settings::DriverSettings;
use crate::huggingface::stream::response_stream::ResponseStream;
use crate::transport::{BrokenBody, Deadline, HttpResponse, TimeSpent};
use botticelli_core::GenerateResponse;
use botticelli_error::BotticelliError;
use std::pin::pin;

/// Sends a request, and retries it until a response arrives or a retry is pointless.
pub(in crate::huggingface) async fn respond(
    settings: &DriverSettings,
    request: &PreparedRequest,
    deadline: &Deadline,
) -> Result<GenerateResponse, BotticelliError> {
    // Boxed parts keep each allocation of a call small.
    let attempt = |spent| Box::pin(attempt(settings, request, deadline, spent));
    let (model, guard) = (&request.plan.requested_model, &request.guard);
    let call = pin!(settings.retrier.run(model, guard, deadline, attempt));
    let (mut response, retries) = with_fetch(request.price_fetch.clone(), call).await?;
    response.set_retries(retries);
    Ok(response)
}

async fn attempt(
    settings: &DriverSettings,
    request: &PreparedRequest,
    deadline: &Deadline,
    spent: TimeSpent,
) -> Result<GenerateResponse, BotticelliError> {
    let timeouts = deadline.attempt(spent);
    let (mut response, context) =
        Box::pin(settings.client.send(&request.plan.target, api_request(request), timeouts)).await?;
    settings.retrier.loading_models.ready(&request.plan.requested_model);
    let metadata = ResponseMetadata::new(settings, request, &response, &context, deadline);
    let kind = BodyKind::detect(&mut response).await?;
    if kind == BodyKind::Events {
        // Some servers stream without being asked. The timeouts of a plain call apply, without an idle or keep-alive timeout.
        let stream = ResponseStream::new(response.events(None, None), context, metadata, &request.expected);
        return stream.into_response().await;
    }
    let response = read_response(response, kind, &context, &request.expected).await?;
    Ok(metadata.apply(response, context, None))
}

/// Returns the HTTP request of a prepared request.
pub(in crate::huggingface) fn api_request(request: &PreparedRequest) -> ApiRequest<'_> {
    ApiRequest {
        body: Some(&request.body),
        model: Some(&request.plan.requested_model),
        expected: Some(&request.expected),
        has_media: request.has_media,
        guard: Some(&request.guard),
        headers: None,
    }
}

/// Reads a whole response.
///
/// The body of a successful status can still be an error, a web page, or empty. If the connection breaks during a response, the
/// error contains the part that had arrived.
pub(in crate::huggingface) async fn read_response(
    response: HttpResponse,
    kind: BodyKind,
    context: &ErrorContext,
    expected: &ExpectedResponse,
) -> Result<GenerateResponse, BotticelliError> {
    let body = match JsonBody::read_kind(response, kind).await {
        Ok(body) => body,
        Err(BrokenBody { error, arrived }) => {
            return Err(error.with_partial(partial_of_bytes(arrived, expected)));
        }
    };
    let (error, valid) = match body.text(context) {
        Ok(text) => match response_of_text(text, context, expected) {
            Ok(response) => return response,
            Err(error) => {
                let valid = body.bytes_before(text).saturating_add(offset(text, &error));
                (body.mismatch(text, context, &error), valid)
            }
        },
        Err(error) => (error, body.len()),
    };
    Err(error.with_partial(partial_of_bytes(body.into_beginning(valid), expected)))
}

/// Returns the byte offset of an error in `text`.
fn offset(text: &str, error: &serde_json::Error) -> usize {
    if error.is_eof() {
        return text.len();
    }
    let lines = text.split_inclusive('\n').take(error.line().saturating_sub(1));
    let before: usize = lines.map(str::len).sum();
    before.saturating_add(error.column().saturating_sub(1)).min(text.len())
}
