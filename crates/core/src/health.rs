//! Whether what a server depends on works.
//!
//! A [`HealthCheck`] asks one dependency; [`Server::health`](crate::Server::health)
//! asks them all, those of mounted servers included, at the same time. A check
//! has 2 s, and what was found holds for a second, so that no number of probes
//! becomes a load on what they ask about. What went wrong is for the log alone:
//! a [`Health`] has names and states only.

use std::{fmt, time::Duration};

use crate::{BoxFuture, Result};

/// How long one check may take.
pub(crate) const CHECK_LIMIT: Duration = Duration::from_secs(2);
/// For how long it holds what was found.
pub(crate) const HOLDS_FOR: Duration = Duration::from_secs(1);

/// A question to one dependency: does it work?
///
/// ```
/// use purlin_core::{BoxFuture, Result, Server, health::{HealthCheck, Status}};
///
/// struct Disk;
///
/// impl HealthCheck for Disk {
///     fn name(&self) -> &str {
///         "disk"
///     }
///
///     fn check(&self) -> BoxFuture<'_, Result<()>> {
///         Box::pin(async { Ok(()) })
///     }
/// }
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() {
/// let server = Server::builder("archive", "1.0.0").health_check(Disk);
/// let health = server.health().await;
/// assert_eq!(health.dependencies()[0].status(), Status::Ok);
/// assert!(health.is_ready());
/// # }
/// ```
pub trait HealthCheck: Send + Sync + 'static {
    /// The name of the dependency, for people: no address, no secret.
    fn name(&self) -> &str;

    /// Asks. It may take 2 s.
    ///
    /// # Errors
    /// When the dependency does not work. The text goes to the log.
    fn check(&self) -> BoxFuture<'_, Result<()>>;

    /// Whether the server is of no use without the dependency (default yes).
    /// One that it can do without makes it degraded when it fails.
    fn is_essential(&self) -> bool {
        true
    }
}

/// How well something works.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Status {
    /// It works.
    Ok,
    /// It works without something that it can do without.
    Degraded,
    /// It does not work.
    Failed,
}

impl Status {
    /// `ok`, `degraded` or `failed`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Degraded => "degraded",
            Self::Failed => "failed",
        }
    }
}

impl fmt::Display for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// One dependency and how well it works.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Dependency {
    pub(crate) name: String,
    pub(crate) status: Status,
}

impl Dependency {
    /// Its name, behind the prefixes of the mounts on the way to it: `weather_redis`.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// How well it works: degraded when it failed and is not essential.
    pub fn status(&self) -> Status {
        self.status
    }
}

/// What a server depends on, and whether it takes new work.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Health {
    pub(crate) dependencies: Vec<Dependency>,
    pub(crate) draining: bool,
}

impl Health {
    /// What was asked, in the order it was added, mounts last.
    pub fn dependencies(&self) -> &[Dependency] {
        &self.dependencies
    }

    /// The worst of all.
    pub fn status(&self) -> Status {
        let all = self.dependencies.iter().map(|have| have.status);
        all.max().unwrap_or(Status::Ok)
    }

    /// Whether the server has been told to end.
    pub fn is_draining(&self) -> bool {
        self.draining
    }

    /// Whether new work should come here: nothing essential has failed, and the
    /// end has not begun.
    pub fn is_ready(&self) -> bool {
        !self.draining && self.status() < Status::Failed
    }
}
