//! `#[derive(Config)]`.

use proc_macro2::{Ident, TokenStream};
use quote::{format_ident, quote, quote_spanned};
use syn::spanned::Spanned;
use syn::{Expr, Path};

use super::{located, spec};
use crate::check::config::{Body, Choice, Config, Default, Setting};
use crate::check::constraint::{Constraint, Number};
use crate::check::options::shown;

/// What goes beside the type.
pub(crate) fn expand(config: &Config) -> TokenStream {
    let ident = &config.ident;
    match &config.body {
        Body::Group { settings, validate } => group(config, settings, validate.as_ref()),
        Body::Choice(choices) => implementation(&config.krate, &choice(ident, choices)),
    }
}

/// The impls of a type that was refused.
pub(crate) fn fallback(config: &Config) -> TokenStream {
    let ident = &config.ident;
    let (generics, arguments, bounds) = config.generics.split_for_impl();
    let is_plain = config.generics.params.is_empty();
    let whole = match config.body {
        Body::Group { .. } if is_plain => Some(quote!(impl __c::Config for #ident {})),
        _ => None,
    };
    implementation(
        &config.krate,
        &quote! {
            impl #generics __c::Setting for #ident #arguments #bounds {
                fn shape() -> __c::Shape {
                    __c::Shape::group(&[])
                }
                fn read(_: &__c::Node, _: &mut __c::Reader<'_>) -> __c::Option<Self> {
                    __c::Option::None
                }
                fn show(&self) -> __c::String {
                    __c::String::new()
                }
            }
            #whole
        },
    )
}

fn implementation(krate: &Path, items: &TokenStream) -> TokenStream {
    quote! {
        #[allow(clippy::needless_update, clippy::needless_borrow)]
        const _: () = {
            use #krate::__private::config as __c;
            #items
        };
    }
}

fn group(config: &Config, settings: &[Setting], validate: Option<&Expr>) -> TokenStream {
    let ident = &config.ident;
    let fields = settings
        .iter()
        .enumerate()
        .map(|(index, one)| field(index, one));
    let accesses = settings
        .iter()
        .enumerate()
        .map(|(index, one)| access(index, one));
    let takes = settings
        .iter()
        .enumerate()
        .map(|(index, setting)| take(index, setting));
    let members = settings.iter().enumerate().map(|(index, setting)| {
        let (name, local) = (&setting.ident, local(index));
        quote!(#name: #local?,)
    });
    let shows = settings.iter().enumerate().map(|(index, setting)| {
        let (name, access) = (&setting.ident, access_name(index));
        quote!((#access.show)(&self.#name))
    });
    let whole = match validate {
        Some(check) => {
            let span = located(check.span());
            quote_spanned!(span=> group.checked(whole, |whole: &Self| (#check)(whole)))
        }
        None => quote!(__c::Option::Some(whole)),
    };
    let mutable = (!settings.is_empty()).then(|| quote!(mut));
    let unused = (settings.is_empty() && validate.is_none()).then(|| quote!(let _ = group;));
    implementation(
        &config.krate,
        &quote! {
            #(#accesses)*
            const FIELDS: &[__c::Field] = &[#(#fields),*];
            #[automatically_derived]
            impl __c::Setting for #ident {
                fn shape() -> __c::Shape {
                    __c::Shape::group(FIELDS)
                }
                fn read(node: &__c::Node, reader: &mut __c::Reader<'_>) -> __c::Option<Self> {
                    let #mutable group = reader.group(node, FIELDS)?;
                    #(#takes)*
                    let whole = Self { #(#members)* };
                    #unused
                    #whole
                }
                fn show(&self) -> __c::String {
                    __c::show_group(FIELDS, &[#(#shows),*])
                }
            }
            #[automatically_derived]
            impl __c::Config for #ident {}
        },
    )
}

fn local(index: usize) -> Ident {
    format_ident!("field_{index}", span = proc_macro2::Span::mixed_site())
}

fn access_name(index: usize) -> Ident {
    format_ident!("ACCESS_{index}")
}

/// The constant with what the type of a setting can do. That it is a setting is
/// asked here alone, so a type that is none is one error.
fn access(index: usize, setting: &Setting) -> TokenStream {
    let (name, ty) = (access_name(index), &setting.ty);
    let value = quote_spanned!(located(ty.span())=> __c::Access::<#ty>::of());
    quote!(const #name: __c::Access<#ty> = #value;)
}

/// The description of a setting.
fn field(index: usize, setting: &Setting) -> TokenStream {
    let (name, access) = (&setting.name, access_name(index));
    let help = setting.help.as_ref().map(|help| quote!(help: #help,));
    let variables = spec::list("variables", &setting.variables);
    let flag = spec::field("flag", setting.flag.as_ref());
    let (text, default) = match &setting.default {
        Some(Default::Text(text)) => (Some(text.clone()), None),
        Some(Default::Value(expr)) => (None, Some(shown(expr))),
        None => (None, None),
    };
    let (text, default) = (spec::field("text", text), spec::field("default", default));
    let secret = spec::switch("secret", setting.secret);
    quote! {
        __c::Field {
            name: #name,
            #help
            shape: #access.shape,
            #variables #flag #text #default #secret
            ..__c::Field::EMPTY
        }
    }
}

/// The calls that read a setting.
fn take(index: usize, setting: &Setting) -> TokenStream {
    let (ty, local, access) = (&setting.ty, local(index), access_name(index));
    let taken = match &setting.default {
        Some(Default::Value(expr)) => quote!(group.take_or(#index, &#access, || #expr)),
        _ => quote!(group.take(#index, &#access)),
    };
    let within = (!setting.range.is_empty()).then(|| {
        let range = range(&setting.range);
        let span = located(setting.range_span.unwrap_or_else(|| ty.span()));
        quote_spanned!(span=> group.within(#index, &#local, &#range);)
    });
    let valid = setting.validate.as_ref().map(|check| {
        let span = located(check.span());
        quote_spanned!(span=> group.valid(#index, &#local, |value: &#ty| (#check)(value));)
    });
    quote!(let #local = #taken; #within #valid)
}

fn range(bounds: &[Constraint]) -> TokenStream {
    let bounds = bounds.iter().map(|bound| match bound {
        Constraint::Min(min) => bound_of("min", *min),
        Constraint::Max(max) => bound_of("max", *max),
        Constraint::ExclusiveMax(max) => bound_of("below", *max),
        _ => TokenStream::new(),
    });
    quote!(__c::Range { #(#bounds)* ..__c::Range::ALL })
}

fn bound_of(name: &str, number: Number) -> TokenStream {
    spec::field(name, Some(number.value()))
}

fn choice(ident: &Ident, choices: &[Choice]) -> TokenStream {
    let names: Vec<&String> = choices.iter().map(|choice| &choice.name).collect();
    let variants: Vec<&Ident> = choices.iter().map(|choice| &choice.ident).collect();
    quote! {
        const NAMES: &[&str] = &[#(#names),*];
        #[automatically_derived]
        impl __c::Setting for #ident {
            fn shape() -> __c::Shape {
                __c::Shape::choice(NAMES)
            }
            fn read(node: &__c::Node, reader: &mut __c::Reader<'_>) -> __c::Option<Self> {
                let at = reader.choice(node, NAMES)?;
                [#(Self::#variants),*].into_iter().nth(at)
            }
            fn show(&self) -> __c::String {
                __c::String::from(match self { #(Self::#variants => #names),* })
            }
        }
    }
}
