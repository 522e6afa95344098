-- The right to fill a key, if nothing is there or what is rejected; and to be the only one who loads, where that is asked for.
-- KEYS: value, its lease
-- ARGV: what is rejected (the id of an envelope; `=` and a SHA-1; nothing; `*`, whatever is there, and no
--       lease that was granted before), a nonce, milliseconds; and for who wants to load for all: another nonce, milliseconds
-- answers {1, lease}, {0, value, what PTTL says of it}, or {-1} for a key that holds no string; and to who wants to
--         load for all {2, milliseconds} while another one does, or {3, lease, milliseconds} after one that failed
local kind = redis.call('TYPE', KEYS[1]).ok
if kind ~= 'string' and kind ~= 'none' then
  return {-1}
end
local rejected = ARGV[1]
if rejected == '*' then
  redis.call('SET', KEYS[2], ARGV[2], 'PX', ARGV[3])
  return {1, ARGV[2]}
end
if kind == 'string' then
  local value = redis.call('GET', KEYS[1])
  local same
  if string.sub(rejected, 1, 1) == '=' then
    same = rejected == '=' .. redis.sha1hex(value)
  else
    same = rejected ~= '' and string.sub(value, 1, 21) == 'TR1 ' .. rejected .. ' '
  end
  if not same then
    return {0, value, redis.call('PTTL', KEYS[1])}
  end
end
local lying = redis.call('GET', KEYS[2]) or ''
local lease, claim, till = string.match(lying, '^(%x+) ?(%S*) ?(%d*)$')
if not lease then
  lying, lease, claim = ARGV[2], ARGV[2], ''
end
local answer = {1, lease}
if ARGV[4] then
  local time = redis.call('TIME')
  local now = time[1] * 1000 + math.floor(time[2] / 1000)
  local rest = (tonumber(till) or 0) - now
  if claim == '-' and rest > 0 then
    answer = {3, lease, rest}
  -- a clock that went back keeps nobody waiting for longer than a claim lasts
  elseif claim ~= '' and rest > 0 and rest <= tonumber(ARGV[5]) then
    return {2, rest}
  else
    lying = lease .. ' ' .. ARGV[4] .. ' ' .. string.format('%.0f', now + ARGV[5])
  end
end
redis.call('SET', KEYS[2], lying, 'PX', ARGV[3])
return answer
