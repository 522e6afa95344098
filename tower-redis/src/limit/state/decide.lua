-- Several calls at one instant: all of them are charged, or none is.
--
-- A call names its rule by its letter, has the rule's numbers a, b and c, a cost, whether its policy only
-- watches or only bars, and the state that lies under its key, or false. Numbers are integers below 2^53, which a double
-- holds exactly; so is each sum, each difference, and each quotient that is rounded up or down. For a quotient of
-- two integers up to 2^53 that is not whole lies further from the next whole number than it is from its own double.

local function open(calls, now)
  for _, call in ipairs(calls) do
    call.view = rules[call.rule].open(call, call.state, now)
    if not call.view then
      return false
    end
  end
  return true
end

-- How much passed or was given back, then five numbers for each call: 0 if it may go on, how long until it may, or
-- -1 if it never may; permits remaining; how long until there are more; how long until all are there; this instant.
local function answer(calls, now, passed)
  local reply = { passed }
  for n, call in ipairs(calls) do
    local view, at = call.view, n * 5 - 3
    local remaining, more, reset = rules[call.rule].standing(call, view)
    -- a key at rest is one that was never seen
    if call.written then
      call.state = reset > 0 and rules[call.rule].state(call, view)
    end
    reply[at] = call.wait
    reply[at + 1], reply[at + 2], reply[at + 3] = remaining, more, reset
    reply[at + 4] = now
  end
  return reply
end

-- Decides so many times about the calls, and charges for those that pass, unless this is only a look. A policy
-- that watches keeps nothing from passing, and is charged for what it would have let pass; one that bars lets all pass
-- or none, and is never charged. Nil if a state was not
-- written by this script, as below.
local function decide(calls, now, times, looks)
  if not open(calls, now) then
    return nil
  end
  local passed = times
  for _, call in ipairs(calls) do
    -- what is there for one is there for as many as it can be divided among
    local remaining = rules[call.rule].standing(call, call.view)
    call.fits = times
    if call.bars then
      call.fits = remaining > 0 and times or 0
    elseif call.cost > 0 then
      call.fits = math.min(times, math.floor(remaining / call.cost))
    end
    if not call.watches then
      passed = math.min(passed, call.fits)
    end
  end
  for _, call in ipairs(calls) do
    local rule, charge = rules[call.rule], math.min(passed, call.fits) * call.cost
    if call.bars then
      charge = 0
    end
    -- a state that the clock went back behind is moved to now, or time would not pass for it
    call.written = (charge > 0 or call.view.moved) and not looks
    if charge > 0 and not looks then
      rule.charge(call, call.view, charge)
    end
    call.wait = 0
    if call.cost > call.a then
      call.wait = -1
    elseif call.fits < times then
      call.wait = rule.wait(call, call.view, call.cost)
    end
  end
  return answer(calls, now, passed)
end

-- Gives back what the calls were charged at an instant. What they hold is charged again at this one, if they are
-- to be renewed and hold all of it.
local function refund(calls, now, charged, renews)
  if not open(calls, now) then
    return nil
  end
  local least
  for _, call in ipairs(calls) do
    local rule = rules[call.rule]
    local back = rule.refund(call, call.view, charged, call.cost)
    call.written, call.wait = back > 0 or call.view.moved, 0
    if renews and back == call.cost then
      rule.charge(call, call.view, back)
    end
    least = math.min(least or back, back)
  end
  return answer(calls, now, least)
end
