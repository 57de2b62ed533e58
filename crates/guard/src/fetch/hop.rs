//! One hop: a turn at a host, the addresses of that host, a connection to one of them, an exchange.

use std::future::Future;
use std::net::IpAddr;

use super::clock::within;
use super::connection::Connection;
use super::exchange::{Bounds, Envelope, Outcome, exchange};
use super::fetcher::Inner;
use super::hosts::Turn;
use super::scope::Scope;
use super::{FetchError, FetchRequest, Phase, Target, headers};

/// Somebody who asks a host, once the rules have admitted its URL.
#[derive(Clone, Copy)]
pub(super) struct Hop<'a> {
    by: &'a Inner,
    scope: &'a Scope,
    target: &'a Target,
}

impl<'a> Hop<'a> {
    pub(super) fn new(by: &'a Inner, scope: &'a Scope, target: &'a Target) -> Self {
        Self { by, scope, target }
    }

    /// What the host says.
    ///
    /// # Errors
    /// Those that are no matter of the text of a URL.
    pub(super) async fn ask(self, request: &FetchRequest) -> Result<Outcome, FetchError> {
        self.ask_others().await?;
        let now = self.by.clock.now();
        let turn = self.scope.hosts.enter(self.target.host(), now).await?;
        let envelope = self.envelope(request);
        let bounds = Bounds {
            limits: &self.by.limits,
            clock: &*self.by.clock,
        };
        let (addresses, mut connection) = self.in_time(self.connect(&turn)).await?;
        let mut outcome = exchange(&mut connection, envelope, request, bounds).await;
        let broke = matches!(outcome, Err(FetchError::Protocol(_)));
        if broke && connection.permits_another_try(&request.method) {
            drop(connection);
            connection = self.in_time(self.open(&addresses, &turn)).await?;
            outcome = exchange(&mut connection, envelope, request, bounds).await;
        }
        if outcome.is_ok() && envelope.kept {
            self.keep(connection, &turn).await;
        }
        outcome
    }

    async fn ask_others(self) -> Result<(), FetchError> {
        let proxy = self.by.dial.proxy.as_ref();
        if proxy.is_some_and(|proxy| !proxy.admits(self.target.host())) {
            return Err(FetchError::BlockedHost);
        }
        match &self.by.policy {
            Some(policy) if !policy.admits(self.target).await => Err(FetchError::BlockedHost),
            _ => Ok(()),
        }
    }

    fn envelope(self, request: &FetchRequest) -> Envelope<'a> {
        let dial = &self.by.dial;
        let relayed = dial.is_relayed(self.target);
        let asked = dial.proxy.as_ref().filter(|_| relayed);
        Envelope {
            target: self.target,
            relayed,
            authorization: asked.and_then(|proxy| proxy.authorization.as_ref()),
            kept: self.scope.idle.is_on()
                && dial.proxy.is_none()
                && headers::leave_no_trace(&request.headers),
        }
    }

    /// The addresses of the host, as they are now, and a connection to one of them: one that was
    /// kept, or else a new one.
    async fn connect(self, turn: &Turn) -> Result<(Vec<IpAddr>, Connection), FetchError> {
        let addresses = self.by.dial.addresses(&self.by.rules, self.target).await?;
        let connection = match self.scope.idle.take(self.target, &addresses).await {
            Some(connection) => connection,
            None => self.open(&addresses, turn).await?,
        };
        Ok((addresses, connection))
    }

    async fn open(self, addresses: &[IpAddr], turn: &Turn) -> Result<Connection, FetchError> {
        self.scope.idle.make_room(self.target.host(), turn.free());
        let (wire, to) = self.by.dial.connect(addresses, self.target).await?;
        Connection::open(wire, to, &self.by.limits).await
    }

    async fn keep(self, connection: Connection, turn: &Turn) {
        // With the turn that ends now.
        let most = turn.free() + 1;
        let clock = &*self.by.clock;
        self.scope
            .idle
            .keep(connection, self.target, most, clock)
            .await;
    }

    async fn in_time<T>(
        self,
        connecting: impl Future<Output = Result<T, FetchError>>,
    ) -> Result<T, FetchError> {
        let (clock, time) = (&*self.by.clock, self.by.limits.connect);
        within(clock, time, Phase::Connect, connecting).await
    }
}
