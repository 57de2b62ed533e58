use purlin::prelude::*;

#[middleware]
async fn audit(call: String, next: Next<'_>) -> purlin::Result<ToolResult> {
    drop((call, next));
    Ok(ToolResult::text("no"))
}

fn main() {}
