//! The levels of logs, by all their names.

/// The levels of `tracing`, each with what others call it.
const LEVELS: [(&str, &[&str]); 6] = [
    ("off", &["none"]),
    ("error", &["critical", "alert", "emergency", "fatal"]),
    ("warn", &["warning"]),
    ("info", &["notice"]),
    ("debug", &[]),
    ("trace", &[]),
];

/// The level that a word means, in any case, in the words of `tracing`.
pub(crate) fn named(word: &str) -> Option<&'static str> {
    let is_it = |name: &&str| name.eq_ignore_ascii_case(word);
    let found = LEVELS
        .iter()
        .find(|(level, others)| is_it(level) || others.iter().any(is_it));
    found.map(|(level, _)| *level)
}
