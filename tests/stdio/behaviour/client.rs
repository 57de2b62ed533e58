//! A client of lines: what it writes and reads is exactly what is on the pipe.

use std::{
    collections::{BTreeMap, HashMap},
    io::{BufRead, BufReader, Read, Write},
    process::{Child, ChildStdin, ChildStdout, Command, ExitStatus, Stdio},
    sync::mpsc::{self, Receiver, RecvTimeoutError, Sender, TryRecvError},
    thread,
    time::{Duration, Instant},
};

use rustix::process::{Pid, Signal, kill_process};
use serde_json::{Value, json};

/// When a test fails rather than hangs. No test takes a fraction of it.
const DEADLINE: Duration = Duration::from_secs(30);

/// A server in a process of its own.
///
/// Nothing it does can block the test: one thread writes to it, others read
/// what it says. Every line it says is checked for being JSON-RPC.
pub(crate) struct Naughty {
    pid: Pid,
    input: Option<Sender<Vec<u8>>>,
    unread: Option<ChildStdout>,
    output: Option<Receiver<Vec<u8>>>,
    /// Messages that were read while looking for another, in order.
    kept: BTreeMap<u64, (String, Value)>,
    /// Where the answers among them are, by id.
    kept_answers: HashMap<String, u64>,
    read: u64,
    errors: Receiver<String>,
    exit: Receiver<ExitStatus>,
    exited: Option<ExitStatus>,
    next_id: u64,
    era: Era,
}

/// In which era [`Naughty::call`] calls.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Era {
    Session,
    Modern,
}

impl Naughty {
    /// Starts the server and speaks to it without a session.
    pub(crate) fn modern() -> Self {
        let mut this = Self::silent();
        this.listen();
        this
    }

    /// Starts the server and opens a session of the newest revision that has
    /// one.
    pub(crate) fn session() -> Self {
        Self::session_of("2025-11-25")
    }

    /// Starts the server and opens a session.
    pub(crate) fn session_of(version: &str) -> Self {
        let mut this = Self::modern();
        this.initialize(version);
        this
    }

    /// Starts one in each era.
    pub(crate) fn both() -> [Self; 2] {
        [Self::session(), Self::modern()]
    }

    /// Starts the server and does not read what it says until
    /// [`listen`](Self::listen).
    pub(crate) fn silent() -> Self {
        let mut child = Command::new(env!("CARGO_BIN_EXE_naughty"))
            .env_remove("RUST_LOG")
            .env("RUST_BACKTRACE", "0")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the server starts");
        let stdin = child.stdin.take().unwrap();
        let stdout = child.stdout.take().unwrap();
        let stderr = child.stderr.take().unwrap();
        Self {
            pid: Pid::from_child(&child),
            input: Some(write_to(stdin)),
            unread: Some(stdout),
            output: None,
            kept: BTreeMap::new(),
            kept_answers: HashMap::new(),
            read: 0,
            errors: lines_of(stderr),
            exit: exit_of(child),
            exited: None,
            next_id: 1000,
            era: Era::Modern,
        }
    }

    /// Starts to read what the server says.
    pub(crate) fn listen(&mut self) {
        let stdout = self.unread.take().expect("nobody reads yet");
        let (sender, receiver) = mpsc::channel();
        thread::spawn(move || {
            let mut stdout = BufReader::new(stdout);
            loop {
                let mut line = Vec::new();
                match stdout.read_until(b'\n', &mut line) {
                    Ok(1..) if sender.send(line).is_ok() => {}
                    _ => break,
                }
            }
        });
        self.output = Some(receiver);
    }

    pub(crate) fn era(&self) -> Era {
        self.era
    }

    /// Writes bytes as they are.
    pub(crate) fn write(&self, bytes: impl Into<Vec<u8>>) {
        let input = self.input.as_ref().expect("the input is open");
        // A server that has ended is found out by reading.
        let _ = input.send(bytes.into());
    }

    /// Writes one line.
    pub(crate) fn line(&self, line: impl Into<Vec<u8>>) {
        let mut line = line.into();
        line.push(b'\n');
        self.write(line);
    }

    /// Writes one message.
    pub(crate) fn say(&self, message: &Value) {
        self.line(message.to_string());
    }

    /// Ends the input.
    pub(crate) fn hang_up(&mut self) {
        self.input = None;
    }

    /// Opens a session.
    pub(crate) fn initialize(&mut self, version: &str) -> Value {
        self.say(&initialize(0, version));
        let answer = self.answer(&json!(0));
        self.say(&json!({ "jsonrpc": "2.0", "method": "notifications/initialized" }));
        self.era = Era::Session;
        answer
    }

    /// The next line, as it is. `None` at the end of output.
    pub(crate) fn next_line(&mut self) -> Option<String> {
        match self.kept.keys().next().copied() {
            Some(first) => Some(self.take(first).0),
            None => self.read().map(|(line, _)| line),
        }
    }

    fn read(&mut self) -> Option<(String, Value)> {
        let output = self.output.as_ref().expect("somebody listens");
        match output.recv_timeout(DEADLINE) {
            Ok(line) => Some(checked(line)),
            Err(RecvTimeoutError::Disconnected) => None,
            Err(RecvTimeoutError::Timeout) => panic!("the server says nothing"),
        }
    }

    fn keep(&mut self, line: String, message: Value) {
        self.read += 1;
        if message.get("method").is_none() {
            self.kept_answers
                .insert(message["id"].to_string(), self.read);
        }
        self.kept.insert(self.read, (line, message));
    }

    fn take(&mut self, place: u64) -> (String, Value) {
        let (line, message) = self.kept.remove(&place).expect("it was kept");
        if message.get("method").is_none() {
            self.kept_answers.remove(&message["id"].to_string());
        }
        (line, message)
    }

    /// The next message.
    pub(crate) fn next(&mut self) -> Value {
        let line = self.next_line().expect("the server says something more");
        serde_json::from_str(&line).unwrap()
    }

    /// The next message that fits; others are kept.
    pub(crate) fn find(&mut self, fits: impl Fn(&Value) -> bool) -> Value {
        let kept = self.kept.iter().find(|(_, (_, message))| fits(message));
        if let Some(place) = kept.map(|(place, _)| *place) {
            return self.take(place).1;
        }
        self.read_until(fits)
    }

    fn read_until(&mut self, fits: impl Fn(&Value) -> bool) -> Value {
        loop {
            let (line, message) = self.read().expect("the server says something more");
            if fits(&message) {
                return message;
            }
            self.keep(line, message);
        }
    }

    /// The answer to a request; what comes before it is kept.
    pub(crate) fn answer(&mut self, id: &Value) -> Value {
        match self.kept_answers.get(&id.to_string()) {
            Some(place) => self.take(*place).1,
            None => self.read_until(|message| {
                message.get("id") == Some(id) && message.get("method").is_none()
            }),
        }
    }

    /// A notification of this method.
    pub(crate) fn notification(&mut self, method: &str) -> Value {
        self.find(|message| message["method"] == method)
    }

    /// Everything the server says until the end of its output.
    pub(crate) fn rest(&mut self) -> Vec<Value> {
        std::iter::from_fn(|| self.next_line())
            .map(|line| serde_json::from_str(&line).unwrap())
            .collect()
    }

    /// Sends a request in the era of this client, and gives its id.
    pub(crate) fn request(&mut self, method: &str, params: Value) -> Value {
        self.next_id += 1;
        let id = json!(self.next_id);
        self.say(&request(self.era, &id, method, params));
        id
    }

    /// Sends a request and waits for its answer.
    pub(crate) fn ask(&mut self, method: &str, params: Value) -> Value {
        let id = self.request(method, params);
        self.answer(&id)
    }

    /// Starts a call, and gives its id.
    pub(crate) fn start(&mut self, tool: &str, arguments: Value) -> Value {
        self.request(
            "tools/call",
            json!({ "name": tool, "arguments": arguments }),
        )
    }

    /// Calls a tool and waits for its answer.
    pub(crate) fn call(&mut self, tool: &str, arguments: Value) -> Value {
        let id = self.start(tool, arguments);
        self.answer(&id)
    }

    /// Calls a tool that succeeds, and gives the text of its result.
    pub(crate) fn text(&mut self, tool: &str, arguments: Value) -> String {
        let answer = self.call(tool, arguments);
        assert_ne!(answer["result"]["isError"], true, "{answer}");
        text_of(&answer)
    }

    /// Cancels a request.
    pub(crate) fn cancel(&self, id: &Value) {
        self.say(&json!({
            "jsonrpc": "2.0",
            "method": "notifications/cancelled",
            "params": { "requestId": id, "reason": "a test" },
        }));
    }

    /// Whether the server still calculates.
    pub(crate) fn assert_healthy(&mut self) {
        assert_eq!(self.text("add", json!({ "a": 2, "b": 40 })), "42");
    }

    /// Waits until something was written to standard error that holds a text.
    pub(crate) fn wait_for_error(&self, text: &str) {
        let end = Instant::now() + DEADLINE;
        loop {
            let left = end.saturating_duration_since(Instant::now());
            match self.errors.recv_timeout(left) {
                Ok(line) if line.contains(text) => return,
                Ok(_) => {}
                Err(error) => panic!("standard error never says {text:?}: {error}"),
            }
        }
    }

    /// Sends the signal to end.
    pub(crate) fn terminate(&self) {
        kill_process(self.pid, Signal::TERM).expect("the server runs");
    }

    /// Sends the signal to end as soon as the server serves.
    pub(crate) fn terminate_when_ready(&self) {
        self.wait_for_error("opened second");
        self.terminate();
    }

    /// Closes the output without having read it.
    pub(crate) fn stop_listening(&mut self) {
        self.unread = None;
    }

    /// Waits for the end of the process, which must be an orderly one.
    pub(crate) fn assert_ends_well(&mut self) {
        let status = self.wait();
        assert_eq!(status.code(), Some(0), "{status}");
    }

    pub(crate) fn wait(&mut self) -> ExitStatus {
        let status = self.exit.recv_timeout(DEADLINE).expect("the process ends");
        self.exited = Some(status);
        status
    }

    /// The memory of the server that is in use, in bytes.
    #[cfg(target_os = "linux")]
    pub(crate) fn memory(&self) -> u64 {
        let path = format!("/proc/{}/status", self.pid.as_raw_nonzero());
        let status = std::fs::read_to_string(path).expect("the server runs");
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
        let kibibytes = line.and_then(|line| {
            line.trim()
                .trim_end_matches("kB")
                .trim()
                .parse::<u64>()
                .ok()
        });
        kibibytes.expect("the kernel says how much") * 1024
    }
}

impl Drop for Naughty {
    fn drop(&mut self) {
        if self.exited.is_none() && matches!(self.exit.try_recv(), Err(TryRecvError::Empty)) {
            let _ = kill_process(self.pid, Signal::KILL);
        }
    }
}

fn write_to(mut stdin: ChildStdin) -> Sender<Vec<u8>> {
    let (sender, receiver) = mpsc::channel::<Vec<u8>>();
    thread::spawn(move || {
        for bytes in receiver {
            if stdin.write_all(&bytes).is_err() {
                break;
            }
        }
    });
    sender
}

fn lines_of(stream: impl Read + Send + 'static) -> Receiver<String> {
    let (sender, receiver) = mpsc::channel();
    thread::spawn(move || {
        let mut stream = BufReader::new(stream);
        loop {
            let mut line = Vec::new();
            match stream.read_until(b'\n', &mut line) {
                Ok(1..)
                    if sender
                        .send(String::from_utf8_lossy(&line).into_owned())
                        .is_ok() => {}
                _ => break,
            }
        }
    });
    receiver
}

fn exit_of(mut child: Child) -> Receiver<ExitStatus> {
    let (sender, receiver) = mpsc::channel();
    thread::spawn(move || {
        if let Ok(status) = child.wait() {
            let _ = sender.send(status);
        }
    });
    receiver
}

/// Refuses a line that is not JSON-RPC.
fn checked(line: Vec<u8>) -> (String, Value) {
    let line = String::from_utf8(line).expect("what the server says is UTF-8");
    let message: Value = serde_json::from_str(&line)
        .unwrap_or_else(|error| panic!("not a message: {error}: {line:?}"));
    assert!(line.ends_with('\n'), "cut off: {line:?}");
    let each = |message: &Value| {
        assert_eq!(message["jsonrpc"], "2.0", "{message}");
        let kinds = ["method", "result", "error"];
        let kinds = kinds.iter().filter(|kind| message.get(kind).is_some());
        assert_eq!(kinds.count(), 1, "{message}");
    };
    match &message {
        Value::Array(batch) => batch.iter().for_each(each),
        message => each(message),
    }
    (line, message)
}

/// The text of a result.
pub(crate) fn text_of(answer: &Value) -> String {
    let text = &answer["result"]["content"][0]["text"];
    text.as_str()
        .unwrap_or_else(|| panic!("no text in {answer}"))
        .to_owned()
}

/// The code of an error.
#[track_caller]
pub(crate) fn code_of(answer: &Value) -> i64 {
    let code = &answer["error"]["code"];
    code.as_i64()
        .unwrap_or_else(|| panic!("no error: {answer}"))
}

/// What every request of the stateless era carries.
pub(crate) fn meta() -> Value {
    json!({
        "io.modelcontextprotocol/protocolVersion": "2026-07-28",
        "io.modelcontextprotocol/clientCapabilities": {},
        "io.modelcontextprotocol/clientInfo": { "name": "tests", "version": "0" },
    })
}

/// A request of an era. What `params._meta` holds is kept.
pub(crate) fn request(era: Era, id: &Value, method: &str, mut params: Value) -> Value {
    if era == Era::Modern {
        let mut whole = meta();
        if let Some(own) = params["_meta"].as_object() {
            whole.as_object_mut().unwrap().extend(own.clone());
        }
        params["_meta"] = whole;
    }
    json!({ "jsonrpc": "2.0", "id": id, "method": method, "params": params })
}

pub(crate) fn initialize(id: u64, version: &str) -> Value {
    json!({
        "jsonrpc": "2.0",
        "id": id,
        "method": "initialize",
        "params": {
            "protocolVersion": version,
            "capabilities": { "elicitation": {} },
            "clientInfo": { "name": "tests", "version": "0" },
        },
    })
}
