//! The grammar of one response.

use botticelli_error::{BotticelliError, ErrorCategory, ErrorDetails, ModelsError, ModelsErrorKind};
use llguidance::Matcher;

/// The grammar of one response, and its position in it.
pub(crate) struct Constraint(Matcher);

impl Constraint {
    pub(super) const fn new(matcher: Matcher) -> Self {
        Self(matcher)
    }

    /// Returns the grammar for another choice of the same request.
    pub(crate) fn fork(&self) -> Self {
        Self(self.0.deep_clone())
    }

    /// Excludes the tokens that the grammar does not accept. A token that it accepts stays possible, even if a bias forbids it.
    pub(crate) fn restrict(&mut self, logits: &mut [f32]) -> Result<(), BotticelliError> {
        let accepted = self.0.compute_mask().map_err(|error| failure(&error))?;
        for (token, logit) in (0_u32..).zip(logits) {
            let is_accepted = usize::try_from(token).is_ok_and(|token| token < accepted.len())
                && accepted.is_allowed(token);
            *logit = if is_accepted { logit.max(f32::MIN) } else { f32::NEG_INFINITY };
        }
        Ok(())
    }

    /// Moves the position over a token.
    pub(crate) fn accept(&mut self, token: u32) -> Result<(), BotticelliError> {
        self.0.consume_token(token).map_err(|error| failure(&error))
    }

    /// Returns whether no token can follow.
    pub(crate) fn is_complete(&self) -> bool {
        self.0.is_stopped()
    }
}

impl std::fmt::Debug for Constraint {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Constraint").finish_non_exhaustive()
    }
}

fn failure(error: &impl std::fmt::Display) -> BotticelliError {
    let text = error.to_string();
    let reason: String = text.lines().next().unwrap_or_default().chars().take(200).collect();
    let kind = ModelsErrorKind::Rejected {
        category: ErrorCategory::Generation,
        what: format!("the JSON schema cannot be enforced for this response ({reason})"),
        remedy: "use a simpler schema".to_owned(),
    };
    ModelsError::new(kind, ErrorDetails::new("gguf")).into()
}
