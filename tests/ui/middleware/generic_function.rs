use purlin::prelude::*;

#[middleware]
async fn audit<T: Default>(call: ToolCall<'_>, next: Next<'_>) -> purlin::Result<ToolResult> {
    drop(T::default());
    next.run(call).await
}

fn main() {}
