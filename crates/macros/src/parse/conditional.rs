//! `#[cfg_attr(condition, mcp_tool)]`: a function that is a component in some
//! builds. An attribute reads its item before the compiler knows which build it
//! is, so the condition goes along.

use syn::parse::{ParseStream, Parser};
use syn::punctuated::Punctuated;
use syn::{Attribute, Meta, Token, parse_quote};

use super::item::Marker;

/// Puts the markers inside of `#[cfg_attr(..)]` beside it, and gives their
/// conditions back as `#[cfg(..)]`.
pub(super) fn take(attrs: &mut Vec<Attribute>) -> Vec<Attribute> {
    let mut conditions = Vec::new();
    for attr in std::mem::take(attrs) {
        let Some((condition, metas)) = parts(&attr) else {
            attrs.push(attr);
            continue;
        };
        let inner = metas.into_iter().map(|meta| parse_quote!(#[#meta]));
        let (markers, others): (Vec<Attribute>, Vec<Attribute>) =
            inner.partition(|attr| Marker::of(attr).is_some());
        if markers.is_empty() {
            attrs.push(attr);
            continue;
        }
        attrs.extend(others.iter().map(|other| {
            let meta = &other.meta;
            parse_quote!(#[cfg_attr(#condition, #meta)])
        }));
        attrs.extend(markers);
        conditions.push(parse_quote!(#[cfg(#condition)]));
    }
    conditions
}

/// The condition, and the attributes that depend on it.
fn parts(attr: &Attribute) -> Option<(Meta, Punctuated<Meta, Token![,]>)> {
    if !attr.path().is_ident("cfg_attr") {
        return None;
    }
    let parser = |input: ParseStream<'_>| {
        let condition = input.parse()?;
        let _comma: Token![,] = input.parse()?;
        Ok((condition, Punctuated::parse_terminated(input)?))
    };
    parser
        .parse2(attr.meta.require_list().ok()?.tokens.clone())
        .ok()
}
