//! Where components stand, and in which order middleware stands around them.

use std::sync::Mutex;

use purlin::Server;
use purlin::middleware::Complete;
use purlin::prelude::*;
use purlin::protocol::{Completion, Tool};
use purlin::testing::protocol::{CompleteParams, Reference};
use serde_json::json;

use crate::features::connect;

/// A server in three blocks, with functions that a macro writes.
struct Shop {
    name: &'static str,
}

macro_rules! multiples {
    ($($name:ident by $factor:literal),*) => {
        $(
            /// Multiplies.
            #[mcp_tool]
            fn $name(&self, n: i64) -> i64 {
                n * $factor
            }
        )*
    };
}

#[mcp_server(parts(orders), also(double, triple))]
impl Shop {
    multiples!(double by 2, triple by 3);

    /// What the shop is called.
    #[mcp_tool]
    fn name(&self) -> &'static str {
        self.name
    }
}

mod orders {
    use super::*;

    #[mcp_server(part = orders)]
    impl Shop {
        /// Takes an order.
        #[mcp_tool]
        fn order(&self, what: String) -> String {
            format!("{what} of {}", self.name)
        }
    }
}

#[mcp_server(part)]
impl Shop {
    /// In a block that nobody lists.
    #[mcp_tool]
    fn close(&self) {}
}

/// Adds, outside of any server.
#[mcp_tool]
fn add(a: i64, b: i64) -> i64 {
    a + b
}

/// Who is known.
#[mcp_resource("people://{name}")]
fn person(name: &str) -> String {
    format!("{name} is known.")
}

/// Greets.
#[mcp_prompt]
fn greet(name: &str) -> String {
    format!("Greet {name}.")
}

#[mcp_completion(prompt = "greet", argument = "name")]
fn known_names(typed: &str) -> Vec<String> {
    vec![format!("{typed}nn")]
}

/// A module with a function that a macro writes.
#[mcp_server(also(seven))]
mod numbers {
    use purlin::prelude::*;

    macro_rules! number {
        ($name:ident = $value:literal) => {
            /// A number.
            #[mcp_tool]
            pub(super) fn $name() -> u8 {
                $value
            }
        };
    }

    number!(seven = 7);
}

fn names(tools: &[Tool]) -> Vec<&str> {
    tools.iter().map(|tool| tool.name.as_str()).collect()
}

#[purlin::test(eras)]
async fn the_blocks_of_a_server_are_one_server() {
    let client = connect(Shop { name: "corner" }).await;
    let tools = client.list_tools().await.unwrap();
    assert_eq!(
        names(&tools),
        ["name", "close", "order", "double", "triple"]
    );
    let order: String = client.call("order", json!({"what": "tea"})).await.unwrap();
    assert_eq!(order, "tea of corner");
    let tripled: i64 = client.call("triple", json!({"n": 5})).await.unwrap();
    assert_eq!((tripled, Shop { name: "" }.triple(5)), (15, 15));
}

#[purlin::test(eras)]
async fn functions_are_added_one_by_one() {
    let server = Server::builder("calc", "1.0.0")
        .function::<person>()
        .function::<greet>()
        .function::<known_names>()
        .with("numbers", numbers::Server);
    let running = server.clone();
    let client = connect(server).await;
    running.add_function::<add>().unwrap();
    assert!(running.add_function::<add>().is_err());
    let sum: i64 = client.call("add", json!({"a": 1, "b": 2})).await.unwrap();
    assert_eq!((sum, add(1, 2)), (3, 3));
    let seven: u8 = client.call("numbers_seven", json!({})).await.unwrap();
    assert_eq!((seven, numbers::seven()), (7, 7));
    let contents = client.read("people://Ann").await.unwrap();
    assert_eq!(contents, "Ann is known.");
    let params = CompleteParams::new(Reference::prompt("greet"), "name", "A");
    assert_eq!(client.complete(params).await.unwrap().values, ["Ann"]);
    assert_eq!(
        (greet("Ann"), person("Ann")),
        ("Greet Ann.".into(), contents)
    );
}

#[purlin::test]
async fn a_function_whose_name_is_taken_is_refused_at_the_start() {
    let server = Server::builder("calc", "1.0.0")
        .function::<add>()
        .function::<add>();
    let error = server.start().await.unwrap_err();
    assert!(error.to_string().contains("the tool `add`"), "{error}");
}

static LINES: Mutex<Vec<&str>> = Mutex::new(Vec::new());

/// Writes down what passes.
struct Note(&'static str);

type Call<'a> = ToolCall<'a>;

#[middleware]
impl Note {
    async fn calls(&self, call: Call<'_>, next: Next<'_>) -> Result<ToolResult> {
        LINES.lock().unwrap().push(self.0);
        next.run(call).await
    }

    async fn reads(&self, read: ResourceRead<'_>, next: Next<'_>) -> Result<ResourceResult> {
        LINES.lock().unwrap().push(self.0);
        next.run(read).await
    }

    async fn gets(&self, get: PromptGet<'_>, next: Next<'_>) -> Result<PromptResult> {
        LINES.lock().unwrap().push(self.0);
        next.run(get).await
    }

    async fn completes(&self, complete: Complete<'_>, next: Next<'_>) -> Result<Completion> {
        LINES.lock().unwrap().push(self.0);
        next.run(complete).await
    }
}

#[mcp_server(middleware(Note("child"), Note("second of the child")))]
mod child {
    use super::Note;
    use purlin::prelude::*;

    /// Runs.
    #[mcp_tool(middleware(Note("tool"), Note("second of the tool")))]
    pub(super) fn run() {}

    /// Is read.
    #[mcp_resource("notes://all", middleware(Note("resource")))]
    pub(super) fn notes() -> String {
        String::new()
    }

    /// Is made.
    #[mcp_prompt(middleware(Note("prompt")))]
    pub(super) fn brief(about: &str) -> String {
        about.to_owned()
    }

    #[mcp_completion(prompt = "brief", argument = "about")]
    pub(super) fn topics(typed: &str) -> Vec<String> {
        vec![typed.to_owned()]
    }
}

#[mcp_server(middleware(Note("server"), Note("second of the server")))]
struct Parent {
    #[mount(prefix = "c", middleware(Note("mount"), Note("second of the mount")))]
    child: std::sync::Arc<child::Server>,
}

/// What was written down since it was last asked for.
fn lines() -> Vec<&'static str> {
    std::mem::take(&mut *LINES.lock().unwrap())
}

/// One test, since all that is written down goes into one place.
#[purlin::test]
async fn the_first_named_is_outermost_from_the_server_to_the_component() {
    const WAY: [&str; 6] = [
        "server",
        "second of the server",
        "mount",
        "second of the mount",
        "child",
        "second of the child",
    ];
    let with = |own: &[&'static str]| [&WAY[..], own].concat();
    let child = std::sync::Arc::default();
    let client = connect(Parent { child }).await;
    client.call::<()>("c_run", json!({})).await.unwrap();
    assert_eq!(lines(), with(&["tool", "second of the tool"]));
    client.read("notes://c/all").await.unwrap();
    assert_eq!(lines(), with(&["resource"]));
    client
        .get_prompt("c_brief", json!({"about": "tea"}))
        .await
        .unwrap();
    assert_eq!(lines(), with(&["prompt"]));
    let params = CompleteParams::new(Reference::prompt("c_brief"), "about", "t");
    client.complete(params).await.unwrap();
    assert_eq!(lines(), WAY);

    // A component takes its own along where that of its server stays behind.
    let copy = Server::builder("copy", "1.0.0");
    copy.import("i", &child::Server.into_server()).unwrap();
    let client = connect(copy).await;
    client.call::<()>("i_run", json!({})).await.unwrap();
    assert_eq!(lines(), ["tool", "second of the tool"]);
}
