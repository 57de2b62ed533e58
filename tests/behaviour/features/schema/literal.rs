//! Reads the part of JavaScript that a minified data literal uses.

use serde_json::{Map, Value};

/// Reads the value at the start of the text. `None` for anything that is not plain data.
pub(super) fn parse(text: &str) -> Option<Value> {
    Reader { rest: text }.value()
}

struct Reader<'a> {
    rest: &'a str,
}

impl Reader<'_> {
    fn eat(&mut self, token: &str) -> bool {
        self.rest
            .strip_prefix(token)
            .map(|rest| self.rest = rest)
            .is_some()
    }

    fn value(&mut self) -> Option<Value> {
        for (token, value) in [
            ("!0", Value::Bool(true)),
            ("!1", Value::Bool(false)),
            ("null", Value::Null),
        ] {
            if self.eat(token) {
                return Some(value);
            }
        }
        match self.rest.chars().next()? {
            '{' => self.object(),
            '[' => self.array(),
            '`' | '"' | '\'' => self.string().map(Value::String),
            _ => self.number(),
        }
    }

    fn object(&mut self) -> Option<Value> {
        let mut members = Map::new();
        self.eat("{");
        while !self.eat("}") {
            let name = match self.rest.chars().next()? {
                '`' | '"' | '\'' => self.string()?,
                _ => self.take_while(|c| c.is_alphanumeric() || c == '_' || c == '$'),
            };
            if !self.eat(":") {
                return None;
            }
            members.insert(name, self.value()?);
            self.eat(",");
        }
        Some(Value::Object(members))
    }

    fn array(&mut self) -> Option<Value> {
        let mut items = Vec::new();
        self.eat("[");
        while !self.eat("]") {
            items.push(self.value()?);
            self.eat(",");
        }
        Some(Value::Array(items))
    }

    fn string(&mut self) -> Option<String> {
        let quote = self.rest.chars().next()?;
        let mut text = String::new();
        let mut chars = self.rest[1..].char_indices();
        while let Some((index, c)) = chars.next() {
            match c {
                c if c == quote => {
                    self.rest = &self.rest[1 + index + 1..];
                    return Some(text);
                }
                '\\' => match chars.next()?.1 {
                    'n' => text.push('\n'),
                    't' => text.push('\t'),
                    // No schema uses the longer escapes.
                    'u' | 'x' => return None,
                    other => text.push(other),
                },
                c => text.push(c),
            }
        }
        None
    }

    fn number(&mut self) -> Option<Value> {
        let text = self.take_while(|c| c.is_ascii_digit() || "+-.eE".contains(c));
        let text = if text.starts_with('.') {
            format!("0{text}")
        } else {
            text
        };
        serde_json::from_str(&text).ok()
    }

    fn take_while(&mut self, accept: impl Fn(char) -> bool) -> String {
        let end = self.rest.find(|c| !accept(c)).unwrap_or(self.rest.len());
        let (taken, rest) = self.rest.split_at(end);
        self.rest = rest;
        taken.to_owned()
    }
}

#[test]
fn minified_data_is_read() {
    let text = "{a:`x\\`y`,\"b-c\":[1,2,!0,!1,null],$d:{},e:1e3}, more";
    let expected =
        serde_json::json!({"a": "x`y", "b-c": [1, 2, true, false, null], "$d": {}, "e": 1e3});
    let read = parse(text).unwrap();
    assert_eq!(read, expected);
    assert_eq!(parse("function(){}"), None);
}
