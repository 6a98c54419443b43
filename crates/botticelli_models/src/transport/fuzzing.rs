//! Responses from memory instead of the network, built only for the targets in `fuzz/`.

use reqwest::{Response, Url};
use std::cell::RefCell;

/// Returns the response to a request for this URL.
type Responder = Box<dyn FnMut(&Url) -> Response>;

thread_local! {
    static RESPONDER: RefCell<Option<Responder>> = const { RefCell::new(None) };
}

/// Answers every further request of this thread with `respond`.
pub fn answer_with(respond: impl FnMut(&Url) -> Response + 'static) {
    RESPONDER.set(Some(Box::new(respond)));
}

pub(super) fn next_answer(url: &Url) -> Option<Response> {
    RESPONDER.with_borrow_mut(|responder| responder.as_mut().map(|respond| respond(url)))
}
