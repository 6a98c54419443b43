//! The tokens and keys that the sandbox accepts.

/// The default token.
pub(crate) const TOKEN: &str = "hf_sandbox";

/// A token without permission for Inference Providers.
pub(crate) const TOKEN_WITHOUT_PERMISSION: &str = "hf_no_permission";

/// A token without credits.
pub(crate) const TOKEN_WITHOUT_CREDITS: &str = "hf_no_credits";

/// The key that every provider accepts in a direct request.
pub(crate) const PROVIDER_KEY: &str = "sk-sandbox";

/// The user who owns the token.
pub(crate) const OWNER: &str = "sandbox";
