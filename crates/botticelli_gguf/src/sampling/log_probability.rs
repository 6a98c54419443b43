//! Log probabilities.

/// Returns the logarithm of the sum of the exponentials of all logits: a log probability is a logit minus this.
pub(super) fn log_sum(logits: &[f32]) -> f64 {
    let greatest = logits.iter().copied().fold(f32::NEG_INFINITY, f32::max);
    if !greatest.is_finite() {
        return f64::from(greatest);
    }
    let sum: f64 = logits.iter().map(|logit| f64::from(*logit - greatest).exp()).sum();
    f64::from(greatest) + sum.ln()
}

/// Returns the `count` greatest logits with their tokens, the greatest first.
pub(super) fn greatest(logits: &[f32], count: usize) -> Vec<(u32, f32)> {
    let mut tokens: Vec<(u32, f32)> = (0_u32..).zip(logits.iter().copied()).collect();
    let order =
        |first: &(u32, f32), second: &(u32, f32)| second.1.total_cmp(&first.1).then(first.0.cmp(&second.0));
    if count == 0 {
        return Vec::new();
    }
    if count < tokens.len() {
        tokens.select_nth_unstable_by(count - 1, order);
        tokens.truncate(count);
    }
    tokens.sort_unstable_by(order);
    tokens
}
