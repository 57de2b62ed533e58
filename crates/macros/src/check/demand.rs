//! What is demanded of callers: `scopes("orders:write")`, `roles("admin")`,
//! `policy(owns_order)`.

use syn::{Expr, Lit, LitStr};

use super::key;
use super::options::{Reader, bare};
use crate::errors::Errors;

/// The demands of one place.
#[derive(Default)]
pub(crate) struct Demand {
    /// All of them.
    pub(crate) scopes: Vec<String>,
    /// One of them.
    pub(crate) roles: Vec<String>,
    /// What has to allow it. Whether they are policies is decided by trait.
    pub(crate) policies: Vec<Expr>,
}

/// The options `scopes`, `roles` and `policy`.
pub(crate) fn read(options: &mut Reader, errors: &mut Errors) -> Demand {
    let scopes = options.words(key::SCOPES, errors);
    for scope in &scopes {
        check_scope(scope, errors);
    }
    let roles = options.words(key::ROLES, errors);
    for role in &roles {
        check_role(role, errors);
    }
    let values = |words: &[LitStr]| words.iter().map(LitStr::value).collect();
    Demand {
        scopes: values(&scopes),
        roles: values(&roles),
        policies: policies(options, errors),
    }
}

fn policies(options: &mut Reader, errors: &mut Errors) -> Vec<Expr> {
    let policies = options.list(key::POLICY, errors).unwrap_or_default();
    for policy in &policies {
        let problem = match bare(policy) {
            Expr::Lit(literal) if matches!(literal.lit, Lit::Str(_)) => {
                "a policy is a value, not a text: `policy(owns_order)`, or `scopes(\"…\")` for what \
                 a caller must have been granted"
            }
            Expr::Closure(_) => {
                "write it as a function with `#[policy]`, and its name here: a closure has no \
                 parameters that the request could fill"
            }
            _ => continue,
        };
        errors.push(policy, problem);
    }
    policies
}

/// A scope is one token (RFC 6749, section 3.3).
fn check_scope(scope: &LitStr, errors: &mut Errors) {
    let value = scope.value();
    let parts: Vec<&str> = value.split_whitespace().collect();
    if parts.len() > 1 {
        let message = format!(
            "a scope has no spaces: list them one by one, `scopes(\"{}\")`",
            parts.join("\", \""),
        );
        errors.push(scope, message);
        return;
    }
    let fits = |c: char| c.is_ascii_graphic() && c != '"' && c != '\\';
    if let Some(stray) = value.chars().find(|c| !fits(*c)) {
        let message = format!(
            "no token can carry the scope `{value}`, for `{}` is not allowed in one: \
             use visible ASCII without `\"` and `\\`",
            stray.escape_default(),
        );
        errors.push(scope, message);
    }
}

fn check_role(role: &LitStr, errors: &mut Errors) {
    let value = role.value();
    if value.trim() != value {
        let message = format!(
            "no caller has a role with space around it: write `\"{}\"`",
            value.trim(),
        );
        errors.push(role, message);
    }
}
