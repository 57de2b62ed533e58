//! What tools, resources and prompts have in common.

use std::time::Duration;

use syn::{Expr, LitStr};

use super::demand::{self, Demand};
use super::deprecated::{self, Deprecation};
use super::icon::{self, Icon};
use super::lint::{Lint, level};
use super::name::{self, Name};
use super::options::Reader;
use super::rate::{self, Rate};
use super::{duration, json, key, layer};
use crate::errors::Errors;
use crate::parse::docs::Text;
use crate::parse::func::Func;

/// The options every component takes.
pub(crate) struct Component {
    pub(crate) name: Name,
    pub(crate) title: Option<Text>,
    pub(crate) description: Option<Text>,
    pub(crate) tags: Vec<String>,
    pub(crate) icons: Vec<Icon>,
    pub(crate) timeout: Option<Duration>,
    /// What is put around it.
    pub(crate) layers: Vec<Expr>,
    /// JSON text.
    pub(crate) meta: Option<String>,
    pub(crate) version: Option<Text>,
    pub(crate) demand: Demand,
    pub(crate) rate: Option<Rate>,
    pub(crate) deprecation: Option<Deprecation>,
    /// The lints it does not want to hear of.
    pub(crate) allowed: Vec<Lint>,
}

impl Component {
    /// Reads the options of the `noun` that a function is.
    pub(crate) fn read(noun: &str, func: &Func, options: &mut Reader, errors: &mut Errors) -> Self {
        Self {
            name: name::of_function(noun, options, &func.sig.ident, errors),
            title: options.text(key::TITLE, errors),
            description: options
                .text(key::DESCRIPTION, errors)
                .or_else(|| func.docs.text()),
            tags: options
                .words(key::TAGS, errors)
                .iter()
                .map(LitStr::value)
                .collect(),
            icons: icon::read(options, errors),
            timeout: duration::timeout(options, errors),
            layers: layer::read(options, errors),
            meta: meta(options, errors),
            version: options.text(key::VERSION, errors),
            demand: demand::read(options, errors),
            rate: rate::read(options, errors),
            deprecation: deprecated::read(func.deprecated.as_ref(), options, errors),
            allowed: level::allowed(options, errors),
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
