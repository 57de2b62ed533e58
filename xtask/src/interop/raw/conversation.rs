//! One stdio server and the lines exchanged with it.

use std::io::{BufRead, BufReader, Write};
use std::process::{Child, ChildStdin, ExitStatus, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::thread;
use std::time::Instant;

use serde_json::Value;

use crate::failure::{Context, Result};
use crate::interop::cells::{Verdict, expect};
use crate::interop::example::Example;
use crate::process::{terminate, wait_until};

use super::LIMIT;

/// A started server; killed when dropped.
#[derive(Debug)]
pub(super) struct Conversation {
    child: Child,
    input: Option<ChildStdin>,
    lines: Receiver<String>,
    heard: Vec<String>,
}

impl Conversation {
    /// Starts `example` on stdio.
    pub(super) fn start(example: &Example) -> Result<Self> {
        let mut child = example
            .stdio_command()
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .context(format_args!("cannot start {}", example.name))?;
        let input = child.stdin.take();
        let (send, lines) = channel();
        if let Some(output) = child.stdout.take() {
            thread::spawn(move || {
                for line in BufReader::new(output)
                    .split(b'\n')
                    .map_while(std::io::Result::ok)
                {
                    if send
                        .send(String::from_utf8_lossy(&line).into_owned())
                        .is_err()
                    {
                        break;
                    }
                }
            });
        }
        Ok(Self {
            child,
            input,
            lines,
            heard: Vec::new(),
        })
    }

    /// Writes `text` and reads up to the response; `answer` must be in one of
    /// the lines read, the response included.
    pub(super) fn say(&mut self, text: &str, answer: &str) -> Verdict {
        let input = self.input.as_mut().ok_or("the input is closed")?;
        writeln!(input, "{text}").map_err(|error| format!("cannot write: {error}"))?;
        let deadline = Instant::now() + LIMIT;
        let mut found = false;
        loop {
            let left = deadline.saturating_duration_since(Instant::now());
            let line = self
                .lines
                .recv_timeout(left)
                .map_err(|_| "no response".to_owned())?;
            found |= line.contains(answer);
            let is_response = !line.contains("\"method\"");
            self.heard.push(line);
            if is_response {
                let last = self.heard.last().cloned().unwrap_or_default();
                return expect(found, || format!("no `{answer}` before or in {last}"));
            }
        }
    }

    /// Whether everything heard so far was JSON-RPC, a message a line.
    pub(super) fn purity(&mut self) -> Verdict {
        self.heard.extend(self.lines.try_iter());
        match self.heard.iter().find(|line| !is_message(line)) {
            Some(line) => Err(format!("`{line}` is not a JSON-RPC message")),
            None => Ok(()),
        }
    }

    /// Closes its input; the exit status, or `None` if it goes on running.
    pub(super) fn close(mut self) -> Result<Option<ExitStatus>> {
        self.input = None;
        wait_until(&mut self.child, Instant::now() + LIMIT)
    }

    /// Sends SIGTERM once the server answers; likewise.
    pub(super) fn terminate(mut self) -> Result<Option<ExitStatus>> {
        // A process that has not come up yet has no handler to catch the signal.
        let _ = self.say(super::LEGACY[0].1, "");
        terminate(&self.child)?;
        wait_until(&mut self.child, Instant::now() + LIMIT)
    }
}

impl Drop for Conversation {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Whether a line is a request, a notification or a response.
fn is_message(line: &str) -> bool {
    let Ok(Value::Object(message)) = serde_json::from_str(line) else {
        return false;
    };
    let has = |key: &str| message.contains_key(key);
    let is_response = has("result") != has("error");
    message
        .get("jsonrpc")
        .is_some_and(|version| version == "2.0")
        && (has("method") != is_response)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_are_told_from_other_lines() {
        assert!(is_message(r#"{"jsonrpc":"2.0","id":1,"result":{}}"#));
        assert!(is_message(
            r#"{"jsonrpc":"2.0","method":"notifications/x"}"#
        ));
        assert!(!is_message("listening on stdio"));
        assert!(!is_message(""));
        assert!(!is_message(r#"{"jsonrpc":"2.0","id":1}"#));
        assert!(!is_message(r#"{"level":"info"}"#));
    }
}
