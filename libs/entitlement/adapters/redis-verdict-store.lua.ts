/**
 * Keeps a verdict, unless its system was forgotten after it was asked for, or a later one is there (trust I-18). The
 * index of the system lasts as long as the verdict that lasts longest.
 *
 * KEYS: verdict, index of its system, barrier of its system. ARGV: verdict, milliseconds, its key, generation.
 */
export const KEEP = `
local barrier = tonumber(redis.call('get', KEYS[3]) or '0')
if barrier > tonumber(ARGV[4]) then return 0 end
local there = redis.call('get', KEYS[1])
if there and cjson.decode(there).at > cjson.decode(ARGV[1]).at then return 0 end
redis.call('set', KEYS[1], ARGV[1], 'px', ARGV[2])
redis.call('sadd', KEYS[2], ARGV[3])
if redis.call('pttl', KEYS[2]) < tonumber(ARGV[2]) then redis.call('pexpire', KEYS[2], ARGV[2]) end
return 1`;

/**
 * Drops every verdict of a system and raises its barrier; answers how many there were.
 *
 * KEYS: index of the system, its barrier. ARGV: generation, milliseconds, what names of verdicts begin with.
 */
export const DROP = `
local dropped = 0
for _, key in ipairs(redis.call('smembers', KEYS[1])) do
  dropped = dropped + redis.call('del', ARGV[3] .. key)
end
redis.call('del', KEYS[1])
redis.call('set', KEYS[2], ARGV[1], 'px', ARGV[2])
return dropped`;
