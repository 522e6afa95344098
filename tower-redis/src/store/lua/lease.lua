-- The right to fill a key, if nothing is there or what is rejected.
-- KEYS: value, its lease
-- ARGV: what is rejected (the id of an envelope; `=` and a SHA-1; nothing; `*`, whatever is there, and no
--       lease that was granted before), a nonce, milliseconds
-- answers {1, lease}, {0, value, what PTTL says of it}, or {-1} for a key that holds no string
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
local lease = redis.call('GET', KEYS[2]) or ARGV[2]
redis.call('SET', KEYS[2], lease, 'PX', ARGV[3])
return {1, lease}
