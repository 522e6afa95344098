-- The rule of gcra.rs, step for step. a: the burst; b: the price of a permit; c: what is paid back each tick.
-- State: "{credits owed} {the instant they were}".
local gcra = {}

function gcra.open(rule, state, now)
  if not state then
    return { at = now, owed = 0 }
  end
  local credits, since = string.match(state, '^(%d+) (%d+)$')
  credits, since = tonumber(credits), tonumber(since)
  if not since or credits > rule.a * rule.b then
    return nil
  end
  -- beyond 2^53 the product is rounded, and is still more than anybody owes
  local owed = math.max(0, credits - math.max(0, now - since) * rule.c)
  return { at = now, owed = owed, moved = since > now }
end

function gcra.wait(rule, view, cost)
  local lacks = cost * rule.b - (rule.a * rule.b - view.owed)
  return math.max(0, math.ceil(lacks / rule.c))
end

function gcra.charge(rule, view, cost)
  view.owed = view.owed + cost * rule.b
end

function gcra.refund(rule, view, charged, cost)
  local credits = math.min(cost, rule.a) * rule.b - math.max(0, view.at - charged) * rule.c
  credits = math.min(math.max(0, credits), view.owed)
  view.owed = view.owed - credits
  return math.ceil(credits / rule.b)
end

function gcra.standing(rule, view)
  local left = rule.a * rule.b - view.owed
  local remaining = math.floor(left / rule.b)
  local more = 0
  if remaining < rule.a then
    more = math.ceil(((remaining + 1) * rule.b - left) / rule.c)
  end
  return remaining, more, math.ceil(view.owed / rule.c)
end

function gcra.state(_, view)
  return string.format('%.0f %.0f', view.owed, view.at)
end

rules.g = gcra
