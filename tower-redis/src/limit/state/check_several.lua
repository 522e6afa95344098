-- Decides at the server's time about several subjects, each by itself. KEYS: their states. ARGV: the rule, a, b, c;
-- then for each of them how often, and the cost. Answers six numbers for each, as decide.lua does; -1 and zeros for
-- one that has to be asked about by itself, which then says what is wrong with it.
local time = redis.call('TIME')
local now = time[1] * 1000000 + time[2]
local rule, a, b, c = ARGV[1], tonumber(ARGV[2]), tonumber(ARGV[3]), tonumber(ARGV[4])

local function one(key, times, cost)
  local state = redis.pcall('GET', key)
  if type(state) == 'table' then
    return nil
  end
  local reply, written
  if rule == 'g' then
    reply = { alone(state, now, times, cost, a, b, c) }
    written = reply[7]
  else
    local call = { rule = rule, a = a, b = b, c = c, cost = cost, state = state }
    reply = decide({ call }, now, times, false)
    written = reply and call.written and (call.state or '')
  end
  if written then
    -- to the millisecond in which the key is at rest, as in check.lua
    local rest = string.format('%.0f', math.ceil((now + reply[5]) / 1000))
    local set = redis.pcall('SET', key, written, 'PXAT', written == '' and '1' or rest)
    if set.err then
      return nil
    end
  end
  return reply
end

local replies = {}
for n, key in ipairs(KEYS) do
  local reply = one(key, tonumber(ARGV[n * 2 + 3]), tonumber(ARGV[n * 2 + 4]))
  for at = 1, 6 do
    replies[#replies + 1] = reply and reply[at] or (at == 1 and -1 or 0)
  end
end
return replies
