//! TOML.

use std::sync::Arc;

use toml::{
    Spanned,
    de::{DeTable, DeValue},
};

use super::{Mistake, lines::Lines};
use crate::config::{
    Node, Origin, Place,
    node::{DEPTH, Table, Value},
};

pub(crate) fn read(text: &str, file: &Arc<str>) -> Result<Table, Mistake> {
    let lines = Lines::of(text);
    let parsed = DeTable::parse(text).map_err(|error| {
        let line = error.span().map(|span| lines.at(span.start));
        Mistake::new(line, format!("this is no TOML: {}", error.message()))
    })?;
    let file = Source { lines, file };
    file.table(parsed.into_inner(), DEPTH)
}

struct Source<'a> {
    lines: Lines,
    file: &'a Arc<str>,
}

impl Source<'_> {
    fn table(&self, table: DeTable<'_>, depth: usize) -> Result<Table, Mistake> {
        let members = table.into_iter().map(|(name, value)| {
            let line = self.lines.at(name.span().start);
            Ok((
                name.into_inner().into_owned(),
                self.node(value, Some(line), depth)?,
            ))
        });
        members.collect()
    }

    fn node(
        &self,
        value: Spanned<DeValue<'_>>,
        line: Option<usize>,
        depth: usize,
    ) -> Result<Node, Mistake> {
        let line = line.unwrap_or_else(|| self.lines.at(value.span().start));
        let depth = depth
            .checked_sub(1)
            .ok_or_else(|| Mistake::new(Some(line), "this is nested too deeply"))?;
        let value = match value.into_inner() {
            DeValue::String(text) => Value::Text(text.into_owned()),
            DeValue::Integer(number) => {
                let decimal = i128::from_str_radix(number.as_str(), number.radix());
                let decimal =
                    decimal.map_err(|_| Mistake::new(Some(line), "this number is too large"))?;
                Value::Number(decimal.to_string())
            }
            DeValue::Float(number) => Value::Number(number.as_str().to_owned()),
            DeValue::Boolean(value) => Value::Bool(value),
            DeValue::Datetime(time) => Value::Text(time.to_string()),
            DeValue::Array(items) => {
                let items = items.into_iter().map(|item| self.node(item, None, depth));
                Value::List(items.collect::<Result<_, _>>()?)
            }
            DeValue::Table(table) => Value::Table(self.table(table, depth)?),
        };
        let place = Place::new(self.file, Some(line));
        Ok(Node::new(value, Origin::File(place)))
    }
}
