//! Reading a template.

use std::fmt;

use super::encode::encode_literal;
use super::{Part, UriTemplate};

/// The most variables a template may have.
const MAX_VARIABLES: usize = 64;

/// `{...}`.
#[derive(Clone, Debug)]
pub(super) struct Expression {
    pub(super) operator: Operator,
    pub(super) variables: Vec<Variable>,
}

/// A variable in an expression.
#[derive(Clone, Debug)]
pub(super) struct Variable {
    pub(super) name: Box<str>,
    pub(super) explode: bool,
}

/// What an expression expands to (RFC 6570, appendix A).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Operator {
    Simple,
    Reserved,
    Fragment,
    Label,
    Path,
    Parameter,
    Query,
    QueryContinuation,
}

impl Operator {
    /// What stands before the first value.
    pub(super) fn first(self) -> &'static str {
        match self {
            Self::Simple | Self::Reserved => "",
            Self::Fragment => "#",
            Self::Label => ".",
            Self::Path => "/",
            Self::Parameter => ";",
            Self::Query => "?",
            Self::QueryContinuation => "&",
        }
    }

    /// What stands between values.
    pub(super) fn separator(self) -> &'static str {
        match self {
            Self::Simple | Self::Reserved | Self::Fragment => ",",
            Self::Query | Self::QueryContinuation => "&",
            Self::Label | Self::Path | Self::Parameter => self.first(),
        }
    }

    /// Whether values are preceded by their names.
    pub(super) fn is_named(self) -> bool {
        matches!(
            self,
            Self::Parameter | Self::Query | Self::QueryContinuation
        )
    }

    /// Whether reserved characters stay as they are.
    pub(super) fn keeps_reserved(self) -> bool {
        matches!(self, Self::Reserved | Self::Fragment)
    }

    pub(super) fn is_query(self) -> bool {
        matches!(self, Self::Query | Self::QueryContinuation)
    }
}

/// Why a text is no URI template.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TemplateError {
    template: Box<str>,
    problem: Box<str>,
}

impl TemplateError {
    pub(super) fn new(template: &str, problem: impl Into<Box<str>>) -> Self {
        Self {
            template: template.into(),
            problem: problem.into(),
        }
    }
}

impl fmt::Display for TemplateError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the URI template `{}` {}", self.template, self.problem)
    }
}

impl std::error::Error for TemplateError {}

/// The parts of a template.
pub(super) fn parse(text: &str) -> Result<Vec<Part>, TemplateError> {
    let error = |problem: String| TemplateError::new(text, problem);
    if text.len() > UriTemplate::MAX_LEN {
        return Err(error(format!(
            "is longer than {} bytes",
            UriTemplate::MAX_LEN
        )));
    }
    let mut parts = Vec::new();
    let mut names: Vec<Box<str>> = Vec::new();
    let mut rest = text;
    while let Some(open) = rest.find(['{', '}']) {
        if rest[open..].starts_with('}') {
            return Err(error("has a `}` without its `{`".to_owned()));
        }
        push_literal(&mut parts, &rest[..open]);
        let close = rest[open..]
            .find('}')
            .ok_or_else(|| error("has a `{` without its `}`".to_owned()))?;
        let expression = expression(&rest[open + 1..open + close]).map_err(error)?;
        for variable in &expression.variables {
            if names.contains(&variable.name) {
                return Err(error(format!(
                    "names the variable `{}` twice",
                    variable.name
                )));
            }
            names.push(variable.name.clone());
        }
        parts.push(Part::Expression(expression));
        rest = &rest[open + close + 1..];
    }
    if names.len() > MAX_VARIABLES {
        return Err(error(format!("has more than {MAX_VARIABLES} variables")));
    }
    push_literal(&mut parts, rest);
    Ok(parts)
}

fn push_literal(parts: &mut Vec<Part>, text: &str) {
    if !text.is_empty() {
        parts.push(Part::Literal(encode_literal(text)));
    }
}

fn expression(text: &str) -> Result<Expression, String> {
    let (operator, list) = match text.as_bytes().first() {
        Some(b'+') => (Operator::Reserved, &text[1..]),
        Some(b'#') => (Operator::Fragment, &text[1..]),
        Some(b'.') => (Operator::Label, &text[1..]),
        Some(b'/') => (Operator::Path, &text[1..]),
        Some(b';') => (Operator::Parameter, &text[1..]),
        Some(b'?') => (Operator::Query, &text[1..]),
        Some(b'&') => (Operator::QueryContinuation, &text[1..]),
        Some(reserved @ (b'=' | b',' | b'!' | b'@' | b'|')) => {
            return Err(format!(
                "uses the operator `{}`, which is reserved",
                char::from(*reserved)
            ));
        }
        _ => (Operator::Simple, text),
    };
    let variables = list
        .split(',')
        .map(variable)
        .collect::<Result<Vec<_>, _>>()?;
    let explodes = variables.iter().any(|variable| variable.explode);
    if explodes && matches!(operator, Operator::Label | Operator::Parameter) {
        return Err("uses `*` with the operator `.` or `;`, which is not supported".to_owned());
    }
    Ok(Expression {
        operator,
        variables,
    })
}

fn variable(text: &str) -> Result<Variable, String> {
    let (name, explode) = match text.strip_suffix('*') {
        Some(name) => (name, true),
        None => (text, false),
    };
    if name.is_empty() {
        return Err("has an expression without a variable".to_owned());
    }
    if name.contains(':') {
        return Err(format!(
            "cuts the variable `{name}` with `:`, which is not supported"
        ));
    }
    let holds = |part: &str| {
        !part.is_empty()
            && part
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
    };
    if !name.split('.').all(holds) {
        return Err(format!("has a variable `{name}`, which is not a name"));
    }
    Ok(Variable {
        name: name.into(),
        explode,
    })
}
