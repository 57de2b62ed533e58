//! Names of tools, prompts, servers and prefixes.

use proc_macro2::Span;
use syn::ext::IdentExt;
use syn::{Ident, LitStr};

use super::key;
use super::options::Reader;
use crate::errors::Errors;

/// How long a name may be (SEP-986).
pub(crate) const MAX_LENGTH: usize = 64;

/// A name and the token that gave it.
#[derive(Clone)]
pub(crate) struct Name {
    pub(crate) text: String,
    pub(crate) span: Span,
}

impl Name {
    fn literal(literal: &LitStr) -> Self {
        Self {
            text: literal.value(),
            span: literal.span(),
        }
    }

    fn ident(ident: &Ident) -> Self {
        Self {
            text: ident.unraw().to_string(),
            span: ident.span(),
        }
    }
}

/// The option `name`, or the name of the function.
pub(crate) fn of_function(
    noun: &str,
    options: &mut Reader,
    ident: &Ident,
    errors: &mut Errors,
) -> Name {
    let name = match options.literal(key::NAME, errors) {
        Some(literal) => Name::literal(&literal),
        None => Name::ident(ident),
    };
    if let Err(mistake) = valid(&name.text) {
        errors.push_at(
            name.span,
            format!("the {noun} name `{}` {mistake}", name.text),
        );
    }
    name
}

/// The option `prefix`.
pub(crate) fn prefix(options: &mut Reader, errors: &mut Errors) -> Option<Name> {
    let name = Name::literal(&options.literal(key::PREFIX, errors)?);
    if name.text.is_empty() {
        errors.push_at(
            name.span,
            "the prefix is empty: leave it out to keep the names",
        );
    } else if let Err(mistake) = valid(&name.text) {
        errors.push_at(name.span, format!("the prefix `{}` {mistake}", name.text));
    }
    Some(name)
}

/// The name of a server that was not given one: `WeatherStation` is
/// `weather-station`.
pub(crate) fn kebab(ident: &Ident) -> String {
    let ident = ident.unraw().to_string();
    let letters: Vec<char> = ident.chars().collect();
    let mut name = String::new();
    for (i, letter) in letters.iter().enumerate() {
        if *letter == '_' {
            name.push('-');
            continue;
        }
        let after_small = i > 0 && (letters[i - 1].is_lowercase() || letters[i - 1].is_numeric());
        let last_of_run = i > 0
            && letters[i - 1].is_uppercase()
            && letters.get(i + 1).is_some_and(|next| next.is_lowercase());
        if letter.is_uppercase() && (after_small || last_of_run) {
            name.push('-');
        }
        name.extend(letter.to_lowercase());
    }
    name
}

pub(crate) fn valid(name: &str) -> Result<(), String> {
    if name.is_empty() {
        return Err("is empty".to_owned());
    }
    let allowed = |c: &char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.');
    if let Some(bad) = name.chars().find(|c| !allowed(c)) {
        let bad = if bad == ' ' {
            "space".to_owned()
        } else {
            format!("`{bad}`")
        };
        return Err(format!(
            "has a {bad}: use letters, digits, `_`, `-` and `.`, \
             and keep other words for `title`",
        ));
    }
    let length = name.chars().count();
    if length > MAX_LENGTH {
        return Err(format!(
            "has {length} characters: clients take at most {MAX_LENGTH}, \
             prefixes included",
        ));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use proc_macro2::Span;
    use syn::Ident;

    use super::kebab;

    #[test]
    fn servers_are_named_after_their_type() {
        for (ident, name) in [
            ("Weather", "weather"),
            ("WeatherStation", "weather-station"),
            ("HTTPProxy", "http-proxy"),
            ("arithmetic", "arithmetic"),
            ("unit_tests", "unit-tests"),
        ] {
            assert_eq!(kebab(&Ident::new(ident, Span::call_site())), name);
        }
    }
}
