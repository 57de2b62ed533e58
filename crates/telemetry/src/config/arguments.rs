//! The layer of the command line: `--database.pool-size 5` for every setting,
//! and shorter flags for those that name one. What is no setting belongs to the
//! program.

use super::{
    Field, Node, Origin, Problem,
    nearest::nearest,
    node::{REACH, Table, Value},
    reader::flag,
    shape::Kind,
    variables::join,
};

/// A flag that there is.
struct Known {
    /// Without dashes.
    name: String,
    key: String,
    is_switch: bool,
}

/// What the command line says.
pub(crate) struct Said {
    pub(crate) table: Table,
    pub(crate) problems: Vec<Problem>,
}

/// Reads the arguments, those behind `--` left out. With `strict`, a flag that
/// is no setting is a mistake.
pub(crate) fn layer(arguments: &[String], fields: &[Field], strict: bool) -> Said {
    let mut known = Vec::new();
    collect("", fields, &mut known, REACH);
    let mut said = Said {
        table: Table::new(),
        problems: Vec::new(),
    };
    let mut rest = arguments
        .iter()
        .take_while(|argument| *argument != "--")
        .peekable();
    while let Some(argument) = rest.next() {
        let Some(argument) = argument.strip_prefix("--") else {
            continue;
        };
        let (name, value) = match argument.split_once('=') {
            Some((name, value)) => (name, Some(value)),
            None => (argument, None),
        };
        let next = || rest.next_if(|next| is_value(next)).map(String::as_str);
        said.flag(&known, name, value, next, strict);
    }
    said
}

/// Whether an argument may be the value of the flag before it: another flag is
/// not, a negative number is.
fn is_value(argument: &str) -> bool {
    match argument.strip_prefix('-') {
        Some(rest) => rest.starts_with(|c: char| c.is_ascii_digit()),
        None => true,
    }
}

impl Said {
    fn flag<'a>(
        &mut self,
        known: &[Known],
        name: &str,
        value: Option<&'a str>,
        next: impl FnOnce() -> Option<&'a str>,
        strict: bool,
    ) {
        let origin = Origin::Flag(format!("--{name}"));
        let plain = name.replace('_', "-");
        match plain.as_str() {
            "stdio" => return self.put("server.transport", "stdio", &origin),
            "http" => {
                self.put("server.transport", "http", &origin);
                if let Some(address) = value.or_else(next) {
                    self.put("server.address", address, &origin);
                }
                return;
            }
            "profile" | "config" => return,
            _ => {}
        }
        let find = |name: &str| known.iter().find(|known| known.name == name);
        if let Some(known) = find(&plain) {
            let value = value.or_else(|| match known.is_switch {
                true => Some("true"),
                false => next(),
            });
            return match value {
                Some(value) => self.put(&known.key, value, &origin),
                None => {
                    let text = format!("a value is missing: write `--{name}=…`");
                    self.problems
                        .push(Problem::new(&known.key, Some(origin), text));
                }
            };
        }
        let negated = plain.strip_prefix("no-").and_then(find);
        if let Some(known) = negated.filter(|known| known.is_switch && value.is_none()) {
            return self.put(&known.key, "false", &origin);
        }
        if strict {
            let names = known.iter().map(|known| known.name.as_str());
            let text = match nearest(&plain, names) {
                Some(meant) => format!("there is no such flag: did you mean `--{meant}`?"),
                None => "there is no such flag: drop it".to_owned(),
            };
            self.problems.push(Problem::new("", Some(origin), text));
        }
    }

    fn put(&mut self, key: &str, value: &str, origin: &Origin) {
        let path: Vec<&str> = key.split('.').collect();
        let node = Node::new(Value::Loose(value.to_owned()), origin.clone());
        Node::put(&mut self.table, &path, node);
    }
}

fn collect(path: &str, fields: &[Field], known: &mut Vec<Known>, depth: usize) {
    let Some(depth) = depth.checked_sub(1) else {
        return;
    };
    for field in fields {
        let key = join(path, field.name);
        let shape = (field.shape)();
        let is_switch = matches!(shape.kind, Kind::Switch);
        let names = field
            .flag
            .map(str::to_owned)
            .into_iter()
            .chain([flag(&key)]);
        known.extend(names.map(|name| Known {
            name,
            key: key.clone(),
            is_switch,
        }));
        if let Kind::Group(fields) = shape.kind {
            collect(&key, fields, known, depth);
        }
    }
}

/// The value of a flag that is not a setting: `--config FILE`, `--profile NAME`.
#[cfg(feature = "config")]
pub(crate) fn values<'a>(arguments: &'a [String], name: &str) -> Vec<&'a str> {
    let mut found = Vec::new();
    let mut rest = arguments
        .iter()
        .take_while(|argument| *argument != "--")
        .peekable();
    while let Some(argument) = rest.next() {
        let Some(argument) = argument.strip_prefix("--") else {
            continue;
        };
        match argument.split_once('=') {
            Some((flag, value)) if flag == name => found.push(value),
            None if argument == name => {
                found.extend(rest.next_if(|next| is_value(next)).map(String::as_str));
            }
            _ => {}
        }
    }
    found
}
