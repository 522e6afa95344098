-- Replaces a token. It lives on as long as the one before, if that is longer.
-- KEYS: the token
-- ARGV: the new one, milliseconds
local left = redis.call('PTTL', KEYS[1])
if left == -1 or left > tonumber(ARGV[2]) then
  redis.call('SET', KEYS[1], ARGV[1], 'KEEPTTL')
else
  redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
end
return 1
