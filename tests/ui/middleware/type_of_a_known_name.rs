use purlin::prelude::{Next, ToolResult, middleware};

struct ToolCall<'a>(&'a str);

struct Audit;

#[middleware]
impl Audit {
    async fn call(&self, call: ToolCall<'_>, next: Next<'_>) -> purlin::Result<ToolResult> {
        drop((call.0, next));
        Ok(ToolResult::text("no"))
    }
}

fn main() {}
