//! The definitions of one revision, and which of them a frame has to satisfy.

use jsonschema::Validator;
use purlin::testing::{Frame, FrameKind, Revision};
use serde_json::{Value, json};

use super::literal;

/// One schema document.
pub(super) struct Definitions {
    dialect: Value,
    /// The member that holds the definitions: its name depends on the dialect.
    member: &'static str,
    all: Value,
}

/// Finds the schema documents in the program of the suite.
pub(super) fn find(program: &str) -> impl Iterator<Item = (Revision, Definitions)> {
    program
        .match_indices("{$schema:`http")
        .filter_map(|(start, _)| {
            let head = &program[start..];
            let member = ["definitions", "$defs"].into_iter().find(|member| {
                head.find(&format!(",{member}:{{Annotations:"))
                    .is_some_and(|at| at < 80)
            })?;
            let document = literal::parse(head)?;
            let definitions = Definitions {
                dialect: document["$schema"].clone(),
                member,
                all: corrected(document[member].clone()),
            };
            Some((definitions.revision(), definitions))
        })
}

/// The suite's copies still say that numbers in forms are integers, which was corrected in the
/// published schemas.
fn corrected(mut all: Value) -> Value {
    for name in ["default", "minimum", "maximum"] {
        if let Some(bound) = all.pointer_mut(&format!("/NumberSchema/properties/{name}/type")) {
            *bound = json!("number");
        }
    }
    all
}

impl Definitions {
    fn has(&self, name: &str) -> bool {
        self.all.get(name).is_some()
    }

    /// Told by what each revision introduced.
    fn revision(&self) -> Revision {
        if self.has("DiscoverRequest") {
            Revision::V2026_07_28
        } else if self.has("Icon") {
            Revision::V2025_11_25
        } else if self.has("ElicitRequest") {
            Revision::V2025_06_18
        } else {
            Revision::V2025_03_26
        }
    }

    pub(super) fn validator(&self, name: &str) -> Validator {
        let schema = json!({
            "$schema": self.dialect,
            "$ref": format!("#/{}/{name}", self.member),
            self.member: self.all,
        });
        jsonschema::validator_for(&schema)
            .unwrap_or_else(|error| panic!("the definition `{name}` does not compile: {error}"))
    }

    /// The definitions that a frame has to satisfy, each with the part it is about.
    pub(super) fn of<'f>(&self, frame: &'f Frame) -> Result<Vec<(String, &'f Value)>, String> {
        self.parts(frame.kind, &frame.method, &frame.message)
    }

    pub(super) fn parts<'f>(
        &self,
        kind: FrameKind,
        method: &str,
        message: &'f Value,
    ) -> Result<Vec<(String, &'f Value)>, String> {
        let envelope = self.envelope(kind)?;
        let mut parts = vec![(envelope.to_owned(), message)];
        match kind {
            FrameKind::Request | FrameKind::Notification => match self.by_method(method) {
                Some(name) => parts.push((name.to_owned(), message)),
                None => return Err(format!("no `{method}` in this revision")),
            },
            FrameKind::Result => parts.push((self.result(method, message), &message["result"])),
            _ => {}
        }
        Ok(parts)
    }

    fn envelope(&self, kind: FrameKind) -> Result<&'static str, String> {
        let known: &[&'static str] = match kind {
            FrameKind::Request => &["JSONRPCRequest"],
            FrameKind::Notification => &["JSONRPCNotification"],
            FrameKind::Result => &["JSONRPCResultResponse", "JSONRPCResponse"],
            FrameKind::Error => &["JSONRPCErrorResponse", "JSONRPCError"],
            _ => return Err("no JSON-RPC message".to_owned()),
        };
        let known = known.iter().copied().find(|name| self.has(name));
        known.ok_or_else(|| "the schema has no such envelope".to_owned())
    }

    /// The definition whose `method` is this one.
    fn by_method(&self, method: &str) -> Option<&str> {
        self.all.as_object()?.iter().find_map(|(name, definition)| {
            let own = definition.pointer("/properties/method/const")?;
            (own == method).then_some(name.as_str())
        })
    }

    fn result(&self, method: &str, message: &Value) -> String {
        if message
            .pointer("/result/resultType")
            .is_some_and(|kind| kind == "input_required")
        {
            return "InputRequiredResult".to_owned();
        }
        let named = self
            .by_method(method)
            .and_then(|request| request.strip_suffix("Request"));
        let result = named
            .map(|name| format!("{name}Result"))
            .filter(|name| self.has(name));
        result.unwrap_or_else(|| {
            if self.has("EmptyResult") {
                "EmptyResult"
            } else {
                "Result"
            }
            .to_owned()
        })
    }
}
