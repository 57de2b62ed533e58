use purlin::prelude::*;

struct Audit;

#[middleware]
impl Audit {
    async fn first(&self, call: ToolCall<'_>, next: Next<'_>) -> purlin::Result<ToolResult> {
        next.run(call).await
    }

    async fn second(&self, call: ToolCall<'_>, next: Next<'_>) -> purlin::Result<ToolResult> {
        next.run(call).await
    }
}

fn main() {}
