//! `#[mcp_completion]`.

use syn::LitStr;

use super::func::{self, Func};
use super::lint::{Lint, level};
use super::options::Reader;
use super::prompt::Prompt;
use super::resource::Resource;
use super::{attribute, key, nearest, tool};
use crate::errors::Errors;
use crate::parse;
use crate::parse::item::Marker;

/// A completion that can be registered.
pub(crate) struct Completion {
    pub(crate) target: Target,
    pub(crate) argument: String,
    pub(crate) blocking: bool,
    /// The lints it does not want to hear of.
    pub(crate) allowed: Vec<Lint>,
    pub(crate) func: Func,
}

/// What is completed.
pub(crate) enum Target {
    Prompt(String),
    Resource(String),
}

/// Checks one completion against the components it may complete, where they are
/// known.
pub(crate) fn check(
    parsed: parse::item::Component,
    siblings: Option<(&[Prompt], &[Resource])>,
    errors: &mut Errors,
) -> Option<Completion> {
    let noun = Marker::Completion.noun();
    let mut options = Reader::new(&attribute::COMPLETION, parsed.options, errors);
    let prompt = options.literal(key::PROMPT, errors);
    let resource = options.literal(key::RESOURCE, errors);
    let argument = options.literal(key::ARGUMENT, errors);
    let blocking = tool::blocking(noun, &parsed.func, &mut options, errors);
    let allowed = level::allowed(&mut options, errors);
    let func = func::check(noun, parsed.func, errors);
    if func.params.is_empty() {
        let message = "a completion is given what was typed so far: add `typed: &str`";
        errors.push(&func.ident, message);
    }
    let mut missing = |message: &str| {
        // An unknown key is what was to say it, and is told of already.
        if !options.has_unknown {
            errors.push(&parsed.path, message);
        }
    };
    let Some(argument) = argument else {
        missing("say which argument it completes: `argument = \"city\"`");
        return None;
    };
    let target = match (prompt, resource) {
        (Some(prompt), None) => {
            if let Some((prompts, _)) = siblings {
                prompt_argument(&prompt, &argument, prompts, errors);
            }
            Target::Prompt(prompt.value())
        }
        (None, Some(resource)) => {
            if let Some((_, resources)) = siblings {
                resource_variable(&resource, &argument, resources, errors);
            }
            Target::Resource(resource.value())
        }
        (None, None) => {
            missing("say what it completes: `prompt = \"…\"` or `resource = \"…\"`");
            return None;
        }
        (Some(_), Some(resource)) => {
            let message = "it completes a prompt already: give the resource a function of its own";
            errors.push(resource, message);
            return None;
        }
    };
    Some(Completion {
        target,
        argument: argument.value(),
        blocking,
        allowed,
        func,
    })
}

fn prompt_argument(prompt: &LitStr, argument: &LitStr, prompts: &[Prompt], errors: &mut Errors) {
    let name = prompt.value();
    let Some(found) = prompts
        .iter()
        .find(|found| found.component.name.text == name)
    else {
        let known = prompts
            .iter()
            .map(|prompt| prompt.component.name.text.as_str());
        errors.push(prompt, missing("prompt", &name, known));
        return;
    };
    let known: Vec<&str> = found
        .func
        .params
        .iter()
        .map(|param| param.wire.as_str())
        .collect();
    if !known.contains(&argument.value().as_str()) {
        let owner = format!("the prompt `{name}`");
        errors.push(argument, no_argument(&owner, &argument.value(), &known));
    }
}

fn resource_variable(uri: &LitStr, argument: &LitStr, resources: &[Resource], errors: &mut Errors) {
    let name = uri.value();
    let Some(found) = resources.iter().find(|found| found.uri == name) else {
        let known = resources.iter().map(|resource| resource.uri.as_str());
        errors.push(uri, missing("resource", &name, known));
        return;
    };
    let known: Vec<&str> = found
        .variables
        .iter()
        .map(|variable| variable.name.as_str())
        .collect();
    if !known.contains(&argument.value().as_str()) {
        let owner = format!("the resource `{name}`");
        errors.push(argument, no_argument(&owner, &argument.value(), &known));
    }
}

fn missing<'a>(noun: &str, name: &str, known: impl Iterator<Item = &'a str> + Clone) -> String {
    match nearest::nearest(name, known) {
        Some(meant) => format!("there is no {noun} `{name}` here: did you mean `{meant}`?"),
        None => format!(
            "there is no {noun} `{name}` here: \
             a completion stands in the same block as its {noun}",
        ),
    }
}

fn no_argument(owner: &str, name: &str, known: &[&str]) -> String {
    match nearest::nearest(name, known.iter().copied()) {
        Some(meant) => format!("{owner} has no argument `{name}`: did you mean `{meant}`?"),
        None if known.is_empty() => format!("{owner} has no arguments to complete"),
        None => format!(
            "{owner} has no argument `{name}`: it has {}",
            nearest::either(known.iter().copied()),
        ),
    }
}
