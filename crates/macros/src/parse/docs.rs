//! Doc comments as text.

use syn::{Attribute, Expr, ExprLit, Lit, Meta};

/// The lines of a doc comment. A line is usually a literal, and now and then a
/// macro call (`#[doc = include_str!("..")]`).
#[derive(Clone, Default)]
pub(crate) struct Docs(Vec<Expr>);

impl Docs {
    /// Reads the doc comment and leaves it in place.
    pub(crate) fn read(attrs: &[Attribute]) -> Self {
        Self(attrs.iter().filter_map(line).cloned().collect())
    }

    /// Reads the doc comment and takes it off.
    pub(crate) fn take(attrs: &mut Vec<Attribute>) -> Self {
        let docs = Self::read(attrs);
        attrs.retain(|attr| line(attr).is_none());
        docs
    }

    /// The text: one leading space off each line, blank lines off both ends.
    pub(crate) fn text(&self) -> Option<Text> {
        let Some(lines) = self.literals() else {
            return Some(Text::Lines(self.0.clone()));
        };
        let text = lines.join("\n");
        let text = text.trim();
        (!text.is_empty()).then(|| Text::Literal(text.to_owned()))
    }

    fn literals(&self) -> Option<Vec<String>> {
        self.0
            .iter()
            .map(|line| match line {
                Expr::Lit(ExprLit {
                    lit: Lit::Str(text),
                    ..
                }) => {
                    let text = text.value();
                    let text = text.strip_prefix(' ').unwrap_or(&text);
                    Some(text.trim_end().to_owned())
                }
                _ => None,
            })
            .collect()
    }
}

/// A `&'static str` for the expansion to write.
#[derive(Clone)]
pub(crate) enum Text {
    /// Known now.
    Literal(String),
    /// Lines that only the compiler can read.
    Lines(Vec<Expr>),
    /// What the user wrote after `description =`.
    Expr(Expr),
}

fn line(attr: &Attribute) -> Option<&Expr> {
    match &attr.meta {
        Meta::NameValue(pair) if pair.path.is_ident("doc") => Some(&pair.value),
        _ => None,
    }
}
