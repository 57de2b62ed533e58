//! Holds frames against the official JSON schema of the revision that is spoken.
//!
//! The schemas are not part of this repository. They stand inside the official conformance suite,
//! which the test command installs; `PURLIN_MCP_SCHEMAS` names its program file. Without it,
//! frames pass unjudged.

mod definitions;
mod literal;

use std::collections::HashMap;
use std::sync::{Mutex, OnceLock, PoisonError};

use jsonschema::Validator;
use purlin::testing::{Frame, FrameKind, Revision};
use serde_json::Value;

use definitions::Definitions;

/// The validators made so far, by revision and definition.
type Validators = Mutex<HashMap<(Revision, String), &'static Validator>>;

struct Schemas {
    by_revision: HashMap<Revision, Definitions>,
    validators: Validators,
}

/// The schemas, if the test command has installed them.
fn schemas() -> Option<&'static Schemas> {
    static SCHEMAS: OnceLock<Option<Schemas>> = OnceLock::new();
    SCHEMAS
        .get_or_init(|| {
            let file = std::env::var_os("PURLIN_MCP_SCHEMAS")?;
            let program = std::fs::read_to_string(&file)
                .unwrap_or_else(|error| panic!("PURLIN_MCP_SCHEMAS={}: {error}", file.display()));
            let by_revision: HashMap<_, _> = definitions::find(&program).collect();
            assert_eq!(
                by_revision.len(),
                4,
                "the suite carries the schemas of four revisions"
            );
            Some(Schemas {
                by_revision,
                validators: Mutex::default(),
            })
        })
        .as_ref()
}

/// Judges a frame. Revisions without an installed schema pass.
pub(crate) fn check(frame: &Frame) -> Result<(), String> {
    let Some(schemas) = schemas() else {
        return Ok(());
    };
    let Some(definitions) = schemas.by_revision.get(&frame.revision) else {
        return Ok(());
    };
    for (name, part) in definitions.of(frame)? {
        schemas.validate(frame.revision, definitions, &name, part)?;
    }
    Ok(())
}

impl Schemas {
    fn validate(
        &self,
        revision: Revision,
        definitions: &Definitions,
        name: &str,
        part: &Value,
    ) -> Result<(), String> {
        let validator = *self
            .validators
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .entry((revision, name.to_owned()))
            .or_insert_with(|| Box::leak(Box::new(definitions.validator(name))));
        let problems: Vec<_> = validator
            .iter_errors(part)
            .map(|error| format!("{} at `{}`", error, error.instance_path()))
            .collect();
        if problems.is_empty() {
            return Ok(());
        }
        Err(format!(
            "not a {name} of {revision}: {}",
            problems.join("; ")
        ))
    }
}

#[test]
fn a_wrong_frame_is_found_out_where_schemas_are_installed() {
    let frame = |result: Value| {
        let message = serde_json::json!({"jsonrpc": "2.0", "id": 1, "result": result});
        judge("tools/call", FrameKind::Result, message)
    };
    let right = serde_json::json!({"content": []});
    let wrong = serde_json::json!({"content": [{"type": "text"}]});
    if let Some(schemas) = schemas() {
        let definitions = &schemas.by_revision[&Revision::V2025_11_25];
        for (result, fits) in [(right, true), (wrong, false)] {
            let (kind, method, message) = frame(result);
            let parts = definitions.parts(kind, method, &message).unwrap();
            let judged = parts.iter().try_for_each(|(name, part)| {
                schemas.validate(Revision::V2025_11_25, definitions, name, part)
            });
            assert_eq!(judged.is_ok(), fits, "{message}: {judged:?}");
        }
    }
}

#[cfg(test)]
fn judge(method: &str, kind: FrameKind, message: Value) -> (FrameKind, &str, Value) {
    (kind, method, message)
}
