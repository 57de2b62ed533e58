//! `cargo xtask fuzz`: looks for input that breaks the invariants of `tests/invariants`.
//!
//! libFuzzer does the looking, in the programs of `tests/fuzz`. It is guided by coverage, which
//! needs no nightly compiler: what LLVM counts, its plain flags turn on ([`INSTRUMENTATION`]). Only
//! the sanitizers would, and in code without `unsafe` they have little to find.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use clap::Args;

use crate::cmd;
use crate::failure::{Context, Failure, Result};
use crate::system;

/// What makes every branch and every comparison of integers visible to libFuzzer.
const INSTRUMENTATION: [&str; 8] = [
    "-Cpasses=sancov-module",
    "-Cllvm-args=-sanitizer-coverage-level=4",
    "-Cllvm-args=-sanitizer-coverage-inline-8bit-counters",
    "-Cllvm-args=-sanitizer-coverage-pc-table",
    "-Cllvm-args=-sanitizer-coverage-trace-compares",
    "-Ccodegen-units=1",
    "--cfg",
    "fuzzing",
];
/// The targets that `cargo xtask ci` runs: they need nothing but purlin-guard. To build the others
/// with instrumentation takes longer than all other steps.
const GUARD: [&str; 2] = ["url_guard", "path_resolver"];
/// For how long it runs each, in seconds.
const MINUTE: u64 = 60;
/// A program with a mistake in it, which must be found: it shows that the instrumentation works.
const PLANTED: &str = "planted";
/// For how long the planted mistake is looked for. It takes a second.
const PATIENCE: u64 = 60;
/// No input takes longer, and none needs more memory.
const SLOWEST: &str = "-timeout=10";
const LARGEST: &str = "-rss_limit_mb=2048";

#[derive(Debug, Args)]
pub(crate) struct Options {
    /// Which targets; without any, all of them.
    targets: Vec<String>,
    /// For how long, each.
    #[arg(long, default_value_t = 60)]
    seconds: u64,
    /// Passes this one file to the target instead.
    #[arg(long, conflicts_with = "seconds")]
    input: Option<PathBuf>,
}

/// The command itself.
pub(crate) fn run(options: &Options) -> Result<()> {
    let targets = chosen(&options.targets)?;
    let programs = Programs::build(&targets, &[])?;
    if let Some(input) = &options.input {
        return targets.iter().try_for_each(|it| programs.pass(it, input));
    }
    let targets = targets.iter().map(|it| (it.as_str(), options.seconds));
    programs.all(targets)
}

/// What `cargo xtask ci` runs: the targets of the guard, and a look at whether any mistake would be
/// found.
pub(crate) fn ci() -> Result<()> {
    let programs = GUARD.into_iter().chain([PLANTED]).map(str::to_owned);
    let programs = Programs::build(&programs.collect::<Vec<_>>(), &["--no-default-features"])?;
    programs.finds_the_planted_mistake()?;
    programs.all(GUARD.into_iter().map(|target| (target, MINUTE)))
}

/// The targets: each has a program.
fn targets() -> Result<Vec<String>> {
    let dir = cmd::root().join("tests/fuzz/src/bin");
    let entries = fs::read_dir(&dir).context(format_args!("cannot read {}", dir.display()))?;
    let stem = |entry: fs::DirEntry| Some(entry.path().file_stem()?.to_str()?.to_owned());
    let mut targets: Vec<_> = entries.flatten().filter_map(stem).collect();
    targets.retain(|it| it != PLANTED);
    targets.sort();
    Ok(targets)
}

fn chosen(asked: &[String]) -> Result<Vec<String>> {
    let targets = targets()?;
    if asked.is_empty() {
        return Ok(targets);
    }
    match asked.iter().find(|it| !targets.contains(it)) {
        None => Ok(asked.to_vec()),
        Some(unknown) => Err(Failure::new(format!("there is no target `{unknown}`"))
            .next(format!("take one of {}", targets.join(", ")))),
    }
}

/// The instrumented programs.
struct Programs {
    dir: PathBuf,
}

impl Programs {
    fn build(targets: &[String], features: &[&str]) -> Result<Self> {
        system::need("c++", "g++")?;
        let host = host()?;
        let target = cmd::target().join("fuzz");
        // Naming the host keeps the flags away from build scripts and macros.
        let mut build = cmd::cargo(["build", "--release", "--target", &host]);
        build
            .args(targets.iter().map(|it| format!("--bin={it}")))
            .args(features)
            .current_dir(cmd::root().join("tests/fuzz"))
            .env("CARGO_TARGET_DIR", &target)
            .env("CARGO_ENCODED_RUSTFLAGS", INSTRUMENTATION.join("\x1f"));
        cmd::run(&mut build)?;
        let dir = target.join(host).join("release");
        Ok(Self { dir })
    }

    /// Runs several targets. One that fails does not keep the others from running.
    fn all<'a>(&self, targets: impl Iterator<Item = (&'a str, u64)>) -> Result<()> {
        let mut failed = Vec::new();
        for (target, seconds) in targets {
            if let Err(failure) = self.look(target, seconds) {
                println!("{failure}");
                failed.push(target);
            }
        }
        match failed[..] {
            [] => Ok(()),
            _ => Err(
                Failure::new(format!("does not hold: {}", failed.join(", ")))
                    .next("read above what was found, and how to see it again"),
            ),
        }
    }

    /// Looks for input that breaks a target, which then lies among its seeds.
    fn look(&self, target: &str, seconds: u64) -> Result<()> {
        cmd::step(&format!("fuzz {target} for {seconds} s"));
        let seeds = seeds(target);
        let found = seeds.join("found-");
        let mut program = self.program(target, seconds, &found)?;
        let words = dictionary(target);
        if words.is_file() {
            program.arg(format!("-dict={}", words.display()));
        }
        let said = run_to_the_end(program.arg(&seeds), target, seconds)?;
        let said = Said::read(&said);
        println!("{}", said.summary(target)?);
        match said.found(&found) {
            None if said.ended => Ok(()),
            found => Err(broken(target, found, &said.rest)),
        }
    }

    /// A program that keeps what it learns, from one run to the next.
    fn program(&self, target: &str, seconds: u64, found: &Path) -> Result<Command> {
        let learnt = cmd::target().join("fuzz/corpus").join(target);
        fs::create_dir_all(&learnt).context(format_args!("cannot make {}", learnt.display()))?;
        let mut program = Command::new(self.dir.join(target));
        program
            .args([SLOWEST, LARGEST])
            .arg(format!("-max_total_time={seconds}"))
            .arg(format!("-artifact_prefix={}", found.display()))
            .arg(learnt);
        Ok(program)
    }

    /// Passes one input to a target, on this terminal.
    fn pass(&self, target: &str, input: &Path) -> Result<()> {
        let mut program = Command::new(self.dir.join(target));
        cmd::run(program.args([SLOWEST, LARGEST]).arg(input))
    }

    fn finds_the_planted_mistake(&self) -> Result<()> {
        cmd::step("fuzz with a planted mistake, to see that it is found");
        let learnt = cmd::target().join("fuzz/corpus").join(PLANTED);
        // What an earlier run has learnt would give it away.
        if learnt.exists() {
            fs::remove_dir_all(&learnt)
                .context(format_args!("cannot remove {}", learnt.display()))?;
        }
        let found = cmd::target().join("fuzz/planted-");
        let mut program = self.program(PLANTED, PATIENCE, &found)?;
        let said = Said::read(&run_to_the_end(&mut program, PLANTED, PATIENCE)?);
        match said.found(&found) {
            Some(_) => {
                println!("{}", said.summary(PLANTED)?);
                Ok(())
            }
            None => Err(Failure::new("the planted mistake was not found").next(
                "nothing else would be: hold INSTRUMENTATION in xtask/src/fuzz.rs against the \
                 flags that this compiler's LLVM knows",
            )),
        }
    }
}

/// Where the seeds of a target lie, and whatever was found.
fn seeds(target: &str) -> PathBuf {
    cmd::root().join("tests/invariants/seeds").join(target)
}

/// Words that no search would guess.
fn dictionary(target: &str) -> PathBuf {
    cmd::root()
        .join("tests/fuzz/words")
        .join(target)
        .with_extension("dict")
}

/// The name of this platform, as the compiler says it.
fn host() -> Result<String> {
    let mut rustc = Command::new("rustc");
    rustc
        .args(["--print", "host-tuple"])
        .current_dir(cmd::root());
    let output = cmd::capture(&mut rustc, Duration::from_secs(60))?;
    match output.stdout.trim() {
        "" => Err(
            Failure::new("`rustc` does not say for which platform it compiles")
                .next("see what `rustc --print host-tuple` says"),
        ),
        host => Ok(host.to_owned()),
    }
}

fn run_to_the_end(program: &mut Command, target: &str, seconds: u64) -> Result<String> {
    // It ends by itself; this is for one that hangs where its own alarm does not reach.
    let limit = Duration::from_secs(seconds * 2 + 120);
    let output = cmd::capture(program.stdin(Stdio::null()), limit)
        .map_err(|failure| failure.next(format!("`{target}` hangs: look for a lock or a wait")))?;
    Ok(output.stderr)
}

fn broken(target: &str, found: Option<PathBuf>, said: &str) -> Failure {
    let Some(found) = found else {
        return Failure::new(format!("`{target}` ended early:\n{said}"));
    };
    let root = cmd::root();
    let found = found.strip_prefix(&root).unwrap_or(&found).display();
    Failure::new(format!("`{target}` does not hold for {found}:\n{said}")).next(format!(
        "see it again with `cargo xtask fuzz {target} --input {found}` or `cargo test --package \
         invariants {target}`, mend it, and commit the file under a name that says what it is"
    ))
}

/// What libFuzzer said.
struct Said {
    /// The first and the last figure of coverage.
    covered: Option<(u64, u64)>,
    inputs: u64,
    artifact: Option<PathBuf>,
    /// Whether it looked to the end of its time.
    ended: bool,
    /// What is not about its progress: a panic, for example.
    rest: String,
}

impl Said {
    fn read(text: &str) -> Self {
        let mut said = Self {
            covered: None,
            inputs: 0,
            artifact: None,
            ended: false,
            rest: String::new(),
        };
        for line in text.lines() {
            said.line(line);
        }
        said
    }

    fn line(&mut self, line: &str) {
        if let Some(progress) = line.strip_prefix('#').filter(|it| it.contains("cov: ")) {
            self.inputs = number(progress).unwrap_or(self.inputs);
            let now = progress.split_once("cov: ").and_then(|(_, it)| number(it));
            let first = self.covered.map(|(first, _)| first).or(now);
            self.covered = first.zip(now);
            return;
        }
        if let Some((_, path)) = line.split_once("Test unit written to ") {
            self.artifact = Some(path.trim().into());
        }
        self.ended |= line.starts_with("Done ");
        let of_progress = ["#", "INFO: ", "\"", "Done ", "stat::"];
        if !of_progress.iter().any(|it| line.starts_with(it)) {
            self.rest.push_str(line);
            self.rest.push('\n');
        }
    }

    /// One line, which fails when nothing was counted: then nothing was guided either.
    fn summary(&self, target: &str) -> Result<String> {
        let Some((first, last)) = self.covered else {
            let rest = &self.rest;
            return Err(Failure::new(format!(
                "`{target}` counts no coverage:\n{rest}"
            )));
        };
        let inputs = self.inputs;
        Ok(format!(
            "{target}: {inputs} inputs, {first} branches covered at first, {last} in the end"
        ))
    }

    fn found(&self, prefix: &Path) -> Option<PathBuf> {
        let artifact = self.artifact.as_ref()?;
        let prefix = prefix.to_str()?;
        artifact
            .to_str()?
            .starts_with(prefix)
            .then(|| artifact.clone())
    }
}

/// The number at the start of a text.
fn number(text: &str) -> Option<u64> {
    let end = text.find(|it: char| !it.is_ascii_digit());
    text[..end.unwrap_or(text.len())].parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    const LOG: &str = "\
INFO: Seed: 1
#3\tINITED cov: 20 ft: 21 corp: 1/1b exec/s: 0 rss: 28Mb
#1205\tREDUCE cov: 31 ft: 40 corp: 9/90b exec/s: 0 rss: 28Mb

thread '<unnamed>' panicked at src/x.rs:1:1:
x
artifact_prefix='/w/found-'; Test unit written to /w/found-crash-1
Base64: eA==
";

    #[test]
    fn coverage_inputs_and_what_was_found_are_read() {
        let said = Said::read(LOG);
        assert_eq!(said.covered, Some((20, 31)));
        assert_eq!(said.inputs, 1205);
        assert_eq!(
            said.found(Path::new("/w/found-")),
            Some("/w/found-crash-1".into())
        );
        assert!(!said.ended && said.rest.contains("panicked at src/x.rs"));
        assert!(!said.rest.contains("REDUCE"), "{}", said.rest);
        let failure = broken("x", Some("/w/found-crash-1".into()), &said.rest).to_string();
        assert!(failure.contains("--input /w/found-crash-1"), "{failure}");
    }

    #[test]
    fn a_program_that_counts_nothing_has_found_nothing() {
        let said = Said::read("WARNING: no interesting inputs were found\nDone 9 runs in 1 s\n");
        assert!(said.ended);
        let failure = said.summary("x").unwrap_err().to_string();
        assert!(failure.contains("counts no coverage"), "{failure}");
    }

    #[test]
    fn an_unknown_target_is_refused_with_those_there_are() {
        let failure = chosen(&["none".to_owned()]).unwrap_err().to_string();
        assert!(failure.contains("url_guard"), "{failure}");
    }
}
