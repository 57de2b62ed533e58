use purlin::prelude::*;

struct Weather;

#[mcp_server]
impl Weather {
    /// Does it.
    #[mcp_tool]
    async fn current(&self) {
        let shared = std::rc::Rc::new(1);
        std::future::ready(()).await;
        drop(shared);
    }
}

fn main() {}
