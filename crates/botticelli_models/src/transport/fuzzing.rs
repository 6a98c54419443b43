//! Answers from memory instead of the network: for the targets in `fuzz/`, and built for them alone.

use reqwest::{Response, Url};
use std::cell::RefCell;
use std::collections::VecDeque;

/// Makes the answer of whoever was asked at an address: one from elsewhere is a redirect that was followed.
type HttpResponse = Box<dyn FnOnce(&Url) -> Response>;

thread_local! {
    static ANSWERS: RefCell<VecDeque<HttpResponse>> = const { RefCell::new(VecDeque::new()) };
}

/// Answers a call of this thread with `response`: the next one that has no answer yet. Calls beyond those go to the network.
pub fn answer_with(response: impl FnOnce(&Url) -> Response + 'static) {
    ANSWERS.with_borrow_mut(|answers| answers.push_back(Box::new(response)));
}

pub(super) fn next_answer(asked: &Url) -> Option<Response> {
    ANSWERS.with_borrow_mut(VecDeque::pop_front).map(|answer| answer(asked))
}
