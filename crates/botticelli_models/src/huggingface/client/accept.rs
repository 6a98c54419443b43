//! The check of status and encoding that every response passes first.

use crate::huggingface::client::json_body::header_excerpt;
use crate::huggingface::conversions::{ErrorContext, ExpectedResponse, partial_of_bytes, refusal};
use crate::transport::HttpResponse;
use botticelli_error::{BotticelliError, JsonError, JsonErrorKind};

/// Returns a response with a success status, or the error that the response means.
///
/// An error response can repeat the text that the model had generated. If `expected` says how to read the content, the error
/// contains it.
pub(in crate::huggingface) async fn accept(
    response: HttpResponse,
    context: &ErrorContext,
    expected: Option<&ExpectedResponse>,
) -> Result<HttpResponse, BotticelliError> {
    if response.is_success() && response.encoding().is_none() {
        return Ok(response);
    }
    // Boxed, so that the rare case does not make the future of every call larger.
    Box::pin(inspect(response, context, expected)).await
}

async fn inspect(
    mut response: HttpResponse,
    context: &ErrorContext,
    expected: Option<&ExpectedResponse>,
) -> Result<HttpResponse, BotticelliError> {
    let encoding = remaining_encoding(&mut response).await;
    if response.is_success() {
        return match encoding? {
            Some(encoding) => {
                let encoding = header_excerpt(&encoding, context);
                Err(JsonError::new(JsonErrorKind::Compressed { encoding }, &**response.host()).into())
            }
            None => Ok(response),
        };
    }
    let status = response.status();
    // A compressed body cannot be read, but the status still says what happened.
    let body = if let Ok(None) = encoding { response.read_refusal().await } else { String::new() };
    let error = refusal(status, &body, context);
    Err(match expected.filter(|_| body.contains("\"choices\"")) {
        Some(expected) => error.with_partial(partial_of_bytes(body.into(), expected)),
        None => error,
    })
}

/// Returns the encoding of a body that is still compressed.
///
/// The header is not enough, because some servers send it with uncompressed text.
async fn remaining_encoding(response: &mut HttpResponse) -> Result<Option<String>, BotticelliError> {
    let Some(encoding) = response.encoding() else { return Ok(None) };
    // The first bytes of JSON, a web page, an event field and the byte order mark; or an empty body.
    let is_text = matches!(
        response.first_byte().await?,
        None | Some(b'{' | b'[' | b'"' | b'<' | b'd' | b'e' | b'i' | b'r' | b':' | 0xef)
    );
    Ok((!is_text).then_some(encoding))
}
