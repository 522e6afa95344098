-- Does at the server's time what ARGV[1] says, with the number ARGV[2]. KEYS: the states. Further
-- arguments, for each of them: the rule, a, b, c, the cost, and 1 if its policy only watches, 2 if it only bars.
local time = redis.call('TIME')
local now = time[1] * 1000000 + time[2]
local what, number, reply = ARGV[1], tonumber(ARGV[2]), nil
local calls = {}
for n, key in ipairs(KEYS) do
  local at = n * 6
  calls[n] = {
    rule = ARGV[at - 3],
    a = tonumber(ARGV[at - 2]),
    b = tonumber(ARGV[at - 1]),
    c = tonumber(ARGV[at]),
    cost = tonumber(ARGV[at + 1]),
    watches = ARGV[at + 2] == '1',
    bars = ARGV[at + 2] == '2',
    state = what ~= 'forget' and redis.call('GET', key),
  }
end
if what == 'decide' then
  reply = decide(calls, now, number, false)
elseif what == 'look' then
  reply = decide(calls, now, 1, true)
elseif what == 'refund' then
  reply = refund(calls, now, number, false)
elseif what == 'renew' then
  reply = refund(calls, now, number, true)
else
  reply = decide(calls, now, 1, true)
end
if not reply then
  return redis.error_reply('FOREIGN a value that is not the state of a limit lies under its key')
end
for n, call in ipairs(calls) do
  if call.written and call.state then
    -- to the millisecond in which the key is at rest: forgetting it there changes no decision
    local rest = math.ceil((now + reply[n * 5]) / 1000)
    redis.call('SET', KEYS[n], call.state, 'PXAT', string.format('%.0f', rest))
  elseif call.written or what == 'forget' then
    redis.call('SET', KEYS[n], '', 'PXAT', '1')
  end
end
return reply
