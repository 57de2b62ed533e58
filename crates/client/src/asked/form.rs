//! Forms are filled in with the defaults that their schema names (SEP-1034), and what a handler
//! answers has to fit the form.

use purlin_core::protocol::{
    ElicitAction, ElicitForm, ElicitResult, ErrorCode, ErrorObject, Schema,
};
use purlin_core::schema_mistakes;
use serde::Deserialize;
use serde_json::{Map, Value};

#[derive(Default, Deserialize)]
struct Form {
    #[serde(default)]
    properties: Map<String, Value>,
}

/// The fields that have a default, with it: what a form shows before its user has typed anything.
///
/// ```
/// use purlin_client::{Client, form_defaults, protocol::ElicitResult};
///
/// let builder = Client::builder().answer_elicitation(|form| {
///     let mut fields = form_defaults(&form);
///     fields.insert("name".to_owned(), "Ada".into());
///     ElicitResult::accept(fields)
/// });
/// ```
pub fn form_defaults(form: &ElicitForm) -> Map<String, Value> {
    defaults(&form.requested_schema)
}

fn defaults(schema: &Schema) -> Map<String, Value> {
    let form: Form = schema.decode().unwrap_or_default();
    form.properties
        .into_iter()
        .filter_map(|(name, mut property)| Some((name, property.get_mut("default")?.take())))
        .collect()
}

/// Adds the defaults of the fields that an accepted answer leaves out.
///
/// # Errors
/// When the answer does not fit the form then.
pub(super) fn complete(
    schema: &Schema,
    mut answer: ElicitResult,
) -> Result<ElicitResult, ErrorObject> {
    if answer.action != ElicitAction::Accept {
        return Ok(answer);
    }
    let mut fields = defaults(schema);
    fields.extend(answer.content.take().unwrap_or_default());
    let content = Value::Object(fields.clone());
    let mistakes = schema_mistakes(schema, &content.into());
    if !mistakes.is_empty() {
        let problem = format!(
            "the client's answer does not fit the form: {}",
            mistakes.join("; ")
        );
        return Err(ErrorObject::new(ErrorCode::INTERNAL_ERROR, problem));
    }
    answer.content = Some(fields);
    Ok(answer)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn schema() -> Schema {
        Schema::from(json!({"type": "object", "properties": {
            "name": {"type": "string", "default": "John Doe"},
            "age": {"type": "integer", "default": 30},
            "verified": {"type": "boolean", "default": true},
            "email": {"type": "string"},
        }, "required": ["name"]}))
    }

    fn completed(answer: ElicitResult) -> Value {
        serde_json::to_value(complete(&schema(), answer).unwrap()).unwrap()
    }

    #[test]
    fn what_an_accepted_answer_leaves_out_has_its_default() {
        let answer = json!({"age": 31, "email": "ada@example.com"});
        let answer = ElicitResult::accept(answer.as_object().unwrap().clone());
        let content =
            json!({"name": "John Doe", "age": 31, "verified": true, "email": "ada@example.com"});
        assert_eq!(
            completed(answer),
            json!({"action": "accept", "content": content})
        );
    }

    #[test]
    fn an_answer_that_does_not_fit_is_not_sent() {
        let answer = json!({"age": "thirty"});
        let answer = ElicitResult::accept(answer.as_object().unwrap().clone());
        let problem = complete(&schema(), answer).unwrap_err();
        assert_eq!(problem.code, ErrorCode::INTERNAL_ERROR);
        assert!(problem.message.contains("$.age "), "{}", problem.message);
    }

    #[test]
    fn a_refusal_stays_one() {
        assert_eq!(
            completed(ElicitResult::decline()),
            json!({"action": "decline"})
        );
    }
}
