//! What Redis does in one step. Each script works on the keys it is given: one, or as many cells as
//! limits count a call. All but those of limits tell on the channel of the key's name when they have
//! written.

use std::sync::LazyLock;

use redis::{Arg, Cmd, Script};

/// The scripts, which a server runs by their digest. It is given the text of one when it says that it
/// does not know it: at first, after a restart, and each node of a cluster by itself.
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
    /// Takes the longest time to live in milliseconds, and for each cell price and tolerance in
    /// microseconds. Gives for each, up to the first refusal, whether it is granted, and what is owed
    /// or how long to wait, as text. Nothing is written where one is refused.
    pub(super) admit: Script,
}

/// Whether a command may be sent again when nobody knows what became of it: all but those that run a
/// script which writes.
pub(super) fn is_repeatable(command: &Cmd) -> bool {
    static GET_DIGEST: LazyLock<Vec<u8>> =
        LazyLock::new(|| Script::new(GET).get_hash().as_bytes().to_vec());
    let mut words = command.args_iter().map(|word| match word {
        Arg::Simple(word) => word,
        _ => &[],
    });
    let runs = |name: Option<&[u8]>| name.is_some_and(|name| name.starts_with(b"EVAL"));
    !runs(words.next()) || words.next() == Some(&GET_DIGEST[..])
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
local time = redis.call('TIME')
local now = time[1] * 1000000 + time[2]
local said, used = {}, {}
for i, key in ipairs(KEYS) do
  local price, tolerance = tonumber(ARGV[2 * i]), tonumber(ARGV[2 * i + 1])
  local paid_back = tonumber(redis.call('GET', key) or 0)
  if not paid_back then return false end
  local owed = math.max(paid_back - now, 0)
  -- Written before the clock was set back.
  if owed > tolerance + 60000000 then owed = 0 end
  used[i] = math.min(owed, tolerance) + price
  if used[i] > tolerance then
    said[i] = {0, string.format('%.0f', math.ceil(used[i] - tolerance))}
    return said
  end
  said[i] = {1, string.format('%.0f', used[i])}
end
for i, key in ipairs(KEYS) do
  local ttl = math.min(math.ceil(used[i] / 1000) + 1, tonumber(ARGV[1]))
  redis.call('SET', key, string.format('%.0f', now + used[i]), 'PX', string.format('%.0f', ttl))
end
return said
";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reading_alone_may_be_sent_again() {
        let scripts = Scripts::new(false);
        let run = |script: &Script| {
            let mut command = redis::cmd("EVALSHA");
            command.arg(script.get_hash()).arg(1).arg("key");
            is_repeatable(&command)
        };
        assert!(run(&scripts.get));
        let Scripts {
            put,
            take,
            compare_and_set,
            add,
            admit,
            get: _,
        } = &scripts;
        for writes in [put, take, compare_and_set, add, admit] {
            assert!(!run(writes));
        }
        assert!(is_repeatable(&redis::cmd("PING")));
    }
}
