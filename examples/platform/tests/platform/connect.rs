//! What is printed about connecting.

use std::path::Path;

use platform::connect::instructions;
use serde_json::Value;

const URL: &str = "http://127.0.0.1:8123/mcp";

fn configurations(program: &str) -> Vec<Value> {
    let text = instructions(URL, Path::new(program));
    let lines = text.lines().map(str::trim);
    lines
        .filter(|line| line.starts_with('{'))
        .map(|line| serde_json::from_str(line).unwrap())
        .collect()
}

#[test]
fn every_client_is_told_how() {
    let text = instructions(URL, Path::new("/bin/platform"));
    for client in [
        "Claude Code",
        "Claude Desktop",
        "Cursor",
        "VS Code",
        "Windsurf",
        "Zed",
        "Gemini CLI",
        "Goose",
        "MCP Inspector",
    ] {
        assert!(
            text.lines().any(|line| line.starts_with(client)),
            "{client}"
        );
    }
    assert!(!text.contains("{url}") && !text.contains("{program}"));
    assert!(text.contains(&format!("claude mcp add --transport http platform {URL}")));
}

#[test]
fn what_goes_into_a_file_is_json_with_the_url_where_the_client_looks_for_it() {
    let configurations = configurations("/bin/platform");
    for (index, pointer) in [
        (1, "/mcpServers/platform/url"),
        (2, "/servers/platform/url"),
        (3, "/mcpServers/platform/serverUrl"),
        (4, "/context_servers/platform/url"),
        (5, "/mcpServers/platform/httpUrl"),
    ] {
        let url = configurations[index].pointer(pointer);
        assert_eq!(url, Some(&URL.into()), "{pointer}");
    }
}

#[test]
fn a_program_with_an_odd_path_is_quoted() {
    let program = r#"C:\my "own" tools\platform.exe"#;
    let configurations = configurations(program);
    let command = configurations[0].pointer("/mcpServers/platform/command");
    assert_eq!(command, Some(&program.into()));
}
