//! Caches on a Redis server.

use super::entry::{CACHE, Entry};
use super::key::Key;
use super::record::{self, checksum_of, millis_of, time_of};
use crate::store::redis::{RedisServer, is_unreachable};
use botticelli_error::BotticelliError;
use redis::Script;
use std::fmt::{self, Write};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime};

/// Beginning of all keys, with the version of the format.
const PREFIX: &str = "botticelli:cache:1:";

/// Time without another attempt after the server was not reachable, so that it does not delay each call.
const PAUSE: Duration = Duration::from_secs(5);

/// A cache that machines share through a Redis server.
///
/// A value has three lines: the time in milliseconds since 1970, the checksum, and the response.
pub(super) struct RedisStore {
    server: RedisServer,
    get: Script,
    put: Script,
    remove: Script,
    clear: Script,
    /// The last failure to reach the server.
    failure: Mutex<Option<(SystemTime, BotticelliError)>>,
}

impl fmt::Debug for RedisStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self.server.place(), f)
    }
}

impl RedisStore {
    #[track_caller]
    pub(super) fn new(address: &str) -> Result<Self, BotticelliError> {
        let clear = "
            local cursor = '0'
            repeat
                local page = redis.call('SCAN', cursor, 'MATCH', KEYS[1] .. '*', 'COUNT', 1000)
                cursor = page[1]
                for _, key in ipairs(page[2]) do redis.call('UNLINK', key) end
            until cursor == '0'
            return 1";
        let put = "
            if ARGV[2] == '' then redis.call('SET', KEYS[1], ARGV[1])
            else redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2]) end
            return 1";
        Ok(Self {
            server: RedisServer::new(address, CACHE)?,
            get: Script::new("return redis.call('GET', KEYS[1])"),
            put: Script::new(put),
            remove: Script::new("return redis.call('UNLINK', KEYS[1])"),
            clear: Script::new(clear),
            failure: Mutex::new(None),
        })
    }

    pub(super) fn place(&self) -> &str {
        self.server.place()
    }

    pub(super) async fn get(&self, key: &Key, now: SystemTime) -> Result<Option<Entry>, BotticelliError> {
        let value: Option<Vec<u8>> = self.run(&self.get, name_of(key), &[], now).await?;
        let Some(value) = value else { return Ok(None) };
        let entry = read(key, &value);
        if entry.is_none() {
            let _: i64 = self.run(&self.remove, name_of(key), &[], now).await?;
        }
        Ok(entry)
    }

    pub(super) async fn put(
        &self,
        key: &Key,
        entry: &Entry,
        time_to_live: Option<Duration>,
    ) -> Result<(), BotticelliError> {
        let Some(json) = record::encode(&entry.response) else { return Ok(()) };
        let stored_at = millis_of(entry.stored_at);
        let checksum = hex(&checksum_of(key, stored_at, &json));
        let time_to_live = time_to_live.map(|time| time.as_millis().max(1).to_string()).unwrap_or_default();
        let arguments = [format!("{stored_at}\n{checksum}\n{json}"), time_to_live];
        let _: i64 = self.run(&self.put, name_of(key), &arguments, entry.stored_at).await?;
        Ok(())
    }

    pub(super) async fn remove(&self, key: &Key, now: SystemTime) -> Result<(), BotticelliError> {
        let _: i64 = self.run(&self.remove, name_of(key), &[], now).await?;
        Ok(())
    }

    pub(super) async fn clear(&self, now: SystemTime) -> Result<(), BotticelliError> {
        let _: i64 = self.run(&self.clear, PREFIX.to_owned(), &[], now).await?;
        Ok(())
    }

    /// Records that the server does not answer.
    pub(super) fn give_up(&self, now: SystemTime) {
        *self.failure() = Some((now, self.server.unreachable()));
    }

    async fn run<T: redis::FromRedisValue>(
        &self,
        script: &Script,
        key: String,
        arguments: &[String],
        now: SystemTime,
    ) -> Result<T, BotticelliError> {
        if let Some((since, error)) = &*self.failure()
            && now.duration_since(*since).is_ok_and(|time| time < PAUSE)
        {
            return Err(error.clone());
        }
        let result = self.server.run(script, &[key], arguments).await;
        *self.failure() =
            result.as_ref().err().filter(|error| is_unreachable(error)).map(|error| (now, error.clone()));
        result
    }

    fn failure(&self) -> MutexGuard<'_, Option<(SystemTime, BotticelliError)>> {
        self.failure.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Reads a value; `None` if it is damaged.
fn read(key: &Key, value: &[u8]) -> Option<Entry> {
    let text = std::str::from_utf8(value).ok()?;
    let (stored_at, rest) = text.split_once('\n')?;
    let (checksum, json) = rest.split_once('\n')?;
    let stored_at = stored_at.parse().ok()?;
    if checksum != hex(&checksum_of(key, stored_at, json)) {
        return None;
    }
    let response = serde_json::from_str(json).ok()?;
    Some(Entry { response, stored_at: time_of(stored_at), kind: None })
}

fn name_of(key: &Key) -> String {
    PREFIX.to_owned() + &hex(key.as_bytes())
}

fn hex(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len() * 2);
    for byte in bytes {
        // Writing to a string cannot fail.
        let _ = write!(text, "{byte:02x}");
    }
    text
}
