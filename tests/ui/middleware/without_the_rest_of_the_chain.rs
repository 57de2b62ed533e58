use purlin::prelude::*;

#[middleware]
async fn audit(call: ToolCall<'_>) -> purlin::Result<ToolResult> {
    drop(call);
    Ok(ToolResult::text("no"))
}

fn main() {}
