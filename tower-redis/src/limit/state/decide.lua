-- Several calls of one subject at one instant: all of them are charged, or none is.
--
-- A call names its rule by its letter, has the rule's numbers a, b and c, a cost, and the state that lies under its
-- key, or false. Numbers are integers below 2^53, which a double holds exactly; so is each sum, each difference,
-- and each quotient that is rounded up or down. For a quotient of two integers up to 2^53 that is not whole lies
-- further from the next whole number than it is from its own double.

-- Four numbers for each call: 0 if it may go on, how long until it may, or -1 if it never may; permits remaining;
-- how long until there are more; how long until all are there. Nil if a state was not written by this script.
local function decide(calls, now)
  local all = true
  for _, call in ipairs(calls) do
    local rule = rules[call.rule]
    local view = rule.open(call, call.state, now)
    if not view then
      return nil
    end
    call.view, call.wait = view, -1
    if call.cost <= call.a then
      call.wait = rule.wait(call, view, call.cost)
    end
    all = all and call.wait == 0
  end
  local reply = {}
  for n, call in ipairs(calls) do
    local rule, view = rules[call.rule], call.view
    call.charged = all and call.cost > 0
    if call.charged then
      rule.charge(call, view, call.cost)
      call.state = rule.state(call, view)
    end
    local remaining, more, reset = rule.standing(call, view)
    -- the rule counts from the state's instant if the clock went back behind it
    local ahead = view.at - now
    reply[n * 4 - 3] = call.wait > 0 and call.wait + ahead or call.wait
    reply[n * 4 - 2] = remaining
    reply[n * 4 - 1] = more + ahead
    reply[n * 4] = reset + ahead
  end
  return reply
end

-- Gives back what the calls were charged at an instant. Three numbers more than how much that was for each call,
-- as above; nil likewise.
local function refund(calls, now, charged)
  local reply = {}
  for n, call in ipairs(calls) do
    local rule = rules[call.rule]
    local view = rule.open(call, call.state, now)
    if not view then
      return nil
    end
    local ahead = view.at - now
    local back = rule.refund(call, view, charged, call.cost)
    local remaining, more, reset = rule.standing(call, view)
    if back > 0 then
      -- a key at rest is one that was never seen
      call.state = reset > 0 and rule.state(call, view)
      ahead = reset > 0 and ahead or 0
    end
    reply[n * 4 - 3], reply[n * 4 - 2] = back, remaining
    reply[n * 4 - 1], reply[n * 4] = more + ahead, reset + ahead
  end
  return reply
end
