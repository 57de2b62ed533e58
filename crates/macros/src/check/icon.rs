//! Icons: `icons("https://…/a.png", icon("…", mime_type = "…", sizes("48x48")))`.

use syn::{Expr, LitStr};

use super::options::{Reader, bare, entry, string};
use super::{attribute, key, nearest};
use crate::errors::Errors;
use crate::parse::options::{Entry, Options};

/// One icon, with the fields of the protocol.
#[derive(Clone)]
pub(crate) struct Icon {
    pub(crate) src: String,
    pub(crate) mime_type: Option<String>,
    pub(crate) sizes: Vec<String>,
    pub(crate) theme: Option<String>,
}

/// What an icon with options is written as.
pub(crate) const ICON: &str = "icon";
const THEMES: [&str; 2] = ["light", "dark"];

/// The option `icons`.
pub(crate) fn read(options: &mut Reader, errors: &mut Errors) -> Vec<Icon> {
    let elements = options.list(key::ICONS, errors).unwrap_or_default();
    elements
        .iter()
        .filter_map(|element| icon(element, errors))
        .collect()
}

fn icon(element: &Expr, errors: &mut Errors) -> Option<Icon> {
    if let Some(src) = string(element) {
        return Some(Icon {
            src: source(&src, errors),
            mime_type: None,
            sizes: Vec::new(),
            theme: None,
        });
    }
    let Some((src, options)) = call(element) else {
        let message = "an icon is a text, or `icon(\"…\", mime_type = \"image/png\")`";
        errors.push(element, message);
        return None;
    };
    let mut options = Reader::new(&attribute::ICON, options, errors);
    Some(Icon {
        src: source(&src, errors),
        mime_type: options
            .literal(key::MIME_TYPE, errors)
            .map(|text| text.value()),
        sizes: options
            .words(key::SIZES, errors)
            .iter()
            .map(LitStr::value)
            .collect(),
        theme: theme(&mut options, errors),
    })
}

fn source(src: &LitStr, errors: &mut Errors) -> String {
    let value = src.value();
    if !value.starts_with("https://") && !value.starts_with("data:") {
        errors.push(src, "clients load icons from `https://…` and `data:…` only");
    }
    value
}

fn theme(options: &mut Reader, errors: &mut Errors) -> Option<String> {
    let theme = options.literal(key::THEME, errors)?;
    if !THEMES.contains(&theme.value().as_str()) {
        errors.push(&theme, format!("a theme is {}", nearest::either(THEMES)));
    }
    Some(theme.value())
}

/// `icon("src", key = value, key(value))` as text and options.
fn call(element: &Expr) -> Option<(LitStr, Options)> {
    let Expr::Call(call) = bare(element) else {
        return None;
    };
    let Expr::Path(func) = &*call.func else {
        return None;
    };
    func.path.is_ident(ICON).then_some(())?;
    let mut arguments = call.args.iter();
    let src = string(arguments.next()?)?;
    let entries: Option<Vec<Entry>> = arguments.map(entry).collect();
    let options = Options {
        literals: Vec::new(),
        entries: entries?,
    };
    Some((src, options))
}
