-- Stores what a lease was granted for.
-- KEYS: value, its lease
-- ARGV: the lease, the header up to `made` (nothing for a plain value), the rest, milliseconds
-- answers 1, or 0 if it was refused
-- behind it may stand who loads for all
if string.match(redis.call('GET', KEYS[2]) or '', '^%x+') ~= ARGV[1] then
  return 0
end
local kind = redis.call('TYPE', KEYS[1]).ok
if kind ~= 'string' and kind ~= 'none' then
  redis.call('UNLINK', KEYS[2])
  return 0
end
local value = ARGV[3]
if ARGV[2] ~= '' then
  local now = redis.call('TIME')
  value = ARGV[2] .. now[1] .. string.format('%03d', math.floor(now[2] / 1000)) .. ARGV[3]
end
-- in this order: a server whose memory is full refuses the value, as it should
redis.call('SET', KEYS[1], value, 'PX', ARGV[4])
redis.call('UNLINK', KEYS[2])
return 1
