//! The categories of errors that lead to another route.

use botticelli_error::{BotticelliError, BotticelliErrorKind, ErrorCategory, HttpErrorKind, TimeoutKind};

/// The categories that lead to another route by default: the route is out of credits, over its limits, or not available.
///
/// A wrong key, an invalid request and an unknown model are not among them, because another route would hide the mistake.
pub const DEFAULT_CATEGORIES: &[ErrorCategory] = &[
    ErrorCategory::CreditsExhausted,
    ErrorCategory::BudgetExceeded,
    ErrorCategory::RateLimited,
    ErrorCategory::Loading,
    ErrorCategory::Paused,
    ErrorCategory::NotServed,
    ErrorCategory::Generation,
    ErrorCategory::Server,
    ErrorCategory::Connection,
    ErrorCategory::Timeout,
    ErrorCategory::Interrupted,
];

/// Returns the category with this name in a configuration.
pub(super) fn parse(word: &str) -> Result<ErrorCategory, String> {
    // The table of the layer has this name.
    if word == "budget" {
        return Ok(ErrorCategory::BudgetExceeded);
    }
    let all = || ErrorCategory::ALL.iter().copied();
    if let Some(category) = all().find(|category| category.as_str() == word) {
        return Ok(category);
    }
    let plain = word.to_ascii_lowercase().replace(['-', ' '], "_");
    let is_near = |name: &str| {
        let begin = |text: &str| text.chars().take(4).collect::<String>();
        name == plain || begin(name) == begin(&plain) || (plain.len() > 3 && name.contains(&plain))
    };
    let near = all().map(ErrorCategory::as_str).filter(|name| is_near(name)).collect::<Vec<_>>();
    let remedy = match near.as_slice() {
        [] => format!(
            "write one of {}, budget",
            all().map(ErrorCategory::as_str).collect::<Vec<_>>().join(", ")
        ),
        near => format!("did you mean {}?", near.join(" or ")),
    };
    Err(format!("`{word}` is not a category of errors: {remedy}"))
}

/// Returns whether the time of the whole call was over.
pub(super) fn is_total_timeout(error: &BotticelliError) -> bool {
    let BotticelliErrorKind::Http(http) = error.kind() else { return false };
    matches!(http.kind(), HttpErrorKind::Timeout { kind: TimeoutKind::Total | TimeoutKind::StreamTotal, .. })
}

/// Returns whether a route with this error will probably also fail for other requests.
pub(super) fn is_about_the_route(error: &BotticelliError) -> bool {
    // A budget and a rate limit of the caller refuse locally and at once, and may accept a smaller request.
    if matches!(error.kind(), BotticelliErrorKind::Budget(_) | BotticelliErrorKind::Limit(_)) {
        return false;
    }
    !matches!(
        error.category(),
        ErrorCategory::InvalidRequest
            | ErrorCategory::ContextExceeded
            | ErrorCategory::Unsupported
            | ErrorCategory::Filtered
            | ErrorCategory::TooLarge
            | ErrorCategory::Generation
            | ErrorCategory::InvalidResponse
            | ErrorCategory::BudgetExceeded
    )
}
