//! What the server keeps of a prompt: how it is listed, and how its arguments are read.

use std::sync::Arc;

use serde_json::{Map, Value, json};

use super::PromptSpec;
use crate::protocol::{Prompt, PromptArgument};
use crate::schema::{Generator, Part, Side, write};
use crate::tool::{
    Aliases, ArgumentEntry, ArgumentTable, Lenient, Treatment, described, icons, listed, meta,
};

/// A prompt while it is described.
#[doc(hidden)]
#[derive(Debug)]
pub struct PromptDescription {
    spec: &'static PromptSpec,
    arguments: Vec<Option<Argument>>,
}

#[derive(Debug)]
struct Argument {
    listed: PromptArgument,
    entry: ArgumentEntry,
}

impl PromptDescription {
    /// A prompt of which nothing is known but what its attributes say.
    pub fn new(spec: &'static PromptSpec) -> Self {
        Self {
            spec,
            arguments: spec.params.iter().map(|_| None).collect(),
        }
    }

    /// The parameter at `index` is an argument.
    pub(super) fn argument(&mut self, index: usize, part: Part, required: bool) {
        let (Some(spec), Some(slot)) = (self.spec.params.get(index), self.arguments.get_mut(index))
        else {
            return;
        };
        let required = required && !spec.has_default;
        let mut argument = PromptArgument::new(spec.name).with_required(required);
        let mut generator = Generator::new(Side::Input);
        let schema = generator.part(part);
        let entry = ArgumentEntry::argument(spec, &schema, &generator.raw_definitions());
        argument.description = join(listed(spec.description), note(generator, schema));
        *slot = Some(Argument {
            listed: argument,
            entry,
        });
    }

    /// What the server keeps of it.
    pub fn finish(self) -> PromptDefinition {
        let mut entries = Vec::new();
        let mut arguments = Vec::new();
        for (spec, argument) in self.spec.params.iter().zip(self.arguments) {
            match argument {
                Some(argument) => {
                    entries.push(argument.entry);
                    arguments.push(argument.listed);
                }
                None => entries.push(ArgumentEntry::injected(spec)),
            }
        }
        PromptDefinition {
            spec: self.spec,
            table: ArgumentTable::new(self.spec.name, entries, None),
            arguments,
        }
    }
}

/// What to say of an argument that is not any text; prompts have no schemas.
fn note(mut generator: Generator, mut schema: Value) -> Option<String> {
    generator.finish(&mut schema, true);
    if let Value::Object(object) = &mut schema {
        object.remove("description");
    }
    let definitions = generator.definitions();
    if let (Value::Object(object), false) = (&mut schema, definitions.is_empty()) {
        object.insert("$defs".to_owned(), definitions.into());
    }
    let is_any_text = schema.as_object().is_none_or(|object| {
        object.is_empty()
            || (object.len() == 1 && object.get("type").is_some_and(|name| name == "string"))
    });
    match (
        schema.get("enum").and_then(Value::as_array),
        schema.get("type").and_then(Value::as_str),
    ) {
        _ if is_any_text => None,
        (Some(choices), Some("string")) => {
            let choices: Vec<String> = choices
                .iter()
                .map(|choice| format!("`{}`", choice.as_str().unwrap_or_default()))
                .collect();
            Some(format!("One of {}.", choices.join(", ")))
        }
        (_, Some("integer")) => Some("A whole number.".to_owned()),
        (_, Some("number")) => Some("A number.".to_owned()),
        (_, Some("boolean")) => Some("`true` or `false`.".to_owned()),
        _ => Some(format!("As JSON text of the schema {}", write(&schema))),
    }
}

fn join(description: Option<String>, note: Option<String>) -> Option<String> {
    match (description, note) {
        (Some(description), Some(note)) => Some(format!("{description} {note}")),
        (description, note) => description.or(note),
    }
}

/// A prompt as its server knows it.
#[derive(Debug)]
pub struct PromptDefinition {
    spec: &'static PromptSpec,
    table: ArgumentTable,
    arguments: Vec<PromptArgument>,
}

impl PromptDefinition {
    /// What the attributes say.
    #[doc(hidden)]
    pub fn spec(&self) -> &'static PromptSpec {
        self.spec
    }

    /// How arguments are read.
    #[doc(hidden)]
    pub fn arguments(&self) -> &ArgumentTable {
        &self.table
    }

    /// Names of arguments that are not listed.
    pub(crate) fn aliases(&self) -> Aliases {
        self.table.aliases().collect()
    }

    /// What is done to arguments around the prompt.
    pub(crate) fn treatment(&self) -> Option<Arc<Treatment>> {
        let hidden = self.spec.params.iter().filter(|param| param.sensitive);
        let hidden: Map<String, Value> = hidden
            .map(|param| (param.name.to_owned(), json!({ "writeOnly": true })))
            .collect();
        let schema = json!({ "properties": hidden });
        Treatment::of(&schema.into(), self.aliases(), Lenient::These(Vec::new()))
    }

    /// The prompt as it is listed under a name, which may carry prefixes.
    pub fn to_prompt(&self, name: &str) -> Prompt {
        let spec = self.spec;
        let mut prompt = Prompt::new(name);
        prompt.title = listed(spec.title);
        prompt.description = described(spec.description, spec.deprecated.as_ref());
        prompt.arguments.clone_from(&self.arguments);
        prompt.icons = icons(spec.icons);
        prompt.meta = meta(spec.meta, spec.version, spec.deprecated.as_ref());
        prompt
    }
}
