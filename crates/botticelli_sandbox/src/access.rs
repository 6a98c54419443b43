//! Token checks for the router, the Hub and direct provider routes.

use std::fmt;

use crate::error_response;
use crate::http::Request;
use crate::keys;
use crate::script::Script;

/// Token rules of one sandbox.
#[derive(Clone)]
pub(crate) struct Access {
    /// The only accepted token.
    pub(crate) token: String,
    /// If true, a request without a token is rejected.
    pub(crate) is_required: bool,
}

impl Access {
    /// Checks the token of a request to the router. The error is the error response.
    pub(crate) fn check(&self, request: &Request) -> Result<(), Script> {
        if request.header("authorization").is_none() && !self.is_required {
            return Ok(());
        }
        match request.bearer() {
            Some(token) if token == self.token => Ok(()),
            Some(keys::TOKEN_WITHOUT_PERMISSION) => Err(error_response::permission_denied()),
            Some(keys::TOKEN_WITHOUT_CREDITS) => Err(error_response::credits_exhausted()),
            _ => Err(error_response::unauthorized()),
        }
    }
}

impl Access {
    /// Checks the key of a direct request to a provider. Only the sandbox's provider key is valid.
    pub(crate) fn check_direct(request: &Request) -> Result<(), Script> {
        match request.bearer() {
            Some(keys::PROVIDER_KEY) => Ok(()),
            _ => Err(error_response::invalid_provider_key()),
        }
    }

    /// Checks the token of a request to the Hub. The token is optional, but must be valid if
    /// present.
    pub(crate) fn check_hub(&self, request: &Request) -> Result<(), Script> {
        match (request.header("authorization"), request.bearer()) {
            (None, _) | (_, Some(keys::TOKEN_WITHOUT_PERMISSION | keys::TOKEN_WITHOUT_CREDITS)) => Ok(()),
            (_, Some(token)) if token == self.token => Ok(()),
            _ => Err(error_response::invalid_hub_token()),
        }
    }
}

impl fmt::Debug for Access {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Omits the token: a user may configure a real one.
        formatter.debug_struct("Access").field("is_required", &self.is_required).finish_non_exhaustive()
    }
}
