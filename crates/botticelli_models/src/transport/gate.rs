//! The caller's permission for attempts after one that may be billed, and the record of what was sent.

use super::Deadline;
use botticelli_core::{RetryGate, SentFlag};
use botticelli_error::BotticelliError;
use futures::future::{BoxFuture, Either, select};
use std::pin::pin;

/// The caller's gate for the attempts of a call, and the flag that records whether one is sent.
#[derive(Clone, Debug, Default)]
pub(crate) struct CallGuard {
    gate: Option<RetryGate>,
    flag: Option<SentFlag>,
}

impl CallGuard {
    /// Returns the guard of a request with this gate and this flag.
    pub(crate) fn new(gate: Option<&RetryGate>, flag: Option<&SentFlag>) -> Self {
        Self { gate: gate.cloned(), flag: flag.cloned() }
    }

    /// Records that an attempt is sent.
    pub(crate) fn sending(&self) {
        if let Some(flag) = &self.flag {
            flag.set();
        }
    }

    /// Records the end of an attempt. An attempt that is not billed counts as not sent.
    pub(crate) fn failed(&self, error: &BotticelliError) {
        if !error.may_be_billed() {
            self.clear();
        }
    }

    fn clear(&self) {
        if let Some(flag) = &self.flag {
            flag.clear();
        }
    }

    /// Asks whether the call may send its request again after `error`.
    ///
    /// Without a gate, and after an error that is not billed, it always may. The gate must answer within the time that is left
    /// for the call.
    ///
    /// # Errors
    ///
    /// The same error, with the reason of the refusal as a note.
    pub(crate) fn permit<'a>(
        &'a self,
        error: BotticelliError,
        deadline: &'a Deadline,
    ) -> BoxFuture<'a, Result<BotticelliError, BotticelliError>> {
        // Boxed, so that the rare case does not make the future of every call larger.
        Box::pin(async move {
            let Some(gate) = self.gate.as_ref().filter(|_| error.may_be_billed()) else { return Ok(error) };
            let answer = gate.admit(&error);
            let left = deadline.total().map(|total| total.saturating_sub(deadline.elapsed()));
            let answer = match left {
                Some(left) => match select(pin!(answer), deadline.clock().sleep(left)).await {
                    Either::Left((answer, _)) => answer.map_err(|refusal| refusal.to_string()),
                    Either::Right(_) => Err("its permission did not arrive in time.".to_owned()),
                },
                None => answer.await.map_err(|refusal| refusal.to_string()),
            };
            match answer {
                Ok(()) => {
                    // The gate has counted the last attempt.
                    self.clear();
                    Ok(error)
                }
                Err(reason) => Err(error.with_note(format!("No other attempt is allowed: {reason}"))),
            }
        })
    }
}
