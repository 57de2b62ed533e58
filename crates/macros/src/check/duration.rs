//! Lengths of time: `"250ms"`, `"5s"`, `"2m"`, `"1h"`.

use std::time::Duration;

use super::key;
use super::options::Reader;
use crate::errors::Errors;

/// The option `timeout`.
pub(crate) fn timeout(options: &mut Reader, errors: &mut Errors) -> Option<Duration> {
    let literal = options.literal(key::TIMEOUT, errors)?;
    let duration = read(&literal.value());
    match duration {
        Some(Duration::ZERO) => errors.push(
            &literal,
            "a `timeout` of nothing refuses every call: leave it out for no limit",
        ),
        Some(_) => {}
        None => errors.push(
            &literal,
            format!(
                "`{}` is not a length of time: write a whole number and a unit, \
                 such as `\"250ms\"`, `\"5s\"`, `\"2m\"` or `\"1h\"`",
                literal.value(),
            ),
        ),
    }
    duration
}

fn read(text: &str) -> Option<Duration> {
    let unit = text.find(|c: char| !c.is_ascii_digit())?;
    let (count, unit) = text.split_at(unit);
    let count: u64 = count.parse().ok()?;
    let millis = match unit.trim_start() {
        "ms" => 1,
        "s" => 1_000,
        "m" | "min" => 60_000,
        "h" => 3_600_000,
        _ => return None,
    };
    Some(Duration::from_millis(count.checked_mul(millis)?))
}

/// Whether a setting that is a length of time can be written so: also in several
/// units, and as a number of seconds.
pub(crate) fn is_setting(text: &str) -> bool {
    let mut rest = text.trim();
    if rest
        .parse::<f64>()
        .is_ok_and(|seconds| seconds.is_finite() && seconds >= 0.0)
    {
        return true;
    }
    let mut is_any = false;
    while !rest.is_empty() {
        let number = rest.trim_start_matches(|c: char| c.is_ascii_digit());
        let unit = number.trim_start();
        let after = unit.trim_start_matches(|c: char| c.is_ascii_alphabetic());
        let unit = &unit[..unit.len() - after.len()];
        if number.len() == rest.len() || !["ms", "s", "m", "min", "h", "d"].contains(&unit) {
            return false;
        }
        rest = after.trim_start();
        is_any = true;
    }
    is_any
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::{is_setting, read};

    #[test]
    fn reads_numbers_with_units() {
        assert_eq!(read("250ms"), Some(Duration::from_millis(250)));
        assert_eq!(read("5s"), Some(Duration::from_secs(5)));
        assert_eq!(read("2 min"), Some(Duration::from_secs(120)));
        assert_eq!(read("1h"), Some(Duration::from_secs(3600)));
    }

    #[test]
    fn refuses_anything_else() {
        for text in [
            "",
            "5",
            "s",
            "-1s",
            "1.5s",
            "5 weeks",
            "99999999999999999999s",
        ] {
            assert_eq!(read(text), None, "{text}");
        }
    }

    #[test]
    fn settings_have_more_ways() {
        for text in ["30", "0.5", "1m 30s", "2min", "1d", "250ms"] {
            assert!(is_setting(text), "{text}");
        }
        for text in ["", " ", "s", "-1", "5 weeks", "5s 3", "NaN"] {
            assert!(!is_setting(text), "{text}");
        }
    }
}
