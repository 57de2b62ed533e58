//! Everything about a client that is decided before it connects.

use std::fmt;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use purlin_core::protocol::{
    ClientCapabilities, CreateMessageParams, CreateMessageResult, ElicitForm, ElicitResult,
    ElicitUrl, Implementation, LogMessageParams, ProgressParams, RawJson, Root,
};
use serde_json::value::RawValue;

use crate::Result;
use crate::asked::IntoAnswer;
use crate::cache::Cache;
use crate::changes::Change;
use crate::client::{Client, Options};
use crate::era::Era;
use crate::inbox::{Direction, Inbox};
use crate::target::Target;

/// Configures a [`Client`]; see [`Client::builder`].
///
/// Handlers are declared to the server as capabilities: a client that answers no elicitation is
/// never asked.
#[must_use = "a builder does nothing until it connects"]
pub struct ClientBuilder {
    info: Implementation,
    era: Era,
    timeout: Option<Duration>,
    connect_timeout: Duration,
    cache: Cache,
    inbox: Inbox,
    adjust: Vec<Adjustment>,
}

type Adjustment = Box<dyn FnOnce(ClientCapabilities) -> ClientCapabilities + Send>;

impl Default for ClientBuilder {
    fn default() -> Self {
        Self {
            info: Implementation::new(env!("CARGO_PKG_NAME"), env!("CARGO_PKG_VERSION")),
            era: Era::Auto,
            timeout: Some(Duration::from_secs(60)),
            connect_timeout: Duration::from_secs(30),
            cache: Cache::default(),
            inbox: Inbox::default(),
            adjust: Vec::new(),
        }
    }
}

impl ClientBuilder {
    /// How this client introduces itself. This crate's name and version by default.
    pub fn info(mut self, info: Implementation) -> Self {
        self.info = info;
        self
    }

    /// Which revision to speak: an [`Era`], or one [`Revision`](crate::Revision).
    pub fn era(mut self, era: impl Into<Era>) -> Self {
        self.era = era.into();
        self
    }

    /// How long a call may take, all its rounds together. 60 seconds by default; `None` for ever.
    pub fn timeout(mut self, timeout: impl Into<Option<Duration>>) -> Self {
        self.timeout = timeout.into();
        self
    }

    /// How long each question of the opening handshake may take. 30 seconds by default.
    pub fn connect_timeout(mut self, timeout: Duration) -> Self {
        self.connect_timeout = timeout;
        self
    }

    /// Where answers are kept that their server allows to be kept. One of its own by default;
    /// clients that share one ask less.
    pub fn cache(mut self, cache: Cache) -> Self {
        self.cache = cache;
        self
    }

    /// Answers questions that come with a form. The handler may be async, and may refuse. Fields
    /// that an accepted answer leaves out get the default that the form names, if it names one; an
    /// answer that does not fit the form is not sent, and the server is told of an internal error.
    ///
    /// ```
    /// use purlin_client::{Client, protocol::ElicitResult};
    ///
    /// let builder = Client::builder().answer_elicitation(|form| {
    ///     assert!(!form.message.is_empty());
    ///     ElicitResult::decline()
    /// });
    /// ```
    pub fn answer_elicitation<F, A, M>(mut self, handler: F) -> Self
    where
        F: Fn(ElicitForm) -> A + Send + Sync + 'static,
        A: IntoAnswer<ElicitResult, M>,
    {
        self.inbox.answers.form = Some(Box::new(move |form| handler(form).into_answer()));
        self
    }

    /// Answers questions that send the user to a URL.
    ///
    /// The handler shows the whole URL and opens it only with the user's consent.
    ///
    /// It is asked as well when a server of revision 2025-11-25 refuses a call until the user has
    /// been somewhere (error −32042). If it accepts, the call is made again once the server tells
    /// that the visit is complete, or after 30 seconds in which it did not; the same visit is asked
    /// for once. All of it takes place in the time that the call may take, and at most ten times;
    /// else the error stays ([`ClientError::required_urls`](crate::ClientError::required_urls)).
    pub fn answer_elicitation_url<F, A, M>(mut self, handler: F) -> Self
    where
        F: Fn(ElicitUrl) -> A + Send + Sync + 'static,
        A: IntoAnswer<ElicitResult, M>,
    {
        self.inbox.answers.url = Some(Box::new(move |url| handler(url).into_answer()));
        self
    }

    /// Answers requests for a message of this client's model.
    pub fn answer_sampling<F, A, M>(mut self, handler: F) -> Self
    where
        F: Fn(CreateMessageParams) -> A + Send + Sync + 'static,
        A: IntoAnswer<CreateMessageResult, M>,
    {
        self.inbox.answers.sampling = Some(Box::new(move |params| handler(params).into_answer()));
        self
    }

    /// The places the server is invited to work in.
    pub fn roots(mut self, roots: impl IntoIterator<Item = Root>) -> Self {
        self.inbox.answers.roots = Some(Mutex::new(roots.into_iter().collect()));
        self
    }

    /// Declares that every kind of question is answered, by whoever makes the call because of which
    /// the server asks; see [`proxy`](crate::proxy()). Handlers answer what concerns no such call.
    pub fn relay_questions(mut self) -> Self {
        self.inbox.answers.relayed = true;
        self
    }

    /// Adjusts the capabilities that follow from the handlers, for example to declare sampling
    /// with tools or an extension.
    ///
    /// ```
    /// let builder = purlin_client::Client::builder()
    ///     .capabilities(|declared| declared.with_sampling_tools());
    /// ```
    pub fn capabilities(
        mut self,
        adjust: impl FnOnce(ClientCapabilities) -> ClientCapabilities + Send + 'static,
    ) -> Self {
        self.adjust.push(Box::new(adjust));
        self
    }

    /// Is told of every progress notification of every call. Must not block.
    pub fn on_progress(
        mut self,
        observer: impl Fn(&ProgressParams) + Send + Sync + 'static,
    ) -> Self {
        self.inbox.observers.progress = Some(Arc::new(observer));
        self
    }

    /// Is told of every log message. Must not block.
    pub fn on_log(mut self, observer: impl Fn(&LogMessageParams) + Send + Sync + 'static) -> Self {
        self.inbox.observers.log = Some(Arc::new(observer));
        self
    }

    /// Is told of every change the server announces, on whatever stream. Must not block.
    pub fn on_change(mut self, observer: impl Fn(&Change) + Send + Sync + 'static) -> Self {
        self.inbox.on_change = Some(Arc::new(observer));
        self
    }

    /// Is told of every notification: its method and its parameters. Must not block.
    pub fn on_notification(
        mut self,
        observer: impl Fn(&str, Option<RawJson>) + Send + Sync + 'static,
    ) -> Self {
        self.inbox.on_notification = Some(Box::new(move |method, params: Option<&RawValue>| {
            observer(
                method,
                params.map(|params| RawJson::from(params.to_owned())),
            );
        }));
        self
    }

    /// Sees every message that is sent or received, byte for byte. Must not block.
    pub fn tap(mut self, tap: impl Fn(Direction, &[u8]) + Send + Sync + 'static) -> Self {
        self.inbox.tap = Some(Box::new(tap));
        self
    }

    /// Connects, and agrees on a revision.
    ///
    /// # Errors
    /// When there is nothing to connect to, the network fails, or no revision is common to both.
    ///
    /// # Panics
    /// Outside a tokio runtime.
    pub async fn connect(self, target: impl Target) -> Result<Client> {
        let capabilities = self
            .adjust
            .into_iter()
            .fold(self.inbox.answers.capabilities(), |declared, adjust| {
                adjust(declared)
            });
        let options = Options {
            info: self.info,
            capabilities,
            timeout: self.timeout,
            connect_timeout: self.connect_timeout,
        };
        let connection = target.open().await?;
        // Boxed, as every caller's future holds this one: connecting is large, and rare.
        let opening = Client::open(connection, self.era, options, self.inbox, &self.cache);
        Box::pin(opening).await
    }
}

impl fmt::Debug for ClientBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ClientBuilder")
            .field("info", &self.info)
            .field("era", &self.era)
            .field("timeout", &self.timeout)
            .finish_non_exhaustive()
    }
}
