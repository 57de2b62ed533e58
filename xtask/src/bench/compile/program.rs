//! The server that is compiled: the same 200 tools, written for each SDK as its
//! documentation says.

use std::fmt::Write;

/// What the server is written with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Sdk {
    Purlin,
    Rmcp,
}

/// The server as it should be, or with a change in the tool in the middle.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Variant {
    /// Another number in the body.
    Edited(u32),
    /// None of the others.
    FirstTool,
    BadParameter,
    BadReturn,
}

impl Variant {
    fn tools(self) -> usize {
        match self {
            Self::FirstTool => 1,
            _ => TOOLS,
        }
    }
}

const TOOLS: usize = 200;
/// The tool that is changed.
const CHANGED: usize = TOOLS / 2;

/// What parameters are called, what they mean, and their types.
const PARAMS: [(&str, &str, &str); 9] = [
    ("query", "What to look for.", "String"),
    ("limit", "How many to give back at most.", "u32"),
    ("cursor", "Where the last call ended.", "Option<String>"),
    ("exact", "Whether case and accents count.", "bool"),
    (
        "threshold",
        "How good a match has to be, from 0 to 1.",
        "f64",
    ),
    ("tags", "The tags that all results have.", "Vec<String>"),
    ("since", "The first day, in seconds since 1970.", "i64"),
    ("depth", "How far references are followed.", "Option<u8>"),
    ("order", "Which results come first.", "Order"),
];

const TYPES: &str = r#"
/// The order of results.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
enum Order {
    Newest,
    Best,
}

/// What was found.
#[derive(Serialize, JsonSchema)]
struct Found {
    /// How many there are.
    count: usize,
    /// What was asked for.
    asked: String,
}

#[derive(Debug)]
struct Opaque;

struct Server;
"#;

impl Sdk {
    /// What the scratch package and its binary are called.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Purlin => "purlin-200",
            Self::Rmcp => "rmcp-200",
        }
    }

    /// The dependencies a server on stdio needs.
    pub(crate) fn dependencies(self) -> String {
        match self {
            Self::Purlin => {
                let root = crate::cmd::root();
                let path = root.join("crates/purlin");
                format!("purlin = {{ path = {path:?}, default-features = false }}\n")
            }
            Self::Rmcp => "rmcp = { version = \"=3.9.0\", features = [\"server\", \"macros\", \
                           \"transport-io\"] }\ntokio = { version = \"1\", features = \
                           [\"rt-multi-thread\", \"macros\"] }\n"
                .to_owned(),
        }
    }

    /// The whole program.
    pub(crate) fn source(self, variant: Variant) -> String {
        let (head, open, close) = match self {
            Self::Purlin => (
                PURLIN_HEAD,
                "#[mcp_server(allow(god_server))]\nimpl Server {\n",
                PURLIN_TAIL,
            ),
            Self::Rmcp => (RMCP_HEAD, "#[tool_router]\nimpl Server {\n", RMCP_TAIL),
        };
        let tools: Vec<Tool> = (0..variant.tools())
            .map(|number| Tool::new(number, variant))
            .collect();
        let mut source = format!("{head}{TYPES}");
        if self == Self::Rmcp {
            source.extend(tools.iter().map(Tool::struct_of_arguments));
        }
        source += open;
        source.extend(tools.iter().map(|tool| match self {
            Self::Purlin => tool.for_purlin(),
            Self::Rmcp => tool.for_rmcp(),
        }));
        source + close
    }
}

const PURLIN_HEAD: &str = "\
use purlin::prelude::*;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
";

const PURLIN_TAIL: &str = "\
}

#[purlin::main]
async fn main() -> Result<()> {
    Server.into_server().serve().await
}
";

const RMCP_HEAD: &str = "\
use rmcp::handler::server::wrapper::Parameters;
use rmcp::{Json, ServerHandler, ServiceExt, tool, tool_handler, tool_router};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
";

const RMCP_TAIL: &str = "\
}

#[tool_handler]
impl ServerHandler for Server {}

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let running = Server.serve(rmcp::transport::stdio()).await?;
    running.waiting().await?;
    Ok(())
}
";

/// One tool, before it is written for an SDK.
struct Tool {
    number: usize,
    params: [(&'static str, &'static str, &'static str); 4],
    is_async: bool,
    result: &'static str,
    body: String,
}

impl Tool {
    fn new(number: usize, variant: Variant) -> Self {
        let mut params = std::array::from_fn(|index| PARAMS[(number + 2 * index) % PARAMS.len()]);
        let names = params.map(|(name, ..)| name).join(", ");
        let mut edit = 0;
        let mut result = if number.is_multiple_of(10) {
            "Json<Found>"
        } else {
            "String"
        };
        if number == CHANGED {
            match variant {
                Variant::Edited(round) => edit = round,
                Variant::FirstTool => {}
                Variant::BadParameter => params[1].2 = "Opaque",
                Variant::BadReturn => result = "Opaque",
            }
        }
        let asked = format!("format!(\"{edit}: {{:?}}\", ({names}))");
        let body = match result {
            "Opaque" => "Opaque".to_owned(),
            "String" => asked,
            _ => format!("Json(Found {{ count: {number}, asked: {asked} }})"),
        };
        Self {
            number,
            params,
            is_async: number.is_multiple_of(2),
            result,
            body,
        }
    }

    fn for_purlin(&self) -> String {
        let mut params = String::new();
        for (name, meaning, ty) in self.params {
            let _ = writeln!(params, "        /// {meaning}\n        {name}: {ty},");
        }
        format!(
            "{docs}    #[mcp_tool(read_only)]\n    {head}(\n        &self,\n{params}    ) -> {result} {{\n        {body}\n    }}\n\n",
            docs = self.docs(),
            head = self.head(),
            result = self.result,
            body = self.body,
        )
    }

    fn struct_of_arguments(&self) -> String {
        let mut fields = String::new();
        for (name, meaning, ty) in self.params {
            let _ = writeln!(fields, "    /// {meaning}\n    {name}: {ty},");
        }
        let number = self.number;
        format!("\n#[derive(Deserialize, JsonSchema)]\nstruct Arguments{number} {{\n{fields}}}\n\n")
    }

    fn for_rmcp(&self) -> String {
        let number = self.number;
        let names = self.params.map(|(name, ..)| name).join(", ");
        format!(
            "{docs}    #[tool(annotations(read_only_hint = true))]\n    {head}(\n        &self,\n        Parameters(Arguments{number} {{ {names} }}): Parameters<Arguments{number}>,\n    ) -> {result} {{\n        {body}\n    }}\n\n",
            docs = self.docs(),
            head = self.head(),
            result = self.result,
            body = self.body,
        )
    }

    fn docs(&self) -> String {
        let number = self.number;
        format!(
            "    /// Searches index {number}.\n    ///\n    /// Results come in pages; ask again with the cursor for more.\n"
        )
    }

    fn head(&self) -> String {
        let word = if self.is_async { "async " } else { "" };
        format!("{word}fn search_{}", self.number)
    }
}
