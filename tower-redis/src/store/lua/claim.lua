-- Says what becomes of the right to load for all.
-- KEYS: the lease
-- ARGV: the lease as it was granted, who has the right, who has it from now on (`-`: nobody, since the load failed;
--       nothing: whoever asks next), for how many milliseconds, how many milliseconds the lease lies there
-- answers 1, or 0 if it is no longer theirs
local lying = redis.call('GET', KEYS[1]) or ''
local lease, claim, till = string.match(lying, '^(%x+) ?(%S*) ?(%d*)$')
if lease ~= ARGV[1] then
  return 0
end
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
if claim ~= '' and claim ~= ARGV[2] and (tonumber(till) or 0) > now then
  return 0
end
if ARGV[3] ~= '' then
  lease = lease .. ' ' .. ARGV[3] .. ' ' .. string.format('%.0f', now + ARGV[4])
end
redis.call('SET', KEYS[1], lease, 'PX', ARGV[5])
return 1
