//! The list inside an attribute: `"text", key, key = value, key(a, b)`.

use proc_macro2::{TokenStream, TokenTree};
use quote::ToTokens;
use syn::ext::IdentExt;
use syn::parse::{ParseStream, Parser};
use syn::punctuated::Punctuated;
use syn::{Expr, Ident, Lit, Token, token};

use crate::errors::Errors;

/// What stands between the parentheses of an attribute.
#[derive(Clone, Default)]
pub(crate) struct Options {
    /// Leading literals without a key.
    pub(crate) literals: Vec<Lit>,
    /// The options by key, in order, duplicates included.
    pub(crate) entries: Vec<Entry>,
}

/// One option.
#[derive(Clone)]
pub(crate) struct Entry {
    pub(crate) key: Ident,
    pub(crate) value: Value,
}

/// What an option is set to.
#[derive(Clone)]
pub(crate) enum Value {
    /// `key`
    Flag,
    /// `key = value`
    Assign(Expr),
    /// `key(a, b)`
    List(Vec<Expr>),
}

impl Options {
    /// Reads the list, skipping over entries that cannot be read.
    pub(crate) fn parse(tokens: TokenStream, errors: &mut Errors) -> Self {
        let mut options = Self::default();
        let parser = |input: ParseStream<'_>| {
            while !input.is_empty() {
                if let Err(error) = options.element(input) {
                    errors.absorb(error);
                    skip_to_comma(input);
                }
                if !input.is_empty() && input.parse::<Token![,]>().is_err() {
                    errors.push_at(input.span(), "separate the options by `,`");
                    skip_to_comma(input);
                    let _comma: Option<Token![,]> = input.parse()?;
                }
            }
            Ok(())
        };
        if let Err(error) = parser.parse2(tokens) {
            errors.absorb(error);
        }
        options
    }

    /// The first option of a key.
    pub(crate) fn find(&self, key: &str) -> Option<&Entry> {
        self.entries.iter().find(|entry| entry.key == key)
    }

    /// Adds what another attribute of the same kind says.
    pub(crate) fn extend(&mut self, more: Self) {
        self.literals.extend(more.literals);
        self.entries.extend(more.entries);
    }

    fn element(&mut self, input: ParseStream<'_>) -> syn::Result<()> {
        if input.peek(Lit) {
            self.literals.push(input.parse()?);
            return Ok(());
        }
        if !input.peek(Ident::peek_any) {
            return Err(input.error("expected an option such as `name = \"…\"`"));
        }
        let key = input.call(Ident::parse_any)?;
        let value = if input.peek(Token![=]) {
            let equals: Token![=] = input.parse()?;
            if input.is_empty() || input.peek(Token![,]) {
                let message = format!("`{key} =` needs a value");
                return Err(syn::Error::new_spanned(equals, message));
            }
            Value::Assign(input.parse()?)
        } else if input.peek(token::Paren) {
            let content;
            syn::parenthesized!(content in input);
            Value::List(
                Punctuated::<Expr, Token![,]>::parse_terminated(&content)?
                    .into_iter()
                    .collect(),
            )
        } else {
            Value::Flag
        };
        self.entries.push(Entry { key, value });
        Ok(())
    }
}

impl Entry {
    /// The tokens to blame: the value, or the key when there is none.
    pub(crate) fn blame(&self) -> TokenStream {
        match &self.value {
            Value::Flag => self.key.to_token_stream(),
            Value::Assign(value) => value.to_token_stream(),
            Value::List(values) if values.is_empty() => self.key.to_token_stream(),
            Value::List(values) => {
                let mut tokens = TokenStream::new();
                for value in values {
                    value.to_tokens(&mut tokens);
                }
                tokens
            }
        }
    }
}

fn skip_to_comma(input: ParseStream<'_>) {
    while !input.is_empty() && !input.peek(Token![,]) {
        if input.parse::<TokenTree>().is_err() {
            return;
        }
    }
}
