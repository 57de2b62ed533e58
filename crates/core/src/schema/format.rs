//! The formats of JSON Schema that can be enforced without a regular expression.

use std::net::{Ipv4Addr, Ipv6Addr};

/// The formats JSON Schema 2020-12 defines; others are noise to a client.
const STANDARD: [&str; 19] = [
    "date-time",
    "date",
    "time",
    "duration",
    "email",
    "idn-email",
    "hostname",
    "idn-hostname",
    "ipv4",
    "ipv6",
    "uri",
    "uri-reference",
    "iri",
    "iri-reference",
    "uuid",
    "uri-template",
    "json-pointer",
    "relative-json-pointer",
    "regex",
];

/// Whether JSON Schema defines this format.
pub(crate) fn is_standard(name: &str) -> bool {
    STANDARD.contains(&name)
}

/// Whether the text has the format. An unknown format demands nothing.
pub(crate) fn holds(name: &str, text: &str) -> bool {
    match name {
        "date" => is_date(text),
        "time" => is_time(text),
        "date-time" => text
            .split_once(['T', 't', ' '])
            .is_some_and(|(date, time)| is_date(date) && is_time(time)),
        "email" | "idn-email" => is_email(text),
        "hostname" => is_hostname(text),
        "ipv4" => text.parse::<Ipv4Addr>().is_ok(),
        "ipv6" => text.parse::<Ipv6Addr>().is_ok(),
        "uri" | "iri" => is_absolute_uri(text),
        "uuid" => is_uuid(text),
        _ => true,
    }
}

/// The format in words.
pub(crate) fn describe(name: &str) -> String {
    match name {
        "date" => "a date such as 2026-01-31".to_owned(),
        "time" => "a time with offset such as 12:30:00Z".to_owned(),
        "date-time" => "a date and time with offset such as 2026-01-31T12:30:00Z".to_owned(),
        "email" | "idn-email" => "an e-mail address".to_owned(),
        "hostname" => "a host name".to_owned(),
        "ipv4" => "an IPv4 address".to_owned(),
        "ipv6" => "an IPv6 address".to_owned(),
        "uri" | "iri" => "a URI with a scheme".to_owned(),
        "uuid" => "a UUID".to_owned(),
        other => format!("a text of the format `{other}`"),
    }
}

/// Exactly `width` digits.
fn digits(text: &str, width: usize) -> Option<u32> {
    (text.len() == width && text.bytes().all(|byte| byte.is_ascii_digit()))
        .then(|| text.parse().ok())
        .flatten()
}

/// `full-date` of RFC 3339.
fn is_date(text: &str) -> bool {
    let mut parts = text.split('-');
    let (Some(year), Some(month), Some(day), None) =
        (parts.next(), parts.next(), parts.next(), parts.next())
    else {
        return false;
    };
    let (Some(year), Some(month), Some(day)) = (digits(year, 4), digits(month, 2), digits(day, 2))
    else {
        return false;
    };
    let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    let last = match month {
        1 | 3 | 5 | 7 | 8 | 10 | 12 => 31,
        4 | 6 | 9 | 11 => 30,
        2 if leap => 29,
        2 => 28,
        _ => return false,
    };
    (1..=last).contains(&day)
}

/// `full-time` of RFC 3339.
fn is_time(text: &str) -> bool {
    let (time, offset_holds) = match text.strip_suffix(['Z', 'z']) {
        Some(time) => (time, true),
        None => match text.rfind(['+', '-']) {
            Some(sign) => (&text[..sign], is_clock(&text[sign + 1..], 2)),
            None => return false,
        },
    };
    let (clock, fraction) = time.split_once('.').unwrap_or((time, "0"));
    let fraction_holds = !fraction.is_empty() && fraction.bytes().all(|byte| byte.is_ascii_digit());
    offset_holds && fraction_holds && is_clock(clock, 3)
}

/// `hh:mm` or `hh:mm:ss`.
fn is_clock(text: &str, parts: usize) -> bool {
    // A leap second is allowed at the end of any minute.
    let limits = [24, 60, 61];
    text.split(':').count() == parts
        && text
            .split(':')
            .zip(limits)
            .all(|(part, limit)| digits(part, 2).is_some_and(|value| value < limit))
}

fn is_email(text: &str) -> bool {
    text.rsplit_once('@').is_some_and(|(local, domain)| {
        !local.is_empty()
            && local.len() <= 64
            && !local.contains(|c: char| c.is_whitespace() || c.is_control() || c == '@')
            && !domain.is_empty()
            && !domain.contains(|c: char| c.is_whitespace() || c.is_control())
            && !domain.starts_with('.')
            && !domain.ends_with('.')
    })
}

fn is_hostname(text: &str) -> bool {
    let label_holds = |label: &str| {
        (1..=63).contains(&label.len())
            && !label.starts_with('-')
            && !label.ends_with('-')
            && label
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
    };
    text.len() <= 253 && text.split('.').all(label_holds)
}

fn is_absolute_uri(text: &str) -> bool {
    text.split_once(':').is_some_and(|(scheme, rest)| {
        scheme.starts_with(|first: char| first.is_ascii_alphabetic())
            && scheme
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || b"+-.".contains(&byte))
            && !rest.is_empty()
            && !rest.contains(|c: char| c.is_whitespace() || c.is_control())
    })
}

fn is_uuid(text: &str) -> bool {
    let widths = [8, 4, 4, 4, 12];
    text.split('-').count() == widths.len()
        && text.split('-').zip(widths).all(|(part, width)| {
            part.len() == width && part.bytes().all(|byte| byte.is_ascii_hexdigit())
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(name: &str, good: &[&str], bad: &[&str]) {
        for text in good {
            assert!(holds(name, text), "{name} {text}");
        }
        for text in bad {
            assert!(!holds(name, text), "{name} {text}");
        }
    }

    #[test]
    fn formats_accept_and_refuse() {
        check(
            "date",
            &["2024-02-29", "2000-02-29"],
            &[
                "2023-02-29",
                "1900-02-29",
                "2024-13-01",
                "2024-1-01",
                "",
                "2024-01-01-",
            ],
        );
        check(
            "time",
            &["12:30:00Z", "23:59:60+01:00", "00:00:00.5-08:00"],
            &["24:00:00Z", "12:30Z", "12:30:00", "12:30:00.Z"],
        );
        check(
            "date-time",
            &["2026-01-31T12:30:00Z"],
            &["2026-01-31", "2026-01-31T12:30:00"],
        );
        check(
            "email",
            &["a@b", "a.b+c@example.com"],
            &["@b", "a@", "a b@c", "a@.c"],
        );
        check(
            "hostname",
            &["a", "a-b.example"],
            &["", "-a", "a_b", "a..b"],
        );
        check("ipv4", &["127.0.0.1"], &["127.1", "256.0.0.1"]);
        check("ipv6", &["::1"], &["::g"]);
        check(
            "uri",
            &["a:b", "https://example.com/x"],
            &["a", "1a:b", "a: b", "a:"],
        );
        check(
            "uuid",
            &["123e4567-e89b-12d3-a456-426614174000"],
            &[
                "123e4567e89b12d3a456426614174000",
                "g23e4567-e89b-12d3-a456-426614174000",
            ],
        );
        check("unheard-of", &["anything"], &[]);
    }
}
