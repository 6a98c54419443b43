//! Responses from memory instead of the network, compiled only for the targets in `fuzz/`.

use reqwest::{Response, Url};
use std::cell::RefCell;
use std::collections::VecDeque;

/// Builds a response for the requested address. A response with another address looks like a redirect that was followed.
type BuildResponse = Box<dyn FnOnce(&Url) -> Response>;

thread_local! {
    static RESPONSES: RefCell<VecDeque<BuildResponse>> = const { RefCell::new(VecDeque::new()) };
}

/// Queues a response for the next request of this thread. Requests without a queued response go to the network.
pub fn respond_with(response: impl FnOnce(&Url) -> Response + 'static) {
    RESPONSES.with_borrow_mut(|queued| queued.push_back(Box::new(response)));
}

pub(super) fn next_response(url: &Url) -> Option<Response> {
    RESPONSES.with_borrow_mut(VecDeque::pop_front).map(|build| build(url))
}
