//! A platform of four servers, as four teams would own them.
//!
//! Each directory is one team's server, with nothing in it but what the team
//! knows about: [`weather`], [`inventory`], [`documents`] and [`operations`].
//! This file puts them together; [`caller`] is a middleware of ours that all of
//! them are behind, [`stack`] puts the shelf around it all, and [`audit`] shows
//! what its audit log has seen. Beside the teams, `hands` mounts what Purlin brings to
//! read the web, keep files and run programs.

pub mod audit;
pub mod caller;
pub mod connect;
pub mod documents;
mod hands;
pub mod inventory;
pub mod operations;
mod settings;
pub mod stack;
mod state;
pub mod weather;

use std::sync::Arc;

use purlin::{config::Loaded, middleware::Audit, prelude::*};

use audit::{Entry, Trail};
use caller::Caller;
use documents::Documents;
use hands::Hands;
use inventory::Inventory;
use operations::Operations;
pub use settings::{RunCode, Settings};
use state::StateStore;
use weather::Weather;

/// What the teams of a small warehouse company offer to models.
#[derive(Debug, Default)]
#[mcp_server(
    title = "Warehouse platform",
    instructions = include_str!("instructions.md"),
    setup = Self::setup
)]
pub struct Platform {
    /// Forecasts for the delivery vans.
    #[mount(prefix = "weather")]
    pub weather: Weather,
    /// What is in stock.
    #[mount(prefix = "inventory")]
    pub inventory: Inventory,
    /// The handbook.
    #[mount(prefix = "documents")]
    pub documents: Documents,
    /// What keeps it all running.
    #[mount(prefix = "operations")]
    pub operations: Operations,
    /// Where sessions and request states are, if not in this process.
    state: Option<Arc<StateStore>>,
    /// The audit log, unless a test of it all does without.
    audit: Option<Audit>,
    trail: Trail,
    /// What callers work with, unless a test of it all does without.
    hands: Option<Hands>,
    /// What else is set, unless a test of it all does without.
    settings: Option<Loaded<Settings>>,
}

#[mcp_server(part)]
impl Platform {
    /// Who you are to this platform.
    #[mcp_tool(read_only)]
    fn whoami(&self, caller: &State<Caller>) -> Caller {
        Caller::clone(caller)
    }

    /// The most recent calls, reads and prompts, newest last.
    #[mcp_resource("platform://audit", mime_type = "application/json")]
    fn recent_calls(&self) -> Json<Vec<Entry>> {
        Json(self.trail.recent())
    }
}

impl Platform {
    /// The platform as the settings want it. With none of them every run begins
    /// with the same stock, in memory.
    ///
    /// # Errors
    /// When a setting is of no use, such as the URL of no Redis or a directory that
    /// another process has.
    pub async fn open(settings: &Loaded<Settings>) -> Result<Self> {
        let trail = Trail::default();
        let audit = trail.log(settings.audit_file.as_deref())?;
        Ok(Self {
            weather: settings.weather(),
            inventory: settings.inventory(),
            state: StateStore::open(settings).await?.map(Arc::new),
            hands: Some(Hands::open(settings, &audit).await?),
            audit: Some(audit),
            trail,
            settings: Some(settings.clone()),
            ..Self::default()
        })
    }

    fn setup(&self, server: Server) -> Server {
        let server = match &self.state {
            Some(state) => state.behind(server),
            None => server,
        };
        let server = match &self.hands {
            Some(hands) => hands.beside(server),
            None => server,
        };
        let shared = self.state.as_ref().and_then(|state| state.shared());
        let stack = match &self.settings {
            Some(settings) => stack::of(settings, shared, self.audit.as_ref()),
            None => stack::least(),
        };
        stack.around(server)
    }
}
