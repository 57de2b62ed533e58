//! JSON, strictly.

use std::sync::Arc;

use jsonc_parser::{
    CollectOptions, ParseOptions,
    ast::{Object, Value as Json},
    common::Ranged,
    parse_to_ast,
};

use super::{Mistake, lines::Lines};
use crate::config::{
    Node, Origin, Place,
    node::{DEPTH, Table, Value},
};

const STRICT: ParseOptions = ParseOptions {
    allow_comments: false,
    allow_loose_object_property_names: false,
    allow_trailing_commas: false,
    allow_missing_commas: false,
    allow_single_quoted_strings: false,
    allow_hexadecimal_numbers: false,
    allow_unary_plus_numbers: false,
    allow_bare_decimal_point_numbers: false,
    allow_non_finite_numbers: false,
    allow_extended_string_escapes: false,
};

pub(crate) fn read(text: &str, file: &Arc<str>) -> Result<Table, Mistake> {
    let lines = Lines::of(text);
    let parsed = parse_to_ast(text, &CollectOptions::default(), &STRICT).map_err(|error| {
        let line = lines.at(error.range().start);
        Mistake::new(Some(line), format!("this is no JSON: {}", error.kind()))
    })?;
    let source = Source { lines, file };
    match parsed.value {
        None => Ok(Table::new()),
        Some(Json::Object(object)) => source.table(object, DEPTH),
        Some(_) => Err(Mistake::new(None, "a configuration is an object: `{ … }`")),
    }
}

struct Source<'a> {
    lines: Lines,
    file: &'a Arc<str>,
}

impl Source<'_> {
    fn table(&self, object: Object<'_>, depth: usize) -> Result<Table, Mistake> {
        let mut table = Table::new();
        for property in object.properties {
            let line = self.lines.at(property.range.start);
            let name = property.name.into_string();
            let node = self.node(property.value, Some(line), depth)?;
            if table.insert(name, node).is_some() {
                return Err(Mistake::new(
                    Some(line),
                    "this name is there twice: keep one",
                ));
            }
        }
        Ok(table)
    }

    fn node(&self, json: Json<'_>, line: Option<usize>, depth: usize) -> Result<Node, Mistake> {
        let line = line.unwrap_or_else(|| self.lines.at(json.range().start));
        let depth = depth
            .checked_sub(1)
            .ok_or_else(|| Mistake::new(Some(line), "this is nested too deeply"))?;
        let value = match json {
            Json::StringLit(text) => Value::Text(text.value.into_owned()),
            Json::NumberLit(number) => Value::Number(number.value.to_owned()),
            Json::BooleanLit(value) => Value::Bool(value.value),
            Json::NullKeyword(_) => Value::Null,
            Json::Object(object) => Value::Table(self.table(object, depth)?),
            Json::Array(array) => {
                let items = array.elements.into_iter();
                let items = items.map(|item| self.node(item, None, depth));
                Value::List(items.collect::<Result<_, _>>()?)
            }
        };
        let place = Place::new(self.file, Some(line));
        Ok(Node::new(value, Origin::File(place)))
    }
}
