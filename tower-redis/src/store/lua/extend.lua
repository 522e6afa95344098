-- Makes a token live for so long, if it would not.
-- KEYS: the token
-- ARGV: milliseconds
local left = redis.call('PTTL', KEYS[1])
if left >= 0 and left < tonumber(ARGV[1]) then
  redis.call('PEXPIRE', KEYS[1], ARGV[1])
end
return 1
