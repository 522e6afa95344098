-- Stores a value whoever else is loading one.
-- KEYS: value, its lease
-- ARGV: the header up to `made` (nothing for a plain value), the rest, milliseconds, and the latest time to do it:
--       milliseconds since 1970, or 0
-- answers 1, 0 for a key that holds no string, or -1 when it is too late: who asked has given it up
local now = redis.call('TIME')
local millis = now[1] * 1000 + math.floor(now[2] / 1000)
if ARGV[4] ~= '0' and millis > tonumber(ARGV[4]) then
  return -1
end
local kind = redis.call('TYPE', KEYS[1]).ok
if kind ~= 'string' and kind ~= 'none' then
  return 0
end
local value = ARGV[2]
if ARGV[1] ~= '' then
  value = ARGV[1] .. string.format('%.0f', millis) .. ARGV[2]
end
-- in this order: a server whose memory is full refuses the value, as it should
redis.call('SET', KEYS[1], value, 'PX', ARGV[3])
redis.call('UNLINK', KEYS[2])
return 1
