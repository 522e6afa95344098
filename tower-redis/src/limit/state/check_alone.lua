-- Decides at the server's time so often as ARGV[1] says about a call of the cost ARGV[2], by the rule's a, b, c.
-- KEYS[1]: the state.
local call, key = redis.call, KEYS[1]
local time = call('TIME')
local now = time[1] * 1000000 + time[2]
local times, cost = tonumber(ARGV[1]), tonumber(ARGV[2])
local a, b, c = tonumber(ARGV[3]), tonumber(ARGV[4]), tonumber(ARGV[5])
local passed, wait, remaining, more, reset, at, state = alone(call('GET', key), now, times, cost, a, b, c)
if not passed then
  return redis.error_reply('FOREIGN a value that is not the state of a limit lies under its key')
end
if state then
  -- to the millisecond in which the key is at rest: forgetting it there changes no decision
  call('SET', key, state, 'PXAT', ceil((now + reset) / 1000))
end
return { passed, wait, remaining, more, reset, at }
