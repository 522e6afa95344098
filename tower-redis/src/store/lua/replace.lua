-- Replaces a token, or the soft part of it. It lives on as long as the one before, if that is longer.
-- KEYS: the token
-- ARGV: the new one, milliseconds, which part: `h` or `s`
-- answers the token that is there now
local token = ARGV[1]
if ARGV[3] == 's' then
  local hard = string.match(redis.call('GET', KEYS[1]) or '', '^%d+%.(%x+)%.%x+$')
  if hard and #hard == 16 then
    token = string.gsub(token, '%.%x+%.', '.' .. hard .. '.')
  end
end
local left = redis.call('PTTL', KEYS[1])
-- a server whose memory is full lets a script write that has removed something
redis.call('UNLINK', KEYS[1])
if left == -1 then
  redis.call('SET', KEYS[1], token)
else
  redis.call('SET', KEYS[1], token, 'PX', string.format('%.0f', math.max(left, tonumber(ARGV[2]))))
end
return token
