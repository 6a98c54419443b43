//! Usages and costs add up, and never pass for complete when a part is unknown.
#![allow(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

use botticelli_core::{Cost, CostSource, Price, Usage};

#[test]
fn each_count_of_usages_is_added() {
    let one = Usage::new(Some(10), Some(20), Some(30)).with_details(Some(4), Some(5));
    let mut total = one + one;
    assert_eq!(total, Usage::new(Some(20), Some(40), Some(60)).with_details(Some(8), Some(10)));
    total += one;
    assert_eq!(total, [one, one, one].into_iter().sum());
}

#[test]
fn a_count_that_one_usage_lacks_is_unknown_in_the_sum() {
    let whole = Usage::new(Some(10), Some(20), Some(30)).with_details(Some(4), Some(5));
    let half = Usage::new(Some(1), None, Some(3));
    assert_eq!(whole + half, Usage::new(Some(11), None, Some(33)));
    assert_eq!(half + whole, whole + half);
    assert_eq!([half].iter().sum::<Usage>(), half);
}

#[test]
fn a_count_that_overflows_is_unknown() {
    let most = Usage::new(Some(u64::MAX), Some(1), None);
    assert_eq!(most + Usage::new(Some(1), Some(1), None), Usage::new(None, Some(2), None));
}

#[test]
fn a_sum_of_costs_has_the_least_certain_source() {
    let (reported, priced) = (Cost::reported(5), Cost::priced(7));
    assert_eq!(reported + reported, Cost::reported(10));
    assert_eq!(reported + priced, Cost::priced(12));
    assert_eq!([reported, priced, Cost::unknown()].iter().sum::<Cost>(), Cost::unknown());
    assert_eq!(Cost::reported(u64::MAX) + reported, Cost::unknown());
    let mut total = Cost::reported(0);
    total += priced;
    assert_eq!((total.nano_dollars(), total.source()), (Some(7), CostSource::Priced));
}

#[test]
fn the_sum_of_nothing_is_zero() {
    let nothing = Usage::new(Some(0), Some(0), Some(0)).with_details(Some(0), Some(0));
    assert_eq!([].iter().sum::<Usage>(), nothing);
    assert_eq!([].iter().sum::<Cost>(), Cost::reported(0));
}

#[test]
fn a_price_is_shown_in_dollars_per_million_tokens() {
    let shown = |prompt, completion| Price::from_usd_per_million(prompt, completion).unwrap().to_string();
    assert_eq!(shown(0.25, 0.69), "$0.25 per million prompt tokens, $0.69 per million completion tokens");
    assert_eq!(shown(0.0, 10.0), "$0.00 per million prompt tokens, $10.00 per million completion tokens");
    assert_eq!(
        shown(0.075, 2e-9),
        "$0.075 per million prompt tokens, $0.000000002 per million completion tokens"
    );
}
