//! What a type can be read from: for the layers, which look for what there may
//! be, and for whoever asks what there is to set.

use std::borrow::Cow;

use super::shown::{REDACTED, names_a_secret};

/// What a setting is written as.
#[derive(Debug, Clone)]
pub struct Shape {
    pub(crate) what: Cow<'static, str>,
    pub(crate) kind: Kind,
    pub(crate) is_optional: bool,
}

#[derive(Debug, Clone)]
pub(crate) enum Kind {
    Leaf,
    Switch,
    List(Box<Shape>),
    Map(Box<Shape>),
    Group(&'static [Field]),
}

/// One setting of a group, as the derive describes it.
#[doc(hidden)]
#[derive(Debug, Clone, Copy)]
pub struct Field {
    pub name: &'static str,
    pub help: &'static str,
    pub shape: fn() -> Shape,
    /// Variables it is read from besides the one made of its place.
    pub variables: &'static [&'static str],
    /// A flag besides the one made of its place.
    pub flag: Option<&'static str>,
    /// A default that is read as if it were written.
    pub text: Option<&'static str>,
    /// A default as it stands in the program.
    pub default: Option<&'static str>,
    pub secret: bool,
}

impl Field {
    #[doc(hidden)]
    pub const EMPTY: Self = Self {
        name: "",
        help: "",
        shape: nothing,
        variables: &[],
        flag: None,
        text: None,
        default: None,
        secret: false,
    };
}

fn nothing() -> Shape {
    Shape::text("nothing")
}

impl Shape {
    /// Written as a text that stands for `what`, such as `a colour like "#f80"`.
    pub fn text(what: impl Into<Cow<'static, str>>) -> Self {
        Self {
            what: what.into(),
            kind: Kind::Leaf,
            is_optional: false,
        }
    }

    pub(crate) fn of(kind: Kind, what: impl Into<Cow<'static, str>>) -> Self {
        Self {
            kind,
            ..Self::text(what)
        }
    }

    #[doc(hidden)]
    pub fn group(fields: &'static [Field]) -> Self {
        Self::of(Kind::Group(fields), "a table")
    }

    #[doc(hidden)]
    pub fn choice(names: &[&str]) -> Self {
        Self::text(either(names.iter().copied()))
    }

    pub(crate) fn optional(self) -> Self {
        Self {
            is_optional: true,
            ..self
        }
    }

    /// Whether its values lie in settings of their own.
    pub(crate) fn is_nested(&self) -> bool {
        match &self.kind {
            Kind::Leaf | Kind::Switch => false,
            Kind::List(of) | Kind::Map(of) => of.is_nested(),
            Kind::Group(_) => true,
        }
    }
}

/// A group in one line, without its secrets.
#[doc(hidden)]
pub fn show_group(fields: &[Field], values: &[String]) -> String {
    let members = fields.iter().zip(values).map(|(field, value)| {
        let is_secret = field.secret || names_a_secret(field.name);
        let value = if is_secret { REDACTED } else { value };
        format!("{} = {value}", field.name)
    });
    format!("{{{}}}", members.collect::<Vec<_>>().join(", "))
}

/// `a`, `b` or `c`, each in backticks.
pub(crate) fn either<'a>(words: impl IntoIterator<Item = &'a str>) -> String {
    let words: Vec<String> = words.into_iter().map(|word| format!("`{word}`")).collect();
    match words.split_last() {
        None => String::new(),
        Some((last, [])) => last.clone(),
        Some((last, rest)) => format!("{} or {last}", rest.join(", ")),
    }
}
