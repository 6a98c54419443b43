//! What an answer costs: at least what the service may bill for it, whichever counts it gives.
#![allow(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

use botticelli_core::{Price, Usage};

/// A dollar for a million tokens of prompt, three for a million of answer.
fn price() -> Price {
    Price::from_usd_per_million(1.0, 3.0).unwrap()
}

fn cost(prompt: Option<u64>, completion: Option<u64>, total: Option<u64>) -> Option<u64> {
    price().cost(&Usage::new(prompt, completion, total)).nano_dollars()
}

#[test]
fn both_counts_have_their_own_price() {
    assert_eq!(cost(Some(10), Some(20), None), Some(70_000));
    assert_eq!(cost(Some(10), Some(20), Some(30)), Some(70_000));
}

#[test]
fn a_count_that_the_total_implies_is_priced() {
    assert_eq!(cost(Some(10), None, Some(30)), Some(70_000));
    assert_eq!(cost(None, Some(20), Some(30)), Some(70_000));
}

#[test]
fn a_total_alone_costs_the_higher_price() {
    assert_eq!(cost(None, None, Some(30)), Some(90_000));
    let dear_prompt = Price::from_usd_per_million(3.0, 1.0).unwrap();
    assert_eq!(dear_prompt.cost(&Usage::new(None, None, Some(30))).nano_dollars(), Some(90_000));
}

#[test]
fn tokens_that_only_the_total_has_cost_the_higher_price() {
    // Reasoning that is in neither count.
    assert_eq!(cost(Some(10), Some(20), Some(130)), Some(370_000));
}

#[test]
fn a_total_below_the_sum_of_its_parts_is_ignored() {
    assert_eq!(cost(Some(10), Some(20), Some(5)), Some(70_000));
    assert_eq!(cost(Some(10), None, Some(5)), Some(10_000));
}

#[test]
fn without_enough_counts_the_cost_is_unknown() {
    assert_eq!(cost(Some(10), None, None), None);
    assert_eq!(cost(None, Some(20), None), None);
    assert_eq!(cost(None, None, None), None);
    assert_eq!(cost(Some(u64::MAX), Some(u64::MAX), Some(u64::MAX)), None);
}
