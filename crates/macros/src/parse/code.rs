//! The code of functions, as tokens: what a macro in it is given is seen too.

use proc_macro2::TokenStream;
use quote::ToTokens;
use syn::{Attribute, Block, ImplItem, Item, ItemFn, ItemImpl, ItemMod, Signature};

use super::func;
use super::item::Marker;

/// A function that is no component.
pub(crate) struct Helper {
    pub(crate) is_async: bool,
    pub(crate) cfgs: Vec<Attribute>,
    pub(crate) body: TokenStream,
}

/// What a module holds beside functions.
#[derive(Default)]
pub(crate) struct Surroundings {
    /// Its `use` items.
    pub(crate) imports: TokenStream,
    /// Its constants, statics and macro calls.
    pub(crate) globals: TokenStream,
}

impl Helper {
    /// The function, unless it is a component or there for tests only.
    fn new(attrs: &[Attribute], sig: &Signature, block: &Block) -> Option<Self> {
        let is_component = attrs.iter().any(|attr| Marker::of(attr).is_some());
        (!is_component && !is_for_tests(attrs)).then(|| Self {
            is_async: sig.asyncness.is_some(),
            cfgs: func::cfgs(attrs),
            body: block.to_token_stream(),
        })
    }

    /// A free function.
    pub(crate) fn of_func(item: &ItemFn) -> Option<Self> {
        Self::new(&item.attrs, &item.sig, &item.block)
    }

    /// The functions of a block.
    pub(crate) fn of_impl(block: &ItemImpl) -> Vec<Self> {
        let funcs = block.items.iter().filter_map(|item| match item {
            ImplItem::Fn(func) => Self::new(&func.attrs, &func.sig, &func.block),
            _ => None,
        });
        funcs.collect()
    }

    /// The functions of a module, and those of the types in it.
    pub(crate) fn of_mod(module: &ItemMod) -> Vec<Self> {
        let items = module.content.iter().flat_map(|(_, items)| items);
        let helpers = items.flat_map(|item| match item {
            Item::Fn(func) => Self::of_func(func).into_iter().collect(),
            Item::Impl(block) if !is_for_tests(&block.attrs) => Self::of_impl(block),
            _ => Vec::new(),
        });
        helpers.collect()
    }
}

impl Surroundings {
    /// Reads a module.
    pub(crate) fn of_mod(module: &ItemMod) -> Self {
        let mut surroundings = Self::default();
        for item in module.content.iter().flat_map(|(_, items)| items) {
            match item {
                Item::Use(item) => item.to_tokens(&mut surroundings.imports),
                Item::Const(item) if !is_for_tests(&item.attrs) => {
                    item.to_tokens(&mut surroundings.globals);
                }
                Item::Static(item) if !is_for_tests(&item.attrs) => {
                    item.to_tokens(&mut surroundings.globals);
                }
                Item::Macro(item) if !is_for_tests(&item.attrs) && item.ident.is_none() => {
                    item.to_tokens(&mut surroundings.globals);
                }
                _ => {}
            }
        }
        surroundings
    }
}

/// Whether `attrs` hold `#[test]` or a `#[cfg(..)]` that asks for tests.
fn is_for_tests(attrs: &[Attribute]) -> bool {
    attrs.iter().any(|attr| {
        let cfg = attr.path().is_ident("cfg") && {
            let condition = attr.meta.to_token_stream().to_string();
            condition == "cfg (test)" || condition == "cfg(test)"
        };
        cfg || attr.path().is_ident("test")
    })
}
