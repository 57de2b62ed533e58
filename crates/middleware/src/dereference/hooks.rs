//! What happens around the list of tools.

use std::sync::{MutexGuard, PoisonError};

use purlin_core::{
    BoxFuture, Result,
    middleware::{Hooks, Listing, Middleware, Next, ToolList},
    protocol::{Schema, Tool},
};

use super::{Dereference, Written, inline::inlined};

impl Middleware for Dereference {
    fn hooks(&self) -> Hooks {
        Hooks::TOOL_LIST
    }

    fn on_list_tools<'a>(
        &'a self,
        list: ToolList<'a>,
        next: Next<'a>,
    ) -> BoxFuture<'a, Result<Listing<Tool>>> {
        Box::pin(async move { Ok(self.written(next.run(list).await?)) })
    }
}

impl Dereference {
    fn written(&self, from: Listing<Tool>) -> Listing<Tool> {
        if let Some(last) = &*self.lock()
            && last.from.is(&from)
        {
            return last.to.clone();
        }
        // What nobody else keeps does not come again.
        let comes_again = from.is_shared();
        let mut to = from.clone();
        if from.iter().any(has_reference) {
            to.iter_mut().for_each(write_out_all);
        }
        if comes_again {
            let to = to.clone();
            let _last = self.lock().replace(Written { from, to });
        }
        to
    }

    fn lock(&self) -> MutexGuard<'_, Option<Written>> {
        self.last.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Most schemas have no reference and are not even decoded.
fn has_reference(tool: &Tool) -> bool {
    let mut schemas = std::iter::once(&tool.input_schema).chain(&tool.output_schema);
    schemas.any(refers)
}

fn refers(schema: &Schema) -> bool {
    schema.get().contains("\"$ref\"")
}

fn write_out_all(tool: &mut Tool) {
    write_out(&mut tool.input_schema);
    if let Some(schema) = &mut tool.output_schema {
        write_out(schema);
    }
}

fn write_out(schema: &mut Schema) {
    if !refers(schema) {
        return;
    }
    let written = schema.decode().ok().and_then(|schema| inlined(&schema));
    if let Some(written) = written {
        *schema = written.into();
    }
}
