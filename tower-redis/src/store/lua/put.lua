-- Stores a value whoever else is loading one.
-- KEYS: value, its lease
-- ARGV: the header up to `made` (nothing for a plain value), the rest, milliseconds
-- answers 1, or 0 for a key that holds no string
local kind = redis.call('TYPE', KEYS[1]).ok
if kind ~= 'string' and kind ~= 'none' then
  return 0
end
redis.call('UNLINK', KEYS[2])
local value = ARGV[2]
if ARGV[1] ~= '' then
  local now = redis.call('TIME')
  value = ARGV[1] .. now[1] .. string.format('%03d', math.floor(now[2] / 1000)) .. ARGV[2]
end
redis.call('SET', KEYS[1], value, 'PX', ARGV[3])
return 1
