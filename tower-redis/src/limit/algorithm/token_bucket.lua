-- The rule of token_bucket.rs, step for step. a: the burst; b: the permits of a step; c: the period.
-- State: "{tokens missing} {the instant of the last step}".
local token_bucket = {}

function token_bucket.open(rule, state, now)
  if not state then
    return { at = now, missing = 0, step = now }
  end
  local missing, step = string.match(state, '^(%d+) (%d+)$')
  missing, step = tonumber(missing), tonumber(step)
  if not step or missing > rule.a then
    return nil
  end
  local moved = step > now
  step = math.min(step, now)
  local steps = math.floor((now - step) / rule.c)
  -- beyond 2^53 the product is rounded, and is still more than is missing
  missing = math.max(0, missing - steps * rule.b)
  if missing == 0 then
    return { at = now, missing = 0, step = now }
  end
  return { at = now, missing = missing, step = step + steps * rule.c, moved = moved }
end

local function back(rule, view, tokens)
  return view.step + math.ceil(tokens / rule.b) * rule.c - view.at
end

function token_bucket.wait(rule, view, cost)
  local left = rule.a - view.missing
  if cost <= left then
    return 0
  end
  return back(rule, view, cost - left)
end

function token_bucket.charge(_, view, cost)
  view.missing = view.missing + cost
end

function token_bucket.refund(rule, view, charged, cost)
  local steps = math.ceil(math.max(0, view.step - charged) / rule.c)
  local given = math.min(math.max(0, cost - steps * rule.b), view.missing)
  view.missing = view.missing - given
  return given
end

function token_bucket.standing(rule, view)
  if view.missing == 0 then
    return rule.a, 0, 0
  end
  return rule.a - view.missing, back(rule, view, 1), back(rule, view, view.missing)
end

function token_bucket.state(_, view)
  return string.format('%.0f %.0f', view.missing, view.step)
end

rules.t = token_bucket
