//! `allow(..)` and `deny(..)`: which lints speak, and how loudly.

use quote::ToTokens;
use syn::Expr;

use super::{ALL, Lint};
use crate::check::nearest::{either, nearest};
use crate::check::options::{Reader, bare};
use crate::check::{key, options};
use crate::errors::Errors;

/// Stands for every lint in `deny(..)`.
const EVERY: &str = "all";

/// How loudly a lint speaks.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Level {
    Allow,
    Warn,
    Deny,
}

/// What a server says about the lints.
#[derive(Default)]
pub(crate) struct Levels {
    allowed: Vec<Lint>,
    denied: Vec<Lint>,
}

impl Levels {
    /// Reads `allow(..)` and `deny(..)` of a server.
    pub(crate) fn read(options: &mut Reader, errors: &mut Errors) -> Self {
        let allowed = allowed(options, errors);
        let mut denied = Vec::new();
        for expr in options.list(key::DENY, errors).unwrap_or_default() {
            if word(&expr) == EVERY {
                denied.extend(ALL);
                continue;
            }
            let lint = known(&expr, errors);
            if let Some(lint) = lint.filter(|lint| allowed.contains(lint)) {
                let message = format!("`{}` is allowed already: keep one", lint.name);
                errors.push(&expr, message);
            }
            denied.extend(lint);
        }
        Self { allowed, denied }
    }

    /// The level of `lint` on an item that allows `allowed`: what stands closer
    /// counts.
    pub(crate) fn of(&self, lint: Lint, allowed: &[Lint]) -> Level {
        if allowed.contains(&lint) || self.allowed.contains(&lint) {
            Level::Allow
        } else if self.denied.contains(&lint) {
            Level::Deny
        } else {
            Level::Warn
        }
    }
}

/// Reads `allow(..)` of any attribute.
pub(crate) fn allowed(options: &mut Reader, errors: &mut Errors) -> Vec<Lint> {
    let mut allowed = Vec::new();
    for expr in options.list(key::ALLOW, errors).unwrap_or_default() {
        if word(&expr) == EVERY {
            let message = "`allow(all)` would hide what is found tomorrow: name the lints";
            errors.push(&expr, message);
            continue;
        }
        allowed.extend(known(&expr, errors));
    }
    allowed
}

fn known(expr: &Expr, errors: &mut Errors) -> Option<Lint> {
    let name = word(expr);
    let lint = ALL.into_iter().find(|lint| lint.name == name);
    if lint.is_none() {
        let names = ALL.map(|lint| lint.name);
        let message = match nearest(&name, names) {
            Some(meant) => format!("no lint is called `{name}`: did you mean `{meant}`?"),
            None => format!(
                "no lint is called `{name}`: the lints are {}",
                either(names)
            ),
        };
        errors.push(expr, message);
    }
    lint
}

/// The name of a lint, with or without quotes.
fn word(expr: &Expr) -> String {
    options::string(expr).map_or_else(
        || bare(expr).to_token_stream().to_string(),
        |text| text.value(),
    )
}
