#![deny(deprecated)]

use purlin::prelude::*;

#[middleware]
async fn audit(call: ToolCall<'_>, next: Next<'_>) -> Result<ToolResult> {
    println!("{}", call.name());
    next.run(call).await
}

fn main() {}
