-- Removes a value that a `put` must not replace by what it has.
-- KEYS: value, its lease
local kind = redis.call('TYPE', KEYS[1]).ok
if kind == 'string' or kind == 'none' then
  redis.call('UNLINK', KEYS[1], KEYS[2])
end
return 0
