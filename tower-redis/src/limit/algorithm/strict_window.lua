-- The rule of strict_window.rs, step for step. a: the permits; b: the period; c: the length of a slot.
-- State: the permits of all entries, then the entries, oldest first, each a space, the instant of its last
-- permit in 16 digits and its count. Counts have as many digits as the permits of the rule, so that an entry is
-- found without reading those before it: a check reads the few at the front that ended, and the last.
local strict_window = {}

local function entry(view, n)
  local from = view.digits + (n - 1) * view.width
  local last = tonumber(string.sub(view.log, from + 2, from + 17))
  local count = tonumber(string.sub(view.log, from + 18, from + view.width))
  return last, count
end

function strict_window.open(rule, state, now)
  local digits = #string.format('%.0f', rule.a)
  local view = { at = now, log = state or '', digits = digits, width = digits + 17, first = 1, entries = 0, used = 0 }
  if not state then
    return view
  end
  local entries = (#state - digits) / view.width
  local used = tonumber(string.sub(state, 1, digits))
  if entries < 1 or entries % 1 > 0 or not used or used > rule.a then
    return nil
  end
  local newest = entry(view, entries)
  if not newest then
    return nil
  end
  if newest > now then
    -- the clock went back: what was admitted after this instant counts as admitted now
    local sum = 0
    while entries > 0 do
      local last, count = entry(view, entries)
      if not last or not count then
        return nil
      end
      if last <= now then
        break
      end
      sum, entries = sum + count, entries - 1
    end
    view.log = string.sub(state, 1, digits + entries * view.width)
      .. string.format(' %016.0f%0' .. digits .. '.0f', now, sum)
    view.moved, entries, newest = true, entries + 1, now
  end
  local first = 1
  while first <= entries do
    local last, count = entry(view, first)
    if not last or not count or count > used then
      return nil
    end
    if last + rule.b > now then
      view.oldest = last
      break
    end
    used = used - count
    first = first + 1
  end
  view.first, view.entries, view.used, view.newest = first, entries, used, newest
  return view
end

function strict_window.wait(rule, view, cost)
  local used, wait, n = view.used, 0, view.first
  while cost > rule.a - used and n <= view.entries do
    local last, count = entry(view, n)
    used = used - count
    wait = last + rule.b - view.at
    n = n + 1
  end
  return wait
end

function strict_window.charge(rule, view, cost)
  local at, kept, count = view.at, view.entries, cost
  if view.oldest then
    if math.floor(view.newest / rule.c) == math.floor(at / rule.c) then
      local _, before = entry(view, kept)
      kept, count = kept - 1, before + cost
    end
  end
  local from = view.digits + (view.first - 1) * view.width
  local number = '%0' .. view.digits .. '.0f'
  view.used = view.used + cost
  view.log = string.format(number, view.used)
    .. string.sub(view.log, from + 1, view.digits + kept * view.width)
    .. string.format(' %016.0f' .. number, at, count)
  if kept < view.first then
    view.oldest = at
  end
  view.newest = at
  view.first, view.entries = 1, kept - view.first + 2
end

-- From the entry that it was charged to, or the newest, if it is said to be newer; then from those before.
function strict_window.refund(rule, view, charged, cost)
  local at, back = view.first, 0
  while at <= view.entries and entry(view, at) < charged do
    at = at + 1
  end
  if at > view.entries then
    at = view.entries
  elseif math.floor(entry(view, at) / rule.c) ~= math.floor(charged / rule.c) then
    return 0
  end
  local number = '%0' .. view.digits .. '.0f'
  while back < cost and at >= view.first do
    local last, count = entry(view, at)
    local taken = math.min(cost - back, count)
    local from, kept = view.digits + (at - 1) * view.width, ''
    if taken < count then
      kept = string.format(' %016.0f' .. number, last, count - taken)
    else
      view.entries = view.entries - 1
    end
    view.log = string.sub(view.log, 1, from) .. kept .. string.sub(view.log, from + view.width + 1)
    back, at = back + taken, at - 1
  end
  if back == 0 then
    return 0
  end
  view.used = view.used - back
  view.log = string.format(number, view.used)
    .. string.sub(view.log, view.digits + (view.first - 1) * view.width + 1)
  view.entries, view.first = view.entries - view.first + 1, 1
  view.oldest, view.newest = nil, nil
  if view.entries > 0 then
    view.oldest = entry(view, 1)
    view.newest = entry(view, view.entries)
  end
  return back
end

function strict_window.standing(rule, view)
  local remaining = rule.a - view.used
  if not view.oldest then
    return remaining, 0, 0
  end
  return remaining, view.oldest + rule.b - view.at, view.newest + rule.b - view.at
end

function strict_window.state(_, view)
  return view.log
end

rules.s = strict_window
