//! What happens around the list of tools.

use purlin_core::{
    BoxFuture, Result,
    middleware::{Hooks, Middleware, Next, ToolList},
    protocol::{Schema, Tool},
};

use super::{Dereference, inline::inlined};

impl Middleware for Dereference {
    fn hooks(&self) -> Hooks {
        Hooks::TOOL_LIST
    }

    fn on_list_tools<'a>(
        &'a self,
        list: ToolList<'a>,
        next: Next<'a>,
    ) -> BoxFuture<'a, Result<Vec<Tool>>> {
        Box::pin(async move {
            let mut tools = next.run(list).await?;
            for tool in &mut tools {
                write_out(&mut tool.input_schema);
                if let Some(schema) = &mut tool.output_schema {
                    write_out(schema);
                }
            }
            Ok(tools)
        })
    }
}

/// Most schemas have no reference and are not even decoded.
fn write_out(schema: &mut Schema) {
    if !schema.get().contains("\"$ref\"") {
        return;
    }
    let written = schema.decode().ok().and_then(|schema| inlined(&schema));
    if let Some(written) = written {
        *schema = written.into();
    }
}
