//! Reads a tree of texts into a type, noting every mistake on the way.

use std::borrow::Cow;

use super::{
    Entry, Field, Node, Origin, Problem, Setting, Shape, json,
    loaded::Fingerprint,
    nearest::nearest,
    node::{Table, Value},
    shown::{self, REDACTED, names_a_secret, shown},
};

/// Reads settings, and remembers where it is and what was wrong.
#[derive(Debug)]
pub struct Reader<'a> {
    /// The setting that is being read, such as `database.pool_size`.
    key: String,
    prefix: &'a str,
    problems: Vec<Problem>,
    entries: Vec<Entry>,
    /// How many secrets the place is in.
    secrets: usize,
    /// What must not show, whatever a validation says.
    hidden: Vec<String>,
}

/// What came out besides the value.
pub(crate) struct Report {
    pub(crate) problems: Vec<Problem>,
    pub(crate) entries: Vec<Entry>,
}

impl<'a> Reader<'a> {
    pub(crate) fn new(prefix: &'a str) -> Self {
        Self {
            key: String::new(),
            prefix,
            problems: Vec::new(),
            entries: Vec::new(),
            secrets: 0,
            hidden: Vec::new(),
        }
    }

    /// Ends the reading. What validations said of secrets is taken out.
    pub(crate) fn finish(self) -> Report {
        let mut problems = self.problems;
        for problem in &mut problems {
            for hidden in self.hidden.iter().filter(|hidden| hidden.len() > 3) {
                problem.text = problem.text.replace(hidden.as_str(), REDACTED);
            }
        }
        Report {
            problems,
            entries: self.entries,
        }
    }

    /// The text of a setting that is one.
    pub fn text<'n>(&mut self, node: &'n Node, shape: &Shape) -> Option<&'n str> {
        match &node.value {
            Value::Text(text) | Value::Loose(text) => {
                self.hide(text);
                Some(text)
            }
            Value::Number(_) | Value::Bool(_) => {
                let text = format!(
                    "it must be {}, and {} stands there: put it in quotes",
                    shape.what,
                    node.noun()
                );
                self.problem(node, text);
                None
            }
            _ => self.unfit(node, shape),
        }
    }

    /// Reads a text or a number by a function that gives `None` for what does
    /// not fit.
    pub fn parse<T>(
        &mut self,
        node: &Node,
        shape: &Shape,
        parse: impl FnOnce(&str) -> Option<T>,
    ) -> Option<T> {
        let text = match &node.value {
            Value::Text(text) | Value::Loose(text) | Value::Number(text) => text.trim(),
            _ => return self.unfit(node, shape),
        };
        self.hide(text);
        let value = parse(text);
        if value.is_none() {
            let text = match self.is_secret() {
                true => format!("it must be {}", shape.what),
                false => format!("it must be {}, and is `{}`", shape.what, shown(text)),
            };
            self.problem(node, text);
        }
        value
    }

    /// Notes that a value is not what it must be.
    pub fn problem(&mut self, node: &Node, text: impl Into<String>) {
        let origin = Some(node.origin.clone());
        self.problems.push(Problem::new(&self.key, origin, text));
    }

    /// Reads on at a place below this one.
    pub(crate) fn at<T>(&mut self, step: &str, read: impl FnOnce(&mut Self) -> T) -> T {
        let end = self.key.len();
        self.key.push_str(step);
        let value = read(self);
        self.key.truncate(end);
        value
    }

    /// Reads what must not show.
    pub(crate) fn in_secret<T>(&mut self, read: impl FnOnce(&mut Self) -> T) -> T {
        self.secrets += 1;
        let value = read(self);
        self.secrets -= 1;
        value
    }

    /// The items of a list: one that was written as such, JSON in a variable, or
    /// a text with commas.
    pub(crate) fn items<'n>(&mut self, node: &'n Node, shape: &Shape) -> Option<Cow<'n, [Node]>> {
        match &node.value {
            Value::List(items) => return Some(Cow::Borrowed(items)),
            Value::Loose(text) if text.trim_start().starts_with('[') => {
                if let Some(Value::List(items)) = json::read(text, &node.origin) {
                    return Some(Cow::Owned(items));
                }
            }
            Value::Loose(text) => {
                let items = text
                    .split(',')
                    .map(str::trim)
                    .filter(|item| !item.is_empty());
                let items =
                    items.map(|item| Node::new(Value::Loose(item.to_owned()), node.origin.clone()));
                return Some(Cow::Owned(items.collect()));
            }
            _ => {}
        }
        self.unfit(node, shape)
    }

    /// The members of a table, one that was written as such or JSON in a
    /// variable.
    pub(crate) fn members<'n>(&mut self, node: &'n Node, shape: &Shape) -> Option<Cow<'n, Table>> {
        match &node.value {
            Value::Table(table) => return Some(Cow::Borrowed(table)),
            Value::Loose(text) if text.trim_start().starts_with('{') => {
                if let Some(Value::Table(table)) = json::read(text, &node.origin) {
                    return Some(Cow::Owned(table));
                }
            }
            _ => {}
        }
        self.unfit(node, shape)
    }

    fn unfit<T>(&mut self, node: &Node, shape: &Shape) -> Option<T> {
        let text = format!(
            "it must be {}, and {} stands there",
            shape.what,
            node.noun()
        );
        self.problem(node, text);
        None
    }

    fn hide(&mut self, text: &str) {
        if self.is_secret() {
            self.hidden.push(text.to_owned());
        }
    }

    fn is_secret(&self) -> bool {
        self.secrets > 0 || names_a_secret(&self.key)
    }

    /// The settings of a group, `None` when it is none.
    #[doc(hidden)]
    pub fn group<'r>(&'r mut self, node: &Node, fields: &'static [Field]) -> Option<Group<'r, 'a>> {
        let table = self.members(node, &Shape::group(fields))?.into_owned();
        self.unknown(&table, fields);
        Some(Group {
            reader: self,
            fields,
            table,
            origin: node.origin.clone(),
        })
    }

    /// Notes every name that is none.
    fn unknown(&mut self, table: &Table, fields: &[Field]) {
        for (name, node) in table {
            if fields.iter().any(|field| field.name == name) {
                continue;
            }
            let top = self.key.is_empty().then_some("server");
            let known = fields.iter().map(|field| field.name).chain(top);
            let text = match nearest(name, known.clone()) {
                Some(meant) => format!("there is no such setting: did you mean `{meant}`?"),
                None => {
                    let known: Vec<&str> = known.collect();
                    format!(
                        "there is no such setting: there are `{}`",
                        known.join("`, `")
                    )
                }
            };
            let step = self.step(shown::name(name));
            self.at(&step, |reader| reader.problem(node, text));
        }
    }

    fn step(&self, name: &str) -> String {
        match self.key.is_empty() {
            true => name.to_owned(),
            false => format!(".{name}"),
        }
    }

    fn missing(&mut self, field: &Field, shape: &Shape) {
        let mut variables: Vec<String> = field
            .variables
            .iter()
            .map(|name| format!("`{name}`"))
            .collect();
        if !self.key.contains('[') {
            variables.push(format!("`{}`", variable(self.prefix, &self.key)));
        }
        let text = match variables.is_empty() {
            true => format!("it is missing: write {}", shape.what),
            false => format!(
                "it is missing: write {} in a file, set {}, or pass `--{}`",
                shape.what,
                variables.join(" or "),
                flag(&self.key),
            ),
        };
        self.problems.push(Problem::new(&self.key, None, text));
    }

    fn record(&mut self, field: &Field, value: &str, found: Option<&Node>) {
        let secret = field.secret || self.is_secret();
        self.entries.push(Entry {
            key: self.key.clone(),
            value: match secret && value != "none" {
                true => REDACTED.to_owned(),
                false => shown(value),
            },
            origin: found.map_or(Origin::Default, |node| node.origin.clone()),
            help: field.help,
            fingerprint: match found {
                Some(node) if secret || value == REDACTED => Fingerprint::of(&node.written()),
                _ => Fingerprint::of(value),
            },
        });
    }
}

/// The variable that is made of a setting's place.
pub(crate) fn variable(prefix: &str, key: &str) -> String {
    format!("{prefix}{}", key.replace('.', "__").to_ascii_uppercase())
}

/// The flag that is made of a setting's place, without its dashes.
pub(crate) fn flag(key: &str) -> String {
    key.replace('_', "-")
}

/// What the type of a setting can do.
#[doc(hidden)]
#[derive(Debug)]
pub struct Access<T> {
    pub shape: fn() -> Shape,
    pub read: fn(&Node, &mut Reader<'_>) -> Option<T>,
    pub show: fn(&T) -> String,
    pub absent: fn() -> Option<T>,
}

impl<T> Access<T> {
    /// That of a setting.
    pub const fn of() -> Self
    where
        T: Setting,
    {
        Self {
            shape: T::shape,
            read: T::read,
            show: T::show,
            absent: T::absent,
        }
    }
}

/// A group of settings that is being read. What is refused here was noted.
#[doc(hidden)]
#[derive(Debug)]
pub struct Group<'r, 'a> {
    reader: &'r mut Reader<'a>,
    fields: &'static [Field],
    table: Table,
    origin: Origin,
}

impl Group<'_, '_> {
    /// The setting at `index`, or the default that its field names.
    pub fn take<T>(&mut self, index: usize, access: &Access<T>) -> Option<T> {
        self.read(index, access, access.absent)
    }

    /// The setting at `index`, or what the program says.
    pub fn take_or<T>(
        &mut self,
        index: usize,
        access: &Access<T>,
        default: impl FnOnce() -> T,
    ) -> Option<T> {
        self.read(index, access, || Some(default()))
    }

    fn read<T>(
        &mut self,
        index: usize,
        access: &Access<T>,
        absent: impl FnOnce() -> Option<T>,
    ) -> Option<T> {
        let (field, shape) = (&self.fields[index], (access.shape)());
        let found = self.found(field, &shape);
        let step = self.reader.step(field.name);
        self.reader.at(&step, |reader| {
            reader.secrets += usize::from(field.secret);
            let value = match &found {
                Some(node) => (access.read)(node, reader),
                None => {
                    let value = absent();
                    if value.is_none() {
                        reader.missing(field, &shape);
                    }
                    value
                }
            };
            if let Some(value) = &value
                && (found.is_none() || !shape.is_nested())
            {
                reader.record(field, &(access.show)(value), found.as_ref());
            }
            reader.secrets -= usize::from(field.secret);
            value
        })
    }

    /// What is written, or what stands for it.
    fn found(&self, field: &Field, shape: &Shape) -> Option<Node> {
        let written = self.table.get(field.name).filter(|node| !node.is_null());
        let default = || {
            let text = Value::Loose(field.text?.to_owned());
            Some(Node::new(text, Origin::Default))
        };
        let empty = || {
            let is_group = matches!(shape.kind, super::shape::Kind::Group(_));
            (is_group && !shape.is_optional && field.default.is_none()).then(Node::empty)
        };
        written.cloned().or_else(default).or_else(empty)
    }

    /// Holds a number against its range.
    pub fn within<T: super::setting::Ranged>(
        &mut self,
        index: usize,
        value: &Option<T>,
        range: &Range,
    ) {
        let number = value.as_ref().and_then(T::number);
        if let Some(number) = number.filter(|number| !range.admits(*number)) {
            self.refuse(index, &format!("it must be {range}, and is {number}"), true);
        }
    }

    /// Holds a value against a function of the user.
    pub fn valid<T, E: Into<super::Invalid>>(
        &mut self,
        index: usize,
        value: &Option<T>,
        check: impl FnOnce(&T) -> Result<(), E>,
    ) {
        if let Some(Err(invalid)) = value.as_ref().map(check) {
            for (_, text) in invalid.into().0 {
                self.refuse(index, &text, false);
            }
        }
    }

    /// Ends the group with a function of the user that sees all of it.
    pub fn checked<T, E: Into<super::Invalid>>(
        self,
        value: T,
        check: impl FnOnce(&T) -> Result<(), E>,
    ) -> Option<T> {
        let Err(invalid) = check(&value) else {
            return Some(value);
        };
        for (key, text) in invalid.into().0 {
            let step = match key.is_empty() {
                true => String::new(),
                false => self.reader.step(&key),
            };
            let origin = self.origin_of(&key);
            self.reader.at(&step, |reader| {
                reader
                    .problems
                    .push(Problem::new(&reader.key, origin, text));
            });
        }
        None
    }

    /// Where the setting was written that a function of the user speaks of.
    fn origin_of(&self, key: &str) -> Option<Origin> {
        let mut steps = key.split('.');
        let mut node = self.table.get(steps.next()?)?;
        for step in steps {
            let Value::Table(table) = &node.value else {
                break;
            };
            node = table.get(step)?;
        }
        Some(node.origin.clone())
    }

    fn refuse(&mut self, index: usize, text: &str, shows_value: bool) {
        let field = &self.fields[index];
        let origin = self.table.get(field.name).map(|node| node.origin.clone());
        let step = self.reader.step(field.name);
        self.reader.at(&step, |reader| {
            let text = match shows_value && (field.secret || reader.is_secret()) {
                true => text.split(", and is").next().unwrap_or_default(),
                false => text,
            };
            reader
                .problems
                .push(Problem::new(&reader.key, origin, text));
        });
    }

    /// Where the group was written.
    pub fn origin(&self) -> &Origin {
        &self.origin
    }
}

/// The numbers a setting may be.
#[doc(hidden)]
#[derive(Debug, Clone, Copy)]
pub struct Range {
    pub min: Option<f64>,
    pub max: Option<f64>,
    /// A bound that is not part of it.
    pub below: Option<f64>,
}

impl Range {
    #[doc(hidden)]
    pub const ALL: Self = Self {
        min: None,
        max: None,
        below: None,
    };

    fn admits(&self, number: f64) -> bool {
        self.min.is_none_or(|min| number >= min)
            && self.max.is_none_or(|max| number <= max)
            && self.below.is_none_or(|below| number < below)
    }
}

impl std::fmt::Display for Range {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match (self.min, self.max, self.below) {
            (Some(min), Some(max), _) => write!(f, "from {min} to {max}"),
            (Some(min), None, Some(below)) => write!(f, "at least {min} and less than {below}"),
            (Some(min), None, None) => write!(f, "at least {min}"),
            (None, Some(max), _) => write!(f, "at most {max}"),
            (None, None, Some(below)) => write!(f, "less than {below}"),
            (None, None, None) => f.write_str("any number"),
        }
    }
}

impl Reader<'_> {
    /// Which of the names is written, whatever its case and hyphens.
    #[doc(hidden)]
    pub fn choice(&mut self, node: &Node, names: &[&str]) -> Option<usize> {
        let plain = |text: &str| text.replace(['-', ' '], "_").to_ascii_lowercase();
        self.parse(node, &Shape::choice(names), |text| {
            let wanted = plain(text);
            names.iter().position(|name| plain(name) == wanted)
        })
    }
}
