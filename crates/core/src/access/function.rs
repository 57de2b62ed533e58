//! Functions that are policies: what `#[policy]` expands to.

use std::{
    fmt::Write as _,
    future::ready,
    sync::{Arc, OnceLock},
};

use serde_json::Value;

use super::{Asked, ComponentKind, Decision, Purpose};
use crate::{
    BoxFuture, Error, ErrorKind, Result,
    error::IntoToolError,
    schema::raw::Members,
    server::Shared,
    tool::{
        Aliases, ArgumentTable, Fallible, Infallible, Lenient, ToolDescription, ToolInput,
        ToolSpec, Treatment,
    },
};

/// The code of an annotated policy.
#[doc(hidden)]
pub type PolicyFn = for<'a> fn(&'a Shared<()>, ToolInput<'a>) -> BoxFuture<'a, Result<Decision>>;

/// A function whose parameters come from the request and from the arguments of
/// the component it decides about, by name.
#[doc(hidden)]
#[derive(Debug)]
pub struct PolicyFunction {
    spec: &'static ToolSpec,
    describe: fn(&mut ToolDescription),
    call: PolicyFn,
    reader: OnceLock<Reader>,
}

/// How the arguments are read.
#[derive(Debug)]
struct Reader {
    shared: Shared<()>,
    table: ArgumentTable,
    /// What makes values of texts, for prompts and templates.
    texts: Option<Arc<Treatment>>,
    /// Whether nothing can be decided without arguments.
    needs_arguments: bool,
}

impl PolicyFunction {
    /// A function that has not been asked yet.
    pub const fn new(
        spec: &'static ToolSpec,
        describe: fn(&mut ToolDescription),
        call: PolicyFn,
    ) -> Self {
        Self {
            spec,
            describe,
            call,
            reader: OnceLock::new(),
        }
    }

    /// Asks the function. In a list, where there are no arguments yet, one that
    /// needs some has nothing against it: it decides about each use. A completion
    /// is a use, which shows what values there are, so nobody has one before the
    /// function can decide.
    pub fn decide<'a>(&'a self, asked: &'a Asked<'a>) -> BoxFuture<'a, Result<Decision>> {
        let reader = self.reader();
        if asked.purpose() == Purpose::List && reader.needs_arguments {
            return Box::pin(ready(Ok(Decision::Allow)));
        }
        Box::pin(async move {
            let arguments = reader.arguments(asked);
            let input = ToolInput::new(asked.context(), &reader.table, Some(&arguments));
            (self.call)(&reader.shared, input).await
        })
    }

    fn reader(&self) -> &Reader {
        self.reader.get_or_init(|| {
            let mut description = ToolDescription::new(self.spec);
            (self.describe)(&mut description);
            let definition = description.finish();
            let schema = definition.input_schema();
            let required = schema.decode::<Value>().unwrap_or_default();
            let required = required["required"].as_array();
            Reader {
                shared: Shared::new(()),
                texts: Treatment::of(schema, Aliases::default(), Lenient::All),
                needs_arguments: required.is_some_and(|names| !names.is_empty()),
                table: definition.into_arguments(),
            }
        })
    }
}

impl Reader {
    /// Those arguments that the function takes, under their listed names.
    fn arguments(&self, asked: &Asked<'_>) -> String {
        let mut object = "{".to_owned();
        for member in Members::of(asked.arguments().unwrap_or("{}"))
            .into_iter()
            .flatten()
        {
            let given = member.name();
            let alias = asked.aliases().iter().find(|(alias, _)| *alias == given);
            let name = alias.map_or(&*given, |(_, listed)| listed);
            if self.table.names().any(|known| known == name) {
                let comma = if object.len() > 1 { "," } else { "" };
                // Writing into a text cannot fail.
                let _ = write!(object, "{comma}{}:{}", Value::from(name), member.value);
            }
        }
        object.push('}');
        match &self.texts {
            Some(texts) if asked.kind() != ComponentKind::Tool => {
                texts.coerce(&object).into_owned()
            }
            _ => object,
        }
    }
}

impl ToolInput<'_> {
    /// The answer to arguments that a policy cannot read: nobody is let in.
    pub fn refuse_decision<'a>(self) -> BoxFuture<'a, Result<Decision>> {
        let error = Error::new(ErrorKind::InvalidArguments, self.report());
        Box::pin(ready(Err(error)))
    }
}

/// A type a policy may return, alone or in a `Result`, whose error denies.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no decision",
    label = "a policy cannot return this",
    note = "return a `bool`, a `Decision`, or a `Result` of one of these"
)]
pub trait PolicyOutput {
    /// What was decided.
    fn into_decision(self) -> Decision;
}

impl PolicyOutput for bool {
    fn into_decision(self) -> Decision {
        self.into()
    }
}

impl PolicyOutput for Decision {
    fn into_decision(self) -> Decision {
        self
    }
}

impl<T, E> Fallible<T, E> {
    /// The decision of a policy.
    pub fn respond_policy(self, value: Result<T, E>) -> Result<Decision>
    where
        T: PolicyOutput,
        E: IntoToolError,
    {
        value.map(T::into_decision).map_err(E::into_tool_error)
    }
}

impl<T> Infallible<T> {
    /// The decision of a policy.
    pub fn respond_policy(self, value: T) -> Result<Decision>
    where
        T: PolicyOutput,
    {
        Ok(value.into_decision())
    }
}
