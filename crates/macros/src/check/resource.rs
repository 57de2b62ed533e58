//! `#[mcp_resource]`.

use proc_macro2::Span;
use syn::{Ident, Lit, LitStr};

use super::component::Component;
use super::func::{self, Func, Param};
use super::options::{Reader, string};
use super::template::{self, Variable};
use super::{attribute, key, nearest, tool, ty};
use crate::errors::Errors;
use crate::parse;
use crate::parse::item::Marker;
use crate::parse::options::{Entry, Options};

/// A resource or a resource template that can be registered.
pub(crate) struct Resource {
    pub(crate) component: Component,
    pub(crate) uri: String,
    pub(crate) uri_span: Span,
    pub(crate) variables: Vec<Variable>,
    pub(crate) mime_type: Option<String>,
    pub(crate) audience: Vec<String>,
    pub(crate) priority: Option<f64>,
    pub(crate) hidden: bool,
    pub(crate) blocking: bool,
    pub(crate) func: Func,
}

impl Resource {
    /// Whether a variable of the template fills the parameter.
    pub(crate) fn fills(&self, param: &Param) -> bool {
        self.variables
            .iter()
            .any(|variable| variable.name == param.wire)
    }

    /// The words for a parameter that nothing fills.
    pub(crate) fn unfilled(&self, param: &Param) -> String {
        unnamed(&param.wire, &self.uri, &self.variables)
    }
}

/// Who an annotation may address.
const ROLES: [&str; 2] = ["user", "assistant"];

/// Checks one resource.
pub(crate) fn check(mut parsed: parse::item::Component, errors: &mut Errors) -> Resource {
    let noun = Marker::Resource.noun();
    let uri = uri(&mut parsed, errors);
    let mut options = Reader::new(&attribute::RESOURCE, parsed.options, errors);
    let component = Component::read(noun, &parsed.func, &mut options, errors);
    let mime_type = mime_type(&mut options, errors);
    let audience = audience(&mut options, errors);
    let priority = priority(&mut options, errors);
    let blocking = tool::blocking(noun, &parsed.func, &mut options, errors);
    let func = func::check(noun, parsed.func, errors);
    let variables = uri
        .as_ref()
        .map(|uri| variables(uri, &func, errors))
        .unwrap_or_default();
    Resource {
        component,
        uri_span: uri.as_ref().map_or_else(Span::call_site, LitStr::span),
        uri: uri.map(|uri| uri.value()).unwrap_or_default(),
        variables,
        mime_type,
        audience,
        priority,
        hidden: options.flag(key::HIDDEN, errors) == Some(true),
        blocking,
        func,
    }
}

/// The text in front of the options.
fn uri(parsed: &mut parse::item::Component, errors: &mut Errors) -> Option<LitStr> {
    if let Some(keyed) = keyed_uri(&mut parsed.options) {
        let message = "the URI stands first and without a key: `#[mcp_resource(\"data://stats\")]`";
        errors.push(keyed, message);
        return None;
    }
    if parsed.options.literals.is_empty() {
        let message = "a resource needs its URI: \
                       `#[mcp_resource(\"data://stats\")]` or `#[mcp_resource(\"greet://{name}\")]`";
        errors.push(&parsed.path, message);
        return None;
    }
    match parsed.options.literals.remove(0) {
        Lit::Str(uri) => Some(uri),
        other => {
            errors.push(other, "the URI of a resource is a text: `\"data://stats\"`");
            None
        }
    }
}

/// A key that someone put before the URI, as other frameworks ask for.
fn keyed_uri(options: &mut Options) -> Option<Ident> {
    let words = ["uri", "url", "template", "uri_template"];
    let is_keyed = |entry: &Entry| words.iter().any(|word| entry.key == word);
    let at = options.entries.iter().position(is_keyed)?;
    Some(options.entries.remove(at).key)
}

/// Reads the template and holds it against the parameters.
fn variables(uri: &LitStr, func: &Func, errors: &mut Errors) -> Vec<Variable> {
    let variables = match template::parse(&uri.value()) {
        Ok(variables) => variables,
        Err(mistake) => {
            errors.push(
                uri,
                format!("`{}` is not a URI template: {mistake}", uri.value()),
            );
            return Vec::new();
        }
    };
    match_up(uri, &variables, func, errors);
    variables
}

/// Notes variables without a parameter, and the reverse; a misspelt one is one
/// mistake, not two.
fn match_up(uri: &LitStr, variables: &[Variable], func: &Func, errors: &mut Errors) {
    let has = |name: &str| func.params.iter().any(|param| param.wire == name);
    let mut lonely: Vec<&str> = variables
        .iter()
        .map(|variable| variable.name.as_str())
        .collect();
    lonely.retain(|name| !has(name));
    for param in &func.params {
        let named = variables.iter().any(|variable| variable.name == param.wire);
        if !named && ty::is_scalar(&param.passed.written) {
            let message = unnamed(&param.wire, &uri.value(), variables);
            errors.push(&param.ident, message);
            let meant = nearest::nearest(&param.wire, lonely.iter().copied());
            lonely.retain(|name| Some(*name) != meant);
        }
    }
    for name in lonely {
        let message = format!(
            "`{{{name}}}` has no parameter: add `{name}: String` to `{}`",
            func.ident,
        );
        errors.push(uri, message);
    }
}

/// The words for a parameter that the template does not fill.
fn unnamed(name: &str, uri: &str, variables: &[Variable]) -> String {
    let known = variables.iter().map(|variable| variable.name.as_str());
    match nearest::nearest(name, known) {
        Some(meant) => format!("`{uri}` has no variable `{{{name}}}`: did you mean `{meant}`?"),
        None => format!(
            "`{uri}` has no variable `{{{name}}}`: put `{{{name}}}` into the URI, \
             or drop the parameter",
        ),
    }
}

fn mime_type(options: &mut Reader, errors: &mut Errors) -> Option<String> {
    let literal = options.literal(key::MIME_TYPE, errors)?;
    let value = literal.value();
    let valid = value
        .split_once('/')
        .is_some_and(|(kind, rest)| !kind.is_empty() && !rest.is_empty() && !value.contains(' '));
    let valid = valid || value.contains(';') && value.contains('/');
    if !valid {
        errors.push(
            &literal,
            format!("`{value}` is not a media type: `\"text/plain\"`"),
        );
    }
    Some(value)
}

fn audience(options: &mut Reader, errors: &mut Errors) -> Vec<String> {
    let words = options.words(key::AUDIENCE, errors);
    for word in words
        .iter()
        .filter(|word| !ROLES.contains(&word.value().as_str()))
    {
        errors.push(word, format!("the audience is {}", nearest::either(ROLES)));
    }
    words.iter().map(LitStr::value).collect()
}

fn priority(options: &mut Reader, errors: &mut Errors) -> Option<f64> {
    let expr = options.expr(key::PRIORITY, "0.5", errors)?;
    let priority = match super::options::bare(&expr) {
        syn::Expr::Lit(syn::ExprLit {
            lit: Lit::Float(float),
            ..
        }) => float.base10_parse().ok(),
        syn::Expr::Lit(syn::ExprLit {
            lit: Lit::Int(int), ..
        }) => int.base10_parse().ok(),
        _ => None,
    };
    let priority = priority.filter(|priority| (0.0..=1.0).contains(priority));
    if priority.is_none() || string(&expr).is_some() {
        errors.push(&expr, "`priority` is a number from `0.0` to `1.0`");
    }
    priority
}
