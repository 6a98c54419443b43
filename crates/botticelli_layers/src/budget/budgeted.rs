//! A driver with a budget.

use super::limits::Budget;
use super::reservation::Reservation;
use super::rules::Rules;
use super::stream;
use crate::forward::forward;
use crate::total_limit::{Deadline, TotalLimit};
use crate::verb::{Response, TextVerb, Verb};
use botticelli_error::BotticelliError;
use botticelli_interface::ChunkStream;
use std::fmt::Debug;
use std::pin::pin;
use std::sync::Arc;

/// A driver whose calls stay within a [`Budget`].
#[derive(Clone, Debug)]
pub struct Budgeted<D> {
    inner: D,
    rules: Arc<Rules>,
}

impl<D> Budgeted<D> {
    /// Returns the driver `inner` with a budget.
    pub fn new(inner: D, budget: Budget) -> Self {
        Self { inner, rules: Arc::new(Rules::new(budget)) }
    }

    /// Returns the inner driver.
    pub fn inner(&self) -> &D {
        &self.inner
    }

    /// Returns the budget.
    pub fn budget(&self) -> &Budget {
        &self.rules.budget
    }
}

impl<D: Debug + Send + Sync> Budgeted<D> {
    /// Reserves the estimate of a call. Returns the request with the rest of its time.
    async fn open<V: Verb<D>>(
        &self,
        request: V::Request,
        limit: TotalLimit,
    ) -> Result<(V::Request, Arc<Reservation>), BotticelliError> {
        let clock = &*self.rules.budget.clock;
        let request = V::with_memo(request);
        let deadline = Deadline::of(limit, &request, clock);
        let reservation = {
            let opening = Reservation::open::<V, D>(&self.rules, &self.inner, &request, deadline);
            deadline.bound(clock, "the estimate and the ledger", pin!(opening)).await??
        };
        let request = reservation.on(request);
        Ok((deadline.on(request, clock), reservation))
    }

    async fn call<V: Verb<D>>(&self, request: V::Request) -> Result<V::Response, BotticelliError> {
        let (request, reservation) = self.open::<V>(request, TotalLimit::Plain).await?;
        match V::send(&self.inner, request).await {
            Ok(response) => Ok(match reservation.settle(&response).await {
                Some(warning) => response.with_warning(warning),
                None => response,
            }),
            Err(error) => {
                reservation.fail(&error).await;
                Err(error)
            }
        }
    }

    async fn call_stream<V: TextVerb<D>>(&self, request: V::Request) -> Result<ChunkStream, BotticelliError> {
        let (request, reservation) = self.open::<V>(request, TotalLimit::Streamed).await?;
        match V::send_stream(&self.inner, request).await {
            Ok(chunks) => Ok(stream::settled(chunks, reservation)),
            Err(error) => {
                reservation.fail(&error).await;
                Err(error)
            }
        }
    }
}

forward!(Budgeted);
#[cfg(feature = "tasks")]
crate::tasks::forward_tasks!(Budgeted, call);
