-- Replaces a token. It lives on as long as the one before, if that is longer.
-- KEYS: the token
-- ARGV: the new one, milliseconds
local left = redis.call('PTTL', KEYS[1])
-- a server whose memory is full lets a script write that has removed something
redis.call('UNLINK', KEYS[1])
if left == -1 then
  redis.call('SET', KEYS[1], ARGV[1])
else
  redis.call('SET', KEYS[1], ARGV[1], 'PX', string.format('%.0f', math.max(left, tonumber(ARGV[2]))))
end
return 1
