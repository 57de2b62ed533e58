//! `#[mcp_tool]`.

use syn::{Expr, Type, TypePath};

use super::attribute;
use super::component::Component;
use super::func::{self, Func};
use super::nearest::either;
use super::options::{Reader, bare, string};
use super::{constraint::Constraint, key};
use crate::errors::Errors;
use crate::parse;
use crate::parse::item::Marker;

/// A tool that can be registered.
pub(crate) struct Tool {
    pub(crate) component: Component,
    pub(crate) read_only: Option<bool>,
    pub(crate) destructive: Option<bool>,
    pub(crate) idempotent: Option<bool>,
    pub(crate) open_world: Option<bool>,
    pub(crate) hidden: bool,
    pub(crate) blocking: bool,
    pub(crate) task: Option<String>,
    /// What the result is declared to be, where the function's type says nothing.
    pub(crate) output: Option<Type>,
    pub(crate) func: Func,
}

/// Whether a tool runs as a task (2025-11-25).
const TASK_SUPPORT: [&str; 3] = ["forbidden", "optional", "required"];

/// Checks one tool.
pub(crate) fn check(parsed: parse::item::Component, errors: &mut Errors) -> Tool {
    let noun = Marker::Tool.noun();
    let mut options = Reader::new(&attribute::TOOL, parsed.options, errors);
    let component = Component::read(noun, &parsed.func, &mut options, errors);
    let read_only = options.flag(key::READ_ONLY, errors);
    let destructive = destructive(read_only, &mut options, errors);
    let idempotent = options.flag(key::IDEMPOTENT, errors);
    let open_world = options.flag(key::OPEN_WORLD, errors);
    let blocking = blocking(noun, &parsed.func, &mut options, errors);
    let func = func::check(noun, parsed.func, errors);
    headers(&func, errors);
    Tool {
        component,
        read_only,
        destructive,
        idempotent,
        open_world,
        hidden: options.flag(key::HIDDEN, errors) == Some(true),
        blocking,
        task: task(&mut options, errors),
        output: output(&mut options, errors),
        func,
    }
}

/// The option `task`.
fn task(options: &mut Reader, errors: &mut Errors) -> Option<String> {
    let literal = options.literal(key::TASK, errors)?;
    let value = literal.value();
    if !TASK_SUPPORT.contains(&value.as_str()) {
        errors.push(&literal, format!("`task` is {}", either(TASK_SUPPORT)));
    }
    Some(value)
}

/// The option `output`: a type, as a text where it is more than a path.
fn output(options: &mut Reader, errors: &mut Errors) -> Option<Type> {
    let expr = options.expr(key::OUTPUT, "\"Vec<City>\"", errors)?;
    let ty = match (string(&expr), bare(&expr)) {
        (Some(text), _) => text.parse().ok(),
        (None, Expr::Path(path)) => Some(Type::Path(TypePath {
            attrs: Vec::new(),
            qself: path.qself.clone(),
            path: path.path.clone(),
        })),
        _ => None,
    };
    match ty {
        Some(Type::ImplTrait(_)) | None => {
            let message = "`output` is a type: `output = City` or `output = \"Vec<City>\"`";
            errors.push(&expr, message);
            None
        }
        ty => ty,
    }
}

fn destructive(read_only: Option<bool>, options: &mut Reader, errors: &mut Errors) -> Option<bool> {
    let entry = options.take(key::DESTRUCTIVE)?;
    let blame = entry.key.clone();
    options.put_back(entry);
    let destructive = options.flag(key::DESTRUCTIVE, errors);
    if destructive == Some(true) && read_only == Some(true) {
        let message = "a tool that only reads destroys nothing: keep `read_only` or `destructive`";
        errors.push(blame, message);
    }
    destructive
}

/// The option `blocking`.
pub(crate) fn blocking(
    noun: &str,
    func: &parse::func::Func,
    options: &mut Reader,
    errors: &mut Errors,
) -> bool {
    let Some(entry) = options.take(key::BLOCKING) else {
        return false;
    };
    let blame = entry.key.clone();
    options.put_back(entry);
    let blocking = options.flag(key::BLOCKING, errors) == Some(true);
    if blocking && func.sig.asyncness.is_some() {
        let message = format!(
            "a blocking {noun} runs on a thread of its own and awaits nothing: \
             drop `async` or `blocking`",
        );
        errors.push(blame, message);
    }
    blocking
}

/// Two arguments cannot travel in one header (SEP-2243).
fn headers(func: &Func, errors: &mut Errors) {
    let mut seen: Vec<String> = Vec::new();
    for param in &func.params {
        for constraint in &param.constraints {
            let Constraint::Header(name) = constraint else {
                continue;
            };
            let lower = name.to_ascii_lowercase();
            if seen.contains(&lower) {
                let message =
                    format!("the header `{name}` carries another argument already: choose another");
                errors.push(&param.ident, message);
            }
            seen.push(lower);
        }
    }
}
