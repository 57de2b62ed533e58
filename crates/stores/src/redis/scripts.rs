//! What Redis does in one step. Each script works on the one key it is given, and tells on the channel of
//! its name when it has written.

use redis::Script;

/// The scripts, which the server keeps by their digest.
#[derive(Debug)]
pub(super) struct Scripts {
    /// Gives the value and what is left of its time, in milliseconds (-1: all of it).
    pub(super) get: Script,
    /// Takes the value and its time to live in milliseconds (empty: none, 0: it is gone at once).
    /// Gives whether there was something.
    pub(super) put: Script,
    /// Gives the value, which is gone then.
    pub(super) take: Script,
    /// Takes whether something is expected, what, whether there is something new, what, and its
    /// time to live in milliseconds (empty: none). Gives whether it was written.
    pub(super) compare_and_set: Script,
    /// Takes what is added and the time to live. Gives the sum, or nothing if there is none. The sum
    /// is text, for numbers in Lua are not exact above 2^53.
    pub(super) add: Script,
    /// Takes price and tolerance in microseconds, and the longest time to live in milliseconds.
    /// Gives whether it is granted, and what is owed or how long to wait, as text.
    pub(super) admit: Script,
}

impl Scripts {
    /// `tells`: whether somebody may listen.
    pub(super) fn new(tells: bool) -> Self {
        let tell = if tells { TELL } else { TELL_NOBODY };
        let telling = |script: &str| Script::new(&format!("{tell}{script}"));
        Self {
            get: Script::new(GET),
            put: telling(PUT),
            take: telling(TAKE),
            compare_and_set: telling(COMPARE_AND_SET),
            add: telling(ADD),
            admit: Script::new(ADMIT),
        }
    }
}

/// Who may not publish writes all the same.
const TELL: &str = "
local function tell() redis.pcall('PUBLISH', KEYS[1], '') end
";

const TELL_NOBODY: &str = "
local function tell() end
";

const GET: &str = "
local found = redis.call('GET', KEYS[1])
if not found then return false end
return {found, redis.call('PTTL', KEYS[1])}
";

const PUT: &str = "
local was
if ARGV[2] == '0' then
  was = redis.call('DEL', KEYS[1])
elseif ARGV[2] == '' then
  was = redis.call('SET', KEYS[1], ARGV[1])
else
  was = redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
end
if was ~= 0 then tell() end
return was ~= 0
";

const TAKE: &str = "
local found = redis.call('GET', KEYS[1])
if found then
  redis.call('DEL', KEYS[1])
  tell()
end
return found
";

const COMPARE_AND_SET: &str = "
local found = redis.call('GET', KEYS[1])
if ARGV[1] == '1' then
  if found ~= ARGV[2] then return 0 end
elseif found then
  return 0
end
if ARGV[3] == '0' or ARGV[5] == '0' then
  redis.call('DEL', KEYS[1])
elseif ARGV[5] == '' then
  redis.call('SET', KEYS[1], ARGV[4])
else
  redis.call('SET', KEYS[1], ARGV[4], 'PX', ARGV[5])
end
tell()
return 1
";

const ADD: &str = "
local fresh = redis.call('EXISTS', KEYS[1]) == 0
local added = redis.pcall('INCRBY', KEYS[1], ARGV[1])
if type(added) == 'table' and added.err then return false end
local sum = redis.call('GET', KEYS[1])
if fresh and ARGV[2] == '0' then
  redis.call('DEL', KEYS[1])
elseif fresh and ARGV[2] ~= '' then
  redis.call('PEXPIRE', KEYS[1], ARGV[2])
end
tell()
return sum
";

const ADMIT: &str = "
local price, tolerance = tonumber(ARGV[1]), tonumber(ARGV[2])
local time = redis.call('TIME')
local now = time[1] * 1000000 + time[2]
local paid_back = tonumber(redis.call('GET', KEYS[1]) or 0)
if not paid_back then return false end
local owed = math.max(paid_back - now, 0)
-- Written before the clock was set back.
if owed > tolerance + 60000000 then owed = 0 end
local used = math.min(owed, tolerance) + price
if used > tolerance then return {0, string.format('%.0f', math.ceil(used - tolerance))} end
local ttl = math.min(math.ceil(used / 1000) + 1, tonumber(ARGV[3]))
redis.call('SET', KEYS[1], string.format('%.0f', now + used), 'PX', string.format('%.0f', ttl))
return {1, string.format('%.0f', used)}
";
