//! The option `middleware`.

use syn::{Expr, Lit};

use super::key;
use super::options::{Reader, bare};
use crate::errors::Errors;

/// The values that are put around something, outermost first. Whether they are
/// middleware is decided by trait.
pub(crate) fn read(options: &mut Reader, errors: &mut Errors) -> Vec<Expr> {
    let layers = options.list(key::MIDDLEWARE, errors).unwrap_or_default();
    for layer in &layers {
        if let Expr::Lit(literal) = bare(layer)
            && let Lit::Str(_) = literal.lit
        {
            let message = "a middleware is a value, not a text: `middleware(audit, Quota::new(5))`";
            errors.push(layer, message);
        }
    }
    layers
}
