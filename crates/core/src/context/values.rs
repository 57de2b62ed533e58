//! What outlives a request: the values of a session.
//!
//! In the session era they belong to the session, in the stateless era to
//! whoever is calling, and in both to a session that a handler has made and
//! given a handle to. All values of one session are one record of the server's
//! store, so what bounds them is checked in one place, several of them change
//! together, and they expire together.

use std::{collections::BTreeMap, fmt, sync::atomic::Ordering, time::Duration};

use serde::{Serialize, de::DeserializeOwned};

use super::{Context, Era};
use crate::{
    Error, ErrorKind, FromContext, Result, access::Allowance, protocol::RawJson, server::random_id,
    store::Collection,
};

/// Where the values lie in the store.
pub(crate) const COLLECTION: &str = "mcp.values";
/// Longest name of a value, in bytes.
const MAX_NAME: usize = 256;
/// A handle is 128 random bits in hexadecimal.
const HANDLE: usize = 32;

type Values = BTreeMap<String, RawJson>;

/// How much a session may keep, and for how long.
///
/// ```
/// use std::time::Duration;
/// use purlin_core::{Server, SessionLimits};
///
/// let limits = SessionLimits::new().ttl(Duration::from_secs(3600)).values(16);
/// let server = Server::builder("shop", "1.0.0").session_limits(limits);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct SessionLimits {
    ttl: Duration,
    values: usize,
    bytes: usize,
}

impl Default for SessionLimits {
    fn default() -> Self {
        Self {
            ttl: Duration::from_secs(24 * 60 * 60),
            values: 256,
            bytes: 256 * 1024,
        }
    }
}

impl SessionLimits {
    /// The defaults: 256 values in 256 KiB, for a day.
    pub fn new() -> Self {
        Self::default()
    }

    /// How long the values stay after the last change.
    #[must_use]
    pub fn ttl(mut self, ttl: Duration) -> Self {
        self.ttl = ttl;
        self
    }

    /// The most values one session may keep.
    #[must_use]
    pub fn values(mut self, values: usize) -> Self {
        self.values = values;
        self
    }

    /// The most bytes they may take together, names included, as JSON.
    #[must_use]
    pub fn bytes(mut self, bytes: usize) -> Self {
        self.bytes = bytes;
        self
    }
}

/// The values of a session: JSON under names, in the server's store.
///
/// Get it from [`Context::session`], or take it as a parameter. Every operation
/// reads or writes the store once or twice; [`update`](Self::update) is safe
/// against others who change the same value, in this process and in others.
///
/// ```
/// use purlin_core::{Context, Result};
///
/// async fn add_to_cart(item: String, cx: &Context) -> Result<usize> {
///     let session = cx.session()?;
///     let cart = session.update("cart", |cart: Option<Vec<String>>| {
///         let mut cart = cart.unwrap_or_default();
///         cart.push(item.clone());
///         Some(cart)
///     });
///     Ok(cart.await?.map_or(0, |cart| cart.len()))
/// }
/// ```
///
/// A failed operation leaves what was there. Dropping the future of one leaves
/// either what was there or what was written, whole.
#[derive(Clone)]
pub struct SessionValues {
    records: Collection<Values>,
    key: String,
    limits: SessionLimits,
    handle: Option<String>,
}

/// Keys and handles stay out of logs.
impl fmt::Debug for SessionValues {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SessionValues").finish_non_exhaustive()
    }
}

impl SessionValues {
    fn new(cx: &Context, key: String, handle: Option<String>) -> Self {
        // What a session holds makes the answer one for this caller and this moment.
        cx.request().unrepeatable.store(true, Ordering::Release);
        let limits = cx.server().values_limits();
        let store = cx.server().store();
        let store = match cx.state().get::<Allowance>() {
            Some(allowance) => allowance.around(store),
            None => store,
        };
        Self {
            records: Collection::new(store, COLLECTION).with_ttl(limits.ttl),
            key,
            limits,
            handle,
        }
    }

    /// The handle of a session that was made by
    /// [`new_session`](Context::new_session), for a result of a tool.
    pub fn handle(&self) -> Option<&str> {
        self.handle.as_deref()
    }

    /// A value.
    ///
    /// # Errors
    /// When it is no `T`, when the session has ended meanwhile, and
    /// [`ErrorKind::Unavailable`] when the store is.
    pub async fn get<T: DeserializeOwned>(&self, name: &str) -> Result<Option<T>> {
        let values = self.read().await?;
        values
            .get(name)
            .map(|value| decode(name, value))
            .transpose()
    }

    /// Puts a value in, over what was there.
    ///
    /// # Errors
    /// When the value has no JSON, when there is no room for it
    /// ([`SessionLimits`]), and as [`get`](Self::get).
    pub async fn set<T: Serialize + ?Sized>(&self, name: &str, value: &T) -> Result<()> {
        let value = RawJson::encode(value)?;
        self.change(|values| {
            values.insert(name.to_owned(), value.clone());
            Ok(())
        })
        .await
    }

    /// Changes a value that others may change at the same time, and gives what
    /// it is then. `None` is no value.
    ///
    /// `change` runs again when somebody else was faster, so it only computes.
    ///
    /// # Errors
    /// As [`get`](Self::get) and [`set`](Self::set).
    pub async fn update<T: Serialize + DeserializeOwned>(
        &self,
        name: &str,
        mut change: impl FnMut(Option<T>) -> Option<T>,
    ) -> Result<Option<T>> {
        self.change(|values| {
            let old = values.get(name).map(|value| decode(name, value));
            let new = change(old.transpose()?);
            match &new {
                Some(new) => values.insert(name.to_owned(), RawJson::encode(new)?),
                None => values.remove(name),
            };
            Ok(new)
        })
        .await
    }

    /// Takes a value out, and says whether there was one.
    ///
    /// # Errors
    /// As [`get`](Self::get).
    pub async fn remove(&self, name: &str) -> Result<bool> {
        self.change(|values| Ok(values.remove(name).is_some()))
            .await
    }

    /// The names of all values, sorted.
    ///
    /// # Errors
    /// As [`get`](Self::get).
    pub async fn names(&self) -> Result<Vec<String>> {
        Ok(self.read().await?.into_keys().collect())
    }

    /// Forgets every value. The handle of a session that was made by
    /// [`new_session`](Context::new_session) names nothing afterwards.
    ///
    /// # Errors
    /// [`ErrorKind::Unavailable`] when the store is.
    pub async fn end(&self) -> Result<()> {
        self.records.delete(&self.key).await?;
        Ok(())
    }

    async fn read(&self) -> Result<Values> {
        match self.records.get(&self.key).await? {
            Some(values) => Ok(values),
            None if self.handle.is_some() => Err(no_such_session()),
            None => Ok(Values::new()),
        }
    }

    /// Changes the record; what fails leaves it as it was.
    async fn change<T>(&self, mut change: impl FnMut(&mut Values) -> Result<T>) -> Result<T> {
        let mut outcome = None;
        let update = self.records.update(&self.key, |found| {
            if found.is_none() && self.handle.is_some() {
                outcome = Some(Err(no_such_session()));
                return None;
            }
            let existed = found.is_some();
            let mut values = found.clone().unwrap_or_default();
            let result = change(&mut values).and_then(|result| {
                self.check(&values)?;
                Ok(result)
            });
            let (kept, result) = match result {
                Ok(result) => (Some(values), Ok(result)),
                Err(error) => (found, Err(error)),
            };
            outcome = Some(result);
            // A record that was not there is not made for nothing.
            kept.filter(|values| existed || !values.is_empty())
        });
        update.await?;
        outcome.unwrap_or_else(|| Err(Error::internal("the store has changed nothing")))
    }

    fn check(&self, values: &Values) -> Result<()> {
        let full = |limit: String| {
            let text = format!("a session keeps at most {limit}: remove some");
            Err(Error::new(ErrorKind::Tool, text))
        };
        if values.len() > self.limits.values {
            return full(format!("{} values", self.limits.values));
        }
        let size = |(name, value): (&String, &RawJson)| name.len() + value.get().len();
        if values.iter().map(size).sum::<usize>() > self.limits.bytes {
            return full(format!("{} bytes", self.limits.bytes));
        }
        if values.keys().any(|name| name.len() > MAX_NAME) {
            return full(format!("names of {MAX_NAME} bytes"));
        }
        Ok(())
    }
}

fn decode<T: DeserializeOwned>(name: &str, value: &RawJson) -> Result<T> {
    value.decode().map_err(|error| {
        let place = format!("line {}, column {}", error.line(), error.column());
        Error::internal(format!(
            "the session value `{name}` is no `{}` ({place})",
            std::any::type_name::<T>()
        ))
    })
}

/// Unknown, ended, somebody else's: all look alike.
fn no_such_session() -> Error {
    let text = "there is no such session, or it has ended: start a new one";
    Error::new(ErrorKind::Tool, text)
}

impl Context {
    /// What outlives this request: the values of its session.
    ///
    /// In the session era they are those of the session. In the stateless era
    /// they are those of the caller, for it is the same one in every request;
    /// on standard input and output and in memory, of the connection. Mounted
    /// servers have the same session as the server they are mounted in.
    ///
    /// Values go to the store as JSON. For what has no JSON and is needed in this
    /// request only, there is [`state`](Self::state).
    ///
    /// # Errors
    /// [`ErrorKind::Unauthenticated`] in the stateless era over HTTP when nobody
    /// has proved who is calling: nothing tells such callers apart. Make a
    /// session with [`new_session`](Self::new_session) and let the client bring
    /// its handle as an argument.
    pub fn session(&self) -> Result<SessionValues> {
        let name = match &self.request().era {
            Era::Session(session) => format!("s{}", session.values_id()),
            Era::Modern { .. } if self.principal().is_some() => "p".to_owned(),
            Era::Modern { .. } => match self.origin().link() {
                Some(link) => format!("c{}-{}", self.server().process_id(), link.serial()),
                None => return Err(nobody()),
            },
        };
        let key = self.origin().store_key(&name);
        if let Era::Session(session) = &self.request().era {
            let allowance = self.state().get::<Allowance>();
            session.note_values(&key, allowance.as_deref());
        }
        Ok(SessionValues::new(self, key, None))
    }

    /// Makes a session of its own and a handle to it, which the client brings
    /// as an argument of later calls ([`session_of`](Self::session_of)).
    ///
    /// A handle is a name and not a proof: it works for the caller who made it.
    /// Callers whom nobody has authenticated are not told apart; to them, a
    /// handle is as good as its secrecy.
    ///
    /// ```
    /// use purlin_core::{Context, Result};
    ///
    /// /// Starts a shopping trip; bring its handle to the other tools.
    /// async fn start(cx: &Context) -> Result<String> {
    ///     let trip = cx.new_session().await?;
    ///     trip.set("budget", &100).await?;
    ///     Ok(trip.handle().unwrap_or_default().to_owned())
    /// }
    ///
    /// async fn budget(trip: &str, cx: &Context) -> Result<Option<u32>> {
    ///     cx.session_of(trip).await?.get("budget").await
    /// }
    /// ```
    ///
    /// # Errors
    /// [`ErrorKind::Unavailable`] when the store is.
    pub async fn new_session(&self) -> Result<SessionValues> {
        let session = self.by_handle(random_id());
        if session.records.insert(&session.key, &Values::new()).await? {
            Ok(session)
        } else {
            Err(Error::internal("a random handle was there already"))
        }
    }

    /// The session with a handle of [`new_session`](Self::new_session).
    ///
    /// # Errors
    /// When there is no such session of this caller; an unknown handle and
    /// somebody else's look alike. [`ErrorKind::Unavailable`] when the store is.
    pub async fn session_of(&self, handle: &str) -> Result<SessionValues> {
        let is_handle = handle.len() == HANDLE && handle.bytes().all(|b| b.is_ascii_hexdigit());
        // What is no handle costs a look-up as well, so that nothing is to be
        // learned from the time.
        let session = self.by_handle(if is_handle {
            handle.to_owned()
        } else {
            String::new()
        });
        session.read().await?;
        Ok(session)
    }

    fn by_handle(&self, handle: String) -> SessionValues {
        let key = self.origin().store_key(&format!("h{handle}"));
        SessionValues::new(self, key, Some(handle))
    }
}

fn nobody() -> Error {
    let text = "nobody has proved who is calling, so there is no session: authenticate";
    Error::new(ErrorKind::Unauthenticated, text)
}

impl FromContext for SessionValues {
    async fn from_context(cx: &Context) -> Result<Self> {
        cx.session()
    }
}

#[cfg(test)]
mod tests {
    use std::sync::OnceLock;

    use proptest::prelude::*;
    use serde_json::{Value, json};

    use super::*;
    use crate::{
        Origin, Principal, Server, TransportKind,
        wire::{Frame, Revision, parse},
    };

    /// A stateless request of this caller over HTTP.
    fn request(server: &Server, caller: Option<Principal>) -> Context {
        let text = br#"{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{}}"#;
        let Ok(Frame::One(message)) = parse(text.to_vec()) else {
            panic!("the text is one message");
        };
        let era = Era::Modern {
            revision: Revision::LATEST,
            log_level: None,
            capabilities: OnceLock::new(),
        };
        let origin = Origin::new(TransportKind::Http);
        let origin = match caller {
            Some(caller) => origin.with_principal(caller),
            None => origin,
        };
        Context::new(server.clone(), message, era, origin)
    }

    fn server() -> Server {
        Server::builder("test", "0.0.0")
    }

    #[tokio::test]
    async fn values_outlive_the_request_and_belong_to_the_caller() {
        let server = server();
        let alice = request(&server, Some(Principal::new("alice")));
        alice.session().unwrap().set("n", &1).await.unwrap();
        let again = request(&server, Some(Principal::new("alice").with_scopes(["more"])));
        let session = again.session().unwrap();
        assert_eq!(session.get::<u32>("n").await.unwrap(), Some(1));
        let bob = request(&server, Some(Principal::new("bob")));
        assert_eq!(bob.session().unwrap().get::<u32>("n").await.unwrap(), None);
        assert_eq!(session.names().await.unwrap(), ["n"]);
        assert!(session.remove("n").await.unwrap());
        assert!(!session.remove("n").await.unwrap());
    }

    #[tokio::test]
    async fn callers_whom_nobody_knows_have_handles_only() {
        let server = server();
        let cx = request(&server, None);
        let error = cx.session().unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Unauthenticated);
        let trip = cx.new_session().await.unwrap();
        trip.set("budget", &7).await.unwrap();
        let next = request(&server, None);
        let found = next.session_of(trip.handle().unwrap()).await.unwrap();
        assert_eq!(found.get::<u32>("budget").await.unwrap(), Some(7));
    }

    #[tokio::test]
    async fn a_foreign_handle_and_a_missing_one_look_alike() {
        let server = server();
        let alice = request(&server, Some(Principal::new("alice")));
        let bob = request(&server, Some(Principal::new("bob")));
        let trip = alice.new_session().await.unwrap();
        let missing = "0".repeat(HANDLE);
        let mut texts = Vec::new();
        for handle in [trip.handle().unwrap(), &missing, "", "p", "no handle\0"] {
            let error = bob.session_of(handle).await.unwrap_err();
            texts.push((error.kind(), error.to_string()));
        }
        texts.dedup();
        assert_eq!(texts.len(), 1, "{texts:?}");
        let ended = alice.session_of(trip.handle().unwrap()).await.unwrap();
        trip.end().await.unwrap();
        assert!(ended.set("late", &1).await.is_err(), "an ended session");
        assert!(ended.get::<u32>("late").await.is_err());
    }

    #[tokio::test]
    async fn a_session_that_is_full_keeps_what_it_had() {
        let limits = SessionLimits::new().values(2).bytes(64);
        let server = server().session_limits(limits);
        let cx = request(&server, Some(Principal::new("alice")));
        let session = cx.session().unwrap();
        session.set("a", &1).await.unwrap();
        session.set("b", &2).await.unwrap();
        let error = session.set("c", &3).await.unwrap_err();
        assert!(error.to_string().contains("2 values"), "{error}");
        let error = session.set("b", &"x".repeat(64)).await.unwrap_err();
        assert!(error.to_string().contains("64 bytes"), "{error}");
        assert_eq!(session.get::<u32>("b").await.unwrap(), Some(2));
        assert_eq!(session.names().await.unwrap(), ["a", "b"]);
    }

    #[tokio::test]
    async fn a_value_of_another_type_is_said_without_the_value() {
        let server = server();
        let cx = request(&server, Some(Principal::new("alice")));
        let session = cx.session().unwrap();
        session.set("token", "s3cret").await.unwrap();
        let error = session.get::<u32>("token").await.unwrap_err();
        assert!(!format!("{error:?}").contains("s3cret"), "{error:?}");
        assert!(error.public_text(false).contains("`token`"), "{error:?}");
    }

    #[tokio::test]
    async fn no_change_is_lost_when_many_change_one_value() {
        let server = server();
        let tasks: Vec<_> = (0..32)
            .map(|_| {
                let cx = request(&server, Some(Principal::new("alice")));
                tokio::spawn(async move {
                    let one_more = |n: Option<u32>| Some(n.unwrap_or(0) + 1);
                    cx.session().unwrap().update("n", one_more).await.unwrap()
                })
            })
            .collect();
        let mut seen = Vec::new();
        for task in tasks {
            seen.push(task.await.unwrap().unwrap());
        }
        seen.sort_unstable();
        assert_eq!(seen, (1..=32).collect::<Vec<_>>());
    }

    #[tokio::test(start_paused = true)]
    async fn values_expire_a_day_after_the_last_change() {
        let server = server();
        let cx = request(&server, Some(Principal::new("alice")));
        let session = cx.session().unwrap();
        session.set("n", &1).await.unwrap();
        tokio::time::advance(Duration::from_secs(23 * 3600)).await;
        session.set("m", &1).await.unwrap();
        tokio::time::advance(Duration::from_secs(23 * 3600)).await;
        assert_eq!(session.get("n").await.unwrap(), Some(1));
        tokio::time::advance(Duration::from_secs(2 * 3600)).await;
        assert_eq!(session.get::<u32>("n").await.unwrap(), None);
    }

    /// What one caller may do.
    #[derive(Debug, Clone)]
    enum Act {
        Set(String, u8),
        Get(String),
        Add(String),
        Remove(String),
        Names,
        End,
        New,
        /// Uses a handle: one of its own, or one of the other's.
        Open(bool, usize),
    }

    fn acts() -> impl Strategy<Value = Vec<(bool, Act)>> {
        let name = || "[ab]";
        let act = prop_oneof![
            (name(), any::<u8>()).prop_map(|(name, value)| Act::Set(name, value)),
            name().prop_map(Act::Get),
            name().prop_map(Act::Add),
            name().prop_map(Act::Remove),
            Just(Act::Names),
            Just(Act::End),
            Just(Act::New),
            (any::<bool>(), 0..3_usize).prop_map(|(own, which)| Act::Open(own, which)),
        ];
        prop::collection::vec((any::<bool>(), act), 0..40)
    }

    /// One tenant: its requests, and the handles it got.
    struct Tenant {
        cx: Context,
        handles: Vec<String>,
    }

    impl Tenant {
        fn new(server: &Server, name: &str) -> Self {
            // The same subject at the same issuer: the tenant alone differs.
            let caller = Principal::new("alice").with_tenant(name);
            Self {
                cx: request(server, Some(caller)),
                handles: Vec::new(),
            }
        }

        /// Does something and gives all that can be seen of it.
        async fn act(&mut self, act: &Act, foreign: &[String]) -> Value {
            let session = self.cx.session().unwrap();
            let seen = |error: Error| json!([format!("{:?}", error.kind()), error.to_string()]);
            match act {
                Act::Set(name, value) => session.set(name, value).await.map(|()| json!("set")),
                Act::Get(name) => session.get::<Value>(name).await.map(|found| json!(found)),
                Act::Add(name) => {
                    let one_more = |n: Option<u32>| Some(n.unwrap_or(0) + 1);
                    session.update(name, one_more).await.map(|sum| json!(sum))
                }
                Act::Remove(name) => session.remove(name).await.map(|was| json!(was)),
                Act::Names => session.names().await.map(|names| json!(names)),
                Act::End => session.end().await.map(|()| json!("ended")),
                Act::New => self.cx.new_session().await.map(|made| {
                    self.handles.push(made.handle().unwrap().to_owned());
                    json!("made")
                }),
                Act::Open(own, which) => {
                    let nothing = "f".repeat(HANDLE);
                    let handles = if *own { &*self.handles } else { foreign };
                    let handle = handles.get(*which).unwrap_or(&nothing);
                    match self.cx.session_of(handle).await {
                        Ok(found) => found.names().await.map(|names| json!(names)),
                        Err(error) => Err(error),
                    }
                }
            }
            .unwrap_or_else(seen)
        }
    }

    /// What the first tenant sees, with the second one there or not.
    async fn observe(acts: &[(bool, Act)], alone: bool) -> Vec<Value> {
        let server = server().session_limits(SessionLimits::new().values(3));
        let (mut one, mut other) = (Tenant::new(&server, "t1"), Tenant::new(&server, "t2"));
        let mut seen = Vec::new();
        for (first, act) in acts {
            if *first {
                seen.push(one.act(act, &other.handles).await);
            } else if !alone {
                other.act(act, &one.handles).await;
            }
        }
        seen
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(128))]

        #[test]
        fn nothing_one_tenant_sees_depends_on_another(acts in acts()) {
            let runtime = tokio::runtime::Builder::new_current_thread()
                .enable_time()
                .build()
                .unwrap();
            let (together, alone) = runtime.block_on(async {
                (observe(&acts, false).await, observe(&acts, true).await)
            });
            prop_assert_eq!(together, alone);
        }
    }
}
