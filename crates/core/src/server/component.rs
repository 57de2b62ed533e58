//! Adding and removing components while a server runs.

use std::{borrow::Cow, sync::Arc};

use super::{DynamicPrompt, DynamicResource, DynamicTool, Server, lock, refused};
use crate::{
    CompletionHandler, Result,
    protocol::{Reference, Tool},
    registry::{CompletionEntry, Component, PromptEntry, ResourceEntry, Source, ToolEntry},
};

impl Server {
    /// Adds a tool.
    ///
    /// # Errors
    /// [`ErrorKind::Configuration`](crate::ErrorKind::Configuration) when its
    /// name is taken or invalid.
    pub fn add_tool(&self, tool: DynamicTool) -> Result<()> {
        check_name(tool.entry.name())?;
        self.add(tool.entry)
    }

    /// Removes a tool of this server's own. False when there is none.
    pub fn remove_tool(&self, name: &str) -> bool {
        self.remove::<ToolEntry>(name)
    }

    /// Changes how a tool of this server's own is listed, where only its configuration knows: its
    /// description, the values that an argument may have. Its name stays, and so does how its
    /// arguments are read: what is listed more narrowly, the tool refuses by itself. False when
    /// there is none.
    ///
    /// ```
    /// # use purlin_core::{DynamicTool, Server, protocol::Tool, tool::ToolResult};
    /// # use serde_json::json;
    /// # let server = Server::builder("shop", "1.0.0");
    /// # let schema = json!({ "type": "object" }).into();
    /// # server.add_tool(DynamicTool::new(Tool::new("order", schema), |_cx, _| async {
    /// #     Ok(ToolResult::text(""))
    /// # }))?;
    /// let articles = ["apples", "pears"];
    /// server.edit_tool("order", |tool| {
    ///     tool.description = Some(format!("Orders {}.", articles.join(" or ")));
    /// });
    /// # Ok::<(), purlin_core::Error>(())
    /// ```
    pub fn edit_tool(&self, name: &str, edit: impl FnOnce(&mut Tool)) -> bool {
        let change = |source: &mut Source| {
            let own = source.tools.iter_mut().find(|own| own.name() == name)?;
            let tool = &mut Arc::make_mut(own).tool;
            edit(tool);
            name.clone_into(&mut tool.name);
            Some(())
        };
        let edited = self.edit(change, &[]).is_some();
        if edited {
            self.publish(&[ToolEntry::CHANGE]);
        }
        edited
    }

    /// Adds a resource or a resource template.
    ///
    /// # Errors
    /// [`ErrorKind::Configuration`](crate::ErrorKind::Configuration) when its
    /// URI is taken.
    pub fn add_resource(&self, resource: DynamicResource) -> Result<()> {
        self.add(resource.entry)
    }

    /// Removes a resource or template of this server's own by its URI or
    /// template. False when there is none.
    pub fn remove_resource(&self, uri: &str) -> bool {
        self.remove::<ResourceEntry>(uri)
    }

    /// Adds a prompt.
    ///
    /// # Errors
    /// [`ErrorKind::Configuration`](crate::ErrorKind::Configuration) when its
    /// name is taken or invalid.
    pub fn add_prompt(&self, prompt: DynamicPrompt) -> Result<()> {
        check_name(prompt.entry.name())?;
        self.add(prompt.entry)
    }

    /// Removes a prompt of this server's own. False when there is none.
    pub fn remove_prompt(&self, name: &str) -> bool {
        self.remove::<PromptEntry>(name)
    }

    /// Adds what completes an argument of a prompt, or a variable of a template; the latest one
    /// for the same argument counts.
    pub fn add_completion(
        &self,
        reference: &Reference,
        argument: impl Into<Cow<'static, str>>,
        handler: impl CompletionHandler,
    ) {
        let entry = CompletionEntry {
            target: reference.into(),
            argument: argument.into(),
            handler: Arc::new(handler),
            levels: Vec::new(),
            scope: Arc::default(),
        };
        self.edit(
            |source| {
                source.completions.retain(|known| {
                    known.target != entry.target || known.argument != entry.argument
                });
                source.completions.push(Arc::new(entry));
            },
            &[],
        );
    }

    fn add<C: Component>(&self, component: C) -> Result<()> {
        self.check_free(&component)?;
        self.edit(|source| source.add(component), &[C::CHANGE]);
        Ok(())
    }

    /// Refuses a component whose name is taken.
    pub(super) fn check_free<C: Component>(&self, component: &C) -> Result<()> {
        let (name, word) = (component.name(), C::WORD);
        if self.is_taken::<C>(name) {
            return Err(refused(format!(
                "the {word} `{name}` exists already: remove it first"
            )));
        }
        Ok(())
    }

    fn remove<C: Component>(&self, name: &str) -> bool {
        let removed = self.edit(
            |source| {
                let list = C::list(source);
                let index = list.iter().position(|own| own.name() == name)?;
                Some(list.remove(index))
            },
            &[],
        );
        if removed.is_some() {
            self.publish(&[C::CHANGE]);
        }
        removed.is_some()
    }

    /// Whether a name is taken, by a component of this server's own or by one
    /// that is mounted. The catalogue is worked out for the latter only.
    fn is_taken<C: Component>(&self, name: &str) -> bool {
        let has_mounts = {
            let mut source = lock(&self.0.source);
            if C::list(&mut source).iter().any(|own| own.name() == name) {
                return true;
            }
            !source.mounts.is_empty()
        };
        has_mounts && C::is_in(&self.catalogue(), name)
    }
}

fn check_name(name: &str) -> Result<()> {
    let fits = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.');
    if name.is_empty() || name.len() > 128 || !name.chars().all(fits) {
        return Err(refused(format!(
            "`{name}` cannot be a name: use 1 to 128 letters, digits, `_`, `-` and `.`"
        )));
    }
    Ok(())
}
