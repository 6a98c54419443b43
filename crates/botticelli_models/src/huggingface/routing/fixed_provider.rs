//! The provider that a driver calls on the provider's own route.

use crate::huggingface::catalog::provider_mapping::ProviderMappings;
use crate::huggingface::routing::provider_route::ProviderRoute;

/// The provider that the user set, and its model names, which the Hub lists.
#[derive(Debug)]
pub(in crate::huggingface) struct FixedProvider {
    pub(in crate::huggingface) provider: ProviderRoute,
    pub(in crate::huggingface) mappings: ProviderMappings,
}
