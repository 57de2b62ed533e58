//! What is allowed by name is not warned of, in a crate that allows no warning.

#![forbid(unsafe_code)]
#![deny(warnings, missing_docs)]

use purlin::prelude::*;

/// Allows on each item.
#[derive(Debug)]
pub struct Shop;

#[mcp_server]
impl Shop {
    #[mcp_tool(allow(missing_description, stdout_pollution))]
    fn shout(&self) {
        println!("sold");
    }

    /// Takes a nap.
    #[mcp_tool(allow(blocking_in_async))]
    async fn nap(&self) {
        std::thread::sleep(std::time::Duration::ZERO);
    }

    /// Takes much.
    #[mcp_tool(allow(fat_tool))]
    #[allow(clippy::too_many_arguments, clippy::many_single_char_names)]
    fn much(&self, a: u8, b: u8, c: u8, d: u8, e: u8, f: u8, g: u8, h: u8, i: u8) -> bool {
        [a, b, c, d, e, f, g, h, i].contains(&0)
    }

    /// Two steps in the catalogue.
    #[mcp_resource("shop://catalogue", allow(hardcoded_secret))]
    fn catalogue(&self) -> usize {
        let password = "hunter22";
        password.len()
    }

    /// A bill.
    #[mcp_prompt(allow(model_does_the_work))]
    fn bill(&self, items: &str) -> String {
        format!("Calculate the total of {items}.")
    }

    #[mcp_completion(prompt = "bill", argument = "items", allow(stdout_pollution))]
    fn items(&self, typed: &str) -> Vec<String> {
        println!("{typed}");
        Vec::new()
    }
}

/// Allows for all of it.
#[mcp_server(allow(missing_description, state_leakage, missing_cleanup))]
pub mod counter {
    use std::sync::Mutex;

    static COUNT: Mutex<u32> = Mutex::new(0);

    #[mcp_tool]
    pub(crate) fn count() -> u32 {
        std::mem::forget(String::new());
        *COUNT.lock().expect("nobody panics with it")
    }
}

/// Denies all and has nothing to hear.
#[mcp_server(deny(all))]
pub mod quiet {
    /// Says nothing.
    #[mcp_tool]
    pub fn nothing() {
        eprintln!("nothing");
    }
}

/// Prints on purpose.
#[middleware(allow(stdout_pollution))]
pub async fn audit(call: ToolCall<'_>, next: Next<'_>) -> Result<ToolResult> {
    println!("{}", call.name());
    next.run(call).await
}

/// What the crate allows of deprecated things, it allows of the lints.
#[allow(deprecated)]
pub mod old {
    use purlin::prelude::*;

    /// A shop.
    #[derive(Debug)]
    pub struct Shop;

    #[mcp_server]
    impl Shop {
        #[mcp_tool]
        fn nothing(&self) {}
    }
}

fn main() {
    let _servers = (
        Shop.into_server(),
        counter::Server.into_server(),
        quiet::Server.into_server(),
        old::Shop.into_server(),
    );
}
