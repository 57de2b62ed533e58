//! Looking at tokens.

use proc_macro2::{Delimiter, Group, Spacing, TokenTree};

pub(super) fn is_punct(token: &TokenTree, char: char) -> bool {
    matches!(token, TokenTree::Punct(punct) if punct.as_char() == char)
}

/// Whether `::` stands at `at`.
pub(super) fn is_path_separator(tokens: &[TokenTree], at: usize) -> bool {
    matches!(tokens.get(at), Some(TokenTree::Punct(punct))
        if punct.as_char() == ':' && punct.spacing() == Spacing::Joint)
        && tokens.get(at + 1).is_some_and(|token| is_punct(token, ':'))
}

/// The group in `token`, if that is what it is.
pub(super) fn group(token: Option<&TokenTree>, delimiter: Delimiter) -> Option<&Group> {
    match token {
        Some(TokenTree::Group(group)) if group.delimiter() == delimiter => Some(group),
        _ => None,
    }
}

/// Where to go on behind `#[..]` or `#![..]` at `at`.
pub(super) fn after_attribute(tokens: &[TokenTree], at: usize) -> usize {
    let inner = tokens.get(at + 1).is_some_and(|token| is_punct(token, '!'));
    let list = at + 1 + usize::from(inner);
    match group(tokens.get(list), Delimiter::Bracket) {
        Some(_) => list + 1,
        None => at + 1,
    }
}

/// Where to go on behind `::<..>` at `at`, if that stands there.
pub(super) fn after_generics(tokens: &[TokenTree], at: usize) -> usize {
    let opens = is_path_separator(tokens, at)
        && tokens.get(at + 2).is_some_and(|token| is_punct(token, '<'));
    if !opens {
        return at;
    }
    let mut depth = 0_usize;
    for (offset, token) in tokens[at + 2..].iter().enumerate() {
        let arrow = is_punct(&tokens[at + 1 + offset], '-');
        if is_punct(token, '<') {
            depth += 1;
        } else if is_punct(token, '>') && !arrow {
            depth -= 1;
            if depth == 0 {
                return at + 3 + offset;
            }
        }
    }
    at
}

/// In `mut NAME: ..`, from `at` on: the name, and where the colon stands.
pub(super) fn declared(tokens: &[TokenTree], at: usize) -> Option<(String, usize)> {
    let name = (at..tokens.len().min(at + 3)).find(|at| {
        matches!(tokens.get(at + 1), Some(token) if is_punct(token, ':'))
            && !is_path_separator(tokens, at + 1)
    })?;
    match &tokens[name] {
        TokenTree::Ident(ident) => Some((ident.to_string(), name + 1)),
        _ => None,
    }
}

/// The words from `at` up to `end` or `;`, those in groups included.
pub(super) fn words_until(tokens: &[TokenTree], at: usize, end: char) -> Vec<String> {
    let mut words = Vec::new();
    for token in &tokens[at..] {
        match token {
            token if is_punct(token, end) || is_punct(token, ';') => break,
            TokenTree::Ident(ident) => words.push(ident.to_string()),
            TokenTree::Group(group) => {
                let inner: Vec<TokenTree> = group.stream().into_iter().collect();
                words.extend(words_until(&inner, 0, end));
            }
            _ => {}
        }
    }
    words
}
