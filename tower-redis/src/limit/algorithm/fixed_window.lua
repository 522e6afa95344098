-- The rule of fixed_window.rs, step for step. a: the permits; b: the period.
-- State: "{start of the window} {permits used in it}".
local fixed_window = {}

function fixed_window.open(rule, state, now)
  local view = { at = now, start = now, used = 0, left = 0 }
  if state then
    local start, used = string.match(state, '^(%d+) (%d+)$')
    start, used = tonumber(start), tonumber(used)
    if not start or used > rule.a then
      return nil
    end
    view.moved = start > now
    start = math.min(start, now)
    if used > 0 and start - now + rule.b > 0 then
      view.start, view.used = start, used
      view.left = start - now + rule.b
    end
  end
  return view
end

function fixed_window.wait(rule, view, cost)
  if cost > rule.a - view.used then
    return view.left
  end
  return 0
end

function fixed_window.charge(rule, view, cost)
  view.used = view.used + cost
  view.left = view.start - view.at + rule.b
end

function fixed_window.refund(_, view, charged, cost)
  if charged < view.start then
    return 0
  end
  local back = math.min(cost, view.used)
  view.used = view.used - back
  if view.used == 0 then
    view.left = 0
  end
  return back
end

function fixed_window.standing(rule, view)
  return rule.a - view.used, view.left, view.left
end

function fixed_window.state(_, view)
  return string.format('%.0f %.0f', view.start, view.used)
end

rules.f = fixed_window
