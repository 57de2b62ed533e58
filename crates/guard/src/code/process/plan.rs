//! What the helper is asked to do for a run.

use std::path::Path;

use purlin_sandbox::{Bind, File, OutputFiles, Plan};

use super::interpreter::Interpreter;
use crate::code::backend::Job;
use crate::code::language::Kind;
use crate::code::{Language, Limits, MemoryRule};

/// How many descriptors a process may have open.
const OPEN_FILES: u64 = 128;

/// The plan of a run.
pub(super) fn plan(
    language: &Language,
    interpreter: &Interpreter,
    tier: purlin_sandbox::Tier,
    job: Job,
) -> Plan {
    let mut plan = Plan::new(tier, &interpreter.program);
    plan.args = arguments(language, &job);
    plan.environment = environment(language, interpreter);
    plan.stdin = job.input.into();
    let shown = interpreter.shown.iter();
    plan.read_only = shown.map(|it| Bind::new(&it.source, &it.target)).collect();
    plan.hidden.clone_from(&interpreter.hidden);
    plan.executable.clone_from(&interpreter.programs);
    let files = job.files.into_iter();
    plan.files = files.map(|(name, bytes)| File::new(name, bytes)).collect();
    plan.files.push(File::new(&language.source, job.source));
    plan.limits = limits(language.memory, &job.limits);
    plan
}

fn arguments(language: &Language, job: &Job) -> Vec<String> {
    let mut arguments = language.arguments.clone();
    if language.kind == Kind::Node {
        // The rest is for what is no heap of JavaScript: code, buffers, stacks.
        let heap = (job.limits.memory >> 20) * 3 / 4;
        arguments.push(format!("--max-old-space-size={}", heap.max(1)));
    }
    arguments.push(language.source.clone());
    arguments.extend(job.arguments.iter().cloned());
    arguments
}

fn environment(language: &Language, interpreter: &Interpreter) -> Vec<(String, String)> {
    let mut environment = vec![("LANG".to_owned(), "C.UTF-8".to_owned())];
    let mut directories: Vec<&Path> = Vec::new();
    for program in &interpreter.programs {
        let directory = program.parent().unwrap_or(Path::new("/"));
        if !directories.contains(&directory) {
            directories.push(directory);
        }
    }
    environment.push(("PATH".to_owned(), joined(&directories)));
    if let Some(variable) = &language.packages_variable
        && !interpreter.packages.is_empty()
    {
        environment.push((variable.clone(), joined(&interpreter.packages)));
    }
    for (name, value) in &language.environment {
        environment.retain(|(other, _)| other != name);
        environment.push((name.clone(), value.clone()));
    }
    environment
}

fn joined(paths: &[impl AsRef<Path>]) -> String {
    let texts = paths.iter().map(|path| path.as_ref().to_string_lossy());
    texts.collect::<Vec<_>>().join(":")
}

fn limits(rule: MemoryRule, limits: &Limits) -> purlin_sandbox::Limits {
    let mut within = purlin_sandbox::Limits::default();
    within.wall = limits.wall;
    within.cpu = limits.cpu;
    within.memory = limits.memory;
    within.address_space = match rule {
        MemoryRule::AddressSpace => Some(limits.memory),
        MemoryRule::Data => None,
    };
    within.processes = limits.processes.into();
    within.file = limits.file;
    within.work_bytes = limits.work;
    within.work_inodes = limits.work_files;
    within.open_files = OPEN_FILES;
    within.output_files = OutputFiles::new(limits.files as u64, limits.files_bytes);
    within
}
