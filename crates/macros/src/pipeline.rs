//! The attributes as plain functions from tokens to tokens: parse, check,
//! expand, and what to give back when the check found mistakes.

use proc_macro2::{Span, TokenStream};
use quote::{ToTokens, quote};
use syn::{DeriveInput, Item, ItemFn, ItemMod};

use crate::check::{self, data::Role, runtime::Run};
use crate::errors::Errors;
use crate::expand;
use crate::parse::func;
use crate::parse::item::{Marker, ServerItem};
use crate::parse::options::Options;

/// `#[mcp_server]`
pub(crate) fn mcp_server(arguments: TokenStream, tokens: &TokenStream) -> TokenStream {
    let item: Item = match syn::parse2(tokens.clone()) {
        Ok(item) => item,
        Err(error) => return unreadable(&error, tokens),
    };
    let mut errors = Errors::default();
    let options = Options::parse(arguments, &mut errors);
    let parsed = ServerItem::take(item, &mut errors);
    let item = parsed.item.clone();
    let server = check::server::check(options, parsed, &mut errors);
    let (mistakes, beside) = if errors.is_empty() {
        (TokenStream::new(), expand::server::expand(&server))
    } else {
        (errors.to_tokens(), expand::fallback::server(&server))
    };
    match item {
        Item::Mod(ItemMod {
            content: Some((_, ref items)),
            ref attrs,
            ref vis,
            ref ident,
            ..
        }) if expand::server::goes_inside(&server.form) => {
            let (outer, inner): (Vec<_>, Vec<_>) = attrs
                .iter()
                .partition(|attr| matches!(attr.style, syn::AttrStyle::Outer));
            quote!(#mistakes #(#outer)* #vis mod #ident { #(#inner)* #(#items)* #beside })
        }
        item => quote!(#mistakes #item #beside),
    }
}

/// `#[mcp_tool]` and its kin where no `#[mcp_server]` has read them.
pub(crate) fn marker(marker: Marker, arguments: TokenStream, tokens: &TokenStream) -> TokenStream {
    let mut errors = Errors::default();
    let Ok(func) = syn::parse2::<ItemFn>(tokens.clone()) else {
        let message = format!("`#[{}]` goes on a function", marker.name());
        errors.push_at(Span::call_site(), message);
        return give_back(&errors, tokens);
    };
    let options = Options::parse(arguments, &mut errors);
    let vis = func.vis.clone();
    let parsed = ServerItem::alone(marker, options, func, &mut errors);
    let item = parsed.item.clone();
    let server = check::lone::check(parsed, &mut errors);
    let (mistakes, beside) = if errors.is_empty() {
        (TokenStream::new(), expand::lone::expand(&server, &vis))
    } else {
        (errors.to_tokens(), expand::lone::fallback(&server, &vis))
    };
    quote!(#mistakes #item #beside)
}

/// `#[middleware]`
pub(crate) fn middleware(arguments: TokenStream, tokens: &TokenStream) -> TokenStream {
    let item: Item = match syn::parse2(tokens.clone()) {
        Ok(item) => item,
        Err(error) => return unreadable(&error, tokens),
    };
    let mut errors = Errors::default();
    let options = Options::parse(arguments, &mut errors);
    let middleware = check::middleware::check(options, &item, &mut errors);
    let block = matches!(item, Item::Impl(_)).then(|| item.to_token_stream());
    match middleware {
        Some(middleware) if errors.is_empty() => {
            let expansion = expand::middleware::expand(&middleware);
            quote!(#block #expansion)
        }
        other => {
            let krate = other.map_or_else(|| syn::parse_quote!(::purlin), |other| other.krate);
            let fallback = expand::fallback::middleware(&item, &krate);
            let untouched = match &item {
                Item::Fn(_) => None,
                item => Some(item),
            };
            let mistakes = errors.to_tokens();
            quote!(#mistakes #untouched #fallback)
        }
    }
}

/// `#[policy]`
pub(crate) fn policy(arguments: TokenStream, tokens: &TokenStream) -> TokenStream {
    let mut errors = Errors::default();
    let Ok(item) = syn::parse2::<ItemFn>(tokens.clone()) else {
        let message = "`#[policy]` goes on a function; for a type, implement `Policy`";
        errors.push_at(Span::call_site(), message);
        return give_back(&errors, tokens);
    };
    let options = Options::parse(arguments, &mut errors);
    // In an `impl` block nothing can take its place.
    let is_method = item.sig.receiver().is_some();
    let policy = check::policy::check(options, item, &mut errors);
    if is_method {
        return give_back(&errors, tokens);
    }
    if errors.is_empty() {
        return expand::policy::expand(&policy);
    }
    let (mistakes, fallback) = (errors.to_tokens(), expand::policy::fallback(&policy));
    quote!(#mistakes #fallback)
}

/// `#[derive(ToolArg)]` and `#[derive(ToolOutput)]`
pub(crate) fn data(role: Role, tokens: TokenStream) -> TokenStream {
    let input: DeriveInput = match syn::parse2(tokens) {
        Ok(input) => input,
        Err(error) => return error.to_compile_error(),
    };
    let mut errors = Errors::default();
    let data = check::data::check(role, input, &mut errors);
    if errors.is_empty() {
        return expand::data::expand(&data);
    }
    let (mistakes, fallback) = (errors.to_tokens(), expand::data::fallback(&data));
    quote!(#mistakes #fallback)
}

/// `#[derive(Operations)]`
pub(crate) fn operations(tokens: TokenStream) -> TokenStream {
    let input: DeriveInput = match syn::parse2(tokens) {
        Ok(input) => input,
        Err(error) => return error.to_compile_error(),
    };
    let mut errors = Errors::default();
    let operations = check::operations::check(input, &mut errors);
    if errors.is_empty() {
        return expand::operations::expand(&operations);
    }
    let (mistakes, fallback) = (
        errors.to_tokens(),
        expand::operations::fallback(&operations),
    );
    quote!(#mistakes #fallback)
}

/// `#[derive(ToolError)]`
pub(crate) fn error(tokens: TokenStream) -> TokenStream {
    let input: DeriveInput = match syn::parse2(tokens) {
        Ok(input) => input,
        Err(error) => return error.to_compile_error(),
    };
    let mut errors = Errors::default();
    let error = check::error::check(input, &mut errors);
    if errors.is_empty() {
        return expand::error::expand(&error);
    }
    let (mistakes, fallback) = (errors.to_tokens(), expand::error::fallback(&error));
    quote!(#mistakes #fallback)
}

/// `#[derive(Config)]`
pub(crate) fn config(tokens: TokenStream) -> TokenStream {
    let input: DeriveInput = match syn::parse2(tokens) {
        Ok(input) => input,
        Err(error) => return error.to_compile_error(),
    };
    let mut errors = Errors::default();
    let config = check::config::check(input, &mut errors);
    if errors.is_empty() {
        return expand::config::expand(&config);
    }
    let (mistakes, fallback) = (errors.to_tokens(), expand::config::fallback(&config));
    quote!(#mistakes #fallback)
}

/// `#[purlin::main]`
pub(crate) fn main(arguments: TokenStream, tokens: &TokenStream) -> TokenStream {
    run(arguments, tokens, check::runtime::main)
}

/// `#[purlin::test]`
pub(crate) fn test(arguments: TokenStream, tokens: &TokenStream) -> TokenStream {
    run(arguments, tokens, check::runtime::test)
}

fn run(
    arguments: TokenStream,
    tokens: &TokenStream,
    check: fn(Options, &ItemFn, &mut Errors) -> Run,
) -> TokenStream {
    let item: ItemFn = match syn::parse2(tokens.clone()) {
        Ok(item) => item,
        Err(_) => {
            let mut errors = Errors::default();
            errors.push_at(Span::call_site(), "this attribute goes on an `async fn`");
            return give_back(&errors, tokens);
        }
    };
    let mut errors = Errors::default();
    let options = Options::parse(arguments, &mut errors);
    let run = check(options, &item, &mut errors);
    if errors.is_empty() {
        return expand::runtime::expand(&run, &item);
    }
    expand::fallback::run(&errors, &item)
}

/// The mistakes, and the item with its helper attributes off.
fn give_back(errors: &Errors, tokens: &TokenStream) -> TokenStream {
    let mistakes = errors.to_tokens();
    match syn::parse2::<ItemFn>(tokens.clone()) {
        Ok(mut item) => {
            func::strip(&mut item.sig);
            quote!(#mistakes #item)
        }
        Err(_) => quote!(#mistakes #tokens),
    }
}

/// What syn cannot read, the compiler is to judge.
fn unreadable(error: &syn::Error, tokens: &TokenStream) -> TokenStream {
    let error = error.to_compile_error();
    quote!(#error #tokens)
}
