//! How often: `"10/minute"`, `"5/s"`, `"100/hour"`.

use syn::LitStr;

use super::key;
use super::nearest::nearest;
use super::options::{Reader, string};
use crate::errors::Errors;

/// A count per length of time.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct Rate {
    pub(crate) count: u32,
    pub(crate) seconds: u64,
}

/// The units, by every name they have, in seconds.
const UNITS: [(&str, u64); 10] = [
    ("s", 1),
    ("sec", 1),
    ("second", 1),
    ("m", 60),
    ("min", 60),
    ("minute", 60),
    ("h", 60 * 60),
    ("hour", 60 * 60),
    ("d", 24 * 60 * 60),
    ("day", 24 * 60 * 60),
];

/// What a rate looks like, in a message.
const FORMS: &str = "`\"10/minute\"`, `\"5/s\"` or `\"100/hour\"`";

/// The option `rate_limit`.
pub(crate) fn read(options: &mut Reader, errors: &mut Errors) -> Option<Rate> {
    let expr = options.expr(key::RATE_LIMIT, "\"10/minute\"", errors)?;
    let Some(literal) = string(&expr) else {
        errors.push(&expr, format!("`rate_limit` is a text: write {FORMS}"));
        return None;
    };
    parse(&literal)
        .map_err(|message| errors.push(&literal, message))
        .ok()
}

fn parse(literal: &LitStr) -> Result<Rate, String> {
    let text = literal.value();
    let stranger = || format!("`{text}` is not a rate: write a count and a unit, such as {FORMS}");
    let (count, unit) = text.split_once('/').ok_or_else(stranger)?;
    let count: u32 = count.trim().parse().map_err(|_| stranger())?;
    if count == 0 {
        return Err("a `rate_limit` of nothing refuses every call: \
                    leave it out for no limit"
            .to_owned());
    }
    let seconds = seconds(unit.trim()).ok_or_else(|| no_unit(unit.trim()))?;
    Ok(Rate { count, seconds })
}

fn seconds(unit: &str) -> Option<u64> {
    let found = UNITS.iter().find(|(name, _)| *name == unit)?;
    Some(found.1)
}

fn no_unit(unit: &str) -> String {
    match nearest(unit, UNITS.iter().map(|(name, _)| *name)) {
        Some(meant) => format!("a rate has no unit `{unit}`: did you mean `{meant}`?"),
        None => format!("a rate has no unit `{unit}`: write {FORMS}"),
    }
}

#[cfg(test)]
mod tests {
    use proc_macro2::Span;
    use syn::LitStr;

    use super::{Rate, parse};

    fn read(text: &str) -> Option<(u32, u64)> {
        let Rate { count, seconds } = parse(&LitStr::new(text, Span::call_site())).ok()?;
        Some((count, seconds))
    }

    #[test]
    fn reads_counts_and_units() {
        for (text, rate) in [
            ("10/minute", (10, 60)),
            ("5/s", (5, 1)),
            ("100/hour", (100, 3_600)),
            ("1 / day", (1, 86_400)),
        ] {
            assert_eq!(read(text), Some(rate), "{text}");
        }
    }

    #[test]
    fn refuses_anything_else() {
        for text in [
            "",
            "10",
            "/s",
            "10/",
            "0/s",
            "-1/s",
            "1.5/s",
            "10/week",
            "10 per s",
            "99999999999/s",
        ] {
            assert_eq!(read(text), None, "{text}");
        }
    }
}
