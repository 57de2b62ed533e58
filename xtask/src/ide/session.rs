//! A session with a language server, on its standard input and output.

use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use serde_json::{Value, json};

use crate::failure::{Context, Failure, Result};

/// A language server and what is said to it.
#[derive(Debug)]
pub(crate) struct Session {
    child: Child,
    input: ChildStdin,
    output: BufReader<ChildStdout>,
    asked: u64,
}

/// A file that is open in the editor.
#[derive(Debug)]
pub(crate) struct Document {
    uri: String,
    text: String,
    version: u32,
}

impl Document {
    /// The place `offset` bytes into the first occurrence of `word`. All text
    /// before it on its line has to be ASCII.
    pub(crate) fn position(&self, word: &str, offset: usize) -> Result<Value> {
        let found = self.text.find(word);
        let missing = || Failure::new(format!("there is no `{word}` in {}", self.uri));
        let before = &self.text[..found.ok_or_else(missing)? + offset];
        let line = before.matches('\n').count();
        let column = before.len() - before.rfind('\n').map_or(0, |newline| newline + 1);
        Ok(json!({ "line": line, "character": column }))
    }

    /// The parameters of a question about all of it.
    pub(crate) fn params(&self) -> Value {
        json!({ "textDocument": { "uri": self.uri } })
    }
}

impl Session {
    /// Starts the server `program` for the workspace `root`.
    pub(crate) fn start(root: &Path, program: &PathBuf) -> Result<Self> {
        let mut child = Command::new(program)
            .current_dir(root)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .context("cannot start rust-analyzer")?;
        let pipes = child.stdin.take().zip(child.stdout.take());
        let (input, output) = pipes.ok_or_else(|| Failure::new("rust-analyzer has no pipes"))?;
        let mut this = Self {
            child,
            input,
            output: BufReader::new(output),
            asked: 0,
        };
        this.ask("initialize", &capabilities(root))?;
        this.tell("initialized", &json!({}))?;
        Ok(this)
    }

    /// Waits until the workspace is loaded, built and indexed.
    pub(crate) fn await_quiet(&mut self) -> Result<()> {
        loop {
            let message = self.receive()?;
            let params = &message["params"];
            if message["method"] != "experimental/serverStatus" || params["quiescent"] != true {
                continue;
            }
            if params["health"] == "ok" {
                return Ok(());
            }
            let words = params["message"].as_str().unwrap_or("it does not say why");
            return Err(Failure::new(format!("rust-analyzer cannot work: {words}"))
                .next("run `cargo check --workspace --all-targets` and read what it says"));
        }
    }

    /// Opens a file.
    pub(crate) fn open(&mut self, file: &Path) -> Result<Document> {
        let text =
            fs::read_to_string(file).context(format_args!("cannot read {}", file.display()))?;
        let uri = uri(file);
        let item = json!({ "uri": uri, "languageId": "rust", "version": 1, "text": text });
        self.tell("textDocument/didOpen", &json!({ "textDocument": item }))?;
        Ok(Document {
            uri,
            text,
            version: 1,
        })
    }

    /// Types something else into a file.
    pub(crate) fn change(&mut self, document: &mut Document, text: String) -> Result<()> {
        document.version += 1;
        document.text = text;
        let Document { uri, text, version } = &*document;
        let params = json!({
            "textDocument": { "uri": uri, "version": version },
            "contentChanges": [{ "text": text }],
        });
        self.tell("textDocument/didChange", &params)
    }

    /// Asks about a place in a file.
    pub(crate) fn ask_at(&mut self, method: &str, of: &Document, at: &Value) -> Result<Value> {
        let mut params = of.params();
        params["position"] = at.clone();
        self.ask(method, &params)
    }

    /// Asks, and waits for the answer.
    pub(crate) fn ask(&mut self, method: &str, params: &Value) -> Result<Value> {
        self.asked += 1;
        let id = self.asked;
        self.send(&json!({ "id": id, "method": method, "params": params }))?;
        loop {
            let mut message = self.receive()?;
            if message["id"] != id || !message["method"].is_null() {
                continue;
            }
            let error = &message["error"]["message"];
            if let Some(error) = error.as_str() {
                return Err(Failure::new(format!(
                    "rust-analyzer refused `{method}`: {error}"
                )));
            }
            return Ok(message["result"].take());
        }
    }

    fn tell(&mut self, method: &str, params: &Value) -> Result<()> {
        self.send(&json!({ "method": method, "params": params }))
    }

    fn send(&mut self, message: &Value) -> Result<()> {
        let mut message = message.clone();
        message["jsonrpc"] = "2.0".into();
        let body = message.to_string();
        write!(self.input, "Content-Length: {}\r\n\r\n{body}", body.len())
            .and_then(|()| self.input.flush())
            .context("cannot write to rust-analyzer")
    }

    /// The next message. What the server asks is answered with nothing.
    fn receive(&mut self) -> Result<Value> {
        let message = self.read()?;
        if !message["method"].is_null() && !message["id"].is_null() {
            self.send(&json!({ "id": message["id"], "result": null }))?;
        }
        Ok(message)
    }

    fn read(&mut self) -> Result<Value> {
        let mut length = 0;
        loop {
            let mut header = String::new();
            let read = self.output.read_line(&mut header);
            if read.context("cannot read from rust-analyzer")? == 0 {
                return Err(Failure::new("rust-analyzer ended early"));
            }
            if let Some(value) = header.trim().strip_prefix("Content-Length: ") {
                length = value.parse().context("rust-analyzer sent a bad header")?;
            }
            if header.trim().is_empty() {
                break;
            }
        }
        let mut body = vec![0; length];
        self.output
            .read_exact(&mut body)
            .context("cannot read from rust-analyzer")?;
        serde_json::from_slice(&body).context("rust-analyzer sent bad JSON")
    }

    /// Ends the server in good order.
    pub(crate) fn end(mut self) -> Result<()> {
        self.ask("shutdown", &Value::Null)?;
        self.tell("exit", &Value::Null)?;
        self.child.wait().context("cannot wait for rust-analyzer")?;
        Ok(())
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn uri(path: &Path) -> String {
    format!("file://{}", path.display())
}

fn capabilities(root: &Path) -> Value {
    json!({
        "processId": null,
        "rootUri": uri(root),
        "capabilities": {
            "experimental": { "serverStatusNotification": true },
            "textDocument": {
                "diagnostic": {},
                "hover": { "contentFormat": ["markdown"] },
            },
        },
        // The errors of the compiler are seen elsewhere.
        "initializationOptions": { "checkOnSave": false },
    })
}
