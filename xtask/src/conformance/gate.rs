//! The strict gate: nothing but success, except what a scenario cannot help.

use std::fmt;
use std::fs;
use std::path::Path;

use serde_json::Value;

use crate::failure::{Context, Result};

/// One scenario at one revision, with everything it checked.
#[derive(Debug)]
pub(super) struct Cell {
    pub(super) scenario: String,
    pub(super) checks: Vec<Check>,
}

/// One line of a `checks.json`.
#[derive(Clone, Debug)]
pub(super) struct Check {
    id: String,
    status: String,
    message: String,
}

impl Cell {
    /// Reads the text of a `checks.json`.
    fn parse(scenario: &str, text: &str) -> Result<Self> {
        let value: Value = serde_json::from_str(text)
            .context(format_args!("the results of `{scenario}` are not JSON"))?;
        let checks = value
            .as_array()
            .into_iter()
            .flatten()
            .map(Check::read)
            .collect();
        Ok(Self {
            scenario: scenario.to_owned(),
            checks,
        })
    }

    /// What stands between this cell and a pass.
    pub(super) fn objections(&self) -> Vec<Check> {
        if self.checks.is_empty() {
            return vec![Check::absent()];
        }
        self.checks
            .iter()
            .filter(|check| !check.is_accepted())
            .cloned()
            .collect()
    }
}

impl Check {
    fn read(value: &Value) -> Self {
        let text = |key: &str| value[key].as_str().unwrap_or_default().to_owned();
        let message = match value["errorMessage"].as_str() {
            Some(message) => message.to_owned(),
            None => text("description"),
        };
        Self {
            id: text("id"),
            status: text("status"),
            message,
        }
    }

    /// Stands for a scenario that checked nothing.
    fn absent() -> Self {
        Self {
            id: "no-checks".to_owned(),
            status: "ABSENT".to_owned(),
            message: "the scenario checked nothing".to_owned(),
        }
    }

    /// Success, or one of the few statuses that say nothing about the peer:
    /// traffic records, attempts that are counted, a scenario that always skips itself, streaming that is
    /// not due because the answer came as plain JSON, and the headers of a
    /// handshake that a stateless client must not make.
    fn is_accepted(&self) -> bool {
        let id = self.id.as_str();
        match self.status.as_str() {
            "SUCCESS" => true,
            "INFO" => {
                id.starts_with("incoming-")
                    || id.starts_with("outgoing-")
                    || matches!(
                        id,
                        "stream-closed"
                            | "server-info"
                            | "server-sse-streams-functional"
                            | "scope-retry-auth-attempt"
                    )
            }
            "SKIPPED" => id == "tasks-status-notifications" || self.misses_the_handshake(),
            _ => false,
        }
    }
}

impl Check {
    fn misses_the_handshake(&self) -> bool {
        let handshake = ["initialize", "notifications/initialized"]
            .map(|method| format!("Client did not send a {method} request;"));
        self.id == "sep-2243-client-includes-standard-headers"
            && handshake
                .iter()
                .any(|words| self.message.starts_with(words))
    }
}

impl fmt::Display for Check {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}: {}", self.status, self.id, self.message)
    }
}

/// Reads the results the suite left in `output`, ordered by scenario.
pub(super) fn read(output: &Path) -> Result<Vec<Cell>> {
    let entries = fs::read_dir(output).context(format_args!("cannot list {}", output.display()))?;
    let mut cells = Vec::new();
    for entry in entries.filter_map(std::result::Result::ok) {
        let file = entry.path().join("checks.json");
        if file.is_file() {
            let text = fs::read_to_string(&file)
                .context(format_args!("cannot read {}", file.display()))?;
            cells.push(Cell::parse(
                scenario(&entry.file_name().to_string_lossy()),
                &text,
            )?);
        }
    }
    cells.sort_by(|a, b| a.scenario.cmp(&b.scenario));
    Ok(cells)
}

/// The scenario of a result directory, `server-<scenario>-<ISO time>`.
fn scenario(directory: &str) -> &str {
    let name = directory.strip_prefix("server-").unwrap_or(directory);
    let time = name.char_indices().find(|&(at, _)| is_time(&name[at..]));
    time.map_or(name, |(at, _)| &name[..at])
}

/// Whether `text` begins with `-2026-11-21T`, whatever the digits.
fn is_time(text: &str) -> bool {
    let shape = b"-0000-00-00T";
    text.len() >= shape.len()
        && text
            .bytes()
            .zip(shape)
            .all(|(found, &wanted)| match wanted {
                b'0' => found.is_ascii_digit(),
                other => found == other,
            })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn objections(checks: &str) -> Vec<String> {
        let cell = Cell::parse("made", checks).unwrap();
        cell.objections().iter().map(ToString::to_string).collect()
    }

    #[test]
    fn success_passes() {
        let checks = r#"[{"id":"a","status":"SUCCESS"},{"id":"a","status":"SUCCESS"}]"#;
        assert!(objections(checks).is_empty());
    }

    #[test]
    fn failure_and_warning_are_held_against_the_server() {
        let checks = r#"[
            {"id":"a","status":"FAILURE","errorMessage":"wrong","description":"d"},
            {"id":"b","status":"WARNING","description":"should"}
        ]"#;
        assert_eq!(
            objections(checks),
            ["FAILURE a: wrong", "WARNING b: should"]
        );
    }

    #[test]
    fn skipped_and_info_are_held_against_the_server_too() {
        let checks = r#"[
            {"id":"a","status":"SKIPPED","description":"no list_changed"},
            {"id":"b","status":"INFO","description":"nothing seen"}
        ]"#;
        assert_eq!(objections(checks).len(), 2);
    }

    #[test]
    fn records_of_traffic_and_the_scenario_that_skips_itself_are_accepted() {
        let checks = r#"[
            {"id":"incoming-request","status":"INFO"},
            {"id":"outgoing-response","status":"INFO"},
            {"id":"stream-closed","status":"INFO"},
            {"id":"server-info","status":"INFO"},
            {"id":"server-sse-streams-functional","status":"INFO"},
            {"id":"tasks-status-notifications","status":"SKIPPED"}
        ]"#;
        assert!(objections(checks).is_empty());
    }

    #[test]
    fn only_the_headers_of_the_handshake_may_be_skipped() {
        let skipped = |method: &str| {
            let message = format!("Client did not send a {method} request; not exercised.");
            objections(&format!(
                r#"[{{"id":"sep-2243-client-includes-standard-headers","status":"SKIPPED","errorMessage":"{message}"}}]"#
            ))
        };
        assert!(skipped("initialize").is_empty());
        assert!(skipped("notifications/initialized").is_empty());
        assert_eq!(skipped("tools/list").len(), 1);
    }

    #[test]
    fn an_accepted_id_does_not_excuse_a_failure() {
        let checks = r#"[{"id":"server-info","status":"FAILURE","errorMessage":"no name"}]"#;
        assert_eq!(objections(checks), ["FAILURE server-info: no name"]);
    }

    #[test]
    fn a_scenario_that_checked_nothing_does_not_pass() {
        assert_eq!(
            objections("[]"),
            ["ABSENT no-checks: the scenario checked nothing"]
        );
    }

    #[test]
    fn results_that_are_not_json_are_an_error() {
        assert!(Cell::parse("made", "oops").is_err());
    }

    #[test]
    fn the_scenario_is_read_from_the_directory() {
        let directory = "server-tools-call-2020-12-schema-2026-11-21T13-20-01-123Z";
        assert_eq!(scenario(directory), "tools-call-2020-12-schema");
        assert_eq!(scenario("server-ping"), "ping");
    }
}
