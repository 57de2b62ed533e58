//! What short names stand for, as far as `use` items in sight say.

use proc_macro2::{Delimiter, TokenStream, TokenTree};

use super::tokens::is_punct;

/// The names that were brought into scope.
#[derive(Clone, Default)]
pub(in super::super) struct Imports(Vec<Import>);

#[derive(Clone)]
struct Import {
    name: String,
    path: Vec<String>,
}

impl Imports {
    /// Those of all `use` items in `tokens`.
    pub(in super::super) fn of(tokens: TokenStream) -> Self {
        let tokens: Vec<TokenTree> = tokens.into_iter().collect();
        let mut imports = Self::default();
        let mut at = 0;
        while at < tokens.len() {
            at = match &tokens[at] {
                TokenTree::Ident(ident) if ident == "use" => imports.read(&tokens, at + 1),
                _ => at + 1,
            };
        }
        imports
    }

    /// Reads one `use` item behind its keyword, and says where it ends.
    pub(super) fn read(&mut self, tokens: &[TokenTree], at: usize) -> usize {
        if tokens.get(at).is_some_and(|token| is_punct(token, '<')) {
            // `impl Trait + use<'a>`
            return at;
        }
        let end = tokens[at..].iter().position(|token| is_punct(token, ';'));
        let end = end.map_or(tokens.len(), |offset| at + offset);
        self.tree(&[], &tokens[at..end]);
        end
    }

    /// The path that `written` stands for, if it begins with an import.
    pub(super) fn resolve(&self, written: &[String]) -> Option<Vec<String>> {
        let import = self.0.iter().rev().find(|it| it.name == written[0])?;
        Some(import.path.iter().chain(&written[1..]).cloned().collect())
    }

    /// `a::b`, `a::b as c` or `a::{b, c}` under `stem`.
    fn tree(&mut self, stem: &[String], tokens: &[TokenTree]) {
        let mut path = stem.to_vec();
        let mut alias = None;
        let mut tokens = tokens.iter();
        while let Some(token) = tokens.next() {
            match token {
                TokenTree::Ident(ident) if ident == "as" => alias = tokens.next(),
                TokenTree::Ident(ident) if ident == "self" => {}
                TokenTree::Ident(ident) => path.push(ident.to_string()),
                TokenTree::Group(group) if group.delimiter() == Delimiter::Brace => {
                    let inner: Vec<TokenTree> = group.stream().into_iter().collect();
                    for tree in inner.split(|token| is_punct(token, ',')) {
                        self.tree(&path, tree);
                    }
                    return;
                }
                TokenTree::Punct(punct) if punct.as_char() == '*' => return,
                _ => {}
            }
        }
        let name = alias
            .map(ToString::to_string)
            .or_else(|| path.last().cloned());
        self.0.extend(name.map(|name| Import { name, path }));
    }
}
