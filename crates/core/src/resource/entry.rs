//! How the parameters of a resource are filled.

use serde_json::json;

use super::VariableValue;
use crate::schema::{Constraint, Limit};
use crate::tool::ParamSpec;

/// One parameter of a resource, by the variable that fills it.
#[doc(hidden)]
#[derive(Debug)]
pub struct VariableEntry {
    pub(super) name: &'static str,
    limits: Vec<Limit>,
}

impl VariableEntry {
    /// The parameters in order.
    pub(super) fn all(params: &[ParamSpec]) -> Box<[Self]> {
        let entry = |param: &ParamSpec| Self {
            name: param.name,
            limits: Constraint::limits(param.constraints),
        };
        params.iter().map(entry).collect()
    }

    /// What of the demands a value breaks, in words. A text is held against them as a text and
    /// as the number it may spell.
    pub(super) fn broken_by(&self, value: &VariableValue) -> Vec<String> {
        let mut spellings = match value {
            VariableValue::Text(text) => vec![json!(text).to_string()],
            VariableValue::List(texts) => vec![json!(texts).to_string()],
        };
        let is_numeric = |c: char| c == '-' || c.is_ascii_digit();
        if let VariableValue::Text(text) = value
            && text.starts_with(is_numeric)
        {
            spellings.push(text.clone());
        }
        let breaches = self.limits.iter().filter_map(|limit| {
            let mut spellings = spellings.iter();
            spellings.find_map(|spelling| limit.breach(spelling))
        });
        breaches
            .map(|breach| match breach.got {
                Some(got) => format!("{}, got {got}", breach.wanted),
                None => breach.wanted,
            })
            .collect()
    }
}
