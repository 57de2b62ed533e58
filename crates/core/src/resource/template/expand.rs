//! From variables to a URI (RFC 6570, section 3.2).

use super::encode::{encode_into, encode_reserved_into};
use super::parse::{Expression, Operator, Variable};
use super::{Part, VariableValue, Variables};

pub(super) fn expand(parts: &[Part], variables: &Variables) -> String {
    let mut out = String::new();
    for part in parts {
        match part {
            Part::Literal(text) => out.push_str(text),
            Part::Expression(expression) => expand_expression(&mut out, expression, variables),
        }
    }
    out
}

fn expand_expression(out: &mut String, expression: &Expression, variables: &Variables) {
    let operator = expression.operator;
    let mut lead = operator.first();
    for variable in &expression.variables {
        let Some(value) = variables.get(&variable.name) else {
            continue;
        };
        // An empty list is as good as undefined (section 2.3).
        if matches!(value, VariableValue::List(values) if values.is_empty()) {
            continue;
        }
        out.push_str(lead);
        lead = operator.separator();
        expand_variable(out, operator, variable, value);
    }
}

fn expand_variable(
    out: &mut String,
    operator: Operator,
    variable: &Variable,
    value: &VariableValue,
) {
    match value {
        VariableValue::List(values) if variable.explode => {
            for (index, value) in values.iter().enumerate() {
                if index > 0 {
                    out.push_str(operator.separator());
                }
                push_named(out, operator, &variable.name, value.is_empty());
                push_value(out, operator, value);
            }
        }
        VariableValue::List(values) => {
            push_named(out, operator, &variable.name, false);
            for (index, value) in values.iter().enumerate() {
                if index > 0 {
                    out.push(',');
                }
                push_value(out, operator, value);
            }
        }
        VariableValue::Text(value) if variable.explode && operator == Operator::Simple => {
            for (index, segment) in value.split('/').enumerate() {
                if index > 0 {
                    out.push('/');
                }
                push_value(out, operator, segment);
            }
        }
        VariableValue::Text(value) => {
            push_named(out, operator, &variable.name, value.is_empty());
            push_value(out, operator, value);
        }
    }
}

fn push_named(out: &mut String, operator: Operator, name: &str, is_empty: bool) {
    if !operator.is_named() {
        return;
    }
    out.push_str(name);
    if !is_empty || operator.is_query() {
        out.push('=');
    }
}

fn push_value(out: &mut String, operator: Operator, value: &str) {
    if operator.keeps_reserved() {
        encode_reserved_into(out, value);
    } else {
        encode_into(out, value);
    }
}
