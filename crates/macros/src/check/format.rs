//! The formats of JSON Schema that are enforced.
//!
//! The macros hold defaults against the same formats while a user's crate compiles. They cannot
//! depend on the core, so this file stands in both crates, letter by letter; a test compares them.

use std::net::{Ipv4Addr, Ipv6Addr};

/// The formats that are enforced, in words.
const ENFORCED: [(&str, &str); 16] = [
    ("date", "a date such as 2026-01-31"),
    ("time", "a time with offset such as 12:30:00Z"),
    (
        "date-time",
        "a date and time with offset such as 2026-01-31T12:30:00Z",
    ),
    ("duration", "a duration such as P3D or PT1H30M"),
    ("email", "an e-mail address"),
    ("idn-email", "an e-mail address"),
    ("hostname", "a host name"),
    ("ipv4", "an IPv4 address"),
    ("ipv6", "an IPv6 address"),
    ("uri", "a URI with a scheme"),
    ("uri-reference", "a URI or a relative reference"),
    ("iri", "an IRI with a scheme"),
    ("iri-reference", "an IRI or a relative reference"),
    ("uuid", "a UUID"),
    ("json-pointer", "a JSON pointer such as /a/0"),
    (
        "relative-json-pointer",
        "a relative JSON pointer such as 1/a",
    ),
];

/// Formats that JSON Schema defines and nobody enforces here.
const NOTED: [&str; 3] = ["idn-hostname", "uri-template", "regex"];

/// The names of the formats that are enforced.
pub(crate) fn names() -> impl Iterator<Item = &'static str> {
    ENFORCED.iter().map(|(name, _)| *name)
}

/// Whether texts are held against this format.
pub(crate) fn is_enforced(name: &str) -> bool {
    names().any(|known| known == name)
}

/// Whether JSON Schema defines this format; others are noise to a client.
pub(crate) fn is_standard(name: &str) -> bool {
    is_enforced(name) || NOTED.contains(&name)
}

/// Whether the text has the format. A format that is not enforced demands nothing.
pub(crate) fn holds(name: &str, text: &str) -> bool {
    match name {
        "date" => is_date(text),
        "time" => is_time(text),
        "date-time" => text
            .split_once(['T', 't'])
            .is_some_and(|(date, time)| is_date(date) && is_time(time)),
        "duration" => is_duration(text),
        "email" => text.is_ascii() && is_email(text),
        "idn-email" => is_email(text),
        "hostname" => is_hostname(text),
        "ipv4" => text.parse::<Ipv4Addr>().is_ok(),
        "ipv6" => text.parse::<Ipv6Addr>().is_ok(),
        "uri" => text.is_ascii() && is_absolute(text),
        "uri-reference" => text.is_ascii() && is_reference(text),
        "iri" => is_absolute(text),
        "iri-reference" => is_reference(text),
        "uuid" => is_uuid(text),
        "json-pointer" => is_pointer(text),
        "relative-json-pointer" => is_relative_pointer(text),
        _ => true,
    }
}

/// The format in words.
pub(crate) fn describe(name: &str) -> &str {
    ENFORCED
        .iter()
        .find(|(known, _)| *known == name)
        .map_or(name, |(_, words)| *words)
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
    let (time, offset) = match text.strip_suffix(['Z', 'z']) {
        Some(time) => (time, Some(0)),
        None => match text.rfind(['+', '-']) {
            Some(sign) => (&text[..sign], offset(&text[sign..])),
            None => return false,
        },
    };
    let (clock, fraction) = time.split_once('.').unwrap_or((time, "0"));
    let fraction_holds = !fraction.is_empty() && fraction.bytes().all(|byte| byte.is_ascii_digit());
    let (Some((minutes, seconds)), Some(offset)) = (clock_of(clock), offset) else {
        return false;
    };
    // A leap second ends a day of UTC.
    let ends_day = (minutes - offset).rem_euclid(24 * 60) == 24 * 60 - 1;
    fraction_holds && (seconds < 60 || (seconds == 60 && ends_day))
}

/// The minutes of `+hh:mm` or `-hh:mm`.
fn offset(text: &str) -> Option<i64> {
    let (minutes, _) = clock_of(&format!("{}:00", &text[1..]))?;
    Some(if text.starts_with('-') {
        -minutes
    } else {
        minutes
    })
}

/// `hh:mm:ss` in minutes and seconds.
fn clock_of(text: &str) -> Option<(i64, u32)> {
    let mut parts = text.split(':').map(|part| digits(part, 2));
    match (parts.next(), parts.next(), parts.next(), parts.next()) {
        (Some(Some(hours @ 0..24)), Some(Some(minutes @ 0..60)), Some(seconds), None) => {
            Some((i64::from(hours * 60 + minutes), seconds?))
        }
        _ => None,
    }
}

/// `duration` of RFC 3339, appendix A.
fn is_duration(text: &str) -> bool {
    let Some(text) = text.strip_prefix('P') else {
        return false;
    };
    let (date, time) = match text.split_once('T') {
        Some((date, time)) => (date, Some(time)),
        None => (text, None),
    };
    let time_holds = time.is_none_or(|time| !time.is_empty() && is_run(time, "HMS"));
    if date.is_empty() {
        return time.is_some() && time_holds;
    }
    let is_weeks = time.is_none() && date.ends_with('W') && is_run(date, "W");
    is_weeks || (is_run(date, "YMD") && time_holds)
}

/// Numbers that are followed by units, in order and without a gap between the units.
fn is_run(text: &str, units: &str) -> bool {
    let mut rest = text;
    let mut expected: Option<usize> = None;
    while !rest.is_empty() {
        let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
        let unit = rest[digits..].chars().next();
        let Some(place) = unit.and_then(|unit| units.find(unit)) else {
            return false;
        };
        if digits == 0 || expected.is_some_and(|expected| expected != place) {
            return false;
        }
        expected = Some(place + 1);
        rest = &rest[digits + 1..];
    }
    true
}

/// `Mailbox` of RFC 5321, section 4.1.2, with a dotted or a quoted local part.
fn is_email(text: &str) -> bool {
    let Some((local, domain)) = text.rsplit_once('@') else {
        return false;
    };
    let is_plain =
        |c: char| c.is_ascii_alphanumeric() || "!#$%&'*+/=?^_`{|}~-".contains(c) || !c.is_ascii();
    let is_dotted = local
        .split('.')
        .all(|atom| !atom.is_empty() && atom.chars().all(is_plain));
    let is_quoted = local.len() > 2
        && local.starts_with('"')
        && local.ends_with('"')
        && !local[1..local.len() - 1].contains(|c: char| c.is_control() || "\"\\".contains(c));
    let is_literal = domain
        .strip_prefix('[')
        .and_then(|rest| rest.strip_suffix(']'))
        .is_some_and(|address| match address.strip_prefix("IPv6:") {
            Some(address) => address.parse::<Ipv6Addr>().is_ok(),
            None => address.parse::<Ipv4Addr>().is_ok(),
        });
    local.len() <= 64 && (is_dotted || is_quoted) && (is_literal || is_domain(domain))
}

/// RFC 1123, section 2.1.
fn is_hostname(text: &str) -> bool {
    text.is_ascii() && is_domain(text)
}

fn is_domain(text: &str) -> bool {
    let label_holds = |label: &str| {
        (1..=63).contains(&label.len())
            && !label.starts_with('-')
            && !label.ends_with('-')
            && label
                .chars()
                .all(|c| c.is_ascii_alphanumeric() || c == '-' || !c.is_ascii())
    };
    text.len() <= 253 && text.split('.').all(label_holds)
}

/// `URI` of RFC 3986.
fn is_absolute(text: &str) -> bool {
    text.split_once(':')
        .is_some_and(|(scheme, rest)| is_scheme(scheme) && is_hierarchy(rest))
}

/// `URI-reference` of RFC 3986.
fn is_reference(text: &str) -> bool {
    let first = text.split(['/', '?', '#']).next().unwrap_or_default();
    is_absolute(text) || (!first.contains(':') && is_hierarchy(text))
}

fn is_scheme(text: &str) -> bool {
    text.starts_with(|first: char| first.is_ascii_alphabetic())
        && text
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"+-.".contains(&byte))
}

/// What follows the scheme.
fn is_hierarchy(text: &str) -> bool {
    let (text, fragment) = text.split_once('#').unwrap_or((text, ""));
    let (text, query) = text.split_once('?').unwrap_or((text, ""));
    let (authority, path) = match text.strip_prefix("//") {
        Some(rest) => rest.split_at(rest.find('/').unwrap_or(rest.len())),
        None => ("", text),
    };
    is_authority(authority)
        && is_made_of(path, "/:@")
        && is_made_of(query, "/:@?")
        && is_made_of(fragment, "/:@?")
}

fn is_authority(text: &str) -> bool {
    let (user, place) = text.rsplit_once('@').unwrap_or(("", text));
    let (host, port) = match place.strip_prefix('[') {
        Some(rest) => match rest.split_once(']') {
            Some((address, port)) if address.parse::<Ipv6Addr>().is_ok() => ("", port),
            _ => return false,
        },
        None => place.split_at(place.find(':').unwrap_or(place.len())),
    };
    let port_holds = match port.strip_prefix(':') {
        Some(port) => port.bytes().all(|byte| byte.is_ascii_digit()),
        None => port.is_empty(),
    };
    is_made_of(user, ":") && is_made_of(host, "") && port_holds
}

/// Unreserved characters, sub-delimiters, escapes, and some more.
fn is_made_of(text: &str, more: &str) -> bool {
    let mut rest = text.chars();
    while let Some(c) = rest.next() {
        let holds = match c {
            '%' => (0..2).all(|_| rest.next().is_some_and(|c| c.is_ascii_hexdigit())),
            c if c.is_ascii() => {
                c.is_ascii_alphanumeric() || "-._~!$&'()*+,;=".contains(c) || more.contains(c)
            }
            c => !c.is_control() && !c.is_whitespace(),
        };
        if !holds {
            return false;
        }
    }
    true
}

fn is_uuid(text: &str) -> bool {
    let widths = [8, 4, 4, 4, 12];
    text.split('-').count() == widths.len()
        && text.split('-').zip(widths).all(|(part, width)| {
            part.len() == width && part.bytes().all(|byte| byte.is_ascii_hexdigit())
        })
}

/// RFC 6901.
fn is_pointer(text: &str) -> bool {
    (text.is_empty() || text.starts_with('/'))
        && text
            .split('~')
            .skip(1)
            .all(|rest| rest.starts_with(['0', '1']))
}

/// The draft of relative JSON pointers, section 3.
fn is_relative_pointer(text: &str) -> bool {
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    let (number, rest) = text.split_at(digits);
    let number_holds = digits > 0 && (digits == 1 || !number.starts_with('0'));
    number_holds && (rest == "#" || is_pointer(rest))
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
    fn dates_and_times_are_those_of_the_calendar() {
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
            &["12:30:00Z", "00:59:60+01:00", "00:00:00.5-08:00"],
            &[
                "24:00:00Z",
                "12:30Z",
                "12:30:00",
                "12:30:00.Z",
                "12:30:60Z",
                "1:30:00Z",
                "12:30:00+1:00",
            ],
        );
        check(
            "date-time",
            &["2026-01-31T12:30:00Z"],
            &["2026-01-31", "2026-01-31T12:30:00", "2026-01-31 12:30:00Z"],
        );
        check(
            "duration",
            &["P3D", "PT1H30M", "P1Y2M3DT4H5M6S", "P2W", "PT36H"],
            &[
                "", "P", "PT", "P1S", "P1D2H", "PT1M2H", "P1Y2W", "P1YT", "3D", "PT1.5S", "P1Y3D",
            ],
        );
    }

    #[test]
    fn addresses_are_told_from_other_texts() {
        check(
            "email",
            &["a@b", "a.b+c@example.com", "\"a b\"@c", "a@[127.0.0.1]"],
            &[
                "@b", "a@", "a b@c", "a@.c", ".a@b", "a..b@c", "a@[x]", "ä@b",
            ],
        );
        check("idn-email", &["ä@ö.de"], &["ä@"]);
        check(
            "hostname",
            &["a", "a-b.example"],
            &["", "-a", "a_b", "a..b", "ä"],
        );
        check("ipv4", &["127.0.0.1"], &["127.1", "256.0.0.1"]);
        check("ipv6", &["::1"], &["::g"]);
        check(
            "uri",
            &[
                "a:b",
                "https://example.com/x?y#z",
                "urn:x:y",
                "http://[::1]:80/",
                "a:",
            ],
            &[
                "a",
                "1a:b",
                "a: b",
                "a:<",
                "a:%2",
                "http://[x]/",
                "http://h:x/",
                "a:ä",
                "a:[b]",
            ],
        );
        check(
            "uri-reference",
            &["", "a/b", "../x", "//h/p", "#f", "?q", "a:b"],
            &["1:b", "a b", "\\"],
        );
        check("iri", &["a:ä"], &["ä"]);
        check("iri-reference", &["ä"], &["ä b"]);
    }

    #[test]
    fn names_of_things_have_their_form() {
        check(
            "uuid",
            &["123e4567-e89b-12d3-a456-426614174000"],
            &[
                "123e4567e89b12d3a456426614174000",
                "g23e4567-e89b-12d3-a456-426614174000",
            ],
        );
        check("json-pointer", &["", "/a/0", "/~0~1"], &["a", "/~2", "/~"]);
        check(
            "relative-json-pointer",
            &["0", "1/a", "0#", "12"],
            &["", "01", "-1", "/a", "1a"],
        );
    }

    #[test]
    fn what_is_not_enforced_demands_nothing() {
        check("unheard-of", &["anything"], &[]);
        check("regex", &["("], &[]);
        assert!(is_standard("regex") && !is_enforced("regex"));
    }
}
