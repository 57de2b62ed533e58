//! The load on stdio: so many lines written at once, as many read back.

use std::io::{Read, Write};
use std::process::{ChildStdin, ChildStdout};

use crate::Error;
use crate::http::Until;
use crate::request::{self, Era, INITIALIZED, Operation, Template};
use crate::subject::{Running, Subject};

/// The pipes to one server, its handshake done.
#[derive(Debug)]
pub(crate) struct Load {
    input: ChildStdin,
    output: ChildStdout,
    template: Template,
    depth: usize,
    chunk: Vec<u8>,
    batch: Vec<u8>,
}

impl Load {
    /// Takes the pipes of `running`. The first call is checked.
    pub(crate) fn open(
        subject: Subject,
        running: &mut Running,
        era: Era,
        operation: Operation,
        depth: usize,
    ) -> Result<Self, Error> {
        let (input, output) = running.pipes()?;
        let template = request::line(operation, era)?;
        let mut load = Self {
            input,
            output,
            template,
            depth,
            chunk: vec![0; 256 * 1024],
            batch: Vec::new(),
        };
        if subject == Subject::EchoLines {
            return Ok(load);
        }
        if era == Era::Session {
            load.first(era)?;
            load.input
                .write_all(format!("{INITIALIZED}\n").as_bytes())?;
        }
        let request = load.template.next().to_vec();
        load.input.write_all(&request)?;
        let answer = load.line()?;
        if !answer.contains(operation.sign()) {
            return Err(format!("{}: a wrong answer: {answer}", subject.name()).into());
        }
        Ok(load)
    }

    /// The first message of an era, answered.
    pub(crate) fn first(&mut self, era: Era) -> Result<(), Error> {
        let first = request::first(era);
        self.input.write_all(format!("{first}\n").as_bytes())?;
        let answer = self.line()?;
        if answer.contains("\"result\"") {
            Ok(())
        } else {
            Err(answer.into())
        }
    }

    /// The pipes without a first call.
    pub(crate) fn unopened(running: &mut Running) -> Result<Self, Error> {
        let (input, output) = running.pipes()?;
        let template = request::line(Operation::Add, Era::Session)?;
        Ok(Self {
            input,
            output,
            template,
            depth: 1,
            chunk: vec![0; 64 * 1024],
            batch: Vec::new(),
        })
    }

    /// Calls with `depth` in flight: as many lines are written as answers have
    /// come. The number of answered calls.
    pub(crate) fn run(&mut self, until: Until) -> Result<usize, Error> {
        let (mut sent, mut answered) = (0, 0);
        let mut due = self.depth;
        loop {
            self.send(due)?;
            sent += due;
            due = self.receive()?;
            answered += due;
            if until.is_over(answered) {
                break;
            }
        }
        while answered < sent {
            answered += self.receive()?;
        }
        Ok(answered)
    }

    fn send(&mut self, lines: usize) -> Result<(), Error> {
        self.batch.clear();
        for _ in 0..lines {
            self.batch.extend_from_slice(self.template.next());
        }
        Ok(self.input.write_all(&self.batch)?)
    }

    fn receive(&mut self) -> Result<usize, Error> {
        let read = self.output.read(&mut self.chunk)?;
        if read == 0 {
            return Err("the server closed its output".into());
        }
        Ok(self.chunk[..read]
            .iter()
            .filter(|&&byte| byte == b'\n')
            .count())
    }

    fn line(&mut self) -> Result<String, Error> {
        let mut line = Vec::new();
        while !line.ends_with(b"\n") {
            let read = self.output.read(&mut self.chunk)?;
            if read == 0 {
                return Err("the server closed its output".into());
            }
            line.extend_from_slice(&self.chunk[..read]);
        }
        Ok(String::from_utf8_lossy(&line).into_owned())
    }
}
