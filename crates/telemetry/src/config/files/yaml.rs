//! YAML: one document, without anchors and tags.
//!
//! A plain scalar stays what it is, a text; the type of the setting decides what
//! it means. So `no` is a country where a text is wanted, and `1.10` a version.

use std::sync::Arc;

use saphyr_parser::{Event, Parser, ScalarStyle, ScanError, Span, StrInput};

use super::Mistake;
use crate::config::{
    Node, Origin, Place,
    node::{DEPTH, Table, Value},
};

pub(crate) fn read(text: &str, file: &Arc<str>) -> Result<Table, Mistake> {
    let mut source = Source {
        parser: Parser::new_from_str(text),
        file,
    };
    let mut document = None;
    loop {
        let (event, span) = source.next()?;
        match event {
            Event::StreamEnd => break,
            Event::StreamStart | Event::DocumentStart(_) | Event::DocumentEnd | Event::Nothing => {}
            _ if document.is_some() => {
                return Err(source.mistake(
                    span,
                    "one document is enough: write the others into files of their own",
                ));
            }
            event => document = Some(source.node(event, span, DEPTH)?),
        }
    }
    match document.map(|node| node.value) {
        None | Some(Value::Null) => Ok(Table::new()),
        Some(Value::Table(table)) => Ok(table),
        Some(_) => Err(Mistake::new(
            None,
            "a configuration is a mapping: `name: value`",
        )),
    }
}

struct Source<'a> {
    parser: Parser<'a, StrInput<'a>>,
    file: &'a Arc<str>,
}

impl<'a> Source<'a> {
    fn next(&mut self) -> Result<(Event<'a>, Span), Mistake> {
        match self.parser.next_event() {
            Some(Ok(next)) => Ok(next),
            Some(Err(error)) => Err(unreadable(&error)),
            None => Ok((Event::StreamEnd, Span::default())),
        }
    }

    fn mistake(&self, span: Span, text: &str) -> Mistake {
        Mistake::new(Some(span.start.line()), text)
    }

    fn node(&mut self, event: Event<'a>, span: Span, depth: usize) -> Result<Node, Mistake> {
        let Some(depth) = depth.checked_sub(1) else {
            return Err(self.mistake(span, "this is nested too deeply"));
        };
        let value = match event {
            Event::Scalar(text, style, 0, None) => scalar(text.into_owned(), style),
            Event::SequenceStart(0, None) => self.list(depth)?,
            Event::MappingStart(0, None) => self.table(depth)?,
            Event::Scalar(_, _, 0, _) | Event::SequenceStart(0, _) | Event::MappingStart(0, _) => {
                return Err(self.mistake(span, "a tag is not understood here: drop it"));
            }
            _ => {
                return Err(self.mistake(
                    span,
                    "anchors and aliases are not understood: write the value out",
                ));
            }
        };
        let place = Place::new(self.file, Some(span.start.line()));
        Ok(Node::new(value, Origin::File(place)))
    }

    fn list(&mut self, depth: usize) -> Result<Value, Mistake> {
        let mut items = Vec::new();
        loop {
            match self.next()? {
                (Event::SequenceEnd | Event::StreamEnd, _) => return Ok(Value::List(items)),
                (event, span) => items.push(self.node(event, span, depth)?),
            }
        }
    }

    fn table(&mut self, depth: usize) -> Result<Value, Mistake> {
        let mut table = Table::new();
        loop {
            let (name, span) = match self.next()? {
                (Event::MappingEnd | Event::StreamEnd, _) => return Ok(Value::Table(table)),
                (Event::Scalar(name, _, 0, None), span) => (name.into_owned(), span),
                (_, span) => return Err(self.mistake(span, "a name is a plain text")),
            };
            let (event, value_span) = self.next()?;
            let mut node = self.node(event, value_span, depth)?;
            node.origin = Origin::File(Place::new(self.file, Some(span.start.line())));
            if table.insert(name, node).is_some() {
                return Err(self.mistake(span, "this name is there twice: keep one"));
            }
        }
    }
}

fn scalar(text: String, style: ScalarStyle) -> Value {
    match (style, text.as_str()) {
        (ScalarStyle::Plain, "" | "~" | "null" | "Null" | "NULL") => Value::Null,
        (ScalarStyle::Plain, _) => Value::Loose(text),
        _ => Value::Text(text),
    }
}

fn unreadable(error: &ScanError) -> Mistake {
    let line = error.marker().line();
    // What the parser says may quote the file.
    Mistake::new(
        Some(line),
        "this is no YAML: look at the indentation and the quotes here",
    )
}
