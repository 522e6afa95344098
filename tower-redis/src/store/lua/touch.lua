-- Makes a value live for so long from now, if it would not: no longer than its header allows.
-- KEYS: value
-- ARGV: milliseconds
local left = redis.call('PTTL', KEYS[1])
if left < 0 or redis.call('TYPE', KEYS[1]).ok ~= 'string' then
  return 0
end
local rest = tonumber(ARGV[1])
local made, kept = string.match(redis.call('GET', KEYS[1]), '^TR1 %x+ %S+ (%d+) %d+ (%d+) ')
if made then
  local now = redis.call('TIME')
  -- a clock that went back makes nothing live longer
  rest = math.min(rest, kept, made + kept - now[1] * 1000 - math.floor(now[2] / 1000))
end
if rest > left then
  redis.call('PEXPIRE', KEYS[1], string.format('%.0f', rest))
end
return 1
