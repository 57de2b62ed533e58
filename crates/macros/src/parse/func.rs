//! A function as the macros see it.

use proc_macro2::{Ident, TokenStream};
use quote::ToTokens;
use syn::{Attribute, Block, FnArg, Meta, PatType, Receiver, Signature};

use super::docs::Docs;
use super::options::Options;
use crate::errors::Errors;

/// The name of the helper attribute on parameters.
pub(crate) const ARG: &str = "arg";

/// A function, with what was written on its parameters.
pub(crate) struct Func {
    /// The doc comment.
    pub(crate) docs: Docs,
    /// `#[cfg(..)]` on the function: what is registered for it carries them.
    pub(crate) cfgs: Vec<Attribute>,
    /// `#[deprecated]` on the function.
    pub(crate) deprecated: Option<Attribute>,
    /// The signature, free of helper attributes.
    pub(crate) sig: Signature,
    /// The parameters other than `self`, in order.
    pub(crate) params: Vec<Param>,
    /// The code, braces included.
    pub(crate) body: TokenStream,
}

/// One parameter.
pub(crate) struct Param {
    pub(crate) docs: Docs,
    pub(crate) options: Options,
    pub(crate) typed: PatType,
}

impl Func {
    /// Reads the function and takes the helper attributes off `sig`.
    pub(crate) fn take(
        attrs: &[Attribute],
        sig: &mut Signature,
        block: &Block,
        errors: &mut Errors,
    ) -> Self {
        let mut params = Vec::new();
        for input in &mut sig.inputs {
            if let FnArg::Typed(typed) = input {
                let docs = Docs::take(&mut typed.attrs);
                let options = take_options(&mut typed.attrs, errors);
                params.push(Param {
                    docs,
                    options,
                    typed: typed.clone(),
                });
            }
        }
        Self {
            docs: Docs::read(attrs),
            cfgs: cfgs(attrs),
            deprecated: attrs
                .iter()
                .find(|attr| attr.path().is_ident("deprecated"))
                .cloned(),
            sig: sig.clone(),
            params,
            body: block.to_token_stream(),
        }
    }

    pub(crate) fn receiver(&self) -> Option<&Receiver> {
        self.sig.receiver()
    }
}

/// The `#[cfg(..)]` attributes among `attrs`.
pub(crate) fn cfgs(attrs: &[Attribute]) -> Vec<Attribute> {
    attrs
        .iter()
        .filter(|attr| attr.path().is_ident("cfg"))
        .cloned()
        .collect()
}

/// Takes docs and `#[arg(..)]` off every parameter, without reading them.
pub(crate) fn strip(sig: &mut Signature) {
    for input in &mut sig.inputs {
        let attrs = match input {
            FnArg::Receiver(receiver) => &mut receiver.attrs,
            FnArg::Typed(typed) => &mut typed.attrs,
        };
        attrs.retain(|attr| !attr.path().is_ident("doc") && !is(attr, ARG));
    }
}

/// The name of each `#[arg]` on a parameter.
pub(crate) fn inert(sig: &Signature) -> impl Iterator<Item = Ident> {
    let attrs = sig.inputs.iter().flat_map(|input| match input {
        FnArg::Receiver(receiver) => &receiver.attrs,
        FnArg::Typed(typed) => &typed.attrs,
    });
    attrs.filter_map(|attr| named(attr, ARG))
}

/// Whether `attr` is `#[name]`, by any path.
pub(crate) fn is(attr: &Attribute, name: &str) -> bool {
    named(attr, name).is_some()
}

/// The name in `attr` where it is `#[name]`, by any path.
pub(crate) fn named(attr: &Attribute, name: &str) -> Option<Ident> {
    let last = attr.path().segments.last()?;
    (last.ident == name).then(|| last.ident.clone())
}

/// The options of one attribute: nothing for the bare `#[name]`.
pub(crate) fn options(attr: &Attribute, errors: &mut Errors) -> Options {
    match &attr.meta {
        Meta::Path(_) => Options::default(),
        Meta::List(list) => Options::parse(list.tokens.clone(), errors),
        Meta::NameValue(pair) => {
            let name = attr.path().segments.last().map(|last| &last.ident);
            let name = name.map(ToString::to_string).unwrap_or_default();
            let message = format!("write the options in parentheses: `#[{name}(…)]`");
            errors.push(pair, message);
            Options::parse(TokenStream::new(), errors)
        }
    }
}

fn take_options(attrs: &mut Vec<Attribute>, errors: &mut Errors) -> Options {
    let mut all = Options::default();
    for attr in attrs.iter().filter(|attr| is(attr, ARG)) {
        all.extend(options(attr, errors));
    }
    attrs.retain(|attr| !is(attr, ARG));
    all
}
