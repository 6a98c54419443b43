//! The provider whose own route a driver uses.

use crate::huggingface::catalog::provider_mapping::ProviderMappings;
use crate::huggingface::routing::provider_route::ProviderRoute;

/// The provider that the user set, and the Hub, which knows the provider's model names.
#[derive(Debug)]
pub(in crate::huggingface) struct FixedProvider {
    pub(in crate::huggingface) provider: ProviderRoute,
    pub(in crate::huggingface) mappings: ProviderMappings,
}
