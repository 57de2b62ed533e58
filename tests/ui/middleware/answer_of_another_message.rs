use purlin::prelude::*;

#[middleware]
async fn audit(list: ToolList<'_>, next: Next<'_>) -> purlin::Result<ToolResult> {
    next.run(list).await?;
    Ok(ToolResult::text("no"))
}

fn main() {}
