//! The constants that describe components.

use std::time::Duration;

use proc_macro2::{Ident, TokenStream};
use quote::{ToTokens, quote, quote_spanned};
use syn::spanned::Spanned;
use syn::{Expr, LitStr};

use super::located;
use super::target::Target;
use crate::check::component::Component;
use crate::check::constraint::{Constraint, Number};
use crate::check::demand::Demand;
use crate::check::deprecated::Deprecation;
use crate::check::func::Param;
use crate::check::icon::Icon;
use crate::check::rate::Rate;
use crate::parse::docs::Text;

impl ToTokens for Text {
    fn to_tokens(&self, tokens: &mut TokenStream) {
        tokens.extend(match self {
            Self::Literal(text) => quote!(#text),
            Self::Lines(lines) => match &lines[..] {
                [line] => quote!(#line),
                lines => quote!(::core::concat!(#(#lines, "\n"),*)),
            },
            Self::Expr(expr) => quote!(#expr),
        });
    }
}

/// `name: Some(value),`, or nothing: the rest of the constant is empty.
pub(crate) fn field(name: &str, value: Option<impl ToTokens>) -> TokenStream {
    value.map_or_else(TokenStream::new, |value| {
        let name = quote::format_ident!("{name}");
        quote!(#name: ::core::option::Option::Some(#value),)
    })
}

/// `name: &[a, b],`, or nothing.
pub(crate) fn list(name: &str, values: &[impl ToTokens]) -> TokenStream {
    if values.is_empty() {
        return TokenStream::new();
    }
    let name = quote::format_ident!("{name}");
    quote!(#name: &[#(#values),*],)
}

/// `name: true,`, or nothing.
pub(crate) fn switch(name: &str, on: bool) -> TokenStream {
    if !on {
        return TokenStream::new();
    }
    let name = quote::format_ident!("{name}");
    quote!(#name: true,)
}

/// The fields every component has.
pub(crate) fn component(component: &Component, target: &Target) -> TokenStream {
    let name = &component.name.text;
    let title = field("title", component.title.as_ref());
    let description = field("description", component.description.as_ref());
    let tags = list("tags", &component.tags);
    let icons = icons(&component.icons);
    let timeout = field("timeout", component.timeout.map(duration));
    let meta = field("meta", component.meta.as_ref());
    let layers = layers(&component.layers, target);
    let version = field("version", component.version.as_ref());
    let demand = demand(&component.demand, target);
    let rate = field("rate", component.rate.map(rate));
    let deprecated = field(
        "deprecated",
        component.deprecation.as_ref().map(deprecation),
    );
    quote! {
        name: #name,
        #title #description #tags #icons #timeout #meta #version #demand #rate #deprecated #layers
    }
}

/// The fields `scopes`, `roles` and `policies`.
pub(crate) fn demand(demand: &Demand, target: &Target) -> TokenStream {
    let scopes = list("scopes", &demand.scopes);
    let roles = list("roles", &demand.roles);
    let policies = made("policies", "guard", &demand.policies, target);
    quote!(#scopes #roles #policies)
}

fn rate(rate: Rate) -> TokenStream {
    let Rate { count, seconds } = rate;
    quote!(__p::Rate::new(#count, ::core::time::Duration::from_secs(#seconds)))
}

fn deprecation(deprecation: &Deprecation) -> TokenStream {
    let since = field("since", deprecation.since.as_ref());
    let remove_in = field("remove_in", deprecation.remove_in.as_ref());
    let note = field("note", deprecation.note.as_ref());
    quote!(__p::DeprecationSpec { #since #remove_in #note ..__p::DeprecationSpec::EMPTY })
}

/// The field `layers`, or nothing: the function that makes the middleware, each
/// checked at its expression.
pub(crate) fn layers(layers: &[Expr], target: &Target) -> Option<TokenStream> {
    made("layers", "layer", layers, target)
}

/// `name: || Vec::from([make(a), make(b)]),`, or nothing.
fn made(name: &str, make: &str, values: &[Expr], target: &Target) -> Option<TokenStream> {
    if values.is_empty() {
        return None;
    }
    let name = quote::format_ident!("{name}");
    let values = values.iter().map(|value| {
        let span = located(value.span());
        let (make, value) = (Ident::new(make, span), target.without_self(value));
        quote_spanned!(span=> __p::#make(#value))
    });
    Some(quote!(#name: || __p::Vec::from([#(#values),*]),))
}

/// The field `icons`.
pub(crate) fn icons(icons: &[Icon]) -> TokenStream {
    let icons: Vec<TokenStream> = icons.iter().map(icon).collect();
    list("icons", &icons)
}

fn icon(icon: &Icon) -> TokenStream {
    let src = &icon.src;
    let mime_type = field("mime_type", icon.mime_type.as_ref());
    let sizes = list("sizes", &icon.sizes);
    let theme = field("theme", icon.theme.as_ref());
    quote!(__p::IconSpec { src: #src, #mime_type #sizes #theme ..__p::IconSpec::EMPTY })
}

fn duration(duration: Duration) -> TokenStream {
    let millis = u64::try_from(duration.as_millis()).unwrap_or(u64::MAX);
    quote!(::core::time::Duration::from_millis(#millis))
}

/// The field `params`, one entry for each parameter in order.
pub(crate) fn params(params: &[Param], target: &Target) -> TokenStream {
    let params: Vec<TokenStream> = params
        .iter()
        .map(|param| self::param(param, target))
        .collect();
    list("params", &params)
}

/// One entry of it.
pub(crate) fn param(param: &Param, target: &Target) -> TokenStream {
    let name = &param.wire;
    let description = field("description", param.description.as_ref());
    let description = target.without_self(description);
    let has_default = switch("has_default", param.default.is_some());
    let constraints = constraints(param).map(|constraints| quote!(constraints: #constraints,));
    let aliases = texts(&param.aliases).map(|aliases| quote!(aliases: #aliases,));
    let lenient = switch("lenient", param.lenient);
    let sensitive = switch("sensitive", param.sensitive);
    quote! {
        __p::ParamSpec {
            name: #name, #description #has_default #constraints #aliases #lenient #sensitive
            ..__p::ParamSpec::EMPTY
        }
    }
}

/// Texts as a constant, if there are any.
pub(crate) fn texts(texts: &[LitStr]) -> Option<TokenStream> {
    (!texts.is_empty()).then(|| quote!(&[#(#texts),*]))
}

/// The limits of an argument, if it has any.
pub(crate) fn constraints(param: &Param) -> Option<TokenStream> {
    let constraints: Vec<TokenStream> = param.constraints.iter().map(constraint).collect();
    (!constraints.is_empty()).then(|| quote!(&[#(#constraints),*]))
}

fn constraint(constraint: &Constraint) -> TokenStream {
    let value = match constraint {
        Constraint::Min(min) => {
            let min = number(*min);
            quote!(Min(#min))
        }
        Constraint::Max(max) => {
            let max = number(*max);
            quote!(Max(#max))
        }
        Constraint::ExclusiveMax(max) => {
            let max = number(*max);
            quote!(ExclusiveMax(#max))
        }
        Constraint::MultipleOf(step) => {
            let step = number(*step);
            quote!(MultipleOf(#step))
        }
        Constraint::MinLength(min) => quote!(MinLength(#min)),
        Constraint::MaxLength(max) => quote!(MaxLength(#max)),
        Constraint::Pattern(source) => quote!(Pattern(#source)),
        Constraint::Format(name) => quote!(Format(#name)),
        Constraint::MinItems(min) => quote!(MinItems(#min)),
        Constraint::MaxItems(max) => quote!(MaxItems(#max)),
        Constraint::UniqueItems => quote!(UniqueItems),
        Constraint::OneOf(words) => quote!(OneOf(&[#(#words),*])),
        Constraint::Example(json) => quote!(Example(#json)),
        Constraint::Header(name) => quote!(Header(#name)),
    };
    quote!(__p::Constraint::#value)
}

fn number(number: Number) -> TokenStream {
    match number {
        Number::Int(int) => quote!(__p::Number::Int(#int)),
        Number::Float(float) => quote!(__p::Number::Float(#float)),
    }
}

/// The closure that makes a default. A string literal stands for whatever owns
/// a text.
pub(crate) fn default(default: &Expr, target: &Target) -> TokenStream {
    let value = target.without_self(default);
    match crate::check::options::string(default) {
        Some(_) => quote!(|| ::core::convert::Into::into(#value)),
        None => quote!(|| #value),
    }
}
