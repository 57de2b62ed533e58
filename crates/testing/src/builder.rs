//! Configuring a test client.

use std::fmt;
use std::sync::Arc;

use purlin_client::protocol::{
    ClientCapabilities, CreateMessageParams, CreateMessageResult, ElicitForm, ElicitResult,
    ElicitUrl, Implementation, LogLevel, Root,
};
use purlin_client::{Client, ClientBuilder, Era, IntoAnswer, Result, Target};
use purlin_core::{McpServer, Origin, Principal, Server, TransportKind};

use crate::client::TestClient;
use crate::frame::Frame;
use crate::record::{Check, Record};
use crate::run;

/// Connects to a server in memory: in the era that `#[purlin::test(eras)]` runs in, else in
/// whichever the server prefers.
///
/// # Panics
/// When no connection comes about, and outside a tokio runtime.
pub async fn connect(server: impl McpServer) -> TestClient {
    client(server).connect().await
}

/// Connects to a server in memory, in an era or at a revision.
///
/// # Panics
/// When no connection comes about, and outside a tokio runtime.
pub async fn connect_in(era: impl Into<Era>, server: impl McpServer) -> TestClient {
    client(server).era(era).connect().await
}

/// Configures a client for a server in memory.
///
/// ```no_run
/// # use purlin_core::Server;
/// # use purlin_testing as testing;
/// # async fn example(server: Server) {
/// use purlin_testing::protocol::ElicitResult;
///
/// let client = testing::client(server)
///     .answer_elicitation(|form| {
///         assert_eq!(form.message, "Really?");
///         ElicitResult::decline()
///     })
///     .connect()
///     .await;
/// # }
/// ```
pub fn client(server: impl McpServer) -> TestClientBuilder<Server> {
    client_over(server.into_server())
}

/// Configures a client for anything that a [`Client`] can be connected to.
pub fn client_over<T: Target>(target: T) -> TestClientBuilder<T> {
    TestClientBuilder {
        target,
        client: Client::builder()
            .info(Implementation::new("test", "0.0.0"))
            .era(run::current_era()),
        log_level: Some(LogLevel::Debug),
        checks: Vec::new(),
    }
}

/// A test client that is being configured.
#[must_use = "a builder does nothing until it connects"]
pub struct TestClientBuilder<T> {
    target: T,
    client: ClientBuilder,
    log_level: Option<LogLevel>,
    checks: Vec<Check>,
}

impl TestClientBuilder<Server> {
    /// Calls as somebody who has proved who they are.
    ///
    /// Without it the server trusts the client, as it does whatever has started
    /// it on the same machine.
    ///
    /// ```no_run
    /// # use purlin_core::Server;
    /// # use purlin_testing as testing;
    /// # async fn example(server: Server) {
    /// use purlin_core::Principal;
    ///
    /// let clerk = Principal::new("alice").with_scopes(["orders:read"]);
    /// let client = testing::client(server).principal(clerk).connect().await;
    /// # }
    /// ```
    pub fn principal(self, principal: Principal) -> TestClientBuilder<(Server, Origin)> {
        let origin = Origin::new(TransportKind::Memory);
        self.origin(origin.with_principal(principal))
    }

    /// Calls from elsewhere: through a transport of another kind, with what
    /// layers around it have put into the request. Over HTTP a caller without a
    /// principal is a stranger.
    pub fn origin(self, origin: Origin) -> TestClientBuilder<(Server, Origin)> {
        TestClientBuilder {
            target: (self.target, origin),
            client: self.client,
            log_level: self.log_level,
            checks: self.checks,
        }
    }
}

impl<T: Target> TestClientBuilder<T> {
    /// Speaks this era, or this revision, whatever the test runs in.
    pub fn era(self, era: impl Into<Era>) -> Self {
        self.configure(|client| client.era(era))
    }

    /// Answers questions that come with a form; see [`ClientBuilder::answer_elicitation`].
    pub fn answer_elicitation<F, A, M>(self, handler: F) -> Self
    where
        F: Fn(ElicitForm) -> A + Send + Sync + 'static,
        A: IntoAnswer<ElicitResult, M>,
    {
        self.configure(|client| client.answer_elicitation(handler))
    }

    /// Answers questions that send the user to a URL.
    pub fn answer_elicitation_url<F, A, M>(self, handler: F) -> Self
    where
        F: Fn(ElicitUrl) -> A + Send + Sync + 'static,
        A: IntoAnswer<ElicitResult, M>,
    {
        self.configure(|client| client.answer_elicitation_url(handler))
    }

    /// Answers requests for a message of the client's model.
    pub fn answer_sampling<F, A, M>(self, handler: F) -> Self
    where
        F: Fn(CreateMessageParams) -> A + Send + Sync + 'static,
        A: IntoAnswer<CreateMessageResult, M>,
    {
        self.configure(|client| client.answer_sampling(handler))
    }

    /// The places the server is invited to work in.
    pub fn roots(self, uris: impl IntoIterator<Item = impl Into<String>>) -> Self {
        let roots: Vec<Root> = uris.into_iter().map(Root::new).collect();
        self.configure(|client| client.roots(roots))
    }

    /// Adjusts the capabilities that follow from the answers.
    pub fn capabilities(
        self,
        adjust: impl FnOnce(ClientCapabilities) -> ClientCapabilities + Send + 'static,
    ) -> Self {
        self.configure(|client| client.capabilities(adjust))
    }

    /// The least severe log messages to ask for: all by default; `None` asks for nothing.
    pub fn log_level(mut self, level: impl Into<Option<LogLevel>>) -> Self {
        self.log_level = level.into();
        self
    }

    /// Judges every frame that is sent or received. What it finds fails the test when the client
    /// is dropped.
    pub fn check_frames(
        mut self,
        check: impl Fn(&Frame) -> Result<(), String> + Send + Sync + 'static,
    ) -> Self {
        self.checks.push(Box::new(check));
        self
    }

    /// Anything else that the client itself can be told.
    pub fn configure(mut self, configure: impl FnOnce(ClientBuilder) -> ClientBuilder) -> Self {
        self.client = configure(self.client);
        self
    }

    /// Connects.
    ///
    /// # Panics
    /// When no connection comes about, and outside a tokio runtime.
    pub async fn connect(self) -> TestClient {
        match self.try_connect().await {
            Ok(client) => client,
            Err(error) => panic!("the test client could not connect: {error}"),
        }
    }

    /// Connects, for tests of servers that may refuse.
    ///
    /// # Errors
    /// As [`ClientBuilder::connect`].
    pub async fn try_connect(self) -> Result<TestClient> {
        let record = Arc::new(Record::new(self.checks));
        let (frames, logs) = (Arc::clone(&record), Arc::clone(&record));
        let (progress, changes) = (Arc::clone(&record), Arc::clone(&record));
        let client = self
            .client
            .tap(move |direction, frame| frames.frame(direction, frame))
            .on_log(move |message| logs.seen().logs.push(message.clone()))
            .on_progress(move |step| progress.seen().progress.push(step.clone()))
            .on_change(move |change| changes.change(change))
            .connect(self.target)
            .await?;
        if let Some(level) = self.log_level
            && (client.revision().is_modern() || client.server_capabilities().logging.is_some())
        {
            client.set_level(level).await?;
        }
        Ok(TestClient::new(client, record))
    }
}

impl<T> fmt::Debug for TestClientBuilder<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TestClientBuilder")
            .field("client", &self.client)
            .finish_non_exhaustive()
    }
}
