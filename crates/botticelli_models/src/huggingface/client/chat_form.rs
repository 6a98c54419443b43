//! The form of a chat request that several calls of a driver share.

use crate::huggingface::client::chat_body::{chat_body, model_of, to_json};
use crate::huggingface::conversions::has_media;
use crate::huggingface::dto::HuggingFaceRequest;
use crate::huggingface::settings::{DriverId, DriverSettings};
use botticelli_core::GenerateRequest;
use botticelli_error::BotticelliError;
use bytes::Bytes;
use std::sync::{Arc, OnceLock};

/// The body of a plain chat request without a selected provider.
///
/// A layer that needs the key, the estimate and the response of one request attaches a
/// [memo](botticelli_core::RequestMemo). The first of these calls leaves the form there.
#[derive(Debug)]
pub(in crate::huggingface) struct ChatForm {
    driver: DriverId,
    source: GenerateRequest,
    pub(in crate::huggingface) model: Arc<str>,
    pub(in crate::huggingface) dto: HuggingFaceRequest,
    /// The token limit, of the request or of the driver's defaults.
    pub(in crate::huggingface) max_tokens: Option<u32>,
    json: OnceLock<Bytes>,
}

impl ChatForm {
    /// Returns the form of a request that another call has made.
    pub(in crate::huggingface) fn find<'r>(
        settings: &DriverSettings,
        request: &'r GenerateRequest,
    ) -> Option<&'r Self> {
        let form: &Self = request.memo()?.get()?;
        (form.driver == settings.id && form.source.has_same_content(request)).then_some(form)
    }

    /// Calls `read` with the form of a request. The form stays in the memo of the request, if it has one and no media.
    pub(in crate::huggingface) fn read<T>(
        settings: &DriverSettings,
        request: &GenerateRequest,
        read: impl FnOnce(&Self) -> Result<T, BotticelliError>,
    ) -> Result<T, BotticelliError> {
        if let Some(form) = Self::find(settings, request) {
            return read(form);
        }
        let mut with_defaults = request.clone();
        let model = model_of(settings, request)?;
        let dto = chat_body(settings, &mut with_defaults, &model)?;
        // Images are large, and would be in memory twice for the time of the call.
        let memo = request.memo().filter(|_| !has_media(&dto));
        // Without the memo: a form that contains it would never be freed.
        let source = memo.map_or_else(GenerateRequest::default, |_| request.clone().with_memo(None));
        let max_tokens = with_defaults.max_tokens();
        let form = Self { driver: settings.id, source, model, dto, max_tokens, json: OnceLock::new() };
        let result = read(&form);
        if let Some(memo) = memo {
            memo.set(form);
        }
        result
    }

    /// Returns the body as JSON.
    pub(in crate::huggingface) fn json(&self) -> Result<&Bytes, BotticelliError> {
        if let Some(json) = self.json.get() {
            return Ok(json);
        }
        let json = to_json(&self.dto)?;
        Ok(self.json.get_or_init(|| json))
    }
}
