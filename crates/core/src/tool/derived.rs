//! What the derives of arguments and outputs lean on.
//!
//! A derive leaves reading, writing and the schema to serde and schemars, for a type of the same
//! fields that it takes to be right. Whether it is, [`argument_field`] and [`output_field`] ask
//! once for each field. If it is not, the methods of that type do not exist, and those of
//! [`Formless`] and [`Shapeless`] are found in their place: one mistake stays one error.

use std::marker::PhantomData;

use schemars::transform::Transform;
use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::de::{DeserializeOwned, Error as _};
use serde::ser::Error as _;
use serde::{Deserializer, Serialize, Serializer};

use crate::schema::Constraint;

/// What a type that derives `ToolArg` can hold.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be part of an argument",
    label = "a client cannot send this",
    note = "derive `ToolArg` for every own type in it, or write a plain type"
)]
pub trait ArgumentField: DeserializeOwned + Serialize + JsonSchema + Send {}

#[diagnostic::do_not_recommend]
impl<T: DeserializeOwned + Serialize + JsonSchema + Send> ArgumentField for T {}

/// Asks for the trait.
pub fn argument_field<T: ArgumentField>() {}

/// What a type that derives `ToolOutput` can hold.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be part of a result",
    label = "a tool cannot return this",
    note = "derive `ToolOutput` for every own type in it, or write a plain type"
)]
pub trait OutputField: Serialize + JsonSchema {}

#[diagnostic::do_not_recommend]
impl<T: Serialize + JsonSchema> OutputField for T {}

/// Asks for the trait.
pub fn output_field<T: OutputField>() {}

/// A type that is not read or written because a mistake was found in it.
#[derive(Debug)]
pub struct NoForm;

/// Stands in for the reading and writing of a type with a mistake in it. Such a program does not
/// compile, so none of it ever runs.
pub trait Formless {
    /// Reads nothing.
    ///
    /// # Errors
    /// Always.
    fn deserialize<'de, D: Deserializer<'de>, T>(_: D) -> Result<T, D::Error> {
        Err(D::Error::custom("this type does not compile"))
    }

    /// Writes nothing.
    ///
    /// # Errors
    /// Always.
    fn serialize<T, S: Serializer>(_: &T, _: S) -> Result<S::Ok, S::Error> {
        Err(S::Error::custom("this type does not compile"))
    }
}

impl<T> Formless for T {}

/// The schema of a type, if it has one.
#[derive(Debug)]
pub struct Shaped<T>(PhantomData<fn() -> T>);

impl<T: JsonSchema> Shaped<T> {
    /// The schema.
    pub fn schema(generator: &mut SchemaGenerator) -> Schema {
        T::json_schema(generator)
    }
}

/// Stands in for the schema of a type with a mistake in it.
pub trait Shapeless {
    /// A schema that says nothing.
    fn schema(_: &mut SchemaGenerator) -> Schema {
        Schema::default()
    }
}

impl<T> Shapeless for T {}

/// Writes the limits of a field into its schema.
#[derive(Clone, Copy, Debug)]
pub struct Limited(pub &'static [Constraint]);

impl Transform for Limited {
    fn transform(&mut self, schema: &mut Schema) {
        Constraint::enforce(self.0, schema.ensure_object());
    }
}

/// Says in the schema of a field by which further names it is understood.
#[derive(Clone, Copy, Debug)]
pub struct Aliased(pub &'static [&'static str]);

impl Transform for Aliased {
    fn transform(&mut self, schema: &mut Schema) {
        let schema = schema.ensure_object();
        schema.insert(Constraint::ALIASES.to_owned(), self.0.into());
    }
}
