//! A session that the server forgot is opened again, without the caller noticing.
//!
//! A server says so (HTTP status 404) before it does anything with a request, which is why the
//! request can be sent again whatever it asks for. The new session is like the old one: same
//! revision, same log level, same subscriptions. The server may introduce itself anew, and everything
//! that was subscribed to counts as changed. What is only known to the old one is lost, as it
//! is the server that forgot it.

use std::sync::{Arc, Weak};

use purlin_core::protocol::method;

use crate::Result;
use crate::client::Inner;
use crate::envelope::{self, Params};
use crate::era::{self, Era};
use crate::link::Outgoing;

impl Inner {
    /// Opens a session in place of the one with this number, unless somebody has.
    ///
    /// # Errors
    /// As any handshake.
    pub(crate) async fn renew(&self, lost: u64) -> Result<()> {
        let _one_at_a_time = self.renewing.lock().await;
        if self.link.session_number() != lost {
            return Ok(());
        }
        let revision = self.revision();
        tracing::debug!(%revision, "the server lost the session; opening another");
        let renewed = era::negotiate(self, Era::Exactly(revision)).await?;
        self.introduce(renewed.about);
        self.restore().await?;
        self.inbox.missed();
        Ok(())
    }

    /// Says again what the old session was told.
    async fn restore(&self) -> Result<()> {
        for uri in self.held.wanted() {
            self.repeat(method::RESOURCES_SUBSCRIBE, "uri", uri.into())
                .await?;
        }
        if let Some(level) = self.chosen_log_level() {
            self.repeat(method::LOGGING_SET_LEVEL, "level", level.as_str().into())
                .await?;
        }
        Ok(())
    }

    async fn repeat(
        &self,
        method: &str,
        name: &'static str,
        value: serde_json::Value,
    ) -> Result<()> {
        let mut params = Params::default();
        params.set(name, value);
        let id = self.next_id();
        let body = envelope::request(id, method, &params);
        let request = Outgoing::plain(id, method, body, Some(self.revision()));
        // A server that forgot the session may well have forgotten the resource.
        if let Err(error) = self.link.exchange(request).await? {
            tracing::debug!(%error, method, "the new session lacks something of the old one");
        }
        Ok(())
    }
}

/// Renews sessions whose standalone stream was lost while nobody called. Ends with the client.
pub(crate) async fn keep_session(client: Weak<Inner>, link: Arc<crate::link::Link>) {
    loop {
        let lost = link.session_lost().await;
        let Some(inner) = client.upgrade() else {
            return;
        };
        if let Err(error) = inner.renew(lost).await {
            // The next call tries again, and says why it fails.
            tracing::debug!(%error, "the session could not be opened again");
        }
    }
}
