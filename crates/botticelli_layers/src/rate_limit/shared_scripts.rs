//! The scripts of a rate limit on Redis. They use the time of the server.

/// Functions of all scripts.
///
/// KEYS: calls in flight with the ends of their leases, reserved tokens of each call, the end of a pause, calls whose lease is over, then a
/// hash for each window.
/// ARGV: id of the call, then what each script needs from 2 to 5, and from 6 on for each window its span in milliseconds, its limit,
/// and `r` for requests or `t` for tokens.
///
/// A window counts in 64 parts of its span. A part counts until all of it is older than the span, so that no span of time has more than
/// the limit.
const COMMON: &str = r"
    local time = redis.call('TIME')
    local now = time[1] * 1000 + math.floor(time[2] / 1000)
    local windows = {}
    for i = 5, #KEYS do
        local at = 6 + (i - 5) * 3
        local span = tonumber(ARGV[at])
        windows[i - 4] = {
            key = KEYS[i], span = span, part = math.ceil(span / 64), limit = tonumber(ARGV[at + 1]), unit = ARGV[at + 2]
        }
    end
    local function text(number) return string.format('%.0f', number) end
    local function free_at(window, index) return (index + 1) * window.part + window.span end
    local function add(window, amount)
        local index = math.floor(now / window.part)
        local most = math.max(window.limit, 1)
        for _ = 1, 64 do
            if amount <= 0 then return end
            redis.call('HINCRBY', window.key, text(index), text(math.min(amount, most)))
            redis.call('PEXPIRE', window.key, text(free_at(window, index) - now + 1000))
            amount = amount - most
            index = index + 65
        end
    end
    local function expire()
        local over = redis.call('ZRANGEBYSCORE', KEYS[1], '-inf', text(now))
        for _, id in ipairs(over) do
            redis.call('ZREM', KEYS[1], id)
            redis.call('HDEL', KEYS[2], id)
            redis.call('ZADD', KEYS[4], text(now), id)
            redis.call('PEXPIRE', KEYS[4], 86400000)
        end
        redis.call('ZREMRANGEBYSCORE', KEYS[4], '-inf', text(now - 86400000))
    end
";

/// Lets a call go, or returns the milliseconds until it may (`-1` if that depends on other calls), and the number of the window.
///
/// ARGV: 2 lease in milliseconds, 3 calls in flight at most (or -1), 4 tokens.
const ACQUIRE: &str = r"
    expire()
    if redis.call('ZSCORE', KEYS[1], ARGV[1]) then return {1, 0, 0} end
    local pause = tonumber(redis.call('GET', KEYS[3]) or 0)
    if pause > now then return {0, math.ceil(pause - now), 0} end
    local most = tonumber(ARGV[3])
    if most >= 0 and redis.call('ZCARD', KEYS[1]) >= most then return {0, -1, 0} end
    local reserved = 0
    for _, tokens in ipairs(redis.call('HVALS', KEYS[2])) do reserved = reserved + tokens end
    local wait, at = 0, 0
    for i, window in ipairs(windows) do
        local parts, used = {}, 0
        local all = redis.call('HGETALL', window.key)
        for j = 1, #all, 2 do
            local index, amount = tonumber(all[j]), tonumber(all[j + 1])
            if free_at(window, index) <= now then
                redis.call('HDEL', window.key, all[j])
            else
                parts[#parts + 1] = {index, amount}
                used = used + amount
            end
        end
        local amount, open = 1, 0
        if window.unit == 't' then amount, open = tonumber(ARGV[4]), reserved end
        amount = math.min(amount, window.limit)
        if used + open + amount > window.limit then
            table.sort(parts, function(a, b) return a[1] < b[1] end)
            local rest, this = used, -1
            for _, part in ipairs(parts) do
                if rest + amount <= window.limit then break end
                rest = rest - part[2]
                this = free_at(window, part[1]) - now
            end
            if wait ~= -1 and (this == -1 or this > wait) then wait, at = this, i end
        end
    end
    if at > 0 then return {0, math.ceil(wait), at} end
    for _, window in ipairs(windows) do
        if window.unit == 'r' then add(window, 1) end
    end
    redis.call('ZADD', KEYS[1], text(now + ARGV[2]), ARGV[1])
    redis.call('PEXPIRE', KEYS[1], 86400000)
    if tonumber(ARGV[4]) > 0 then
        redis.call('HSET', KEYS[2], ARGV[1], ARGV[4])
        redis.call('PEXPIRE', KEYS[2], 600000)
    end
    return {1, 0, 0}
";

/// Ends a call, once. A call whose lease is over counts too, for a day: the lease only frees its place in flight.
///
/// ARGV: 2 tokens, 3 retries, 4 milliseconds for which all calls wait.
const END: &str = r"
    if redis.call('ZREM', KEYS[1], ARGV[1]) + redis.call('ZREM', KEYS[4], ARGV[1]) == 0 then return 0 end
    redis.call('HDEL', KEYS[2], ARGV[1])
    expire()
    for _, window in ipairs(windows) do
        if window.unit == 'r' then add(window, tonumber(ARGV[3])) else add(window, tonumber(ARGV[2])) end
    end
    local pause = tonumber(ARGV[4])
    if pause > 0 and now + pause > tonumber(redis.call('GET', KEYS[3]) or 0) then
        redis.call('SET', KEYS[3], text(now + pause), 'PX', text(pause))
    end
    return 1
";

pub(super) fn acquire() -> redis::Script {
    redis::Script::new(&format!("{COMMON}{ACQUIRE}"))
}

pub(super) fn end() -> redis::Script {
    redis::Script::new(&format!("{COMMON}{END}"))
}
