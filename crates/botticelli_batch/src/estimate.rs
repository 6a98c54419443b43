//! An estimate before a run.

use crate::journal::{Totals, open_read_only, path_of};
use crate::prompt::RowKey;
use crate::run::{PlannedRows, SharedPlan, blocking, check_columns};
use crate::{Batch, Sink, Table};
use botticelli_core::{GenerateRequest, Usd};
use botticelli_error::BotticelliError;
use std::collections::HashSet;
use std::fmt;

/// Rows of one chunk.
const CHUNK: usize = 256;

/// An estimate of a run, without anything sent.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct BatchEstimate {
    /// Rows of the table, or of the shard.
    pub rows: u64,
    /// Requests of these rows. Equal rows share one.
    pub requests: u64,
    /// Rows without a request, because they cannot be read or lack a column.
    pub invalid: u64,
    /// Requests whose answer or failure the journal has.
    pub cached: u64,
    /// Upper bound in tokens, prompt and completion together, of the requests that are left. `None` if one is unknown.
    pub max_tokens: Option<u64>,
    /// Upper bound of the cost of the requests that are left, in nano-dollars (10⁻⁹ USD). `None` if one is unknown. Retries and
    /// repairs are not included.
    pub max_nano_dollars: Option<u64>,
    /// Tokens of the requests that are left, at the average of the answers in the journal. `None` without answers.
    pub likely_tokens: Option<u64>,
    /// Cost of the requests that are left, at the average of the answers in the journal. `None` without answers with a known cost.
    pub likely_nano_dollars: Option<u64>,
}

impl BatchEstimate {
    /// Returns the number of requests that a run would send.
    pub fn remaining(&self) -> u64 {
        self.requests.saturating_sub(self.cached)
    }

    fn add_likely(&mut self, totals: Totals) {
        let remaining = self.remaining();
        let share = |sum: u64, count: u64| {
            let whole = u128::from(sum) * u128::from(remaining) / u128::from(count.max(1));
            (count > 0).then(|| u64::try_from(whole).unwrap_or(u64::MAX))
        };
        let tokens = totals.prompt_tokens.saturating_add(totals.completion_tokens);
        self.likely_tokens = share(tokens, totals.records).filter(|_| tokens > 0);
        self.likely_nano_dollars =
            share(totals.nano_dollars, totals.records.saturating_sub(totals.unknown_costs));
    }
}

/// One line: `1000 rows, 950 requests left, at most $1.20, probably $0.31`.
impl fmt::Display for BatchEstimate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} rows, {} requests left, ", self.rows, self.remaining())?;
        match self.max_nano_dollars {
            Some(nanos) => write!(f, "at most {}", Usd::from_nano_dollars(nanos))?,
            None => f.write_str("at an unknown cost")?,
        }
        match self.likely_nano_dollars {
            Some(nanos) => write!(f, ", probably {}", Usd::from_nano_dollars(nanos)),
            None => Ok(()),
        }
    }
}

/// A part of the table.
struct Chunk {
    rows: PlannedRows,
    /// Keys and requests. `None` for a row without a request.
    requests: Vec<Option<(RowKey, GenerateRequest)>>,
    is_last: bool,
}

impl Batch {
    /// Estimates a run without sending a request: rows, requests, an upper bound of the tokens and the cost, and with answers in the
    /// journal of `sink` also the likely cost.
    ///
    /// The keys of all requests are in memory, about 33 bytes each.
    ///
    /// # Errors
    ///
    /// The same as for [`run`](Self::run), and a failed request for prices.
    pub async fn estimate(&self, table: &Table, sink: &Sink) -> Result<BatchEstimate, BotticelliError> {
        let plan = self.plan(table.clone(), sink.clone())?;
        let (shared, is_restart) = (plan.clone(), self.is_restart);
        let (index, totals, mut rows) = blocking(move || {
            check_columns(&shared)?;
            let (mut index, mut totals) = Default::default();
            let journal = path_of(shared.sink.path());
            if journal.exists() && !is_restart {
                let (found, sums, run) = open_read_only(&journal)?;
                // Answers of another run say nothing about this one.
                if run.is_some_and(|run| shared.fingerprint.difference(&run).is_none()) {
                    (index, totals) = (found, sums);
                }
            }
            Ok((index, totals, PlannedRows::projected(shared)?))
        })
        .await?;
        let mut estimate =
            BatchEstimate { max_tokens: Some(0), max_nano_dollars: Some(0), ..BatchEstimate::default() };
        let mut seen = HashSet::new();
        loop {
            let shared = plan.clone();
            let chunk = blocking(move || next_chunk(rows, &shared)).await?;
            for request in chunk.requests {
                estimate.rows += 1;
                let Some((key, request)) = request else {
                    estimate.invalid += 1;
                    continue;
                };
                if !seen.insert(key) {
                    continue;
                }
                if index.get(&key).is_some_and(|place| !(place.is_failed && self.retries_failed)) {
                    estimate.cached += 1;
                    continue;
                }
                let bound = plan.output.kind.estimate(&*self.driver, &request).await?;
                let add = |sum: Option<u64>, part: Option<u64>| sum?.checked_add(part?);
                estimate.max_tokens = add(estimate.max_tokens, bound.tokens());
                estimate.max_nano_dollars = add(estimate.max_nano_dollars, bound.nano_dollars());
            }
            rows = chunk.rows;
            if chunk.is_last {
                break;
            }
        }
        estimate.requests = u64::try_from(seen.len()).unwrap_or(u64::MAX);
        estimate.add_likely(totals);
        Ok(estimate)
    }
}

fn next_chunk(mut rows: PlannedRows, plan: &SharedPlan) -> Result<Chunk, BotticelliError> {
    let (mut requests, mut is_last) = (Vec::with_capacity(CHUNK), false);
    while requests.len() < CHUNK {
        let Some(planned) = rows.next().transpose()? else {
            is_last = true;
            break;
        };
        let request = planned.rendered.ok().and_then(|prepared| {
            // An image that cannot be read fails its row.
            let request = prepared.content.to_request(&plan.prompt.options).ok()?;
            Some((prepared.key, request))
        });
        requests.push(request);
    }
    Ok(Chunk { rows, requests, is_last })
}
