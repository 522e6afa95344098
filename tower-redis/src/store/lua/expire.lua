-- Makes a value stale: its freshness is over at once, by any clock, and it is kept for as long as before. It is another
-- entry from now on, so that nobody takes a copy of it for unchanged. What is in no envelope has no stale life and goes.
-- KEYS: value, its lease
-- ARGV: the id that it gets
local head, behind, value
if redis.call('TYPE', KEYS[1]).ok == 'string' then
  value = redis.call('GET', KEYS[1])
  head, behind = string.match(value, '^TR1 %x+ (%S+ %d+) %d+()')
end
local left = redis.call('PTTL', KEYS[1])
-- a server whose memory is full lets a script write that has removed something
redis.call('UNLINK', KEYS[1], KEYS[2])
if head and left ~= 0 then
  local stale = 'TR1 ' .. ARGV[1] .. ' ' .. head .. ' 0' .. string.sub(value, behind)
  if left > 0 then
    redis.call('SET', KEYS[1], stale, 'PX', left)
  else
    redis.call('SET', KEYS[1], stale)
  end
end
return 1
