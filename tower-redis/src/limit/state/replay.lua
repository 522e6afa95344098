-- Decides a history. ARGV: how many calls go together; for each of them the rule, a, b, c, and 1 if it only
-- watches; then, again and again, an instant, how often, the instant at which what is given back was charged, or
-- nothing, and the cost of each call. Each state begins as given by KEYS, or as nothing if that is empty.
-- Answers the replies, one after the other, and at last the states.
local width = tonumber(ARGV[1])
local calls = {}
for n = 1, width do
  local at = n * 5
  calls[n] = {
    rule = ARGV[at - 3],
    a = tonumber(ARGV[at - 2]),
    b = tonumber(ARGV[at - 1]),
    c = tonumber(ARGV[at]),
    watches = ARGV[at + 1] == '1',
    state = KEYS[n] ~= '' and KEYS[n] or false,
  }
end
local replies = {}
for at = width * 5 + 2, #ARGV, width + 3 do
  for n, call in ipairs(calls) do
    call.cost = tonumber(ARGV[at + 2 + n])
  end
  local now, times, charged, reply = tonumber(ARGV[at]), tonumber(ARGV[at + 1]), tonumber(ARGV[at + 2]), nil
  local first = calls[1]
  -- the short way of a rule that has one, beside the long one
  local short = width == 1 and first.rule == 'g' and not charged
  short = short and { alone(first.state, now, times, first.cost, first.a, first.b, first.c) }
  if charged then
    reply = refund(calls, now, charged, false)
  else
    reply = decide(calls, now, times, false)
  end
  if not reply then
    return redis.error_reply('FOREIGN')
  end
  for n = 1, short and 6 or 0 do
    if short[n] ~= reply[n] then
      return redis.error_reply('DIFFERENT at ' .. n .. ': ' .. short[n] .. ' is ' .. reply[n])
    end
  end
  if short and short[7] and short[7] ~= first.state then
    return redis.error_reply('DIFFERENT states: ' .. short[7] .. ' is ' .. tostring(first.state))
  end
  if short and not short[7] ~= not first.written then
    return redis.error_reply('DIFFERENT: one is written')
  end
  for _, number in ipairs(reply) do
    replies[#replies + 1] = string.format('%.0f', number)
  end
end
for _, call in ipairs(calls) do
  replies[#replies + 1] = call.state or ''
end
return replies
