-- Publishes a message with the next number.
-- KEYS: the feed
-- ARGV: the channel, an epoch to use if there is none, the text
local epoch = redis.call('HGET', KEYS[1], 'e')
if not epoch then
  epoch = ARGV[2]
  redis.call('HSET', KEYS[1], 'e', epoch)
end
local sequence = redis.call('HINCRBY', KEYS[1], 's', 1)
redis.call('PUBLISH', ARGV[1], '1 ' .. epoch .. ' ' .. string.format('%.0f', sequence) .. ' ' .. ARGV[3])
return sequence
