//! How often an address may ask an endpoint.

use std::{net::IpAddr, sync::Arc, time::Duration};

use purlin_core::{
    Rate,
    store::{Admission, Gcra, Key, KeyValue, MemoryStore, StoreErrorKind, StoreResult},
};

use crate::network::network;

const COLLECTION: &str = "purlin.auth.limits";
/// How many processes a limit is thought to be shared among while the store that counts is down.
const REPLICAS_ASSUMED: u32 = 4;

/// What is limited, and how often one address may do it. All of a minute, or of a day, may come at
/// once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Limit {
    /// 10 registrations a minute.
    Registration,
    /// 1,000 registrations a day, which is a tenth of what all may.
    RegistrationsOfADay,
    /// 10,000 registrations a day by all together: as long as clients are kept that nobody uses,
    /// that bounds how many there are.
    AllRegistrations,
    /// 60 logins begun a minute: authorization requests, consents, callbacks.
    Authorization,
    /// 120 requests a minute for tokens and revocations.
    Token,
    /// 10 failed attempts of clients to prove a secret a minute.
    Failure,
    /// 20 documents of clients fetched from a host a minute, for one address.
    Document,
    /// 120 documents or keys of clients fetched from a host a minute, for all together.
    Host,
}

impl Limit {
    fn name(self) -> &'static str {
        match self {
            Self::Registration => "registration",
            Self::Authorization => "authorization",
            Self::Token => "token",
            Self::Failure => "failure",
            Self::Document => "document",
            Self::Host => "host",
            Self::RegistrationsOfADay => "registrations of a day",
            Self::AllRegistrations => "all registrations",
        }
    }

    fn rate(self) -> Rate {
        const MINUTE: Duration = Duration::from_secs(60);
        const DAY: Duration = Duration::from_secs(24 * 60 * 60);
        match self {
            Self::Registration | Self::Failure => Rate::new(10, MINUTE),
            Self::Authorization => Rate::new(60, MINUTE),
            Self::Token | Self::Host => Rate::new(120, MINUTE),
            Self::Document => Rate::new(20, MINUTE),
            Self::RegistrationsOfADay => Rate::new(1_000, DAY),
            Self::AllRegistrations => Rate::new(10_000, DAY),
        }
    }

    fn gcra(self) -> Gcra {
        Gcra::new(self.rate())
    }
}

/// The limits of the endpoints, which all processes that share a store share.
///
/// While the store is down, each process counts for itself, with a share of the rate: a limit that
/// let everything pass would be an invitation.
#[derive(Clone, Debug)]
pub(crate) struct Limits {
    store: Arc<dyn KeyValue>,
    alone: Arc<MemoryStore>,
}

impl Limits {
    pub(crate) fn new(store: Arc<dyn KeyValue>) -> Self {
        Self {
            store,
            alone: Arc::new(MemoryStore::new()),
        }
    }

    /// Counts one; when it comes too early, how long to wait.
    pub(crate) async fn admit(&self, limit: Limit, peer: Option<IpAddr>) -> Result<(), Duration> {
        self.count(limit, &holder(peer), 1).await
    }

    /// Counts one, whoever wants it.
    pub(crate) async fn admit_all(&self, limit: Limit) -> Result<(), Duration> {
        self.count(limit, "all", 1).await
    }

    /// Counts one that goes to a host, whoever wants it.
    pub(crate) async fn admit_host(&self, limit: Limit, host: &str) -> Result<(), Duration> {
        self.count(limit, &host.to_ascii_lowercase(), 1).await
    }

    /// Counts one that goes to a host for this address.
    pub(crate) async fn admit_to_host(
        &self,
        limit: Limit,
        host: &str,
        peer: Option<IpAddr>,
    ) -> Result<(), Duration> {
        let both = format!("{} {}", host.to_ascii_lowercase(), holder(peer));
        self.count(limit, &both, 1).await
    }

    /// Whether one more would be admitted. Counts nothing.
    pub(crate) async fn has_room(
        &self,
        limit: Limit,
        peer: Option<IpAddr>,
    ) -> Result<(), Duration> {
        self.count(limit, &holder(peer), 0).await
    }

    async fn count(&self, limit: Limit, holder: &str, units: u32) -> Result<(), Duration> {
        let key = format!("{} {holder}", limit.name());
        let at = Key::new(COLLECTION, &key);
        let gcra = limit.gcra().cost(units);
        match self.store.admit(at, gcra).await {
            Ok(admission) => verdict(admission, gcra, units),
            // Whoever is beaten to it again and again asks too often.
            Err(error) if error.kind() == StoreErrorKind::Conflict => Err(Duration::from_secs(1)),
            Err(error) => {
                tracing::warn!(%error, "the limits of the authorization server are local now");
                self.count_alone(at, gcra, units)
                    .await
                    .unwrap_or(Err(Duration::from_secs(1)))
            }
        }
    }

    async fn count_alone(
        &self,
        at: Key<'_>,
        limit: Gcra,
        units: u32,
    ) -> StoreResult<Result<(), Duration>> {
        let limit = limit.shared_among(REPLICAS_ASSUMED);
        Ok(verdict(self.alone.admit(at, limit).await?, limit, units))
    }
}

fn verdict(admission: Admission, limit: Gcra, units: u32) -> Result<(), Duration> {
    match admission {
        // Asked for nothing, a limit that is used up still grants it.
        Admission::Granted { remaining: 0, .. } if units == 0 => Err(limit.interval()),
        Admission::Granted { .. } => Ok(()),
        Admission::Refused { retry_after } => Err(retry_after),
    }
}

/// Who is counted: a network. All whose address is not known share one allowance.
fn holder(peer: Option<IpAddr>) -> String {
    peer.map_or_else(|| "nobody".to_owned(), |peer| network(peer).to_string())
}
