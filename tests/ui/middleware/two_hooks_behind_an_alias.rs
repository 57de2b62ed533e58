use purlin::prelude::*;

type Call<'a> = ToolCall<'a>;

struct Audit;

#[middleware]
impl Audit {
    async fn first(&self, call: ToolCall<'_>, next: Next<'_>) -> purlin::Result<ToolResult> {
        next.run(call).await
    }

    async fn second(&self, call: Call<'_>, next: Next<'_>) -> purlin::Result<ToolResult> {
        next.run(call).await
    }
}

fn main() {}
