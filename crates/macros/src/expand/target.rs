//! The server type as the expansion writes it.

use proc_macro2::{Group, Ident, Span, TokenStream, TokenTree};
use quote::{ToTokens, quote};
use syn::{Generics, Type};

use crate::check::server::MODULE_TYPE;
use crate::parse::item::Form;

/// The type that implements `McpServer`.
pub(crate) struct Target {
    ty: TokenStream,
    generics: Generics,
    home: Home,
}

/// Where the functions of components are.
#[derive(Clone, Copy, Eq, PartialEq)]
enum Home {
    /// Methods of the type.
    Type,
    /// Methods of the block around the expansion, which knows the type as
    /// `Self` alone.
    Block,
    /// Functions of the module around the expansion.
    Module,
    /// Functions beside the expansion, be that in a module or in a function.
    Beside,
}

/// Locals of the expansion that would hide a function of their name.
const LOCALS: [&str; 3] = ["description", "input", "server"];

impl Target {
    pub(crate) fn new(form: &Form) -> Self {
        match form {
            Form::Impl { ty, generics } => Self {
                ty: ty.to_token_stream(),
                generics: generics.clone(),
                home: Home::Type,
            },
            Form::Struct { ident, generics } => {
                let (_, arguments, _) = generics.split_for_impl();
                Self {
                    ty: quote!(#ident #arguments),
                    generics: generics.clone(),
                    home: Home::Type,
                }
            }
            Form::Module { .. } | Form::Other => Self {
                ty: Ident::new(MODULE_TYPE, Span::call_site()).into_token_stream(),
                generics: Generics::default(),
                home: Home::Module,
            },
            Form::Function => Self {
                ty: quote!(()),
                generics: Generics::default(),
                home: Home::Beside,
            },
            Form::Method => Self {
                ty: quote!(Self),
                generics: Generics::default(),
                home: Home::Block,
            },
        }
    }

    pub(crate) fn ty(&self) -> &TokenStream {
        &self.ty
    }

    pub(crate) fn is_generic(&self) -> bool {
        !self.generics.params.is_empty()
    }

    /// Whether the type goes by `Self` alone, which no function of the expansion
    /// knows.
    pub(crate) fn is_self(&self) -> bool {
        self.home == Home::Block
    }

    /// Whether the types mean something inside the user's block only.
    pub(crate) fn is_open(&self) -> bool {
        self.is_self() || self.is_generic()
    }

    /// Whether the type borrows from something, which no server can.
    pub(crate) fn has_lifetimes(&self) -> bool {
        self.generics.lifetimes().next().is_some()
    }

    /// The generics in the three places of an `impl`.
    pub(crate) fn split(
        &self,
    ) -> (
        syn::ImplGenerics<'_>,
        syn::TypeGenerics<'_>,
        Option<&syn::WhereClause>,
    ) {
        self.generics.split_for_impl()
    }

    /// `::<T, N>` for a function that carries the generics.
    pub(crate) fn turbofish(&self) -> TokenStream {
        match self.is_generic() {
            true => self
                .generics
                .split_for_impl()
                .1
                .as_turbofish()
                .into_token_stream(),
            false => TokenStream::new(),
        }
    }

    /// The path to the function `ident`.
    pub(crate) fn function(&self, ident: &Ident) -> TokenStream {
        let ty = &self.ty;
        match self.home {
            Home::Type | Home::Block => quote!(<#ty>::#ident),
            Home::Beside if !LOCALS.iter().any(|local| ident == local) => quote!(#ident),
            Home::Module | Home::Beside => quote!(self::#ident),
        }
    }

    /// `tokens` with the server's type in place of `Self`, which the functions
    /// of the expansion do not have.
    pub(crate) fn without_self(&self, tokens: impl ToTokens) -> TokenStream {
        let tokens = tokens.to_token_stream();
        match self.home {
            Home::Type => replace(tokens, &self.ty),
            Home::Block | Home::Module | Home::Beside => tokens,
        }
    }

    /// The same for a type, with its lifetimes left to inference: those of the
    /// user's function have no meaning in the expansion's.
    pub(crate) fn spelled(&self, ty: &Type) -> TokenStream {
        anonymous(self.without_self(ty))
    }
}

/// `tokens` with all lifetimes left to inference.
pub(crate) fn anonymous(tokens: impl ToTokens) -> TokenStream {
    let mut quoted = false;
    let rename = |token| match token {
        TokenTree::Punct(punct) => {
            quoted = punct.as_char() == '\'';
            TokenTree::Punct(punct)
        }
        TokenTree::Ident(ident) if std::mem::take(&mut quoted) && ident != "static" => {
            TokenTree::Ident(Ident::new("_", ident.span()))
        }
        TokenTree::Group(group) => {
            let mut inner = Group::new(group.delimiter(), anonymous(group.stream()));
            inner.set_span(group.span());
            TokenTree::Group(inner)
        }
        other => other,
    };
    tokens.to_token_stream().into_iter().map(rename).collect()
}

fn replace(tokens: TokenStream, ty: &TokenStream) -> TokenStream {
    let mut replaced = TokenStream::new();
    let mut rest = tokens.into_iter().peekable();
    while let Some(token) = rest.next() {
        match token {
            TokenTree::Ident(ident) if ident == "Self" => {
                let qualifies = matches!(rest.peek(),
                    Some(TokenTree::Punct(punct)) if punct.as_char() == ':');
                replaced.extend(if qualifies { quote!(<#ty>) } else { ty.clone() });
            }
            TokenTree::Group(group) => {
                let mut inner = Group::new(group.delimiter(), replace(group.stream(), ty));
                inner.set_span(group.span());
                replaced.extend([TokenTree::Group(inner)]);
            }
            other => replaced.extend([other]),
        }
    }
    replaced
}
