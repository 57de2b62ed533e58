//! Paths, and what is done with them.

use proc_macro2::{Delimiter, Group, Ident, TokenTree};

use super::tokens::{after_generics, group, is_path_separator, is_punct};

/// Functions that run what they are given where it holds up nobody.
pub(super) const MOVES_AWAY: [&str; 3] = ["spawn_blocking", "block_in_place", "run_blocking"];

/// `a::b::c` in code.
pub(in super::super) struct Path<'a> {
    /// Its names, imports resolved.
    pub(in super::super) names: &'a [&'a str],
    /// Its names as written.
    pub(super) written: &'a [String],
    pub(in super::super) is_called: bool,
    pub(super) before: &'a [TokenTree],
    pub(super) behind: &'a [TokenTree],
}

impl Path<'_> {
    /// The path as the user wrote it.
    pub(in super::super) fn written(&self) -> String {
        self.written.join("::")
    }

    /// Whether what it gives is awaited, with or without methods in between.
    pub(in super::super) fn is_awaited(&self) -> bool {
        self.chain().any(|name| name == "await")
    }

    /// Which of `methods` is called on what it gives.
    pub(in super::super) fn then<'a>(&self, methods: &[&'a str]) -> Option<&'a str> {
        self.chain()
            .find_map(|name| methods.iter().find(|method| name == **method).copied())
    }

    /// Whether what it gives is thrown away: `a::b(..);` or `let _ = a::b(..);`
    pub(in super::super) fn is_dropped(&self) -> bool {
        let ends = self
            .behind
            .first()
            .is_some_and(|token| is_punct(token, ';'));
        let before = match self.before {
            [before @ .., let_, underscore, equals]
                if is_ident(let_, "let") && is_ident(underscore, "_") && is_punct(equals, '=') =>
            {
                before
            }
            before => before,
        };
        ends && before.last().is_none_or(|token| {
            is_punct(token, ';') || group(Some(token), Delimiter::Brace).is_some()
        })
    }

    /// The names behind it: methods, fields and `await`.
    fn chain(&self) -> impl Iterator<Item = &Ident> {
        let mut at = 0;
        std::iter::from_fn(move || {
            while self
                .behind
                .get(at)
                .is_some_and(|token| is_punct(token, '?'))
            {
                at += 1;
            }
            let (dot, name) = (self.behind.get(at)?, self.behind.get(at + 1)?);
            let TokenTree::Ident(name) = name else {
                return None;
            };
            at = after_generics(self.behind, at + 2);
            at += usize::from(group(self.behind.get(at), Delimiter::Parenthesis).is_some());
            is_punct(dot, '.').then_some(name)
        })
    }
}

fn is_ident(token: &TokenTree, name: &str) -> bool {
    matches!(token, TokenTree::Ident(ident) if ident == name)
}

/// Whether a name or keyword stands at `at` by itself, as most do: what is
/// neither called nor part of a path is not looked at.
pub(super) fn is_word(tokens: &[TokenTree], at: usize) -> bool {
    match tokens.get(at + 1) {
        Some(TokenTree::Punct(punct)) => !matches!(punct.as_char(), ':' | '!'),
        Some(TokenTree::Group(group)) => group.delimiter() != Delimiter::Parenthesis,
        _ => true,
    }
}

/// Reads the path that begins at `at` with `first`, and says where it ends.
pub(super) fn read(tokens: &[TokenTree], at: usize, first: &str) -> (Vec<String>, usize) {
    let mut names = vec![first.to_owned()];
    let mut end = at + 1;
    loop {
        let next = after_generics(tokens, end);
        let Some(TokenTree::Ident(name)) = tokens.get(next + 2) else {
            return (names, end);
        };
        if !is_path_separator(tokens, next) {
            return (names, end);
        }
        names.push(name.to_string());
        end = next + 3;
    }
}

/// What a macro is given whose path ends before `at`.
pub(super) fn macro_arguments(tokens: &[TokenTree], at: usize) -> Option<&Group> {
    match tokens.get(at..at + 2)? {
        [mark, TokenTree::Group(arguments)] if is_punct(mark, '!') => Some(arguments),
        _ => None,
    }
}

/// Whether the path at `at` goes on from `<Type as Trait>::`, so that its names
/// alone say nothing.
pub(super) fn is_of_a_trait(tokens: &[TokenTree], at: usize) -> bool {
    at >= 3 && is_path_separator(tokens, at - 2) && is_punct(&tokens[at - 3], '>')
}

/// Whether the function at `names` runs what it is given elsewhere.
pub(super) fn moves_away(names: &[&str]) -> bool {
    match names {
        ["std", "thread", ..] | ["thread", _] | ["rayon", ..] => true,
        [.., last] => MOVES_AWAY.contains(last),
        [] => false,
    }
}
