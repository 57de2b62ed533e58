//! Strings, and what they are the value of.

use proc_macro2::{Literal, TokenTree};
use syn::Lit;

use super::tokens::{is_path_separator, is_punct};

/// The text of a string literal.
pub(super) fn value(literal: &Literal) -> Option<String> {
    match Lit::new(literal.clone()) {
        Lit::Str(text) => Some(text.value()),
        _ => None,
    }
}

/// The name in `name = "..."`, `let name: &str = "..."` or `name: "..."`.
pub(super) fn bound_to(before: &[TokenTree]) -> Option<String> {
    let (last, before) = before.split_last()?;
    let typed = is_punct(last, '=').then(|| typed(before)).flatten();
    let name = if is_punct(last, '=') || is_punct(last, ':') {
        typed.or_else(|| before.last())
    } else {
        None
    };
    match name {
        Some(TokenTree::Ident(ident)) => Some(ident.to_string()),
        _ => None,
    }
}

/// The name in `name: Type`, where the type is short.
fn typed(before: &[TokenTree]) -> Option<&TokenTree> {
    const REACH: usize = 8;
    let start = before.len().saturating_sub(REACH);
    let statement = before[start..]
        .iter()
        .rposition(|token| is_punct(token, ';') || is_punct(token, ','));
    let start = statement.map_or(start, |at| start + at);
    let colon = (start..before.len()).find(|at| {
        let tail = at
            .checked_sub(1)
            .is_some_and(|at| is_path_separator(before, at));
        is_punct(&before[*at], ':') && !is_path_separator(before, *at) && !tail
    })?;
    before.get(colon.checked_sub(1)?)
}
