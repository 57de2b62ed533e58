//! Input rounds of the stateless era: questions embedded in a result, answers in the retry
//! (SEP-2322).
//!
//! An answer carries no tag. It is decoded by the kind of the question with the same key, never by
//! its shape.

use std::collections::BTreeMap;

use serde::de::Error;
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::value::RawValue;

use super::{
    CreateMessageParams, CreateMessageResult, ElicitRequest, ElicitResult, ListRootsResult, Meta,
    RawJson, decode_params, method,
};

/// A question to the client, told apart by its `method`.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(tag = "method", content = "params")]
#[non_exhaustive]
pub enum InputRequest {
    /// Ask the user.
    #[serde(rename = "elicitation/create")]
    Elicit(ElicitRequest),
    /// Ask the model.
    #[serde(rename = "sampling/createMessage")]
    Sample(Box<CreateMessageParams>),
    /// List the roots.
    #[serde(rename = "roots/list")]
    Roots(ListRootsParams),
}

impl InputRequest {
    /// The method of the question.
    pub fn method(&self) -> &'static str {
        match self {
            Self::Elicit(_) => method::ELICITATION_CREATE,
            Self::Sample(_) => method::SAMPLING_CREATE_MESSAGE,
            Self::Roots(_) => method::ROOTS_LIST,
        }
    }
}

/// Reads `params` by `method`, in whichever order they stand.
impl<'de> Deserialize<'de> for InputRequest {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        struct Wire {
            method: String,
            #[serde(default)]
            params: Option<Box<RawValue>>,
        }

        let wire = Wire::deserialize(deserializer)?;
        let params = wire.params.as_deref();
        match wire.method.as_str() {
            method::ELICITATION_CREATE => decode_params(params).map(Self::Elicit),
            method::SAMPLING_CREATE_MESSAGE => decode_params(params).map(Self::Sample),
            method::ROOTS_LIST => decode_params(params).map(Self::Roots),
            other => return Err(D::Error::unknown_variant(other, METHODS)),
        }
        .map_err(D::Error::custom)
    }
}

const METHODS: &[&str] = &[
    method::ELICITATION_CREATE,
    method::SAMPLING_CREATE_MESSAGE,
    method::ROOTS_LIST,
];

/// The parameters of `roots/list`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct ListRootsParams {
    /// Metadata.
    #[serde(rename = "_meta", default, skip_serializing_if = "Option::is_none")]
    pub meta: Option<Meta>,
}

/// A result that asks for input before there can be a real one.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct InputRequiredResult {
    /// The questions by key; none when the request is merely to be repeated.
    #[serde(
        default,
        deserialize_with = "super::lenient::or_default",
        skip_serializing_if = "BTreeMap::is_empty"
    )]
    pub input_requests: BTreeMap<String, InputRequest>,
    /// What the retry must give back, byte for byte. Absent must stay absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub request_state: Option<String>,
    /// Metadata.
    #[serde(rename = "_meta", default, skip_serializing_if = "Option::is_none")]
    pub meta: Option<Meta>,
}

/// An answer to a question.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(untagged)]
#[non_exhaustive]
pub enum InputResponse {
    /// What the user did.
    Elicit(ElicitResult),
    /// What the model said.
    Sample(Box<CreateMessageResult>),
    /// The roots.
    Roots(ListRootsResult),
}

/// Answers by the key of their question, not yet decoded.
///
/// ```
/// use purlin_core::protocol::{ElicitResult, InputResponse, InputResponses};
///
/// let mut answers = InputResponses::new();
/// answers.insert("name", &InputResponse::Elicit(ElicitResult::decline())).unwrap();
/// let answer: Option<ElicitResult> = answers.decode("name").unwrap();
/// assert_eq!(answer, Some(ElicitResult::decline()));
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct InputResponses(BTreeMap<String, RawJson>);

impl InputResponses {
    /// No answers.
    pub fn new() -> Self {
        Self::default()
    }

    /// Answers the question with this key.
    ///
    /// # Errors
    /// Never for answers made by this library's constructors; when a value refuses to be
    /// serialised.
    pub fn insert(
        &mut self,
        key: impl Into<String>,
        response: &InputResponse,
    ) -> serde_json::Result<()> {
        self.0.insert(key.into(), RawJson::encode(response)?);
        Ok(())
    }

    /// The answer to the question with this key, as it came.
    pub fn get(&self, key: &str) -> Option<&RawJson> {
        self.0.get(key)
    }

    /// Decodes the answer to the question with this key as the result of the question's kind:
    /// [`ElicitResult`], [`CreateMessageResult`] or [`ListRootsResult`].
    ///
    /// # Errors
    /// When the answer has another shape.
    pub fn decode<T: serde::de::DeserializeOwned>(
        &self,
        key: &str,
    ) -> serde_json::Result<Option<T>> {
        self.0.get(key).map(RawJson::decode).transpose()
    }

    /// The answers by key, in the order of the keys.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &RawJson)> {
        self.0
            .iter()
            .map(|(key, response)| (key.as_str(), response))
    }

    /// How many answers there are.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there are no answers.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn questions_round_trip_and_schemas_stay_verbatim() {
        let text = r#"{"inputRequests":{"a":{"method":"elicitation/create","params":{"message":"m","requestedSchema":{"type":"object","properties":{"z":{},"b":{}}}}},"b":{"method":"sampling/createMessage","params":{"messages":[],"maxTokens":1}},"c":{"method":"roots/list","params":{}}},"requestState":"s"}"#;
        let result: InputRequiredResult = serde_json::from_str(text).unwrap();
        assert_eq!(serde_json::to_string(&result).unwrap(), text);
    }

    #[test]
    fn params_may_stand_before_the_method_or_be_absent() {
        for (text, method) in [
            (
                r#"{"params":{"message":"m","requestedSchema":{}},"method":"elicitation/create"}"#,
                method::ELICITATION_CREATE,
            ),
            (r#"{"method":"roots/list"}"#, method::ROOTS_LIST),
        ] {
            assert_eq!(
                serde_json::from_str::<InputRequest>(text).unwrap().method(),
                method
            );
        }
        assert!(serde_json::from_str::<InputRequest>(r#"{"method":"ping"}"#).is_err());
    }

    #[test]
    fn an_absent_state_stays_absent_and_an_empty_one_stays() {
        for (text, state) in [(r"{}", None), (r#"{"requestState":""}"#, Some(""))] {
            let result: InputRequiredResult = serde_json::from_str(text).unwrap();
            assert_eq!(result.request_state.as_deref(), state);
            assert_eq!(serde_json::to_string(&result).unwrap(), text);
        }
    }

    #[test]
    fn answers_are_decoded_by_the_kind_of_their_question() {
        let text = r#"{"a":{"action":"accept","content":{"n":1}},"r":{"roots":[]}}"#;
        let answers: InputResponses = serde_json::from_str(text).unwrap();
        assert!(answers.decode::<ElicitResult>("a").unwrap().is_some());
        assert!(answers.decode::<ElicitResult>("r").is_err());
        assert!(
            answers
                .decode::<ListRootsResult>("r")
                .unwrap()
                .unwrap()
                .roots
                .is_empty()
        );
        assert!(
            answers
                .decode::<ListRootsResult>("missing")
                .unwrap()
                .is_none()
        );
    }
}
