//! Importing: a copy of what another server offers now.

use std::sync::Arc;

use super::{Server, refused};
use crate::{
    Result,
    registry::{
        Catalogue, Change, CompletionEntry, Component, PromptEntry, ResourceEntry, Source,
        ToolEntry,
    },
};

impl Server {
    /// Copies what a server offers now. Later changes of it are not seen, its
    /// middleware does not run; that of a component itself does.
    ///
    /// ```
    /// use purlin_core::{DynamicTool, Server, protocol::Tool, tool::ToolResult};
    /// use serde_json::json;
    ///
    /// let tool = Tool::new("now", json!({ "type": "object" }).into());
    /// let weather = Server::builder("weather", "1.0.0");
    /// weather.add_tool(DynamicTool::new(tool, |_, _| async { Ok(ToolResult::text("sunny")) }))?;
    ///
    /// let platform = Server::builder("platform", "1.0.0");
    /// platform.import("weather", &weather)?;
    /// assert!(platform.remove_tool("weather_now"));
    /// # Ok::<(), purlin_core::Error>(())
    /// ```
    ///
    /// # Errors
    /// As [`mount`](Self::mount).
    pub fn import<'p>(&self, prefix: impl Into<Option<&'p str>>, other: &Self) -> Result<()> {
        let staging = Self::builder("staging", "");
        staging.mount(prefix, &other.frozen())?;
        let (copy, own) = (staging.catalogue(), self.catalogue());
        let clash = clash::<ToolEntry>(&copy, &own)
            .or_else(|| clash::<ResourceEntry>(&copy, &own))
            .or_else(|| clash::<PromptEntry>(&copy, &own));
        if let Some(name) = clash {
            return Err(refused(format!(
                "`{name}` is offered already: import under another prefix"
            )));
        }
        self.edit(|source| extend(source, &copy), &Change::LISTS);
        Ok(())
    }

    /// A server with the same components, without middleware and mounts of its
    /// own.
    fn frozen(&self) -> Self {
        let catalogue = self.catalogue();
        let frozen = Self::builder(self.name(), "");
        frozen.edit(
            |source| {
                extend(source, &catalogue);
                bring_home::<ToolEntry>(source, self);
                bring_home::<ResourceEntry>(source, self);
                bring_home::<PromptEntry>(source, self);
                for completion in &mut source.completions {
                    bring_completion_home(Arc::make_mut(completion), self);
                }
            },
            &[],
        );
        frozen
    }
}

/// The first name or URI that both offer.
fn clash<C: Component>(copy: &Catalogue, own: &Catalogue) -> Option<String> {
    let mut names = C::offered(copy).map(|component| component.name());
    names
        .find(|name| C::is_in(own, name))
        .map(ToOwned::to_owned)
}

fn extend(source: &mut Source, catalogue: &Catalogue) {
    fn list<C: Component>(source: &mut Source, catalogue: &Catalogue) {
        C::list(source).extend(C::offered(catalogue).cloned());
    }
    list::<ToolEntry>(source, catalogue);
    list::<ResourceEntry>(source, catalogue);
    list::<PromptEntry>(source, catalogue);
    source
        .completions
        .extend(catalogue.completions.iter().cloned());
}

/// Lets copies keep what is theirs: their own middleware, and the lifespan
/// values of the server they came from.
fn bring_home<C: Component>(source: &mut Source, home: &Server) {
    for component in C::list(source) {
        let component = Arc::make_mut(component);
        let local = component.name().to_owned();
        let requirement = &mut component.access_mut().requirement;
        requirement.place(&local, |scope| match scope.is_empty() {
            true => Arc::clone(home.scope()),
            false => Arc::clone(scope),
        });
        let (levels, scope) = component.place();
        levels.retain(|level| level.own);
        let own = levels.iter_mut().map(|level| &mut level.scope);
        for scope in own.chain([scope]).filter(|scope| scope.is_empty()) {
            *scope = Arc::clone(home.scope());
        }
    }
}

fn bring_completion_home(completion: &mut CompletionEntry, home: &Server) {
    completion.levels.clear();
    if completion.scope.is_empty() {
        completion.scope = Arc::clone(home.scope());
    }
}
