//! The service that has the warnings: connections that stay open, shared by all
//! calls.

use std::{error::Error as StdError, time::Duration};

use bytes::Bytes;
use http::{Request, Uri};
use http_body_util::{BodyExt as _, Empty, Limited};
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::{
    client::legacy::{Client, connect::HttpConnector},
    rt::{TokioExecutor, TokioTimer},
};
use purlin::{ErrorKind, prelude::*};
use tokio::{sync::Semaphore, time::timeout};

use super::warning::Warning;

/// How many requests run at one time; more wait.
const PLACES: usize = 32;
/// How many connections are kept open without one, and for how long.
const IDLE: usize = 8;
const IDLE_FOR: Duration = Duration::from_secs(60);
/// How long a call waits for its place and the answer.
const PATIENCE: Duration = Duration::from_secs(5);
/// How much of an answer is read, in bytes.
const MAX_ANSWER: usize = 64 * 1024;

type Failed = Box<dyn StdError + Send + Sync>;

/// A pool of connections to one service.
#[derive(Debug)]
pub(super) struct Service {
    client: Client<HttpsConnector<HttpConnector>, Empty<Bytes>>,
    places: Semaphore,
    endpoint: String,
}

impl Service {
    /// A pool without a connection yet: the platform starts while the service is away.
    ///
    /// # Errors
    /// When this machine has no certificates to trust.
    pub(super) fn open(endpoint: &Uri) -> Result<Self> {
        let provider = rustls::crypto::ring::default_provider();
        let connector = HttpsConnectorBuilder::new()
            .with_provider_and_native_roots(provider)
            .map_err(|error| {
                let problem = "the certificates of this machine cannot be read";
                Error::new(ErrorKind::Configuration, problem).with_source(error)
            })?
            .https_or_http()
            .enable_http1()
            .build();
        let client = Client::builder(TokioExecutor::new())
            .pool_max_idle_per_host(IDLE)
            .pool_idle_timeout(IDLE_FOR)
            .pool_timer(TokioTimer::new())
            .build(connector);
        Ok(Self {
            client,
            places: Semaphore::new(PLACES),
            endpoint: endpoint.to_string().trim_end_matches('/').to_owned(),
        })
    }

    /// The warnings of a country of ours.
    ///
    /// # Errors
    /// [`ErrorKind::Unavailable`] when there is no answer, or none that can be used.
    pub(super) async fn warnings(&self, country: &str) -> Result<Vec<Warning>> {
        let asked = timeout(PATIENCE, self.get(country)).await;
        asked
            .map_err(Failed::from)
            .and_then(|answer| answer)
            .map_err(|error| {
                tracing::warn!(error, "the service of the warnings is away");
                Error::new(ErrorKind::Unavailable, "no warnings from the service")
                    .with_source(error)
                    .with_public_text("the service that has the warnings gives no answer")
                    .with_code("warnings_unavailable")
                    .with_recovery("Say so to the user, or go by the forecast.")
            })
    }

    async fn get(&self, country: &str) -> Result<Vec<Warning>, Failed> {
        let _place = self.places.acquire().await?;
        let uri = format!("{}/warnings/{country}", self.endpoint);
        let request = Request::get(uri)
            .header("accept", "application/json")
            .body(Empty::new())?;
        let response = self.client.request(request).await?;
        let status = response.status();
        if !status.is_success() {
            return Err(format!("status {status}").into());
        }
        let body = Limited::new(response.into_body(), MAX_ANSWER).collect();
        Ok(serde_json::from_slice(&body.await?.to_bytes())?)
    }
}
