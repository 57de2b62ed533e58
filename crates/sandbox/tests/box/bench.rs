//! Runs plans through a helper, as a server does.

use std::io::{Read, Write};
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread::JoinHandle;

use purlin_sandbox::{Bind, Ended, Failure, File, Plan, Report, Tier};

/// Both tiers, for what holds in each.
pub(crate) const TIERS: [Tier; 2] = [Tier::Strict, Tier::Confined];

/// What became of a run.
#[derive(Debug)]
pub(crate) struct Outcome {
    pub(crate) ended: Result<Ended, Failure>,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Outcome {
    #[track_caller]
    pub(crate) fn ended(&self) -> &Ended {
        match &self.ended {
            Ok(ended) => ended,
            Err(failure) => panic!("{failure}"),
        }
    }

    /// The content of a file that was left.
    #[track_caller]
    pub(crate) fn file(&self, name: &str) -> &[u8] {
        let files = &self.ended().files;
        let file = files.iter().find(|file| file.name == name);
        &file
            .unwrap_or_else(|| panic!("no {name} in {files:?}"))
            .bytes
    }
}

/// A plan for a program that reads the system's directories and runs what is there.
#[track_caller]
pub(crate) fn plan(tier: Tier, program: &str, args: &[&str]) -> Plan {
    assert!(
        Path::new(program).exists(),
        "{program} is missing: run `sudo apt-get install -y python3 nodejs bash`"
    );
    let mut plan = Plan::new(tier, program);
    plan.args = args.iter().map(|text| (*text).to_owned()).collect();
    let system = ["/usr", "/lib", "/lib64", "/bin"].map(Path::new);
    let there = system.into_iter().filter(|path| path.exists());
    plan.read_only = there.map(Bind::same).collect();
    plan.executable = vec!["/usr/bin".into(), "/bin".into()];
    plan.environment = vec![("PATH".into(), "/usr/bin:/bin".into())];
    plan.scratch = Some(std::env::temp_dir());
    plan
}

pub(crate) fn shell(tier: Tier, script: &str) -> Plan {
    plan(tier, "/bin/sh", &["-c", script])
}

pub(crate) fn python(tier: Tier, script: &str) -> Plan {
    let mut plan = plan(tier, "/usr/bin/python3", &["-I", "main.py"]);
    plan.files = vec![File::new("main.py", script)];
    plan
}

/// A helper that was given its plan.
pub(crate) struct Helper {
    pub(crate) socket: UnixStream,
    pub(crate) process: Child,
    printed: Receiver<()>,
    stdout: JoinHandle<String>,
    stderr: JoinHandle<String>,
}

impl Helper {
    pub(crate) fn start(plan: &Plan) -> Self {
        Self::start_with(purlin_sandbox::command(), plan)
    }

    pub(crate) fn start_with(mut command: Command, plan: &Plan) -> Self {
        let (mut socket, stdin) = purlin_sandbox::socket().unwrap();
        let command = command
            .stdin(stdin)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        let mut process = command.spawn().unwrap();
        let (prints, printed) = channel();
        let stdout = reader(process.stdout.take().unwrap(), Some(prints));
        let stderr = reader(process.stderr.take().unwrap(), None);
        socket.write_all(&plan.to_frame().unwrap()).unwrap();
        Self {
            socket,
            process,
            printed,
            stdout,
            stderr,
        }
    }

    pub(crate) fn outcome(mut self) -> Outcome {
        let ended = loop {
            match Report::read(&mut self.socket).unwrap() {
                Report::Started => {}
                Report::Ended(ended) => break Ok(ended),
                Report::Failed(failure) => break Err(failure),
                other => panic!("{other:?}"),
            }
        };
        assert!(self.process.wait().unwrap().success());
        Outcome {
            ended,
            stdout: self.stdout.join().unwrap(),
            stderr: self.stderr.join().unwrap(),
        }
    }

    /// Waits until the payload prints something.
    pub(crate) fn await_print(&self) {
        self.printed.recv().unwrap();
    }

    /// Everything that the payload prints, when nobody has its output open any more.
    pub(crate) fn output(self) -> String {
        self.stdout.join().unwrap()
    }
}

/// Reads to the end; says so when something has come.
fn reader(mut pipe: impl Read + Send + 'static, comes: Option<Sender<()>>) -> JoinHandle<String> {
    std::thread::spawn(move || {
        let mut bytes = vec![0];
        let first = pipe.read(&mut bytes).unwrap();
        bytes.truncate(first);
        if let Some(comes) = comes {
            // Nobody waits for it in most tests.
            let _ = comes.send(());
        }
        pipe.read_to_end(&mut bytes).unwrap();
        String::from_utf8_lossy(&bytes).into_owned()
    })
}

pub(crate) fn run(plan: &Plan) -> Outcome {
    Helper::start(plan).outcome()
}
