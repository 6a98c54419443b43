//! Who may call.

use std::fmt;

use crate::error_response;
use crate::http::Request;
use crate::sandbox::Sandbox;
use crate::script::Script;

/// The rule for tokens.
#[derive(Clone)]
pub(crate) struct Access {
    /// The one token that is accepted.
    pub(crate) token: String,
    /// Whether a call without any token is refused.
    pub(crate) is_required: bool,
}

impl Access {
    /// Lets the request pass, or says why not.
    pub(crate) fn check(&self, request: &Request) -> Result<(), Script> {
        if request.header("authorization").is_none() && !self.is_required {
            return Ok(());
        }
        match request.bearer() {
            Some(token) if token == self.token => Ok(()),
            Some(Sandbox::TOKEN_WITHOUT_PERMISSION) => Err(error_response::permission_denied()),
            Some(Sandbox::TOKEN_WITHOUT_CREDITS) => Err(error_response::credits_exhausted()),
            _ => Err(error_response::unauthorized()),
        }
    }
}

impl Access {
    /// The same for a provider that is called without the router: only its own key counts.
    pub(crate) fn check_direct(request: &Request) -> Result<(), Script> {
        match request.bearer() {
            Some(Sandbox::PROVIDER_KEY) => Ok(()),
            _ => Err(error_response::invalid_provider_key()),
        }
    }

    /// The same for the Hub, which needs no token, but must know one that is sent.
    pub(crate) fn check_hub(&self, request: &Request) -> Result<(), Script> {
        match (request.header("authorization"), request.bearer()) {
            (None, _) | (_, Some(Sandbox::TOKEN_WITHOUT_PERMISSION | Sandbox::TOKEN_WITHOUT_CREDITS)) => {
                Ok(())
            }
            (_, Some(token)) if token == self.token => Ok(()),
            _ => Err(error_response::invalid_hub_token()),
        }
    }
}

impl fmt::Debug for Access {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        // A user may start the sandbox with a token of their own.
        formatter.debug_struct("Access").field("is_required", &self.is_required).finish_non_exhaustive()
    }
}
