-- Raises the stamp of the namespace, and answers it. Numbers of Lua are exact up to 2^53 - 1, which is the year
-- 2255 in microseconds; what is beyond was not written by us.
-- KEYS: the stamp
local now = redis.call('TIME')
local stamp = now[1] * 1000000 + now[2]
local old = tonumber(redis.call('GET', KEYS[1]) or '')
if old and old >= stamp and old < 9007199254740991 then
  stamp = old + 1
end
local text = string.format('%.0f', stamp)
-- a server whose memory is full lets a script write that has removed something
redis.call('UNLINK', KEYS[1])
redis.call('SET', KEYS[1], text)
return text
