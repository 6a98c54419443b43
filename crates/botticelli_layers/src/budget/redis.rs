//! A ledger on a Redis server.

use super::amount::Amount;
use super::report::{LedgerLine, LedgerReport};
use super::store::{Closing, Decision, LEDGER, LedgerStore, Order, Refusal};
use crate::store::redis::RedisServer;
use async_trait::async_trait;
use botticelli_core::Usd;
use botticelli_error::{BotticelliError, StoreError, StoreErrorKind};
use redis::Script;
use std::collections::HashMap;
use std::fmt;

/// Beginning of all keys.
const PREFIX: &str = "botticelli:ledger";

/// Separates the parts of a field.
const SEPARATOR: char = '\u{1f}';

/// Largest amount that a script adds exactly, because its numbers are floats: 9 million dollars.
const MOST: u64 = 1 << 53;

/// Shared beginning of the scripts: checks the limits of the scopes, and adds the amount to each.
///
/// KEYS: exhausted, sequence, reservations, then the scopes.
/// ARGV: account, day, nano-dollars, tokens, needs credits, id, model, payer, then for each scope `dollars` and `tokens` (or -1).
const RESERVE: &str = r"
    local nanos, tokens = tonumber(ARGV[3]), tonumber(ARGV[4])
    if ARGV[5] == '1' then
        local till = redis.call('HGET', KEYS[1], ARGV[8])
        if till and string.sub(till, 1, 10) > ARGV[2] then return {'exhausted', till} end
    end
    for i = 4, #KEYS do
        local used = redis.call('HMGET', KEYS[i], 'n', 't')
        for j, amount in ipairs({nanos, tokens}) do
            local most = tonumber(ARGV[9 + (i - 4) * 2 + j - 1])
            local left = math.max(most - (tonumber(used[j]) or 0), 0)
            if most >= 0 and amount > left then
                return {'exceeded', tostring(i - 4), tostring(j), string.format('%.0f', left)}
            end
        end
    end
    local scopes = {}
    for i = 4, #KEYS do
        redis.call('HINCRBY', KEYS[i], 'n', ARGV[3])
        redis.call('HINCRBY', KEYS[i], 't', ARGV[4])
        scopes[#scopes + 1] = KEYS[i]
    end
    local id, held, held_tokens = ARGV[6], nanos, tokens
    if id == '' then
        id = redis.call('INCR', KEYS[2])
    else
        local open = redis.call('HGET', KEYS[3], id)
        if open then
            open = cjson.decode(open)
            held, held_tokens = held + open.n, held_tokens + open.t
        end
    end
    local open = {a = ARGV[1], d = ARGV[2], m = ARGV[7], s = scopes}
    -- As texts, because the encoder rounds large numbers.
    open.n, open.t = string.format('%.0f', held), string.format('%.0f', held_tokens)
    redis.call('HSET', KEYS[3], id, cjson.encode(open))
    return {'reserved', tostring(id)}
";

/// KEYS: reservations, spent. ARGV: id, spent nano-dollars and tokens, held nano-dollars and tokens, provider, `1` if it is to be
/// recorded.
const CLOSE: &str = r"
    local open = redis.call('HGET', KEYS[1], ARGV[1])
    if not open then return 0 end
    open = cjson.decode(open)
    redis.call('HDEL', KEYS[1], ARGV[1])
    local nanos = string.format('%.0f', tonumber(ARGV[2]) + tonumber(ARGV[4]) - open.n)
    local tokens = string.format('%.0f', tonumber(ARGV[3]) + tonumber(ARGV[5]) - open.t)
    for _, scope in ipairs(open.s) do
        redis.call('HINCRBY', scope, 'n', nanos)
        redis.call('HINCRBY', scope, 't', tokens)
    end
    if ARGV[7] == '1' then
        local line = table.concat({open.a, open.d, open.m, ARGV[6]}, '\31')
        redis.call('HINCRBY', KEYS[2], line .. '\31c', 1)
        for i, name in ipairs({'n', 't', 'hn', 'ht'}) do
            redis.call('HINCRBY', KEYS[2], line .. '\31' .. name, ARGV[i + 1])
        end
    end
    return 1
";

/// A ledger that machines share through a Redis server. Each operation is one script.
pub(super) struct RedisLedger {
    server: RedisServer,
    reserve: Script,
    close: Script,
    set: Script,
    clear: Script,
    report: Script,
}

impl fmt::Debug for RedisLedger {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RedisLedger").field("server", &self.server).finish_non_exhaustive()
    }
}

impl RedisLedger {
    #[track_caller]
    pub(super) fn new(address: &str) -> Result<Self, BotticelliError> {
        Ok(Self {
            server: RedisServer::new(address, LEDGER)?,
            reserve: Script::new(RESERVE),
            close: Script::new(CLOSE),
            set: Script::new("return redis.call('HSET', KEYS[1], ARGV[1], ARGV[2])"),
            clear: Script::new("return redis.call('HDEL', KEYS[1], ARGV[1])"),
            report: Script::new("return {redis.call('HGETALL', KEYS[1]), redis.call('HVALS', KEYS[2])}"),
        })
    }

    async fn order(&self, id: Option<i64>, order: &Order) -> Result<Decision, BotticelliError> {
        let mut keys = vec![key("exhausted"), key("sequence"), key("reservations")];
        let mut arguments = vec![
            order.account.to_string(),
            order.periods.day_name.clone(),
            number(order.amount.nano_dollars),
            number(order.amount.tokens),
            u8::from(order.needs_credits).to_string(),
            id.map(|id| id.to_string()).unwrap_or_default(),
            order.model.to_string(),
            order.payer.to_string(),
        ];
        let periods: Vec<_> = order.periods.scopes().collect();
        for (period, scope) in &periods {
            keys.push(key(&format!("used:{scope}")));
            let limits = order
                .limits_of(*period)
                .map(|limit| limit.map_or("-1".to_owned(), |limit| number(limit.most)));
            arguments.extend(limits);
        }
        let reply: Vec<String> = self.server.run(&self.reserve, &keys, &arguments).await?;
        let words: Vec<&str> = reply.iter().map(String::as_str).collect();
        let decision = match words.as_slice() {
            ["reserved", id] => id.parse().ok().map(Decision::Reserved),
            ["exhausted", until] => {
                Some(Decision::Refused(Refusal::Exhausted { until: (*until).to_owned() }))
            }
            ["exceeded", period, unit, left] => {
                let period = period.parse().ok().and_then(|at: usize| periods.get(at));
                let [dollars, tokens] =
                    period.map(|(period, _)| order.limits_of(*period)).unwrap_or_default();
                let limit = if *unit == "2" { tokens } else { dollars };
                limit
                    .zip(left.parse().ok())
                    .map(|(limit, left)| Decision::Refused(Refusal::Exceeded { limit, left }))
            }
            _ => None,
        };
        decision.ok_or_else(|| self.damaged())
    }

    fn damaged(&self) -> BotticelliError {
        StoreError::new(LEDGER, self.server.place(), StoreErrorKind::Damaged).into()
    }
}

#[async_trait]
impl LedgerStore for RedisLedger {
    async fn reserve(&self, order: &Order) -> Result<Decision, BotticelliError> {
        self.order(None, order).await
    }

    async fn extend(&self, id: i64, order: &Order) -> Result<Decision, BotticelliError> {
        self.order(Some(id), order).await
    }

    async fn close(&self, id: i64, closing: &Closing) -> Result<(), BotticelliError> {
        let Closing { spent, held, provider } = closing;
        let is_recorded = spent.plus(*held) != Amount::ZERO || provider.is_some();
        let amounts = [spent.nano_dollars, spent.tokens, held.nano_dollars, held.tokens].map(number);
        let mut arguments = vec![id.to_string()];
        arguments.extend(amounts);
        arguments.push(provider.clone().unwrap_or_default());
        arguments.push(u8::from(is_recorded).to_string());
        let keys = [key("reservations"), key("spent")];
        let closed: Result<i64, _> = self.server.run(&self.close, &keys, &arguments).await;
        match closed {
            Ok(_) => Ok(()),
            // The script may have run and its reply may be lost. Once more does no harm: a closed reservation is gone.
            Err(_) => self.server.run::<i64>(&self.close, &keys, &arguments).await.map(drop),
        }
    }

    async fn set_exhausted(&self, account: &str, until: &str) -> Result<(), BotticelliError> {
        let arguments = [account.to_owned(), until.to_owned()];
        self.server.run::<i64>(&self.set, &[key("exhausted")], &arguments).await.map(drop)
    }

    async fn clear_exhausted(&self, account: &str) -> Result<(), BotticelliError> {
        self.server.run::<i64>(&self.clear, &[key("exhausted")], &[account.to_owned()]).await.map(drop)
    }

    async fn report(&self) -> Result<LedgerReport, BotticelliError> {
        let keys = [key("spent"), key("reservations")];
        let (spent, open): (HashMap<String, i64>, Vec<String>) =
            self.server.run(&self.report, &keys, &[]).await?;
        let closed = spent.iter().map(|(field, count)| part(field, unsigned(*count)));
        let open = open.iter().map(|open| reserved(open));
        let lines: Option<Vec<_>> = closed.chain(open).collect();
        lines.map(LedgerReport::new).ok_or_else(|| self.damaged())
    }
}

fn key(name: &str) -> String {
    format!("{PREFIX}:{name}")
}

fn number(amount: u64) -> String {
    amount.min(MOST).to_string()
}

fn unsigned(amount: i64) -> u64 {
    u64::try_from(amount).unwrap_or_default()
}

/// Returns one amount of the closed calls as a separate line. The report adds the lines up.
fn part(field: &str, amount: u64) -> Option<LedgerLine> {
    let [account, day, model, provider, name] = field.split(SEPARATOR).collect::<Vec<_>>().try_into().ok()?;
    let owned = str::to_owned;
    let mut line = LedgerLine {
        account: owned(account),
        day: owned(day),
        model: owned(model),
        provider: owned(provider),
        ..LedgerLine::default()
    };
    match name {
        "c" => line.calls = amount,
        "n" => line.spent = Usd::from_nano_dollars(amount),
        "t" => line.tokens = amount,
        "hn" => line.held = Usd::from_nano_dollars(amount),
        "ht" => line.held_tokens = amount,
        _ => return None,
    }
    Some(line)
}

/// Returns the line of a reservation that is not closed.
fn reserved(open: &str) -> Option<LedgerLine> {
    #[derive(serde::Deserialize)]
    struct Open {
        a: String,
        d: String,
        m: String,
        n: String,
        t: String,
    }

    let open: Open = serde_json::from_str(open).ok()?;
    Some(LedgerLine {
        account: open.a,
        day: open.d,
        model: open.m,
        calls: 1,
        held: Usd::from_nano_dollars(open.n.parse().ok()?),
        held_tokens: open.t.parse().ok()?,
        ..LedgerLine::default()
    })
}
