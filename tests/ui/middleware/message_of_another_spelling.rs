use purlin::prelude::*;

#[middleware]
async fn audit(call: ToolCal<'_>, next: Next<'_>) -> purlin::Result<ToolResult> {
    next.run(call).await
}

fn main() {}
