-- What decide.lua answers about one call of the rule in gcra.lua, in one go: as much of the time of a script is
-- spent on tables and functions as on Redis. Nil if the state is not one; at last the state, if it is to be written.
local floor, ceil = math.floor, math.ceil

local function alone(state, now, times, cost, burst, price, payback)
  local owed, moved = 0, false
  if state then
    local credits, since = string.match(state, '^(%d+) (%d+)$')
    credits, since = tonumber(credits), tonumber(since)
    if not since or credits > burst * price then
      return nil
    end
    owed, moved = credits, since > now
    if not moved then
      owed = credits - (now - since) * payback
    end
    if owed < 0 then
      owed = 0
    end
  end
  local passed, wait, more = times, 0, 0
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
    wait = ceil((cost * price - left) / payback)
  end
  if remaining < burst then
    more = ceil(((remaining + 1) * price - left) / payback)
  end
  local written = (charge > 0 or moved) and string.format('%.0f %.0f', owed, now)
  return passed, wait, remaining, more, ceil(owed / payback), now, written
end
