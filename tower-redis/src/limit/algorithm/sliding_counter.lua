-- The rule of sliding_counter.rs, step for step. a: the permits; b: the period; c: the length of a step.
-- State: "{start of the window} {permits used in the one before} {permits used in it}".
local sliding_counter = {}

function sliding_counter.open(rule, state, now)
  local fresh = { at = now, start = now, before = 0, used = 0, steps = rule.b / rule.c }
  if not state then
    return fresh
  end
  local start, before, used = string.match(state, '^(%d+) (%d+) (%d+)$')
  start, before, used = tonumber(start), tonumber(before), tonumber(used)
  if not start or before > rule.a or used > rule.a then
    return nil
  end
  fresh.moved = start > now
  start = math.min(start, now)
  local since = now - start
  if since < rule.b then
    if used > 0 or before > 0 then
      fresh.start, fresh.before, fresh.used = start, before, used
    end
  elseif since < 2 * rule.b and used > 0 then
    fresh.start, fresh.before = start + rule.b, used
  end
  return fresh
end

local function counted(rule, view)
  local left = math.ceil((rule.b - (view.at - view.start)) / rule.c)
  return math.min(view.used + math.ceil(view.before * left / view.steps), rule.a)
end

local function fades(rule, view, start, before, most)
  if most >= before then
    return start - view.at
  end
  local left = math.floor(most * view.steps / before)
  return start + (rule.b - left * rule.c) - view.at
end

local function falls(rule, view, most)
  if most >= view.used then
    return fades(rule, view, view.start, view.before, most - view.used)
  end
  return fades(rule, view, view.start + rule.b, view.used, most)
end

function sliding_counter.wait(rule, view, cost)
  if cost <= rule.a - counted(rule, view) then
    return 0
  end
  return falls(rule, view, rule.a - cost)
end

function sliding_counter.charge(_, view, cost)
  view.used = view.used + cost
end

function sliding_counter.refund(rule, view, charged, cost)
  local back = 0
  if charged >= view.start then
    back = math.min(cost, view.used)
  elseif view.start - charged > rule.b then
    return 0
  end
  local older = math.min(cost - back, view.before)
  view.used = view.used - back
  view.before = view.before - older
  return back + older
end

function sliding_counter.standing(rule, view)
  local now = counted(rule, view)
  if now == 0 then
    return rule.a, 0, 0
  end
  return rule.a - now, falls(rule, view, now - 1), falls(rule, view, 0)
end

function sliding_counter.state(_, view)
  return string.format('%.0f %.0f %.0f', view.start, view.before, view.used)
end

rules.w = sliding_counter
