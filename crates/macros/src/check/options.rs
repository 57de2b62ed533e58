//! Reading options by key: unknown keys, repeated keys, values of the wrong
//! kind.

use proc_macro2::Span;
use quote::ToTokens;
use syn::spanned::Spanned;
use syn::{Expr, ExprLit, Lit, LitInt, LitStr};

use super::attribute::Attribute;
use super::nearest::{either, nearest};
use crate::errors::Errors;
use crate::parse::docs::Text;
use crate::parse::options::{Entry, Options, Value};

/// The options of one attribute, taken out one by one.
pub(crate) struct Reader {
    entries: Vec<Entry>,
    /// Whether there was a key that the attribute does not know.
    pub(crate) has_unknown: bool,
}

impl Reader {
    /// Sorts out what the attribute does not know or was told twice.
    pub(crate) fn new(attribute: &Attribute, options: Options, errors: &mut Errors) -> Self {
        for literal in &options.literals {
            errors.push(literal, no_text(attribute));
        }
        let mut entries: Vec<Entry> = Vec::new();
        let mut has_unknown = false;
        for entry in options.entries {
            let key = entry.key.to_string();
            if !attribute.keys().any(|known| entry.key == known) {
                errors.push(&entry.key, unknown(attribute, &key));
                has_unknown = true;
            } else if entries.iter().any(|earlier| earlier.key == entry.key) {
                errors.push(&entry.key, format!("`{key}` is set twice: keep one"));
            } else {
                entries.push(entry);
            }
        }
        Self {
            entries,
            has_unknown,
        }
    }

    /// The option `key`, as written.
    pub(crate) fn take(&mut self, key: &str) -> Option<Entry> {
        let at = self.entries.iter().position(|entry| entry.key == key)?;
        Some(self.entries.remove(at))
    }

    /// Where the option `key` is set.
    pub(crate) fn span(&self, key: &str) -> Option<Span> {
        let entry = self.entries.iter().find(|entry| entry.key == key)?;
        Some(entry.blame().span())
    }

    /// Undoes [`take`](Self::take).
    pub(crate) fn put_back(&mut self, entry: Entry) {
        self.entries.push(entry);
    }

    /// `key = value`, any expression.
    pub(crate) fn expr(&mut self, key: &str, hint: &str, errors: &mut Errors) -> Option<Expr> {
        let entry = self.take(key)?;
        match entry.value {
            Value::Assign(expr) => Some(expr),
            Value::Flag | Value::List(_) => {
                errors.push(
                    &entry.key,
                    format!("`{key}` needs a value: `{key} = {hint}`"),
                );
                None
            }
        }
    }

    /// `key = "…"`, known now.
    pub(crate) fn literal(&mut self, key: &str, errors: &mut Errors) -> Option<LitStr> {
        let expr = self.expr(key, "\"…\"", errors)?;
        let literal = string(&expr);
        if literal.is_none() {
            let message =
                format!("`{key}` is read while compiling: write a string, `{key} = \"…\"`");
            errors.push(&expr, message);
        }
        literal
    }

    /// `key = "…"`, or an expression that is a `&'static str`.
    pub(crate) fn text(&mut self, key: &str, errors: &mut Errors) -> Option<Text> {
        let expr = self.expr(key, "\"…\"", errors)?;
        if let Some(literal) = string(&expr) {
            if literal.value().trim().is_empty() {
                errors.push(
                    &literal,
                    format!("`{key}` is empty: write it or leave it out"),
                );
            }
            return Some(Text::Literal(literal.value()));
        }
        if matches!(bare(&expr), Expr::Lit(_)) {
            errors.push(&expr, format!("`{key}` is a text: `{key} = \"…\"`"));
            return None;
        }
        Some(Text::Expr(expr))
    }

    /// `key` or `key = true`, with the entry to blame.
    pub(crate) fn flag(&mut self, key: &str, errors: &mut Errors) -> Option<bool> {
        let entry = self.take(key)?;
        match &entry.value {
            Value::Flag => return Some(true),
            Value::Assign(expr) => {
                if let Expr::Lit(ExprLit {
                    lit: Lit::Bool(value),
                    ..
                }) = bare(expr)
                {
                    return Some(value.value());
                }
            }
            Value::List(_) => {}
        }
        let message = format!("`{key}` is a switch: write `{key}` or `{key} = false`");
        errors.push(entry.blame(), message);
        None
    }

    /// `key("a", "b")`; `key = ["a", "b"]` and `key = "a"` are understood too.
    pub(crate) fn list(&mut self, key: &str, errors: &mut Errors) -> Option<Vec<Expr>> {
        let entry = self.take(key)?;
        let values = match entry.value {
            Value::List(values) => values,
            Value::Assign(expr) => match bare(&expr) {
                Expr::Array(array) => array.elems.iter().cloned().collect(),
                _ => vec![expr],
            },
            Value::Flag => Vec::new(),
        };
        if values.is_empty() {
            let message = format!("`{key}` is an empty list: say what is in it, `{key}(…)`");
            errors.push(&entry.key, message);
            return None;
        }
        Some(values)
    }

    /// A list of texts known now, each once.
    pub(crate) fn words(&mut self, key: &str, errors: &mut Errors) -> Vec<LitStr> {
        let mut words: Vec<LitStr> = Vec::new();
        for expr in self.list(key, errors).unwrap_or_default() {
            let Some(word) = string(&expr) else {
                errors.push(&expr, format!("`{key}` lists texts: `{key}(\"…\", \"…\")`"));
                continue;
            };
            if word.value().is_empty() {
                errors.push(
                    &word,
                    format!("an empty text in `{key}` says nothing: leave it out"),
                );
            } else if words.iter().any(|earlier| earlier.value() == word.value()) {
                errors.push(&word, format!("`{}` stands twice in `{key}`", word.value()));
            } else {
                words.push(word);
            }
        }
        words
    }

    /// `key = 3`, a whole number that is not negative.
    pub(crate) fn count(&mut self, key: &str, errors: &mut Errors) -> Option<usize> {
        let expr = self.expr(key, "1", errors)?;
        let count = match bare(&expr) {
            Expr::Lit(ExprLit {
                lit: Lit::Int(int), ..
            }) => int_value(int),
            _ => None,
        };
        if count.is_none() {
            errors.push(&expr, format!("`{key}` is a whole number such as `1`"));
        }
        count
    }
}

fn int_value(int: &LitInt) -> Option<usize> {
    int.base10_parse().ok()
}

/// The literal in `expr`, if it is a string.
pub(crate) fn string(expr: &Expr) -> Option<LitStr> {
    match bare(expr) {
        Expr::Lit(ExprLit {
            lit: Lit::Str(text),
            ..
        }) => Some(text.clone()),
        _ => None,
    }
}

/// The expression inside parentheses and the invisible groups of `macro_rules!`.
pub(crate) fn bare(expr: &Expr) -> &Expr {
    match expr {
        Expr::Group(group) => bare(&group.expr),
        Expr::Paren(paren) => bare(&paren.expr),
        other => other,
    }
}

/// Options inside an option: `key(name = value, name("…"), name)`.
pub(crate) fn nested(values: &[Expr], hint: &str, errors: &mut Errors) -> Options {
    let mut options = Options::default();
    for value in values {
        match entry(value) {
            Some(entry) => options.entries.push(entry),
            None => errors.push(value, format!("expected an option such as `{hint}`")),
        }
    }
    options
}

/// One of them.
pub(crate) fn entry(expr: &Expr) -> Option<Entry> {
    let (key, value) = match bare(expr) {
        Expr::Assign(assign) => (&*assign.left, Value::Assign((*assign.right).clone())),
        Expr::Call(call) => (
            &*call.func,
            Value::List(call.args.iter().cloned().collect()),
        ),
        path => (path, Value::Flag),
    };
    let Expr::Path(key) = key else {
        return None;
    };
    Some(Entry {
        key: key.path.get_ident()?.clone(),
        value,
    })
}

/// `expr` as the user wrote it, for a message.
pub(crate) fn shown(tokens: &impl ToTokens) -> String {
    tokens.to_token_stream().to_string()
}

fn no_text(attribute: &Attribute) -> String {
    format!(
        "`{}` takes no text by itself: say which option it is for, such as `{} = …`",
        attribute.spelled(),
        attribute.options[0].key,
    )
}

fn unknown(attribute: &Attribute, key: &str) -> String {
    let name = attribute.spelled();
    match nearest(key, attribute.keys()) {
        Some(meant) => format!("`{name}` has no option `{key}`: did you mean `{meant}`?"),
        None => format!(
            "`{name}` has no option `{key}`: it knows {}",
            either(attribute.keys()),
        ),
    }
}
