//! The attributes and their options: how each is written and what it means.
//!
//! One row makes an option known to its attribute, suggests it to who misspells
//! it, and stands in the tables of the documentation, which `cargo xtask bless`
//! renews.

use super::{config, error, icon, key, middleware, policy, server};
use crate::parse::func::ARG;
use crate::parse::item::{MOUNT, Marker};

/// An attribute, or a list of options inside of one.
pub(crate) struct Attribute {
    pub(crate) name: &'static str,
    pub(crate) options: &'static [Row],
}

/// One option of an attribute.
#[cfg_attr(
    not(test),
    expect(dead_code, reason = "the test that writes the tables reads all of it")
)]
pub(crate) struct Row {
    pub(crate) key: &'static str,
    /// How it is written.
    pub(crate) form: &'static str,
    pub(crate) meaning: &'static str,
}

impl Attribute {
    /// What it is called in messages; a list inside of an attribute has no
    /// brackets of its own.
    pub(crate) fn spelled(&self) -> String {
        match self.name {
            name @ (icon::ICON | key::DEPRECATED) => format!("{name}(…)"),
            name @ ("main" | "test") => format!("#[purlin::{name}]"),
            name => format!("#[{name}]"),
        }
    }

    /// The keys of its options.
    pub(crate) fn keys(&self) -> impl Iterator<Item = &'static str> + Clone + use<> {
        self.options.iter().map(|row| row.key)
    }
}

const fn row(key: &'static str, form: &'static str, meaning: &'static str) -> Row {
    Row { key, form, meaning }
}

/// `#[mcp_server]` where it says who the server is.
pub(crate) const SERVER: Attribute = Attribute {
    name: server::ATTRIBUTE,
    options: &[
        row(
            key::NAME,
            r#"name = "…""#,
            "what the server is called; default: the type or module in kebab case",
        ),
        row(
            key::VERSION,
            r#"version = "…""#,
            "default: the version of your crate",
        ),
        TITLE,
        DESCRIPTION,
        row(
            key::INSTRUCTIONS,
            "instructions = …",
            "how a model should use the server; any `&'static str`, such as `include_str!(\"…\")`",
        ),
        row(
            key::WEBSITE,
            r#"website = "https://…""#,
            "where to read more",
        ),
        ICONS,
        row(
            key::MAX_TOOLS,
            "max_tools = 40",
            "refuses to compile with more tools than that, mounts included",
        ),
        row(
            key::LENIENT,
            "lenient",
            "every tool of its own takes `\"1\"` and `true` for 1, `\"true\"` for `true`, 1 for `\"1\"`",
        ),
        row(
            key::SETUP,
            "setup = Self::setup",
            "the function that finishes the server: it gets the server when it is made and gives it back",
        ),
        SCOPES,
        ROLES,
        POLICY,
        MIDDLEWARE_AROUND,
        row(
            key::PARTS,
            "parts(orders, billing)",
            "the further blocks of the server, each under `#[mcp_server(part = …)]` with its name",
        ),
        PART,
        ALSO,
        SERVER_ALLOW,
        DENY,
        CRATE,
    ],
};

/// `#[mcp_server]` on a further block of a server.
pub(crate) const SERVER_PART: Attribute = Attribute {
    name: server::ATTRIBUTE,
    options: &[PART, ALSO, SERVER_ALLOW, DENY, CRATE],
};

/// `#[mcp_tool]`.
pub(crate) const TOOL: Attribute = Attribute {
    name: Marker::Tool.name(),
    options: &[
        NAME,
        TITLE,
        DESCRIPTION,
        row(
            key::READ_ONLY,
            "read_only",
            "a hint for the client, as the next three, and as they also `= false`: it changes nothing",
        ),
        row(
            key::DESTRUCTIVE,
            "destructive",
            "it may delete or overwrite",
        ),
        row(
            key::IDEMPOTENT,
            "idempotent",
            "the same call again changes nothing more",
        ),
        row(
            key::OPEN_WORLD,
            "open_world",
            "it reaches things outside of the server, such as the web",
        ),
        VERSION,
        TAGS,
        TIMEOUT,
        RATE_LIMIT,
        SCOPES,
        ROLES,
        POLICY,
        BLOCKING,
        MIDDLEWARE_AROUND,
        ICONS,
        META,
        HIDDEN,
        DEPRECATED,
        row(
            key::TASK,
            r#"task = "optional""#,
            "whether it may run as a task: `forbidden`, `optional` or `required` (2025-11-25)",
        ),
        row(
            key::OUTPUT,
            r#"output = "Vec<City>""#,
            "the type of the result, where the function returns `ToolResult` or `Value`; a path needs no quotes",
        ),
        ALLOW,
        CRATE_ALONE,
    ],
};

/// `#[mcp_resource]`, behind its URI.
pub(crate) const RESOURCE: Attribute = Attribute {
    name: Marker::Resource.name(),
    options: &[
        NAME,
        TITLE,
        DESCRIPTION,
        row(
            key::MIME_TYPE,
            r#"mime_type = "text/plain""#,
            "in the list and on the contents",
        ),
        VERSION,
        TAGS,
        TIMEOUT,
        RATE_LIMIT,
        SCOPES,
        ROLES,
        POLICY,
        BLOCKING,
        MIDDLEWARE_AROUND,
        ICONS,
        row(
            key::AUDIENCE,
            r#"audience("user", "assistant")"#,
            "whom it is for",
        ),
        row(
            key::PRIORITY,
            "priority = 0.5",
            "how much it matters, from `0.0` to `1.0`",
        ),
        META,
        HIDDEN,
        DEPRECATED,
        ALLOW,
        CRATE_ALONE,
    ],
};

/// `#[mcp_prompt]`.
pub(crate) const PROMPT: Attribute = Attribute {
    name: Marker::Prompt.name(),
    options: &[
        NAME,
        TITLE,
        DESCRIPTION,
        VERSION,
        TAGS,
        TIMEOUT,
        RATE_LIMIT,
        SCOPES,
        ROLES,
        POLICY,
        BLOCKING,
        MIDDLEWARE_AROUND,
        ICONS,
        META,
        HIDDEN,
        DEPRECATED,
        ALLOW,
        CRATE_ALONE,
    ],
};

/// `#[mcp_completion]`.
pub(crate) const COMPLETION: Attribute = Attribute {
    name: Marker::Completion.name(),
    options: &[
        row(key::PROMPT, r#"prompt = "…""#, "the name of the prompt"),
        row(
            key::RESOURCE,
            r#"resource = "…""#,
            "or the template of the resource, as it was written",
        ),
        row(
            key::ARGUMENT,
            r#"argument = "…""#,
            "the argument or variable",
        ),
        BLOCKING,
        ALLOW,
        CRATE_ALONE,
    ],
};

/// What any marker takes besides, on a function outside of a server.
pub(crate) const ALONE: Attribute = Attribute {
    name: "…",
    options: &[CRATE_ALONE],
};

/// `#[arg]` on a parameter.
pub(crate) const PARAM: Attribute = Attribute {
    name: ARG,
    options: &[
        row(
            key::DEFAULT,
            "default = expression",
            "the argument need not be given; a text stands for whatever owns it",
        ),
        row(
            key::DESCRIPTION,
            r#"description = "…""#,
            "default: the doc comment on the parameter",
        ),
        row(
            key::RANGE,
            "range = 1..=10",
            "of a number; also `0..`, `..=1.5`, `0.0..1.0`",
        ),
        row(key::MIN, "min = 1", "of a number"),
        row(key::MAX, "max = 10", "of a number"),
        row(key::MULTIPLE_OF, "multiple_of = 5", "of a number"),
        row(
            key::MIN_LENGTH,
            "min_length = 1",
            "of a text, in characters",
        ),
        row(
            key::MAX_LENGTH,
            "max_length = 80",
            "of a text, in characters",
        ),
        row(
            key::PATTERN,
            r#"pattern = "^[a-z]+$""#,
            "a regular expression that a text must match somewhere, in what JavaScript and Rust agree on",
        ),
        row(
            key::FORMAT,
            r#"format = "date""#,
            "of a text; also `time`, `date-time`, `duration`, `email`, `hostname`, `ipv4`, `ipv6`, `uri`, `uri-reference`, `uuid` and their kin",
        ),
        row(key::MIN_ITEMS, "min_items = 1", "of a list"),
        row(key::MAX_ITEMS, "max_items = 8", "of a list"),
        row(key::UNIQUE, "unique", "no item of the list is there twice"),
        row(
            key::ONE_OF,
            r#"one_of("a", "b")"#,
            "the texts that are allowed",
        ),
        row(
            key::EXAMPLE,
            r#"example = "Paris""#,
            "a literal, or an array of them",
        ),
        row(
            key::NAME,
            r#"name = "…""#,
            "what a client calls it; default: the name of the parameter",
        ),
        row(
            key::ALIAS,
            r#"alias("town")"#,
            "further names that are understood and not listed",
        ),
        row(
            key::LENIENT,
            "lenient",
            "takes `\"1\"` and `true` for 1, `\"true\"` for `true`, 1 for `\"1\"`",
        ),
        row(
            key::SENSITIVE,
            "sensitive",
            "the value never shows in reports, logs and traces; `writeOnly` in the schema",
        ),
        row(
            key::HEADER,
            r#"header = "Region""#,
            "also sent as the HTTP header `Mcp-Param-Region`",
        ),
    ],
};

/// `#[arg]` on a type that derives `ToolArg` or `ToolOutput`.
pub(crate) const TYPE: Attribute = Attribute {
    name: ARG,
    options: &[
        row(
            key::RENAME_ALL,
            r#"rename_all = "camelCase""#,
            "how the names of fields or variants are written",
        ),
        DESCRIPTION,
        CRATE,
    ],
};

/// `#[arg]` on a variant of such a type.
pub(crate) const VARIANT: Attribute = Attribute {
    name: ARG,
    options: &[
        row(
            key::NAME,
            r#"name = "…""#,
            "what a client calls it; default: the name of the variant",
        ),
        DESCRIPTION,
    ],
};

/// `#[arg]` on an enum that derives `Operations`.
pub(crate) const OPERATIONS: Attribute = Attribute {
    name: ARG,
    options: &[
        row(
            key::TAG,
            r#"tag = "action""#,
            "the argument that names the operation; default: `operation`",
        ),
        DESCRIPTION,
        CRATE,
    ],
};

/// `#[arg]` on a variant of such an enum.
pub(crate) const OPERATION: Attribute = Attribute {
    name: ARG,
    options: &[
        row(
            key::NAME,
            r#"name = "…""#,
            "what a client calls it; default: the name of the variant in snake case",
        ),
        DESCRIPTION,
    ],
};

/// `#[tool_error]` on a variant.
pub(crate) const ERROR: Attribute = Attribute {
    name: error::ATTRIBUTE,
    options: &[CODE, RECOVERY, NOT_FOUND],
};

/// `#[tool_error]` on a struct.
pub(crate) const ERROR_STRUCT: Attribute = Attribute {
    name: error::ATTRIBUTE,
    options: &[CODE, RECOVERY, NOT_FOUND, STD_ERROR, CRATE],
};

/// `#[tool_error]` on an enum.
pub(crate) const ERRORS: Attribute = Attribute {
    name: error::ATTRIBUTE,
    options: &[STD_ERROR, CRATE],
};

/// `#[config]` on a field.
pub(crate) const SETTING: Attribute = Attribute {
    name: config::ATTRIBUTE,
    options: &[
        row(
            key::DEFAULT,
            "default = 20",
            "a literal, read as if it were written, such as `\"5s\"`; or an expression of the field's type",
        ),
        row(
            key::ENV,
            r#"env = "PORT""#,
            "a variable it is read from besides the one made of its place; several in parentheses",
        ),
        row(
            key::FLAG,
            r#"flag = "port""#,
            "a flag besides the one made of its place, without the dashes",
        ),
        row(key::RANGE, "range = 1..=200", "of a number; also `1..`"),
        row(
            key::SECRET,
            "secret",
            "its value shows nowhere; a field of type `Secret` needs no such word",
        ),
        row(
            key::VALIDATE,
            "validate = path",
            "a function from a borrow of the value to `Result<(), …>`, with what is wrong as the error",
        ),
        row(
            key::NAME,
            r#"name = "…""#,
            "what it is called in files; default: the name of the field",
        ),
        row(
            key::DESCRIPTION,
            "description = …",
            "what it is for; default: the doc comment",
        ),
    ],
};

/// `#[config]` on a struct.
pub(crate) const SETTINGS: Attribute = Attribute {
    name: config::ATTRIBUTE,
    options: &[
        row(
            key::VALIDATE,
            "validate = path",
            "a function that sees the whole; its error, an `Invalid`, says which settings are wrong",
        ),
        CRATE,
    ],
};

/// `#[config]` on an enum.
pub(crate) const SETTING_ENUM: Attribute = Attribute {
    name: config::ATTRIBUTE,
    options: &[CRATE],
};

/// `#[config]` on a variant.
pub(crate) const SETTING_VARIANT: Attribute = Attribute {
    name: config::ATTRIBUTE,
    options: &[row(
        key::NAME,
        r#"name = "…""#,
        "how it is written; default: the name of the variant in snake case",
    )],
};

const STD_ERROR: Row = row(
    key::STD_ERROR,
    "std_error",
    "the type implements `std::error::Error`",
);
const CODE: Row = row(
    key::CODE,
    r#"code = "sold_out""#,
    "one word for programs to compare",
);
const RECOVERY: Row = row(
    key::RECOVERY,
    r#"recovery("…", "…")"#,
    "what the caller can do about it, one step each",
);
const NOT_FOUND: Row = row(
    key::NOT_FOUND,
    "not_found",
    "as the error of a resource: there is nothing under its URI",
);

/// `#[mount]` on a field.
pub(crate) const MOUNTED: Attribute = Attribute {
    name: MOUNT,
    options: &[
        row(
            key::PREFIX,
            r#"prefix = "weather""#,
            "goes before the names of what is mounted; without it they are kept",
        ),
        SCOPES,
        ROLES,
        POLICY,
        MIDDLEWARE_AROUND,
    ],
};

/// `deprecated(…)` on a component.
pub(crate) const DEPRECATION: Attribute = Attribute {
    name: key::DEPRECATED,
    options: &[
        row(
            key::SINCE,
            r#"since = "1.2.0""#,
            "the version of the server from which on",
        ),
        row(
            key::REMOVE_IN,
            r#"remove_in = "2.0.0""#,
            "the version in which it will be gone; from then on it does not compile",
        ),
        row(key::NOTE, r#"note = "…""#, "what to do instead"),
    ],
};

/// `icon(…)` in a list of icons.
pub(crate) const ICON: Attribute = Attribute {
    name: icon::ICON,
    options: &[
        row(
            key::MIME_TYPE,
            r#"mime_type = "image/png""#,
            "what kind of image it is",
        ),
        row(
            key::SIZES,
            r#"sizes("48x48")"#,
            "its sizes in pixels, or `any`",
        ),
        row(
            key::THEME,
            r#"theme = "dark""#,
            "the background it is made for: `light` or `dark`",
        ),
    ],
};

/// `#[middleware]`.
pub(crate) const MIDDLEWARE: Attribute = Attribute {
    name: middleware::ATTRIBUTE,
    options: &[ALLOW, CRATE],
};

/// `#[policy]`.
pub(crate) const POLICY_FUNCTION: Attribute = Attribute {
    name: policy::ATTRIBUTE,
    options: &[ALLOW, CRATE],
};

/// `#[purlin::main]`.
pub(crate) const MAIN: Attribute = Attribute {
    name: "main",
    options: &[
        row(
            key::WORKER_THREADS,
            "worker_threads = 4",
            "default: one for each core",
        ),
        CRATE,
    ],
};

/// `#[purlin::test]`.
pub(crate) const TEST: Attribute = Attribute {
    name: "test",
    options: &[row(key::ERAS, "eras", "runs once in each era"), CRATE],
};

const NAME: Row = row(
    key::NAME,
    r#"name = "…""#,
    "default: the name of the function; at most 64 letters, digits, `_`, `-`, `.`",
);
const TITLE: Row = row(key::TITLE, r#"title = "…""#, "the name for people");
const DESCRIPTION: Row = row(
    key::DESCRIPTION,
    "description = …",
    "default: the doc comment",
);
const TAGS: Row = row(
    key::TAGS,
    r#"tags("a", "b")"#,
    "what middleware and filters go by",
);
const TIMEOUT: Row = row(
    key::TIMEOUT,
    r#"timeout = "5s""#,
    "`ms`, `s`, `m` or `h`; the call fails when it takes longer",
);
const VERSION: Row = row(
    key::VERSION,
    r#"version = "…""#,
    "its own version, shown in `_meta`",
);
const RATE_LIMIT: Row = row(
    key::RATE_LIMIT,
    r#"rate_limit = "10/minute""#,
    "for each caller; per `second`, `minute`, `hour` or `day`",
);
const SCOPES: Row = row(
    key::SCOPES,
    r#"scopes("orders:write")"#,
    "what a caller must have been granted, all of it",
);
const ROLES: Row = row(
    key::ROLES,
    r#"roles("clerk", "admin")"#,
    "of what a caller must be one; to all others it does not exist",
);
const POLICY: Row = row(
    key::POLICY,
    "policy(owns_order)",
    "what has to allow it besides: functions with `#[policy]`, or values that implement `Policy`",
);
const DEPRECATED: Row = row(
    key::DEPRECATED,
    r#"deprecated(since = "1.2.0", remove_in = "2.0.0", note = "use b")"#,
    "shown in the description and in `_meta`; refuses to compile from `remove_in` on",
);
const BLOCKING: Row = row(
    key::BLOCKING,
    "blocking",
    "runs on a thread where it holds up nobody",
);
const ICONS: Row = row(
    key::ICONS,
    r#"icons("https://…")"#,
    "to choose from; also `icon(\"…\", mime_type = \"image/png\", sizes(\"48x48\"), theme = \"dark\")`",
);
const META: Row = row(
    key::META,
    r##"meta = r#"{"team": "weather"}"#"##,
    "a JSON object for `_meta`",
);
const HIDDEN: Row = row(key::HIDDEN, "hidden", "is served, is not listed");
const ALLOW: Row = row(
    key::ALLOW,
    "allow(…)",
    "lints that are not to speak here, such as `stdout_pollution`",
);
const SERVER_ALLOW: Row = row(
    key::ALLOW,
    "allow(…)",
    "lints that are not to speak in this block, such as `god_server`",
);
const DENY: Row = row(
    key::DENY,
    "deny(…)",
    "lints that are to stop the compiler; `deny(all)` for every lint",
);
const PART: Row = row(
    key::PART,
    "part = orders",
    "this block adds to a server whose `#[mcp_server]` stands elsewhere and lists it; \
     `part` alone need not be listed, and there is one at most",
);
const ALSO: Row = row(
    key::ALSO,
    "also(double)",
    "functions that a macro writes inside the item, where the attribute cannot see them",
);
const MIDDLEWARE_AROUND: Row = row(
    key::MIDDLEWARE,
    "middleware(audit, Quota::new(5))",
    "what passes goes through these, the first of them outermost",
);
const CRATE_ALONE: Row = row(
    key::CRATE,
    "crate = path",
    "where the expansion finds Purlin, for a function outside of a server; default `::purlin`",
);
const CRATE: Row = row(
    key::CRATE,
    "crate = path",
    "where the expansion finds Purlin; default `::purlin`",
);
