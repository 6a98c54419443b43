//! The scripts of a ledger on Redis. Each happens as a whole or not at all, and has the same effect if it runs twice.

/// Time for which a reservation that ended before it was made is remembered, in seconds. A script that is still on its way then finds
/// its reservation ended.
pub(super) const REMEMBERED: u64 = 3_600;

/// Checks the limits of the scopes, and adds the amount to each, unless this part of the reservation was made before. The client
/// chooses the id, so that a script whose reply was lost can be sent again. A scope has what is used (`n` and `t`), and the part of it
/// that is reserved (`rn` and `rt`).
///
/// KEYS: exhausted, ended, reservations, then the scopes.
/// ARGV: account, day, nano-dollars, tokens, needs credits, id, model, credit account, part, then for each scope `dollars` and `tokens` (or -1).
pub(super) const RESERVE: &str = r"
    local nanos, tokens, part = tonumber(ARGV[3]), tonumber(ARGV[4]), tonumber(ARGV[9])
    local held, held_tokens = nanos, tokens
    local open = redis.call('HGET', KEYS[3], ARGV[6])
    if open then
        open = cjson.decode(open)
        if (open.k or 1) >= part then return {'reserved', ARGV[6]} end
        held, held_tokens = held + open.n, held_tokens + open.t
    elseif part > 1 or redis.call('EXISTS', KEYS[2]) == 1 then
        return {'ended'}
    end
    if ARGV[5] == '1' then
        local till = redis.call('HGET', KEYS[1], ARGV[8])
        if till and string.sub(till, 1, 10) > ARGV[2] then return {'exhausted', till} end
    end
    local refusal
    for i = 4, #KEYS do
        local used = redis.call('HMGET', KEYS[i], 'n', 't', 'rn', 'rt')
        for j, amount in ipairs({nanos, tokens}) do
            local most = tonumber(ARGV[10 + (i - 4) * 2 + j - 1])
            local total = tonumber(used[j]) or 0
            local left = math.max(most - total, 0)
            if most >= 0 and amount > left then
                local room = math.max(most - math.max(total - (tonumber(used[j + 2]) or 0), 0), 0)
                local found = {'exceeded', tostring(i - 4), tostring(j)}
                found[4], found[5] = string.format('%.0f', left), string.format('%.0f', room - left)
                if amount > room then return found end
                refusal = refusal or found
            end
        end
    end
    if refusal then return refusal end
    -- An older version of this library does not count what is reserved.
    local is_counted = not open or open.r == 1
    local scopes = {}
    for i = 4, #KEYS do
        redis.call('HINCRBY', KEYS[i], 'n', ARGV[3])
        redis.call('HINCRBY', KEYS[i], 't', ARGV[4])
        if is_counted then
            redis.call('HINCRBY', KEYS[i], 'rn', ARGV[3])
            redis.call('HINCRBY', KEYS[i], 'rt', ARGV[4])
        end
        scopes[#scopes + 1] = KEYS[i]
    end
    open = {a = ARGV[1], d = ARGV[2], m = ARGV[7], s = scopes, k = part, r = is_counted and 1 or 0}
    -- As texts, because the encoder rounds large numbers.
    open.n, open.t = string.format('%.0f', held), string.format('%.0f', held_tokens)
    redis.call('HSET', KEYS[3], ARGV[6], cjson.encode(open))
    return {'reserved', ARGV[6]}
";

/// KEYS: reservations, spent, ended, unpriced. ARGV: id, spent nano-dollars and tokens, held nano-dollars and tokens, provider, `1` if it is
/// to be recorded, the seconds for which the end is remembered, and `1` if the cost is unknown.
pub(super) const CLOSE: &str = r"
    local open = redis.call('HGET', KEYS[1], ARGV[1])
    if not open then
        redis.call('SET', KEYS[3], '1', 'EX', ARGV[8])
        return 0
    end
    open = cjson.decode(open)
    redis.call('HDEL', KEYS[1], ARGV[1])
    local counted = {n = tonumber(ARGV[2]) + tonumber(ARGV[4]), t = tonumber(ARGV[3]) + tonumber(ARGV[5])}
    for _, scope in ipairs(open.s) do
        for name, amount in pairs(counted) do
            local reserved = tonumber(open[name])
            if (tonumber(redis.call('HGET', scope, name)) or 0) >= reserved then
                redis.call('HINCRBY', scope, name, string.format('%.0f', amount - reserved))
            else
                -- The server lost the key, and with it the reservation.
                redis.call('HSET', scope, name, string.format('%.0f', amount))
            end
            if open.r == 1 then
                local rest = math.max((tonumber(redis.call('HGET', scope, 'r' .. name)) or 0) - reserved, 0)
                redis.call('HSET', scope, 'r' .. name, string.format('%.0f', rest))
            end
        end
    end
    if ARGV[7] == '1' then
        local line = table.concat({open.a, open.d, open.m, ARGV[6]}, '\31')
        redis.call('HINCRBY', KEYS[2], line .. '\31c', 1)
        for i, name in ipairs({'n', 't', 'hn', 'ht'}) do
            redis.call('HINCRBY', KEYS[2], line .. '\31' .. name, ARGV[i + 1])
        end
        if ARGV[9] == '1' then redis.call('HINCRBY', KEYS[4], line, 1) end
    end
    return 1
";

/// Reads the report. KEYS: spent, reservations, unpriced.
pub(super) const REPORT: &str =
    "return {redis.call('HGETALL', KEYS[1]), redis.call('HVALS', KEYS[2]), redis.call('HGETALL', KEYS[3])}";

/// Reads the amounts of periods.
pub(super) const USED: &str = r"
    local used = {}
    for i, scope in ipairs(KEYS) do used[i] = redis.call('HMGET', scope, 'n', 't') end
    return used
";
