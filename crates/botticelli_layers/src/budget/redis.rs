//! A ledger on a Redis server.

use super::amount::Amount;
use super::deferred::Deferred;
use super::redis_lines::{part, reserved, unpriced};
use super::redis_scripts::{CLOSE, REMEMBERED, REPORT, RESERVE, USED};
use super::report::LedgerReport;
use super::store::{Decision, LEDGER, LedgerStore, Refusal, ReservationRequest, Settlement};
use crate::store::UniqueIds;
use crate::store::redis::{RedisServer, is_unreachable};
use async_trait::async_trait;
use botticelli_error::{BotticelliError, StoreErrorKind};
use redis::{FromRedisValue, Script};
use std::collections::HashMap;
use std::fmt;

/// Beginning of all keys.
const PREFIX: &str = "botticelli:ledger";

/// Largest amount that a script adds exactly, because its numbers are floats: 9 million dollars.
const MOST: u64 = 1 << 53;

/// A ledger that machines share through a Redis server. Each operation is one script.
pub(super) struct RedisLedger {
    server: RedisServer,
    reserve: Script,
    close: Script,
    used: Script,
    set: Script,
    clear: Script,
    report: Script,
    ids: UniqueIds,
    deferred: Deferred,
}

impl fmt::Debug for RedisLedger {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RedisLedger").field("server", &self.server).finish_non_exhaustive()
    }
}

impl RedisLedger {
    fn next_id(&self) -> i64 {
        i64::try_from(self.ids.next() >> 1).unwrap_or(i64::MAX)
    }

    #[track_caller]
    pub(super) fn new(address: &str) -> Result<Self, BotticelliError> {
        Ok(Self {
            server: RedisServer::new(address, LEDGER)?,
            reserve: Script::new(RESERVE),
            close: Script::new(CLOSE),
            used: Script::new(USED),
            set: Script::new("return redis.call('HSET', KEYS[1], ARGV[1], ARGV[2])"),
            clear: Script::new("return redis.call('HDEL', KEYS[1], ARGV[1])"),
            report: Script::new(REPORT),
            ids: UniqueIds::default(),
            deferred: Deferred::default(),
        })
    }

    /// Makes a part of a reservation: 1 for the call, and one more for each retry.
    async fn reserve_part(
        &self,
        id: i64,
        part: u64,
        request: &ReservationRequest,
    ) -> Result<Decision, BotticelliError> {
        self.write_deferred().await?;
        // If the caller gives up, or if no reply arrives, the server may have made the reservation.
        let unknown = Unknown { ledger: self, id: (part == 1).then_some(id) };
        let mut keys = vec![key("exhausted"), ended(id), key("reservations")];
        let mut arguments = vec![
            request.terms.account.to_string(),
            request.terms.periods.day_name.clone(),
            number(request.amount.nano_dollars),
            number(request.amount.tokens),
            u8::from(request.needs_credits).to_string(),
            id.to_string(),
            request.model.to_string(),
            request.terms.credit_account.to_string(),
            part.to_string(),
        ];
        let periods: Vec<_> = request.terms.periods.scopes().collect();
        for (period, scope) in &periods {
            keys.push(used_key(scope));
            let limits = request
                .limits_of(*period)
                .map(|limit| limit.map_or("-1".to_owned(), |limit| number(limit.most)));
            arguments.extend(limits);
        }
        let reply: Vec<String> = self.run(&self.reserve, &keys, &arguments).await?;
        let words: Vec<&str> = reply.iter().map(String::as_str).collect();
        let decision = match words.as_slice() {
            ["reserved", id] => id.parse().ok().map(Decision::Reserved),
            ["exhausted", until] => {
                Some(Decision::Refused(Refusal::Exhausted { until: (*until).to_owned() }))
            }
            ["exceeded", period, unit, left, reserved] => {
                let period = period.parse().ok().and_then(|at: usize| periods.get(at));
                let [dollars, tokens] =
                    period.map(|(period, _)| request.limits_of(*period)).unwrap_or_default();
                let limit = if *unit == "2" { tokens } else { dollars };
                let amounts = left.parse::<u64>().ok().zip(reserved.parse::<u64>().ok());
                limit.zip(amounts).map(|(limit, (left, reserved))| {
                    Decision::Refused(Refusal::Exceeded { limit, left, reserved })
                })
            }
            ["ended"] => {
                let reason = "the reservation of this call is gone".to_owned();
                let advice = "Set `maxmemory-policy noeviction` and `appendonly yes` on the server.";
                return Err(self.server.failure(StoreErrorKind::Failed { reason }, advice).into());
            }
            _ => None,
        };
        let decision = decision.ok_or_else(|| self.damaged())?;
        unknown.settled();
        Ok(decision)
    }

    /// Runs a script, and once more if its reply does not arrive. All scripts have the same effect if they run twice.
    async fn run<T: FromRedisValue>(
        &self,
        script: &Script,
        keys: &[String],
        arguments: &[String],
    ) -> Result<T, BotticelliError> {
        match self.server.run(script, keys, arguments).await {
            Err(error) if is_unreachable(&error) => self.server.run(script, keys, arguments).await,
            reply => reply,
        }
    }

    async fn end(&self, id: i64, settlement: &Settlement) -> Result<(), BotticelliError> {
        let Settlement { spent, held, provider, is_unpriced } = settlement;
        let amounts = [spent.nano_dollars, spent.tokens, held.nano_dollars, held.tokens].map(number);
        let mut arguments = vec![id.to_string()];
        arguments.extend(amounts);
        arguments.push(provider.as_deref().unwrap_or_default().to_owned());
        arguments.push(u8::from(settlement.is_recorded()).to_string());
        arguments.push(number(REMEMBERED));
        arguments.push(u8::from(*is_unpriced).to_string());
        let keys = [key("reservations"), key("spent"), ended(id), key("unpriced")];
        self.run::<i64>(&self.close, &keys, &arguments).await.map(drop)
    }

    /// Writes the ends of dropped calls.
    async fn write_deferred(&self) -> Result<(), BotticelliError> {
        // One at a time, so that another operation meanwhile writes the rest, and is not decided before it.
        loop {
            let mut deferred = self.deferred.take_last();
            let Some((id, settlement)) = deferred.ends.last() else { return Ok(()) };
            self.end(*id, settlement).await?;
            deferred.ends.pop();
        }
    }

    fn damaged(&self) -> BotticelliError {
        self.server.damaged()
    }
}

#[async_trait]
impl LedgerStore for RedisLedger {
    async fn reserve(&self, request: &ReservationRequest) -> Result<Decision, BotticelliError> {
        self.reserve_part(self.next_id(), 1, request).await
    }

    async fn extend(
        &self,
        id: i64,
        part: u64,
        request: &ReservationRequest,
    ) -> Result<Decision, BotticelliError> {
        self.reserve_part(id, part, request).await
    }

    async fn close(&self, id: i64, settlement: &Settlement) -> Result<(), BotticelliError> {
        self.end(id, settlement).await
    }

    fn close_later(&self, id: i64, settlement: Settlement) {
        self.deferred.push(id, settlement);
    }

    async fn rest(&self, request: &ReservationRequest) -> Result<Amount, BotticelliError> {
        let scopes: Vec<&str> = request.terms.periods.scopes().map(|(_, scope)| scope).collect();
        let keys: Vec<String> = scopes.iter().map(|scope| used_key(scope)).collect();
        let used: Vec<(Option<i64>, Option<i64>)> = self.run(&self.used, &keys, &[]).await?;
        let amount = |(dollars, tokens): (Option<i64>, Option<i64>)| Amount {
            nano_dollars: unsigned(dollars.unwrap_or_default()),
            tokens: unsigned(tokens.unwrap_or_default()),
        };
        request.rest(|scope| {
            let at = scopes.iter().position(|known| *known == scope);
            at.and_then(|at| used.get(at)).map(|used| amount(*used)).ok_or_else(|| self.damaged())
        })
    }

    async fn set_exhausted(&self, account: &str, until: &str) -> Result<(), BotticelliError> {
        let arguments = [account.to_owned(), until.to_owned()];
        self.server.run::<i64>(&self.set, &[key("exhausted")], &arguments).await.map(drop)
    }

    async fn clear_exhausted(&self, account: &str) -> Result<(), BotticelliError> {
        self.server.run::<i64>(&self.clear, &[key("exhausted")], &[account.to_owned()]).await.map(drop)
    }

    async fn report(&self) -> Result<LedgerReport, BotticelliError> {
        self.write_deferred().await?;
        let keys = [key("spent"), key("reservations"), key("unpriced")];
        let (spent, open, no_price): (HashMap<String, i64>, Vec<String>, HashMap<String, i64>) =
            self.server.run(&self.report, &keys, &[]).await?;
        let closed = spent.iter().map(|(field, count)| part(field, unsigned(*count)));
        let open = open.iter().map(|open| reserved(open));
        let no_price = no_price.iter().map(|(line, calls)| unpriced(line, unsigned(*calls)));
        let lines: Option<Vec<_>> = closed.chain(open).chain(no_price).collect();
        lines.map(LedgerReport::new).ok_or_else(|| self.damaged())
    }
}

/// A reservation that the server may have made. It ends before the next operation, unless its decision is known.
struct Unknown<'a> {
    ledger: &'a RedisLedger,
    id: Option<i64>,
}

impl Unknown<'_> {
    fn settled(mut self) {
        self.id = None;
    }
}

impl Drop for Unknown<'_> {
    fn drop(&mut self) {
        if let Some(id) = self.id {
            self.ledger.deferred.push(id, Settlement::default());
        }
    }
}

fn key(name: &str) -> String {
    format!("{PREFIX}:{name}")
}

fn used_key(scope: &str) -> String {
    key(&format!("used:{scope}"))
}

fn ended(id: i64) -> String {
    key(&format!("ended:{id}"))
}

fn number(amount: u64) -> String {
    amount.min(MOST).to_string()
}

fn unsigned(amount: i64) -> u64 {
    u64::try_from(amount).unwrap_or_default()
}
