//! `print(1)` in Python, as a process and in a box.

use std::error::Error;

use purlin_guard::CodeExecutor;
use purlin_guard::code::{Language, Run};
use tokio::process::Command;

use crate::{Done, Pair};

/// Named by its path: what `PATH` leads to may be a script that looks for the interpreter first.
const PYTHON: &str = "/usr/bin/python3";
const SOURCE: &str = "print(1)";

pub(crate) struct Running(CodeExecutor);

impl Running {
    pub(crate) async fn new() -> Result<Self, Box<dyn Error>> {
        let builder = CodeExecutor::builder().language(Language::python().program(PYTHON));
        Ok(Self(builder.build().await?))
    }
}

impl Pair for Running {
    fn name(&self) -> &'static str {
        "run-python"
    }

    fn times(&self) -> usize {
        5
    }

    async fn plain(&mut self) -> Done {
        let output = Command::new(PYTHON).args(["-I", "-c", SOURCE]).output();
        is_one(&output.await?.stdout)
    }

    async fn safe(&mut self) -> Done {
        is_one(
            self.0
                .run(Run::new("python", SOURCE))
                .await?
                .stdout()
                .bytes(),
        )
    }
}

fn is_one(printed: &[u8]) -> Done {
    match printed == b"1\n" {
        true => Ok(()),
        false => Err("it did not print what it was to print".into()),
    }
}
