use purlin::prelude::*;

#[middleware]
async fn audit(call: ToolCall<'_>, next: String) -> purlin::Result<ToolResult> {
    drop((call, next));
    Ok(ToolResult::text("no"))
}

fn main() {}
