//! A platform of four servers, as four teams would own them.
//!
//! Each directory is one team's server, with nothing in it but what the team
//! knows about: [`weather`], [`inventory`], [`documents`] and [`operations`].
//! This file puts them together; [`audit`] and [`caller`] are the middleware
//! that all of them are behind, and [`stack`] puts the shelf around it all.

pub mod audit;
pub mod caller;
pub mod connect;
pub mod documents;
pub mod inventory;
pub mod operations;
mod settings;
pub mod stack;
pub mod weather;

use std::sync::Arc;

use purlin::{BoxFuture, config::Loaded, health::HealthCheck, prelude::*, store::KeyValue};

use audit::{Entry, Trail};
use caller::Caller;
use documents::Documents;
use inventory::Inventory;
use operations::Operations;
pub use settings::Settings;
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
    store: Option<Arc<dyn KeyValue>>,
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

    /// The most recent tool calls, newest last.
    #[mcp_resource("platform://audit", mime_type = "application/json")]
    fn recent_calls(&self, trail: &Resource<Trail>) -> Json<Vec<Entry>> {
        Json(trail.recent())
    }
}

impl Platform {
    /// The platform as the settings want it. With none of them every run begins
    /// with the same stock, in memory.
    ///
    /// # Errors
    /// When a setting is of no use, such as the URL of no Redis.
    pub fn new(settings: &Loaded<Settings>) -> Result<Self> {
        Ok(Self {
            inventory: settings.inventory(),
            store: settings.store()?,
            settings: Some(settings.clone()),
            ..Self::default()
        })
    }

    fn setup(&self, server: Server) -> Server {
        let server = match &self.store {
            Some(store) => server
                .with_store(Arc::clone(store))
                .health_check(Reachable(Arc::clone(store))),
            None => server,
        };
        let stack = match &self.settings {
            Some(settings) => stack::of(settings, self.store.as_ref()),
            None => stack::least(),
        };
        stack.around(server.with_lifespan(audit::Opening))
    }
}

/// Whether the store of the sessions answers; the platform is not ready while it
/// does not.
struct Reachable(Arc<dyn KeyValue>);

impl HealthCheck for Reachable {
    fn name(&self) -> &str {
        "store"
    }

    fn check(&self) -> BoxFuture<'_, Result<()>> {
        Box::pin(async { Ok(self.0.check().await?) })
    }
}
