//! The operations team: what keeps it all running.

mod fingerprint;
mod freeze;
mod journal;
mod release;

use std::time::Duration;

use purlin::{prelude::*, protocol::CreateMessageParams};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use freeze::Freeze;
use journal::{Journal, Run};
pub use release::{Approval, Release, Rollout};

/// Backups, deployments and what is said about them.
#[derive(Debug)]
pub struct Operations {
    journal: Journal,
    freeze: Freeze,
    /// How long one step of a backup takes.
    pace: Duration,
}

/// What we run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Service {
    /// Where customers order.
    Shop,
    /// Where drivers look.
    Routes,
    /// Where bills come from.
    Billing,
}

#[mcp_server(version = "0.9.0", setup = Self::setup)]
impl Operations {
    /// Backs up a service. Takes a while; may be cancelled.
    #[mcp_tool(idempotent, timeout = "10m", tags("changes"))]
    async fn backup(
        &self,
        service: Service,
        /// In how many parts.
        #[arg(range = 1..=100, default = 10)]
        parts: u32,
        cx: &Context,
    ) -> String {
        let run = self.journal.begin(format!("backup of {service}"));
        for part in 1..=parts {
            tokio::time::sleep(self.pace).await;
            cx.info(format!("part {part} of {parts} is written"));
            cx.progress_with(part, parts, &format!("backing up {service}"));
        }
        run.finish();
        format!("{service} is backed up in {parts} parts")
    }

    /// Deploys a version of a service, once a person has confirmed it.
    #[mcp_tool(destructive, tags("changes"))]
    async fn deploy(
        &self,
        service: Service,
        /// The version, for example `2.3.0`.
        #[arg(min_length = 1, max_length = 40)]
        version: &str,
        cx: &Context,
    ) -> Result<Release> {
        let question = format!("Deploy {service} {version}?");
        let approval = match cx.elicit::<Approval>(question).await? {
            Answer::Accepted(approval) if approval.confirmed => approval,
            _ => return Ok(Release::declined(service, version)),
        };
        let release = async { self.release(service, version, approval) };
        cx.step("release", release).await
    }

    /// Sums up what has been going on, in the words of the client's own model.
    #[mcp_tool(read_only)]
    async fn summarise(&self, cx: &Context) -> Result<String> {
        let question = CreateMessageParams::new(200)
            .with_system_prompt("Sum up this journal of operations in one sentence.")
            .user(self.journal.text());
        let answer = cx.sample(question).await?;
        Ok(answer.text())
    }

    /// Fingerprints a text so that nobody guesses it quickly.
    #[mcp_tool(read_only, idempotent, blocking)]
    fn fingerprint(
        &self,
        /// What to fingerprint.
        #[arg(max_length = 10_000)]
        text: &str,
        /// The more, the slower.
        #[arg(range = 1..=10_000_000, default = 100_000)]
        rounds: u32,
        cancel: &Cancel,
    ) -> Option<String> {
        fingerprint::compute(text, rounds, || cancel.is_cancelled())
    }

    /// Begins or ends a change freeze: while it is on, nothing is changed.
    #[mcp_tool(idempotent)]
    fn freeze(&self, on: bool) -> &'static str {
        self.freeze.set(on);
        if on { "frozen" } else { "changes are allowed" }
    }

    /// What has been going on.
    #[mcp_resource("operations://journal", mime_type = "application/json")]
    fn journal(&self) -> Json<Vec<Run>> {
        Json(self.journal.runs())
    }
}

impl Operations {
    /// Operations whose backups take this long for each part.
    pub fn with_pace(pace: Duration) -> Self {
        Self {
            journal: Journal::default(),
            freeze: Freeze::default(),
            pace,
        }
    }

    fn setup(&self, server: Server) -> Server {
        server.middleware(self.freeze.clone())
    }

    fn release(&self, service: Service, version: &str, approval: Approval) -> Result<Release> {
        self.journal
            .begin(format!("release of {service} {version}"))
            .finish();
        Ok(Release::live(service, version, approval))
    }
}

impl Default for Operations {
    fn default() -> Self {
        Self::with_pace(Duration::from_millis(300))
    }
}

impl std::fmt::Display for Service {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Shop => "shop",
            Self::Routes => "routes",
            Self::Billing => "billing",
        })
    }
}
