//! Runs plans through a helper, as a server does.

use std::io::{Read, Write};
use std::process::Stdio;

use purlin_sandbox::{Bind, Ended, Failure, Plan, Report, Tier};

/// What became of a run.
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
}

/// A plan for a program that reads the system's directories and runs what is there.
pub(crate) fn plan(program: &str, args: &[&str]) -> Plan {
    let mut plan = Plan::new(Tier::Strict, program);
    plan.args = args.iter().map(|text| (*text).to_owned()).collect();
    plan.read_only = vec![
        Bind::same("/usr"),
        Bind::same("/lib"),
        Bind::same("/lib64"),
        Bind::same("/bin"),
    ];
    plan.executable = vec!["/usr".into(), "/bin".into()];
    plan.environment = vec![("PATH".into(), "/usr/bin:/bin".into())];
    plan
}

pub(crate) fn run(plan: &Plan) -> Outcome {
    let (mut socket, stdin) = purlin_sandbox::socket().unwrap();
    let mut helper = purlin_sandbox::command()
        .stdin(stdin)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut stdout = helper.stdout.take().unwrap();
    let mut stderr = helper.stderr.take().unwrap();
    let errors = std::thread::spawn(move || {
        let mut bytes = Vec::new();
        stderr.read_to_end(&mut bytes).unwrap();
        bytes
    });
    let output = std::thread::spawn(move || {
        let mut bytes = Vec::new();
        stdout.read_to_end(&mut bytes).unwrap();
        bytes
    });
    socket.write_all(&plan.to_frame().unwrap()).unwrap();
    let ended = loop {
        match Report::read(&mut socket).unwrap() {
            Report::Started => {}
            Report::Ended(ended) => break Ok(ended),
            Report::Failed(failure) => break Err(failure),
            other => panic!("{other:?}"),
        }
    };
    assert!(helper.wait().unwrap().success());
    let text = |bytes: Vec<u8>| String::from_utf8_lossy(&bytes).into_owned();
    Outcome {
        ended,
        stdout: text(output.join().unwrap()),
        stderr: text(errors.join().unwrap()),
    }
}
