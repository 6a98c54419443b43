//! The route of a request: base URL, model name, provider route, and provider selection.

pub(crate) mod address;
pub(in crate::huggingface) mod endpoint;
pub(in crate::huggingface) mod fixed_provider;
pub(in crate::huggingface) mod known_providers;
pub(in crate::huggingface) mod model_name;
pub(in crate::huggingface) mod model_route;
pub(in crate::huggingface) mod provider_route;
pub(in crate::huggingface) mod provider_selection;
pub(in crate::huggingface) mod public_address;
pub(in crate::huggingface) mod route_plan;
pub(in crate::huggingface) mod text_endpoints;
