//! URI templates (RFC 6570, levels 1 to 3, and the explode modifier), expanded and matched.
//!
//! Matching is linear and needs no regular expression: at most one variable may span several path
//! segments, what is before it is matched from the left, what is after it from the right. Values
//! that would leave their place in a path are refused, unless the variable opts out.

mod encode;
mod expand;
mod matching;
mod parse;
mod safety;
mod search;
mod variables;

use std::fmt;

pub use parse::TemplateError;
pub use variables::{VariableValue, Variables};

use matching::Pattern;
use parse::Expression;

/// A parsed URI template.
///
/// `{x}` stands for one path segment or a piece of one, `{+x}` and `{x*}` for one or more
/// segments, `{/x}`, `{.x}`, `{;x}` and `{#x}` as RFC 6570 says, `{?a,b}` and `{&c}` for query
/// parameters, which may come in any order or not at all.
///
/// Beyond the RFC, `{x*}` of a text keeps its slashes, as servers elsewhere use it for paths.
///
/// ```
/// use purlin_core::resource::UriTemplate;
///
/// let template = UriTemplate::parse("weather://cities/{country}{?limit}").unwrap();
/// let variables = template.match_uri("weather://cities/New%20Zealand?limit=3").unwrap();
/// assert_eq!(variables.text("country").as_deref(), Some("New Zealand"));
/// assert_eq!(template.expand(&variables), "weather://cities/New%20Zealand?limit=3");
/// assert!(template.match_uri("weather://cities/..").is_none());
/// ```
#[derive(Clone)]
pub struct UriTemplate {
    text: Box<str>,
    parts: Vec<Part>,
    pattern: Pattern,
    /// Variables whose values may be anything.
    unchecked: Vec<Box<str>>,
}

#[derive(Clone, Debug)]
enum Part {
    /// Text, percent-encoded where a URI needs it.
    Literal(Box<str>),
    Expression(Expression),
}

impl UriTemplate {
    /// The longest template and the longest URI, in bytes.
    pub const MAX_LEN: usize = 8 * 1024;

    /// Parses a template.
    ///
    /// # Errors
    /// When the template is malformed, or could not be matched without guessing.
    pub fn parse(text: &str) -> Result<Self, TemplateError> {
        let parts = parse::parse(text)?;
        Ok(Self {
            text: text.into(),
            pattern: Pattern::new(&parts, text)?,
            parts,
            unchecked: Vec::new(),
        })
    }

    /// Parses another spelling of this template, for example one with a prefix. Variables that
    /// opted out of the checks stay so.
    ///
    /// # Errors
    /// As [`UriTemplate::parse`].
    pub fn reparse(&self, text: &str) -> Result<Self, TemplateError> {
        Ok(Self {
            unchecked: self.unchecked.clone(),
            ..Self::parse(text)?
        })
    }

    /// Lets a variable take values that leave their place in a path: `..`, separators, absolute
    /// paths. The handler then has to look after itself.
    #[must_use]
    pub fn allow_traversal(mut self, variable: &str) -> Self {
        self.unchecked.push(variable.into());
        self
    }

    /// The template as it was written.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The names of the variables, in order.
    pub fn variables(&self) -> impl Iterator<Item = &str> {
        self.parts
            .iter()
            .flat_map(|part| match part {
                Part::Literal(_) => &[],
                Part::Expression(expression) => &*expression.variables,
            })
            .map(|variable| &*variable.name)
    }

    /// Replaces the variables by values. A variable without a value leaves nothing behind.
    pub fn expand(&self, variables: &Variables) -> String {
        expand::expand(&self.parts, variables)
    }

    /// The values the variables have in a URI, decoded; `None` when it does not match or a value
    /// is refused.
    pub fn match_uri(&self, uri: &str) -> Option<Variables> {
        if uri.len() > Self::MAX_LEN {
            return None;
        }
        self.pattern.match_uri(uri, &self.unchecked)
    }
}

impl fmt::Debug for UriTemplate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("UriTemplate").field(&self.text).finish()
    }
}

impl fmt::Display for UriTemplate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

#[cfg(test)]
mod tests;
