-- Decides at the server's time. KEYS: the states of one subject. ARGV, for each of them: the rule, a, b, c, the cost.
local time = redis.call('TIME')
local now = time[1] * 1000000 + time[2]
local calls = {}
for n, key in ipairs(KEYS) do
  local at = n * 5
  calls[n] = {
    rule = ARGV[at - 4],
    a = tonumber(ARGV[at - 3]),
    b = tonumber(ARGV[at - 2]),
    c = tonumber(ARGV[at - 1]),
    cost = tonumber(ARGV[at]),
    state = redis.call('GET', key),
  }
end
local reply = decide(calls, now)
if not reply then
  return redis.error_reply('FOREIGN a value that is not the state of a limit lies under its key')
end
for n, call in ipairs(calls) do
  if call.charged then
    -- to the millisecond in which the key is at rest: forgetting it there changes no decision
    local rest = math.ceil((now + reply[n * 4]) / 1000)
    redis.call('SET', KEYS[n], call.state, 'PXAT', string.format('%.0f', rest))
  end
end
return reply
