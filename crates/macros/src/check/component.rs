//! What tools, resources and prompts have in common.

use std::time::Duration;

use syn::{Ident, LitStr};

use super::icon::{self, Icon};
use super::name::{self, Name};
use super::options::Reader;
use super::{duration, json, key};
use crate::errors::Errors;
use crate::parse::docs::{Docs, Text};

/// The options every component takes.
pub(crate) struct Component {
    pub(crate) name: Name,
    pub(crate) title: Option<Text>,
    pub(crate) description: Option<Text>,
    pub(crate) tags: Vec<String>,
    pub(crate) icons: Vec<Icon>,
    pub(crate) timeout: Option<Duration>,
    /// JSON text.
    pub(crate) meta: Option<String>,
}

impl Component {
    /// Reads the options of the `noun` that the function `ident` is.
    pub(crate) fn read(
        noun: &str,
        ident: &Ident,
        docs: &Docs,
        options: &mut Reader,
        errors: &mut Errors,
    ) -> Self {
        Self {
            name: name::of_function(noun, options, ident, errors),
            title: options.text(key::TITLE, errors),
            description: options
                .text(key::DESCRIPTION, errors)
                .or_else(|| docs.text()),
            tags: options
                .words(key::TAGS, errors)
                .iter()
                .map(LitStr::value)
                .collect(),
            icons: icon::read(options, errors),
            timeout: duration::timeout(options, errors),
            meta: meta(options, errors),
        }
    }
}

fn meta(options: &mut Reader, errors: &mut Errors) -> Option<String> {
    let literal = options.literal(key::META, errors)?;
    if !json::is_object(&literal.value()) {
        let message = "`meta` is a JSON object: `meta = r#\"{\"team\": \"weather\"}\"#`";
        errors.push(&literal, message);
    }
    Some(literal.value())
}
