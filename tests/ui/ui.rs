//! What the compiler says to each mistake, letter by letter.
//!
//! A fixture is one mistake, `<attribute>/<mistake>.rs`, with the compiler's
//! words beside it in `<mistake>.stderr`. `cargo xtask bless` renews the words;
//! read them before committing: one error for the mistake, on the user's token,
//! naming the fix. What stands in `accepted/` compiles without a warning.

#[test]
fn right_servers_bring_no_warning() {
    trybuild::TestCases::new().pass("accepted/*.rs");
}

#[test]
fn mistakes_are_explained() {
    let cases = trybuild::TestCases::new();
    for attribute in [
        "arg",
        "derive_config",
        "derive_operations",
        "derive_tool_arg",
        "derive_tool_error",
        "derive_tool_output",
        "lint",
        "main",
        "mcp_completion",
        "mcp_prompt",
        "mcp_resource",
        "mcp_server",
        "mcp_tool",
        "middleware",
        "mount",
        "policy",
        "test",
    ] {
        cases.compile_fail(format!("{attribute}/*.rs"));
    }
}
