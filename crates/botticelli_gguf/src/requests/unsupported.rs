//! Parts of a request that local models do not support.

use botticelli_core::{GenerateRequest, ToolChoice};
use botticelli_error::{BotticelliError, ModelsError};

/// Refuses parts of a request that this driver does not support.
pub(crate) fn check_supported(
    request: &GenerateRequest,
    provider: &'static str,
) -> Result<(), BotticelliError> {
    let refused = |what: &str, remedy: &str| Err(ModelsError::unsupported(provider, what, remedy).into());
    if request.tools().is_empty() {
        return Ok(());
    }
    match request.tool_choice() {
        None | Some(ToolChoice::Auto) if request.response_format().is_some() => {
            refused("`response_format` together with `tools`", "leave out one of them")
        }
        None | Some(ToolChoice::Auto | ToolChoice::None) => Ok(()),
        Some(_) => {
            refused("`tool_choice` (a required call)", "let the model decide, with `ToolChoice::Auto`")
        }
    }
}
