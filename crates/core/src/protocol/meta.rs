//! `_meta`: the members beside a message's own, and the keys the protocol reserves in it.

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::{ClientCapabilities, Implementation, LogLevel, ProgressToken, RequestId};

/// The `_meta` object of a request, notification, result or definition.
///
/// A map that passes through as it came, with typed readers for the reserved keys. Key syntax and
/// reservations: specification 2026-07-28, "General fields, `_meta`".
///
/// ```
/// use purlin_core::protocol::Meta;
///
/// let meta = Meta::new().with("com.example/trace", "abc");
/// assert_eq!(meta.get("com.example/trace").unwrap(), "abc");
/// ```
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Meta(Map<String, Value>);

impl Meta {
    /// The token under which the requester wants progress reported.
    pub const PROGRESS_TOKEN: &'static str = "progressToken";
    /// The protocol revision of a request in the stateless era.
    pub const PROTOCOL_VERSION: &'static str = "io.modelcontextprotocol/protocolVersion";
    /// What the client can do, said with each request in the stateless era.
    pub const CLIENT_CAPABILITIES: &'static str = "io.modelcontextprotocol/clientCapabilities";
    /// Who the client is, in the stateless era.
    pub const CLIENT_INFO: &'static str = "io.modelcontextprotocol/clientInfo";
    /// Who the server is, on results of the stateless era.
    pub const SERVER_INFO: &'static str = "io.modelcontextprotocol/serverInfo";
    /// The least severe log level the client wants for this request, in the stateless era.
    pub const LOG_LEVEL: &'static str = "io.modelcontextprotocol/logLevel";
    /// The id of the `subscriptions/listen` request a notification belongs to.
    pub const SUBSCRIPTION_ID: &'static str = "io.modelcontextprotocol/subscriptionId";
    /// The task a message of revision 2025-11-25 belongs to.
    pub const RELATED_TASK: &'static str = "io.modelcontextprotocol/related-task";
    /// W3C Trace Context parent (SEP-414).
    pub const TRACEPARENT: &'static str = "traceparent";
    /// W3C Trace Context vendor state (SEP-414).
    pub const TRACESTATE: &'static str = "tracestate";
    /// W3C Baggage (SEP-414).
    pub const BAGGAGE: &'static str = "baggage";

    /// The data of an error that is answered as a result: of a tool that failed.
    pub const ERROR: &'static str = "purlin/error";

    /// An empty `_meta`.
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets a key, replacing what it held.
    #[must_use]
    pub fn with(mut self, key: impl Into<String>, value: impl Into<Value>) -> Self {
        self.0.insert(key.into(), value.into());
        self
    }

    /// Sets a key in place and returns what it held.
    pub fn insert(&mut self, key: impl Into<String>, value: impl Into<Value>) -> Option<Value> {
        self.0.insert(key.into(), value.into())
    }

    /// The value of a key.
    pub fn get(&self, key: &str) -> Option<&Value> {
        self.0.get(key)
    }

    /// Removes a key and returns what it held.
    pub fn remove(&mut self, key: &str) -> Option<Value> {
        self.0.remove(key)
    }

    /// Whether nothing is set.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The underlying map.
    pub fn as_map(&self) -> &Map<String, Value> {
        &self.0
    }

    /// The underlying map, by value.
    pub fn into_map(self) -> Map<String, Value> {
        self.0
    }

    /// Decodes the value of a key; an absent key is `None`.
    ///
    /// # Errors
    /// When the value does not have the shape of `T`.
    pub fn decode<T: DeserializeOwned>(&self, key: &str) -> serde_json::Result<Option<T>> {
        self.0.get(key).map(T::deserialize).transpose()
    }

    /// The token under which to report progress; `None` when absent or malformed.
    pub fn progress_token(&self) -> Option<ProgressToken> {
        self.decode(Self::PROGRESS_TOKEN).ok().flatten()
    }

    /// The protocol revision named by the request; `None` when absent or not a string.
    pub fn protocol_version(&self) -> Option<&str> {
        self.get(Self::PROTOCOL_VERSION)?.as_str()
    }

    /// What the client declared with this request.
    ///
    /// # Errors
    /// When the key is present but malformed.
    pub fn client_capabilities(&self) -> serde_json::Result<Option<ClientCapabilities>> {
        self.decode(Self::CLIENT_CAPABILITIES)
    }

    /// Who the client said it is.
    ///
    /// # Errors
    /// When the key is present but malformed.
    pub fn client_info(&self) -> serde_json::Result<Option<Implementation>> {
        self.decode(Self::CLIENT_INFO)
    }

    /// Who the server said it is.
    ///
    /// # Errors
    /// When the key is present but malformed.
    pub fn server_info(&self) -> serde_json::Result<Option<Implementation>> {
        self.decode(Self::SERVER_INFO)
    }

    /// The log level the client asked for.
    ///
    /// # Errors
    /// When the key is present but names no level.
    pub fn log_level(&self) -> serde_json::Result<Option<LogLevel>> {
        self.decode(Self::LOG_LEVEL)
    }

    /// The subscription a notification belongs to; `None` when absent or malformed.
    pub fn subscription_id(&self) -> Option<RequestId> {
        self.decode(Self::SUBSCRIPTION_ID).ok().flatten()
    }
}

impl From<Map<String, Value>> for Meta {
    fn from(map: Map<String, Value>) -> Self {
        Self(map)
    }
}

impl<K: Into<String>, V: Into<Value>> FromIterator<(K, V)> for Meta {
    fn from_iter<I: IntoIterator<Item = (K, V)>>(entries: I) -> Self {
        Self(
            entries
                .into_iter()
                .map(|(key, value)| (key.into(), value.into()))
                .collect(),
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reserved_keys_read_with_their_types() {
        let meta: Meta = serde_json::from_str(
            r#"{
                "progressToken": 0,
                "io.modelcontextprotocol/protocolVersion": "2026-07-28",
                "io.modelcontextprotocol/clientCapabilities": {"elicitation": {}},
                "io.modelcontextprotocol/clientInfo": {"name": "c", "version": "1"},
                "io.modelcontextprotocol/logLevel": "warning",
                "io.modelcontextprotocol/subscriptionId": "1"
            }"#,
        )
        .unwrap();
        assert_eq!(meta.progress_token(), Some(ProgressToken::Number(0)));
        assert_eq!(meta.protocol_version(), Some("2026-07-28"));
        assert!(
            meta.client_capabilities()
                .unwrap()
                .unwrap()
                .elicitation_form()
        );
        assert_eq!(meta.client_info().unwrap().unwrap().name, "c");
        assert_eq!(meta.log_level().unwrap(), Some(LogLevel::Warning));
        assert_eq!(meta.subscription_id(), Some(RequestId::from("1")));
        assert_eq!(meta.server_info().unwrap(), None);
    }

    #[test]
    fn a_malformed_reserved_key_is_told_from_an_absent_one() {
        let meta = Meta::new().with(Meta::LOG_LEVEL, "loud");
        assert!(meta.log_level().is_err());
        assert!(Meta::new().log_level().unwrap().is_none());
    }
}
