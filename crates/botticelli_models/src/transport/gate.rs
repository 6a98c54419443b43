//! The caller's permission for attempts after one that may be billed.

use super::Deadline;
use botticelli_core::RetryGate;
use botticelli_error::BotticelliError;
use futures::future::{Either, select};
use std::time::Duration;

/// Returns whether the call may send its request again after `error`.
///
/// Without a gate, and after an error that is not billed, it always may. The answer of the gate counts only within the time that is
/// left for the call.
pub(crate) async fn permits(gate: Option<&RetryGate>, error: &BotticelliError, deadline: &Deadline) -> bool {
    let Some(gate) = gate.filter(|_| error.may_be_billed()) else { return true };
    // Boxed, so that the rare case takes no room in the future of every call.
    let answer = Box::pin(gate.admit(error));
    let left = deadline.total().map(|total| total.saturating_sub(deadline.elapsed()));
    match left {
        Some(left) => within(answer, left, deadline).await,
        None => answer.await.is_ok(),
    }
}

async fn within(
    answer: impl Future<Output = Result<(), BotticelliError>> + Unpin,
    left: Duration,
    deadline: &Deadline,
) -> bool {
    matches!(select(answer, deadline.clock().sleep(left)).await, Either::Left((Ok(()), _)))
}
