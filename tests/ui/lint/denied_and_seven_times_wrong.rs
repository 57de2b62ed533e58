use purlin::prelude::*;

struct Shop;

#[mcp_server(deny(all))]
impl Shop {
    #[mcp_tool]
    async fn sell(&self, what: String) -> usize {
        let password = "hunter22";
        println!("{what}");
        std::thread::sleep(std::time::Duration::ZERO);
        std::thread::spawn(|| {});
        Box::leak(what.into_boxed_str()).len() + password.len()
    }

    #[mcp_prompt]
    fn bill(&self) -> &'static str {
        "Calculate the total."
    }
}

fn main() {}
