-- Publishes a message with the next number.
-- KEYS: the feed
-- ARGV: the channel, an epoch to use if there is none, the text
local epoch = redis.call('HGET', KEYS[1], 'e') or ARGV[2]
local sequence = string.format('%.0f', (tonumber(redis.call('HGET', KEYS[1], 's') or '') or 0) + 1)
-- a server whose memory is full lets a script write that has removed something
redis.call('UNLINK', KEYS[1])
redis.call('HSET', KEYS[1], 'e', epoch, 's', sequence)
redis.call('PUBLISH', ARGV[1], '1 ' .. epoch .. ' ' .. sequence .. ' ' .. ARGV[3])
return 1
