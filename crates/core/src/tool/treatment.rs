//! What is done to arguments around a tool or prompt: values of kindred types are taken where
//! that is wanted, and what is sensitive is struck out of what others see.

use std::borrow::Cow;
use std::sync::Arc;

use crate::protocol::Schema;
use crate::schema::Validator;
use crate::schema::raw::Members;

/// Other names of arguments, each with the one that is listed.
pub(crate) type Aliases = Box<[(&'static str, &'static str)]>;

/// How the arguments of one component are treated.
#[derive(Debug)]
pub(crate) struct Treatment {
    schema: Validator,
    aliases: Aliases,
    lenient: Lenient,
}

/// Which arguments may be of a kindred type.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Lenient {
    /// These.
    These(Vec<&'static str>),
    /// Each.
    All,
}

impl Treatment {
    /// `None` where nothing is to be done, as for most.
    pub(crate) fn of(schema: &Schema, aliases: Aliases, lenient: Lenient) -> Option<Arc<Self>> {
        // Nearly no schema hides anything, so nearly none is compiled.
        let hides = schema.get().contains("writeOnly");
        if !hides && lenient == Lenient::These(Vec::new()) {
            return None;
        }
        let schema = Validator::new(&schema.decode().ok()?);
        Some(Arc::new(Self {
            schema,
            aliases,
            lenient,
        }))
    }

    /// The arguments as the component reads them.
    pub(crate) fn coerce<'a>(&self, arguments: &'a str) -> Cow<'a, str> {
        match &self.lenient {
            Lenient::These(names) if names.is_empty() => Cow::Borrowed(arguments),
            Lenient::These(names) => self.map(arguments, |name, value| {
                let is_lenient = names.contains(&name);
                is_lenient.then(|| self.schema.coerced(name, value))
            }),
            Lenient::All => self.map(arguments, |name, value| {
                Some(self.schema.coerced(name, value))
            }),
        }
    }

    /// The arguments as anybody may see them.
    pub(crate) fn redact<'a>(&self, arguments: &'a str) -> Cow<'a, str> {
        match self.schema.hides() {
            true => self.map(arguments, |name, value| {
                Some(self.schema.redacted(name, value))
            }),
            false => Cow::Borrowed(arguments),
        }
    }

    /// The arguments with each value changed by its listed name.
    fn map<'a>(
        &self,
        arguments: &'a str,
        change: impl Fn(&str, &str) -> Option<String>,
    ) -> Cow<'a, str> {
        let mut out = String::new();
        let mut copied = 0;
        for member in Members::of(arguments).into_iter().flatten() {
            let name = member.name();
            let changed = change(self.listed(&name), member.value);
            let Some(changed) = changed.filter(|changed| changed != member.value) else {
                continue;
            };
            out.push_str(&arguments[copied..member.start]);
            out.push_str(&changed);
            copied = member.start + member.value.len();
        }
        if copied == 0 {
            return Cow::Borrowed(arguments);
        }
        Cow::Owned(out + &arguments[copied..])
    }

    fn listed<'n>(&self, name: &'n str) -> &'n str {
        let alias = self.aliases.iter().find(|(alias, _)| *alias == name);
        alias.map_or(name, |(_, listed)| *listed)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn treatment(lenient: Lenient) -> Option<Arc<Treatment>> {
        let schema = json!({"type": "object", "properties": {
            "days": {"type": "integer"},
            "nights": {"type": "integer"},
            "pin": {"type": "string", "writeOnly": true},
        }});
        let aliases = Box::new([("d", "days"), ("secret", "pin")]);
        Treatment::of(&schema.into(), aliases, lenient)
    }

    #[test]
    fn only_lenient_arguments_are_coerced() {
        let given = r#"{"d": "1", "nights": "2"}"#;
        let some = treatment(Lenient::These(vec!["days"])).unwrap();
        assert_eq!(some.coerce(given), r#"{"d": 1, "nights": "2"}"#);
        let all = treatment(Lenient::All).unwrap();
        assert_eq!(all.coerce(given), r#"{"d": 1, "nights": 2}"#);
        let none = treatment(Lenient::These(Vec::new())).unwrap();
        assert!(matches!(none.coerce(given), Cow::Borrowed(_)));
    }

    #[test]
    fn what_is_sensitive_is_struck_out_by_any_name() {
        let treatment = treatment(Lenient::These(Vec::new())).unwrap();
        assert_eq!(
            treatment.redact(r#"{"days":1,"secret":"1234"}"#),
            r#"{"days":1,"secret":"[redacted]"}"#
        );
    }

    #[test]
    fn plain_arguments_need_no_treatment() {
        let schema = json!({"type": "object", "properties": {"a": {"type": "integer"}}});
        let lenient = Lenient::These(Vec::new());
        assert!(Treatment::of(&schema.into(), Box::default(), lenient).is_none());
    }
}
