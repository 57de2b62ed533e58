use purlin::prelude::*;

#[middleware]
fn audit(call: ToolCall<'_>, next: Next<'_>) -> purlin::Result<ToolResult> {
    drop((call, next));
    Ok(ToolResult::text("no"))
}

fn main() {}
