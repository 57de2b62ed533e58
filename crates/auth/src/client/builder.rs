//! Everything about OAuth that is decided before the first refusal.

use std::sync::Arc;

use purlin_client::http::{Reach, Web as Connections};

use super::Registered;
use super::flow::{ClientCredentials, Enterprise, Flow, Login, Workload};
use super::oauth::{Machine, OAuth};
use super::session::Session;
use super::store::{MemoryStore, Records, TokenStore};
use super::user_agent::{Loopback, UserAgent};
use super::web::Web;

/// Configures [`OAuth`]; every setting has a default that works.
#[derive(Debug)]
#[must_use = "a builder does nothing until it builds"]
pub struct OAuthBuilder {
    flow: Flow,
    web: Connections,
    store: Arc<dyn TokenStore>,
    reach: Option<Reach>,
}

impl OAuthBuilder {
    pub(super) fn login() -> Self {
        Self::new(Flow::Login(Box::new(Login {
            name: env!("CARGO_PKG_NAME").to_owned(),
            registered: None,
            document: None,
            agent: Box::new(Loopback::browser()),
        })))
    }

    pub(super) fn machine(machine: Machine) -> Self {
        Self::new(machine.0)
    }

    fn new(flow: Flow) -> Self {
        Self {
            flow,
            web: Connections::default(),
            store: Arc::new(MemoryStore::default()),
            reach: None,
        }
    }

    /// The name that users are asked to trust. This crate's by default.
    pub fn name(self, name: impl Into<String>) -> Self {
        let name = name.into();
        self.with_login(|login| login.name = name)
    }

    /// The client that was registered beforehand, instead of one registered on the spot.
    pub fn client(self, client: Registered) -> Self {
        self.with_login(|login| login.registered = Some(client))
    }

    /// The URL of the document that describes this client (`https`, with a path): its name at
    /// every authorization server that fetches such documents.
    pub fn client_metadata_url(self, url: impl Into<String>) -> Self {
        let url = url.into();
        self.with_login(|login| login.document = Some(url))
    }

    /// How users are taken to the authorization server and back.
    pub fn user_agent(self, agent: impl UserAgent) -> Self {
        self.with_login(|login| login.agent = Box::new(agent))
    }

    /// What is about users has no effect on machines.
    fn with_login(mut self, change: impl FnOnce(&mut Login)) -> Self {
        if let Flow::Login(login) = &mut self.flow {
            change(login);
        }
        self
    }

    /// Where tokens are kept. In memory by default.
    pub fn store(self, store: impl TokenStore) -> Self {
        self.shared_store(Arc::new(store))
    }

    /// Where tokens are kept, shared with the clients of other servers.
    pub fn shared_store(mut self, store: Arc<dyn TokenStore>) -> Self {
        self.store = store;
        self
    }

    /// The HTTP client that authorization servers are reached with, for example one that trusts
    /// certificates of your own.
    pub fn web(mut self, web: Connections) -> Self {
        self.web = web;
        self
    }

    /// Which addresses the server and its authorization server may send us to. By default what
    /// they name has to be public, unless the server itself answers from an address that is not;
    /// [`Reach::Anywhere`] is for a public server whose users log in inside of your network.
    pub fn reach(mut self, reach: Reach) -> Self {
        self.reach = Some(reach);
        self
    }

    /// Ready for a server.
    pub fn build(self) -> OAuth {
        let (web, records) = (Web::new(self.web), Records(self.store));
        OAuth::new(Session::new(web, self.flow, records, self.reach))
    }
}

impl From<ClientCredentials> for Machine {
    fn from(flow: ClientCredentials) -> Self {
        Self(Flow::Credentials(Box::new(flow)))
    }
}

impl From<Enterprise> for Machine {
    fn from(flow: Enterprise) -> Self {
        Self(Flow::Enterprise(Box::new(flow)))
    }
}

impl From<Workload> for Machine {
    fn from(flow: Workload) -> Self {
        Self(Flow::Workload(Box::new(flow)))
    }
}
