//! Answers from memory instead of the network: for the targets in `fuzz/`, and built for them alone.

use reqwest::Response;
use std::cell::RefCell;
use std::collections::VecDeque;

thread_local! {
    static ANSWERS: RefCell<VecDeque<Response>> = const { RefCell::new(VecDeque::new()) };
}

/// Answers a call of this thread with `response`: the next one that has no answer yet. Calls beyond those go to the network.
pub fn answer_with(response: Response) {
    ANSWERS.with_borrow_mut(|answers| answers.push_back(response));
}

pub(super) fn next_answer() -> Option<Response> {
    ANSWERS.with_borrow_mut(VecDeque::pop_front)
}
