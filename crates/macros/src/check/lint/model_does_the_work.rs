//! `model_does_the_work`: a prompt that asks a model for what code does right
//! every time.
//!
//! It reads orders: a verb of reckoning where a sentence begins, or behind
//! `then`, `please` and their kind. An order that names a tool is what is wanted.

use proc_macro2::Span;

use super::code::{Seen, What};
use super::{Code, Lint, Problem, Role};
use crate::parse::item::Marker;

pub(super) const LINT: Lint = Lint {
    name: "model_does_the_work",
};

pub(super) fn judge(seen: &Seen<'_>, code: &Code<'_>) -> Option<Problem> {
    let (Role::Component(Marker::Prompt), What::Text { value, .. }) = (code.role, &seen.what)
    else {
        return None;
    };
    judge_text(value, seen.span)
}

/// The same of a text that a model is given otherwise.
pub(super) fn judge_text(text: &str, span: Span) -> Option<Problem> {
    let verb = order(text)?;
    let text = format!(
        "this asks the model to {verb}, which it does wrong now and then: \
         do it in a tool, and tell the model to call that",
    );
    Some(Problem::at(span, text))
}

/// The verb of the first order to reckon in `text`.
fn order(text: &str) -> Option<&'static str> {
    let mut sentences = text.split(['.', '!', '?', ';', ':', '\n']);
    sentences.find_map(|sentence| {
        let lower = sentence.to_lowercase();
        let delegated = lower.contains('`') || lower.contains(" tool") || lower.contains("call ");
        (!delegated).then(|| reckoning(&words(&lower))).flatten()
    })
}

fn words(sentence: &str) -> Vec<&str> {
    sentence
        .split(|char: char| !char.is_alphanumeric() && char != '\'' && char != '{' && char != '}')
        .filter(|word| !word.is_empty() && !word.bytes().all(|byte| byte.is_ascii_digit()))
        .collect()
}

fn reckoning(words: &[&str]) -> Option<&'static str> {
    (0..words.len()).find_map(|at| {
        let is_order = at
            .checked_sub(1)
            .is_none_or(|before| gives_orders(words[before]));
        is_order.then(|| verb(&words[at..])).flatten()
    })
}

/// Whether an order may follow the word.
fn gives_orders(word: &str) -> bool {
    matches!(
        word,
        "please" | "then" | "and" | "first" | "next" | "finally" | "also" | "must" | "should"
    )
}

/// The verb that `words` begin with.
fn verb(words: &[&str]) -> Option<&'static str> {
    match words {
        ["calculate", _, ..] => Some("calculate"),
        ["compute", _, ..] => Some("compute"),
        ["multiply", _, ..] => Some("multiply"),
        ["subtract", _, ..] => Some("subtract"),
        ["divide", rest @ ..] if rest.contains(&"by") => Some("divide"),
        ["count", next, ..] if *next != "on" => Some("count"),
        ["sum", "up", what, ..] if is_determiner(what) => Some("sum up"),
        ["sum", what, ..] if is_determiner(what) => Some("sum"),
        ["add", "up", _, ..] | ["total", "up", _, ..] => Some("add up"),
        ["convert", rest @ ..] if rest.iter().any(|word| is_unit(word)) => Some("convert"),
        ["validate", what, ..] if is_determiner(what) => Some("validate"),
        _ => None,
    }
}

fn is_determiner(word: &str) -> bool {
    matches!(
        word,
        "the" | "all" | "these" | "those" | "this" | "that" | "every" | "each" | "its" | "their"
    ) || word.starts_with('{')
}

fn is_unit(word: &str) -> bool {
    matches!(
        word,
        "amount"
            | "amounts"
            | "price"
            | "prices"
            | "currency"
            | "currencies"
            | "unit"
            | "units"
            | "euro"
            | "euros"
            | "dollar"
            | "dollars"
            | "eur"
            | "usd"
            | "celsius"
            | "fahrenheit"
            | "miles"
            | "kilometres"
            | "kilometers"
            | "date"
            | "dates"
            | "timezone"
            | "utc"
            | "hexadecimal"
            | "binary"
            | "base64"
    )
}
