-- Does at the server's time what ARGV[1] says, with the number ARGV[2]. KEYS: the states, and when something is given
-- back, or forgotten, where it says when the first of them was forgotten last. Further
-- arguments, for each of them: the rule, a, b, c, the cost, and 1 if its policy only watches, 2 if it only bars.
local time = redis.call('TIME')
local now = time[1] * 1000000 + time[2]
local what, number, reply = ARGV[1], tonumber(ARGV[2]), nil
local calls = {}
local reset = KEYS[(#ARGV - 2) / 6 + 1]
for n = 1, (#ARGV - 2) / 6 do
  local key, at = KEYS[n], n * 6
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
elseif what == 'forget' then
  reply = decide(calls, now, 1, true)
  redis.call('SET', reset, string.format('%.0f', now), 'PX', ARGV[2])
elseif number < (tonumber(redis.call('GET', reset) or 0) or 0) then
  -- what was charged before is given back already
  reply = decide(calls, now, 1, true)
  reply = reply and { 0, unpack(reply, 2) }
else
  reply = refund(calls, now, number, what == 'renew')
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
