-- What decide.lua answers about one call of the rule in gcra.lua, in one go: as much of the time of a script is
-- spent on tables and functions as on Redis. Nil if the state is not one; at last the state, if it is to be written.
local floor, ceil = math.floor, math.ceil

local function alone(state, now, times, cost, burst, price, payback)
  local owed, at = 0, now
  if state then
    local credits, since = string.match(state, '^(%d+) (%d+)$')
    credits, since = tonumber(credits), tonumber(since)
    if not since or credits > burst * price then
      return nil
    end
    if since > at then
      at = since
    end
    owed = credits - (at - since) * payback
    if owed < 0 then
      owed = 0
    end
  end
  local ahead, passed, wait, more = at - now, times, 0, 0
  local left = burst * price - owed
  local remaining = floor(left / price)
  if times * cost > remaining then
    passed = floor(remaining / cost)
  end
  local charge = passed * cost * price
  left, owed, remaining = left - charge, owed + charge, remaining - passed * cost
  if cost > burst then
    wait = -1
  elseif passed < times then
    wait = ceil((cost * price - left) / payback) + ahead
  end
  if remaining < burst then
    more = ceil(((remaining + 1) * price - left) / payback)
  end
  local written = charge > 0 and string.format('%.0f %.0f', owed, at)
  return passed, wait, remaining, more + ahead, ceil(owed / payback) + ahead, at, written
end
