//! The calls for one parameter: describe, take, extract.

use proc_macro2::{Ident, Span, TokenStream};
use quote::{format_ident, quote, quote_spanned};
use syn::spanned::Spanned;

use super::func::Flavour;
use super::target::Target;
use super::{located, spec};
use crate::check::func::Param;
use crate::check::ty::{self, Owned};

/// A parameter at its place in the list.
pub(crate) struct Slot<'a> {
    pub(crate) param: &'a Param,
    pub(crate) index: usize,
    pub(crate) target: &'a Target,
    pub(crate) flavour: &'static Flavour,
}

impl Slot<'_> {
    /// The tag that knows, by trait, what the parameter is. Everything in it is
    /// located at the type, so that errors about it collapse into one.
    fn kind(&self) -> TokenStream {
        let ty = self.owned();
        let argument = self.flavour.argument.map(|method| {
            let method = self.method(method);
            quote_spanned!(self.span()=> .#method())
        });
        quote_spanned!(self.span()=> (&&__p::Kind::<#ty>::NEW).param()#argument)
    }

    /// Keeps the tag for the calls that follow.
    pub(crate) fn bind(&self) -> TokenStream {
        let (kind, tag) = (self.kind(), self.tag());
        quote_spanned!(self.span()=> let #tag = #kind;)
    }

    /// The local that keeps the tag. It cannot meet those of the parameters,
    /// whose hygiene is another.
    fn tag(&self) -> Ident {
        format_ident!("kind_{}", self.index, span = self.span())
    }

    /// The type that is decoded.
    pub(crate) fn owned(&self) -> TokenStream {
        match &self.param.passed.owned {
            Owned::Same(ty) => self.target.spelled(ty),
            Owned::Lent(ty) => {
                let ty = self.target.spelled(ty);
                quote_spanned!(self.span()=> <#ty as __p::Lend>::Owned)
            }
            Owned::Text => quote_spanned!(self.span()=> __p::String),
            Owned::List(ty) => {
                let ty = self.target.spelled(ty);
                quote_spanned!(self.span()=> __p::Vec<#ty>)
            }
        }
    }

    pub(crate) fn span(&self) -> Span {
        located(self.param.passed.written.span())
    }

    /// The local that carries the value. Its hygiene keeps it apart from the
    /// other locals of the expansion, whatever the user calls the parameter.
    pub(crate) fn local(&self) -> Ident {
        let mut local = self.param.ident.clone();
        local.set_span(Span::mixed_site());
        local
    }

    /// Refuses the context by value. Only a plain path can be an alias of it.
    pub(crate) fn probe(&self) -> Option<TokenStream> {
        let passed = &self.param.passed;
        if passed.borrowed || self.target.is_open() || !ty::may_be_alias(&passed.written) {
            return None;
        }
        let ty = self.owned();
        Some(quote_spanned! {self.span()=>
            const _: () = __p::borrows_context(<__p::Probe<#ty>>::IS_CONTEXT);
        })
    }

    /// Holds the limits against what the name of the type stands for. Those of
    /// a type with a standard name are held against it by the check.
    pub(crate) fn limits(&self) -> Option<TokenStream> {
        let constraints = spec::constraints(self.param)?;
        if self.target.is_open() || !ty::may_be_alias(&self.param.passed.written) {
            return None;
        }
        let ty = self.owned();
        Some(quote_spanned! {self.span()=>
            const _: () = __p::limits_suit(<__p::Probe<#ty>>::SHAPE, #constraints);
        })
    }

    /// Refuses, if the parameter stands for several operations, one of `others`
    /// with the name of an argument that one of them has.
    pub(crate) fn apart<'s>(&self, others: impl Iterator<Item = Slot<'s>>) -> Option<TokenStream> {
        if self.target.is_generic() || !ty::may_be_alias(&self.param.passed.written) {
            return None;
        }
        let others: Vec<TokenStream> = others.map(|other| other.name_and_source()).collect();
        let ty = self.owned();
        (!others.is_empty()).then(|| {
            quote_spanned! {self.span()=>
                const _: () = __p::stands_apart(<__p::Probe<#ty>>::OPERATIONS, &[#(#others),*]);
            }
        })
    }

    fn name_and_source(&self) -> TokenStream {
        let (name, ty) = (&self.param.wire, self.owned());
        quote!((#name, <__p::Probe<#ty>>::IS_INJECTED))
    }

    /// Refuses, with `message`, a parameter that is not injected.
    pub(crate) fn must_be_injected(&self, message: &str) -> Option<TokenStream> {
        if self.target.is_open() {
            return None;
        }
        let ty = self.owned();
        Some(quote_spanned! {located(self.param.ident.span())=>
            const _: () = __p::is_filled(<__p::Probe<#ty>>::IS_INJECTED, #message);
        })
    }

    /// Tells the schema about it.
    pub(crate) fn describe(&self) -> TokenStream {
        let (kind, index) = (self.kind(), self.index);
        match &self.param.default {
            None => {
                let describe = self.method(self.flavour.describe);
                quote_spanned!(self.span()=> #kind.#describe(description, #index);)
            }
            Some(default) => {
                let method = self.method(self.flavour.default);
                let default = spec::default(default, self.target);
                quote_spanned!(self.span()=> #kind.#method(description, #index, #default);)
            }
        }
    }

    /// Takes it out of the arguments.
    pub(crate) fn take(&self) -> TokenStream {
        let (tag, index, local) = (self.tag(), self.index, self.local());
        match &self.param.default {
            None => {
                let take = self.method(self.flavour.take);
                quote_spanned!(self.span()=> let #local = #tag.#take(&mut input, #index);)
            }
            Some(default) => {
                let take_or = self.method(self.flavour.take_or);
                let default = spec::default(default, self.target);
                quote_spanned! {self.span()=>
                    let #local = #tag.#take_or(&mut input, #index, #default);
                }
            }
        }
    }

    fn method(&self, name: &str) -> Ident {
        Ident::new(name, self.span())
    }

    /// Makes it the value the function is called with.
    pub(crate) fn extract(&self) -> TokenStream {
        let (tag, local) = (self.tag(), self.local());
        quote_spanned! {self.span()=>
            let #local = #tag.extract(#local, input.context()).await?;
        }
    }

    /// The argument in the call.
    pub(crate) fn pass(&self) -> TokenStream {
        let local = self.local();
        if self.param.passed.borrowed {
            quote!(&#local)
        } else {
            quote!(#local)
        }
    }
}
