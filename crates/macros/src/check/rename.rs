//! The option `rename_all`: how names in Rust become names on the wire.

use syn::LitStr;

use super::key;
use super::nearest::{either, nearest};
use super::options::Reader;
use crate::errors::Errors;

/// The styles serde knows.
const STYLES: [&str; 8] = [
    "lowercase",
    "UPPERCASE",
    "PascalCase",
    "camelCase",
    "snake_case",
    "SCREAMING_SNAKE_CASE",
    "kebab-case",
    "SCREAMING-KEBAB-CASE",
];

/// Reads the option.
pub(crate) fn all(options: &mut Reader, errors: &mut Errors) -> Option<LitStr> {
    let literal = options.literal(key::RENAME_ALL, errors)?;
    let style = literal.value();
    if !STYLES.contains(&style.as_str()) {
        let message = match nearest(&style, STYLES) {
            Some(meant) => format!("there is no style `{style}`: did you mean `{meant}`?"),
            None => format!("there is no style `{style}`: write {}", either(STYLES)),
        };
        errors.push(&literal, message);
    }
    Some(literal)
}

/// The name of a variant in snake case.
pub(crate) fn snake(variant: &str) -> String {
    let mut name = String::new();
    for (index, letter) in variant.char_indices() {
        if index > 0 && letter.is_uppercase() {
            name.push('_');
        }
        name.extend(letter.to_lowercase());
    }
    name
}
