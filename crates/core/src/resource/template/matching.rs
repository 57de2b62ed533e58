//! From a URI to variables, in linear time.

use super::encode::decode;
use super::parse::{Expression, Operator, TemplateError};
use super::safety::is_safe;
use super::search;
use super::{Part, VariableValue, Variables};

/// A template as it is matched: literals and variables in turn, and query parameters.
#[derive(Clone, Debug, Default)]
pub(super) struct Pattern {
    atoms: Vec<Atom>,
    /// The atom that may span segments.
    multi: Option<usize>,
    /// Query parameters the URI must have as they stand.
    fixed: Vec<Box<str>>,
    query: Vec<QueryVariable>,
}

#[derive(Clone, Debug)]
enum Atom {
    Literal(Box<str>),
    Variable { name: Box<str>, reach: Reach },
}

/// How far a variable extends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Reach {
    /// Within one segment.
    Segment,
    /// Over segments, as one text.
    Segments,
    /// Over segments, one text for each.
    EachSegment,
}

#[derive(Clone, Debug)]
struct QueryVariable {
    name: Box<str>,
    is_list: bool,
}

impl Pattern {
    pub(super) fn new(parts: &[Part], text: &str) -> Result<Self, TemplateError> {
        let mut pattern = Self::default();
        for part in parts {
            match part {
                Part::Literal(_) if !pattern.query.is_empty() => {
                    return Err(TemplateError::new(
                        text,
                        "goes on after its query parameters",
                    ));
                }
                Part::Literal(literal) => pattern.push_literal(literal),
                Part::Expression(expression) if expression.operator.is_query() => {
                    pattern.push_query(expression);
                }
                Part::Expression(_) if !pattern.query.is_empty() => {
                    return Err(TemplateError::new(
                        text,
                        "goes on after its query parameters",
                    ));
                }
                Part::Expression(expression) => pattern.push_expression(expression),
            }
        }
        pattern.settle_query();
        pattern.check(text)?;
        Ok(pattern)
    }

    fn push_literal(&mut self, literal: &str) {
        match self.atoms.last_mut() {
            Some(Atom::Literal(last)) => *last = format!("{last}{literal}").into(),
            _ if literal.is_empty() => {}
            _ => self.atoms.push(Atom::Literal(literal.into())),
        }
    }

    fn push_expression(&mut self, expression: &Expression) {
        let operator = expression.operator;
        for (index, variable) in expression.variables.iter().enumerate() {
            self.push_literal(if index == 0 {
                operator.first()
            } else {
                operator.separator()
            });
            if operator == Operator::Parameter {
                self.push_literal(&format!("{}=", variable.name));
            }
            let reach = match operator {
                Operator::Path if variable.explode => Reach::EachSegment,
                Operator::Reserved | Operator::Fragment => Reach::Segments,
                _ if variable.explode => Reach::Segments,
                _ => Reach::Segment,
            };
            self.atoms.push(Atom::Variable {
                name: variable.name.clone(),
                reach,
            });
        }
    }

    fn push_query(&mut self, expression: &Expression) {
        self.query
            .extend(expression.variables.iter().map(|variable| QueryVariable {
                name: variable.name.clone(),
                is_list: variable.explode,
            }));
    }

    /// In `data://x?kind=a{&limit}` the parameter `kind` is fixed, wherever it stands.
    fn settle_query(&mut self) {
        if self.query.is_empty() {
            return;
        }
        if let Some(Atom::Literal(last)) = self.atoms.last_mut()
            && let Some((path, query)) = last.split_once('?')
        {
            self.fixed = query
                .split('&')
                .filter(|pair| !pair.is_empty())
                .map(Into::into)
                .collect();
            *last = path.into();
        }
    }

    fn check(&mut self, text: &str) -> Result<(), TemplateError> {
        for pair in self.atoms.windows(2) {
            if let [
                Atom::Variable { name: left, .. },
                Atom::Variable { name: right, .. },
            ] = pair
            {
                let problem = format!(
                    "has nothing between the variables `{left}` and `{right}` to tell them apart"
                );
                return Err(TemplateError::new(text, problem));
            }
        }
        let mut multi = self.atoms.iter().enumerate().filter(
            |(_, atom)| matches!(atom, Atom::Variable { reach, .. } if *reach != Reach::Segment),
        );
        self.multi = multi.next().map(|(index, _)| index);
        if multi.next().is_some() {
            return Err(TemplateError::new(
                text,
                "has more than one variable that may span segments",
            ));
        }
        Ok(())
    }

    pub(super) fn match_uri(&self, uri: &str, unchecked: &[Box<str>]) -> Option<Variables> {
        let (path, query) = match uri.split_once('?') {
            Some((path, query)) if !self.query.is_empty() => (path, Some(query)),
            _ => (uri, None),
        };
        let mut found = Found {
            variables: Variables::new(),
            unchecked,
        };
        match self.multi {
            None => forward(&self.atoms, path, true, &mut found)?,
            Some(multi) => {
                let (before, after) = (&self.atoms[..multi], &self.atoms[multi + 1..]);
                let rest = forward(before, path, false, &mut found)?;
                let mut tail = Vec::new();
                let value = backward(after, rest, &mut tail)?;
                found.set(&self.atoms[multi], value)?;
                for (atom, value) in tail.into_iter().rev() {
                    found.set(atom, value)?;
                }
                ""
            }
        };
        self.match_query(query.unwrap_or_default(), &mut found)?;
        Some(found.variables)
    }

    fn match_query(&self, query: &str, found: &mut Found<'_>) -> Option<()> {
        let query = query.split('#').next().unwrap_or_default();
        if !self
            .fixed
            .iter()
            .all(|fixed| search::pairs(query).any(|pair| *pair == **fixed))
        {
            return None;
        }
        for variable in &self.query {
            let mut values = search::pairs(query).filter_map(|pair| {
                let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
                (name == &*variable.name).then_some(value)
            });
            if variable.is_list {
                let values: Vec<&str> = values.collect();
                if !values.is_empty() {
                    found.set_list(&variable.name, &values)?;
                }
            } else if let Some(value) = values.next() {
                found.set_text(&variable.name, value, false)?;
            }
        }
        Some(())
    }
}

/// Matches from the left and gives what is left over. With `whole`, nothing may be.
fn forward<'u>(
    atoms: &[Atom],
    uri: &'u str,
    whole: bool,
    found: &mut Found<'_>,
) -> Option<&'u str> {
    let mut rest = uri;
    let mut atoms = atoms.iter().peekable();
    while let Some(atom) = atoms.next() {
        if let Atom::Literal(literal) = atom {
            rest = rest.strip_prefix(&**literal)?;
            continue;
        }
        let value = match atoms.next() {
            None => std::mem::take(&mut rest),
            Some(Atom::Literal(literal)) => {
                let is_last = whole && atoms.peek().is_none();
                let (value, after) = if is_last {
                    (rest.strip_suffix(&**literal)?, "")
                } else {
                    split_first(rest, literal)?
                };
                rest = after;
                value
            }
            // `check` has refused neighbours.
            Some(Atom::Variable { .. }) => return None,
        };
        found.set(atom, value)?;
    }
    (!whole || rest.is_empty()).then_some(rest)
}

/// Matches from the right and gives what is left over.
fn backward<'a, 'u>(
    atoms: &'a [Atom],
    uri: &'u str,
    tail: &mut Vec<(&'a Atom, &'u str)>,
) -> Option<&'u str> {
    let mut rest = uri;
    let mut atoms = atoms.iter().rev();
    while let Some(atom) = atoms.next() {
        if let Atom::Literal(literal) = atom {
            rest = rest.strip_suffix(&**literal)?;
            continue;
        }
        let Some(Atom::Literal(literal)) = atoms.next() else {
            return None;
        };
        let at = search::last(rest, literal)?;
        tail.push((atom, &rest[at + literal.len()..]));
        rest = &rest[..at];
    }
    Some(rest)
}

/// Splits at the first place of `literal` after at least one character.
fn split_first<'u>(text: &'u str, literal: &str) -> Option<(&'u str, &'u str)> {
    let first = text.chars().next()?.len_utf8();
    let at = first + search::first(&text[first..], literal)?;
    Some((&text[..at], &text[at + literal.len()..]))
}

/// The values found so far, decoded and checked.
struct Found<'a> {
    variables: Variables,
    unchecked: &'a [Box<str>],
}

impl Found<'_> {
    fn set(&mut self, atom: &Atom, value: &str) -> Option<()> {
        let Atom::Variable { name, reach } = atom else {
            return None;
        };
        if value.is_empty() {
            return None;
        }
        match reach {
            Reach::Segment if value.contains(['/', '?', '#']) => None,
            Reach::Segment => self.set_text(name, value, true),
            Reach::Segments => self.set_text(name, value, false),
            Reach::EachSegment => {
                let segments: Vec<&str> = value.split('/').collect();
                self.set_list(name, &segments)
            }
        }
    }

    fn set_text(&mut self, name: &str, value: &str, single: bool) -> Option<()> {
        let value = self.accept(name, value, single)?;
        self.variables.set(name, VariableValue::Text(value));
        Some(())
    }

    fn set_list(&mut self, name: &str, values: &[&str]) -> Option<()> {
        let values: Vec<String> = values
            .iter()
            .map(|value| self.accept(name, value, true))
            .collect::<Option<_>>()?;
        // An empty first item would make the joined text absolute.
        if !self.is_unchecked(name) && !is_safe(&values.join("/"), false) {
            return None;
        }
        self.variables.set(name, VariableValue::List(values));
        Some(())
    }

    fn accept(&self, name: &str, value: &str, single: bool) -> Option<String> {
        let value = decode(value)?;
        (self.is_unchecked(name) || is_safe(&value, single)).then_some(value)
    }

    fn is_unchecked(&self, name: &str) -> bool {
        self.unchecked.iter().any(|unchecked| **unchecked == *name)
    }
}
