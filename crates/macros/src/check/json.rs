//! JSON in attributes: is it well formed, and the JSON of a literal.

use syn::{Expr, ExprLit, Lit, UnOp};

use super::options::bare;

/// Whether `text` is one JSON object (RFC 8259).
pub(crate) fn is_object(text: &str) -> bool {
    let mut reader = Reader(text.trim_matches(is_space));
    reader.0.starts_with('{') && reader.value(0).is_some() && reader.0.is_empty()
}

/// The JSON that a literal, or an array of literals, stands for.
pub(crate) fn of_expr(expr: &Expr) -> Option<String> {
    match bare(expr) {
        Expr::Lit(ExprLit { lit, .. }) => of_literal(lit),
        Expr::Unary(unary) if matches!(unary.op, UnOp::Neg(_)) => match bare(&unary.expr) {
            Expr::Lit(ExprLit {
                lit: lit @ (Lit::Int(_) | Lit::Float(_)),
                ..
            }) => Some(format!("-{}", of_literal(lit)?)),
            _ => None,
        },
        Expr::Array(array) => {
            let items: Option<Vec<String>> = array.elems.iter().map(of_expr).collect();
            Some(format!("[{}]", items?.join(",")))
        }
        _ => None,
    }
}

fn of_literal(lit: &Lit) -> Option<String> {
    match lit {
        Lit::Str(text) => Some(quoted(&text.value())),
        Lit::Bool(value) => Some(value.value().to_string()),
        Lit::Int(int) => Some(int.base10_parse::<u128>().ok()?.to_string()),
        Lit::Float(float) => {
            let value: f64 = float.base10_parse().ok()?;
            value.is_finite().then(|| value.to_string())
        }
        _ => None,
    }
}

fn quoted(text: &str) -> String {
    let mut json = String::from("\"");
    for letter in text.chars() {
        match letter {
            '"' => json.push_str("\\\""),
            '\\' => json.push_str("\\\\"),
            '\n' => json.push_str("\\n"),
            control if control < ' ' => json.push_str(&format!("\\u{:04x}", u32::from(control))),
            other => json.push(other),
        }
    }
    json.push('"');
    json
}

const fn is_space(c: char) -> bool {
    matches!(c, ' ' | '\t' | '\n' | '\r')
}

/// Nesting beyond this is taken for a mistake.
const MAX_DEPTH: usize = 64;

/// What is left to read.
struct Reader<'a>(&'a str);

impl Reader<'_> {
    fn value(&mut self, depth: usize) -> Option<()> {
        if depth > MAX_DEPTH {
            return None;
        }
        match self.0.chars().next()? {
            '{' => self.members('}', depth, true),
            '[' => self.members(']', depth, false),
            '"' => self.string(),
            't' => self.word("true"),
            'f' => self.word("false"),
            'n' => self.word("null"),
            _ => self.number(),
        }
    }

    fn members(&mut self, close: char, depth: usize, keyed: bool) -> Option<()> {
        self.skip(1);
        self.0 = self.0.trim_start_matches(is_space);
        if self.eat(close) {
            return Some(());
        }
        loop {
            if keyed {
                self.string()?;
                self.eat(':').then_some(())?;
            }
            self.value(depth + 1)?;
            if self.eat(close) {
                return Some(());
            }
            self.eat(',').then_some(())?;
        }
    }

    fn string(&mut self) -> Option<()> {
        let rest = self.0.strip_prefix('"')?;
        let mut letters = rest.char_indices();
        loop {
            match letters.next()? {
                (at, '"') => {
                    self.0 = &rest[at + 1..];
                    return Some(());
                }
                (_, '\\') => match letters.next()?.1 {
                    'u' => {
                        for _ in 0..4 {
                            letters.next()?.1.is_ascii_hexdigit().then_some(())?;
                        }
                    }
                    escaped => "\"\\/bfnrt".contains(escaped).then_some(())?,
                },
                (_, control) if control < ' ' => return None,
                _ => {}
            }
        }
    }

    fn word(&mut self, word: &str) -> Option<()> {
        self.0 = self.0.strip_prefix(word)?;
        Some(())
    }

    fn number(&mut self) -> Option<()> {
        self.0 = self.0.strip_prefix('-').unwrap_or(self.0);
        let leading_zero = self.0.starts_with('0');
        let whole = self.digits()?;
        (whole == 1 || !leading_zero).then_some(())?;
        if let Some(rest) = self.0.strip_prefix('.') {
            self.0 = rest;
            self.digits()?;
        }
        if let Some(rest) = self.0.strip_prefix(['e', 'E']) {
            self.0 = rest.strip_prefix(['+', '-']).unwrap_or(rest);
            self.digits()?;
        }
        Some(())
    }

    fn digits(&mut self) -> Option<usize> {
        let end = self
            .0
            .find(|c: char| !c.is_ascii_digit())
            .unwrap_or(self.0.len());
        self.skip(end);
        (end > 0).then_some(end)
    }

    /// Takes `c` with the space around it, if it comes next.
    fn eat(&mut self, c: char) -> bool {
        let Some(rest) = self.0.trim_start_matches(is_space).strip_prefix(c) else {
            return false;
        };
        self.0 = rest.trim_start_matches(is_space);
        true
    }

    fn skip(&mut self, bytes: usize) {
        self.0 = &self.0[bytes..];
    }
}

#[cfg(test)]
mod tests {
    use super::{is_object, of_expr};

    #[test]
    fn takes_objects() {
        for text in [
            "{}",
            " { } ",
            r#"{"a": [1, -2.5e3, true, null, "x\n\u00e9"], "b": {"c": 0}}"#,
        ] {
            assert!(is_object(text), "{text}");
        }
    }

    #[test]
    fn refuses_anything_else() {
        for text in [
            "",
            "[]",
            "{",
            "{a: 1}",
            r#"{"a": 01}"#,
            r#"{"a": 1,}"#,
            r#"{"a" 1}"#,
            "{} {}",
            r#"{"a": "\x"}"#,
            r#"{"a": +1}"#,
            r#"{"a": 1.}"#,
        ] {
            assert!(!is_object(text), "{text}");
        }
    }

    #[test]
    fn literals_become_json() {
        for (expr, json) in [
            ("\"a\\\"b\"", Some(r#""a\"b""#)),
            ("-5", Some("-5")),
            ("[1, 2]", Some("[1,2]")),
            ("true", Some("true")),
            ("f(x)", None),
        ] {
            let parsed = syn::parse_str(expr).expect("an expression");
            assert_eq!(of_expr(&parsed).as_deref(), json, "{expr}");
        }
    }
}
