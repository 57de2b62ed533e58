//! `#[mcp_prompt]`.

use super::component::Component;
use super::func::{self, Func};
use super::options::Reader;
use super::{attribute, key, tool};
use crate::errors::Errors;
use crate::parse;
use crate::parse::item::Marker;

/// A prompt that can be registered.
pub(crate) struct Prompt {
    pub(crate) component: Component,
    pub(crate) hidden: bool,
    pub(crate) blocking: bool,
    pub(crate) func: Func,
}

/// Checks one prompt.
pub(crate) fn check(parsed: parse::item::Component, errors: &mut Errors) -> Prompt {
    let noun = Marker::Prompt.noun();
    let mut options = Reader::new(&attribute::PROMPT, parsed.options, errors);
    let component = Component::read(noun, &parsed.func, &mut options, errors);
    let blocking = tool::blocking(noun, &parsed.func, &mut options, errors);
    Prompt {
        component,
        hidden: options.flag(key::HIDDEN, errors) == Some(true),
        blocking,
        func: func::check(noun, parsed.func, errors),
    }
}
