//! Lengths of time: `"250ms"`, `"5s"`, `"1m 30s"`, and plain numbers of seconds.

use std::time::Duration;

use super::Setting;
use crate::config::{Node, Reader, Shape};

impl Setting for Duration {
    fn shape() -> Shape {
        Shape::text("a length of time such as `250ms`, `5s`, `2m`, `1h` or a number of seconds")
    }

    fn read(node: &Node, reader: &mut Reader<'_>) -> Option<Self> {
        reader.parse(node, &Self::shape(), read)
    }

    fn show(&self) -> String {
        show(*self)
    }
}

/// Millis in each unit, the largest first.
const UNITS: [(&str, u64); 5] = [
    ("d", 86_400_000),
    ("h", 3_600_000),
    ("m", 60_000),
    ("s", 1_000),
    ("ms", 1),
];

fn read(text: &str) -> Option<Duration> {
    if let Ok(seconds) = text.parse::<f64>() {
        return Duration::try_from_secs_f64(seconds).ok();
    }
    let mut rest = text.trim();
    let mut millis: u64 = 0;
    while !rest.is_empty() {
        let (count, after) = rest.split_at(rest.find(|c: char| !c.is_ascii_digit())?);
        let after = after.trim_start();
        let end = after
            .find(|c: char| !c.is_ascii_alphabetic())
            .unwrap_or(after.len());
        let (unit, after) = after.split_at(end);
        let unit = if unit == "min" { "m" } else { unit };
        let (_, each) = UNITS.iter().find(|(name, _)| *name == unit)?;
        let count: u64 = count.parse().ok()?;
        millis = millis.checked_add(count.checked_mul(*each)?)?;
        rest = after.trim_start();
    }
    (!text.trim().is_empty()).then_some(Duration::from_millis(millis))
}

fn show(duration: Duration) -> String {
    let Ok(millis) = u64::try_from(duration.as_millis()) else {
        return format!("{}s", duration.as_secs());
    };
    if millis == 0 {
        return "0s".to_owned();
    }
    let mut rest = millis;
    let mut parts = Vec::new();
    for (unit, each) in UNITS {
        if rest >= each {
            parts.push(format!("{}{unit}", rest / each));
            rest %= each;
        }
    }
    parts.join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_of_time_read_as_they_show() {
        for (text, millis) in [
            ("250ms", 250),
            ("5s", 5_000),
            ("1m 30s", 90_000),
            ("2min", 120_000),
            ("30", 30_000),
            ("0.5", 500),
            ("1d", 86_400_000),
            ("0s", 0),
        ] {
            let read_back = read(text).unwrap();
            assert_eq!(read_back, Duration::from_millis(millis), "{text}");
            assert_eq!(read(&show(read_back)), Some(read_back), "{text}");
        }
    }

    #[test]
    fn anything_else_is_refused() {
        for text in [
            "",
            " ",
            "s",
            "-1s",
            "-1",
            "5 weeks",
            "99999999999999999999s",
            "1e400",
            "NaN",
        ] {
            assert_eq!(read(text), None, "{text}");
        }
    }
}
