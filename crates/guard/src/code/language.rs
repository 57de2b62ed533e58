//! A language that code may be written in, as it is configured.

use std::path::PathBuf;

/// A language that code may be written in: which program runs it, and what that needs.
///
/// The program is looked for when the executor is built, and has to stay the same file from then
/// on. What it consists of is found by asking it, so that little else of the host is readable for
/// the code: its standard library, the shared libraries it is linked with, and what is named here.
///
/// ```
/// use purlin_guard::code::{Language, MemoryRule};
///
/// // With packages of your own, which the code can import and not change:
/// let python = Language::python().packages("/srv/site-packages");
/// // Another version under another name:
/// let node = Language::javascript().named("node22").program("/opt/node22/bin/node");
/// // Another language:
/// let lua = Language::new("lua")
///     .program("lua5.4")
///     .source("main.lua")
///     .memory(MemoryRule::AddressSpace)
///     .out_of_memory("not enough memory")
///     .self_test("print(6 * 7)", "42\n");
/// ```
#[derive(Clone, Debug)]
pub struct Language {
    pub(super) name: String,
    pub(super) kind: Kind,
    pub(super) program: PathBuf,
    pub(super) arguments: Vec<String>,
    pub(super) source: String,
    pub(super) environment: Vec<(String, String)>,
    pub(super) read_only: Vec<PathBuf>,
    pub(super) packages: Vec<PathBuf>,
    pub(super) packages_variable: Option<String>,
    pub(super) programs: Vec<String>,
    pub(super) memory: MemoryRule,
    pub(super) out_of_memory: Vec<String>,
    pub(super) self_test: (String, String),
}

/// What is known of an interpreter beforehand: how it says what it consists of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Python,
    Node,
    Shell,
    /// A machine inside of this process, and no program at all.
    #[cfg_attr(not(feature = "wasm"), allow(dead_code, reason = "a feature has them"))]
    WebAssembly,
    Other,
}

/// How the memory of a process is measured against [`Limits::memory`](super::Limits::memory).
///
/// What all processes of a run have together is bounded as well: by a control group, or where there
/// is none by looking on twenty times a second (see [`Cgroups`](super::Cgroups)).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum MemoryRule {
    /// Everything counts that is mapped (`RLIMIT_AS`). For programs that map what they use, as
    /// CPython and shells do.
    AddressSpace,
    /// What can be written to counts (`RLIMIT_DATA`). For programs that reserve far more addresses
    /// than they use: V8 reserves gigabytes for code and for pointers, but makes writable only
    /// what it is going to write.
    Data,
}

/// What a shell script can call beside the shell itself, where it is installed.
const SHELL_PROGRAMS: &[&str] = &[
    "awk",
    "base64",
    "basename",
    "bc",
    "cat",
    "chmod",
    "cksum",
    "cmp",
    "comm",
    "cp",
    "cut",
    "date",
    "dd",
    "diff",
    "dirname",
    "du",
    "echo",
    "env",
    "expand",
    "expr",
    "factor",
    "false",
    "find",
    "fmt",
    "fold",
    "grep",
    "gunzip",
    "gzip",
    "head",
    "join",
    "ln",
    "ls",
    "md5sum",
    "mkdir",
    "mktemp",
    "mv",
    "nl",
    "nproc",
    "numfmt",
    "od",
    "paste",
    "pr",
    "printf",
    "pwd",
    "realpath",
    "rev",
    "rm",
    "rmdir",
    "sed",
    "seq",
    "sha1sum",
    "sha256sum",
    "sha512sum",
    "shuf",
    "sleep",
    "sort",
    "split",
    "stat",
    "sum",
    "tac",
    "tail",
    "tar",
    "tee",
    "test",
    "timeout",
    "touch",
    "tr",
    "true",
    "truncate",
    "tsort",
    "uname",
    "unexpand",
    "uniq",
    "wc",
    "xargs",
    "yes",
];

impl Language {
    /// A language of any other name. The program has the same name unless
    /// [`program`](Self::program) says otherwise; it has to be an executable, no script.
    pub fn new(name: impl Into<String>) -> Self {
        let name = name.into();
        Self {
            program: PathBuf::from(&name),
            source: "main".to_owned(),
            name,
            kind: Kind::Other,
            arguments: Vec::new(),
            environment: Vec::new(),
            read_only: Vec::new(),
            packages: Vec::new(),
            packages_variable: None,
            programs: Vec::new(),
            memory: MemoryRule::AddressSpace,
            out_of_memory: Vec::new(),
            self_test: (String::new(), String::new()),
        }
    }

    /// `python`: CPython 3, by default what `python3` in `PATH` leads to, and its standard library
    /// alone. Of a virtual environment, the packages are there too.
    #[must_use]
    pub fn python() -> Self {
        let flags = ["-s", "-B", "-u", "-X", "utf8"].map(str::to_owned);
        Self {
            kind: Kind::Python,
            program: "python3".into(),
            arguments: flags.into(),
            source: "main.py".to_owned(),
            packages_variable: Some("PYTHONPATH".to_owned()),
            out_of_memory: vec!["MemoryError".to_owned()],
            self_test: ("print(6 * 7)".to_owned(), "42\n".to_owned()),
            ..Self::new("python")
        }
    }

    /// `javascript`: Node.js, by default what `node` in `PATH` leads to.
    #[must_use]
    pub fn javascript() -> Self {
        let says = [
            "JavaScript heap out of memory",
            "Array buffer allocation failed",
            "Fatal process out of memory",
            "could not allocate memory",
        ];
        Self {
            kind: Kind::Node,
            program: "node".into(),
            source: "main.js".to_owned(),
            packages_variable: Some("NODE_PATH".to_owned()),
            memory: MemoryRule::Data,
            out_of_memory: says.map(str::to_owned).into(),
            self_test: ("console.log(6 * 7)".to_owned(), "42\n".to_owned()),
            ..Self::new("javascript")
        }
    }

    /// `shell`: the POSIX shell, by default what `sh` in `PATH` leads to, with the usual programs
    /// for text and files as far as they are installed.
    #[must_use]
    pub fn shell() -> Self {
        let says = [
            "Cannot allocate memory",
            "memory exhausted",
            "Out of memory",
        ];
        Self {
            kind: Kind::Shell,
            program: "sh".into(),
            source: "main.sh".to_owned(),
            programs: SHELL_PROGRAMS.iter().copied().map(str::to_owned).collect(),
            out_of_memory: says.map(str::to_owned).into(),
            self_test: ("echo $((6 * 7))".to_owned(), "42\n".to_owned()),
            ..Self::new("shell")
        }
    }

    /// Gives it another name, by which runs ask for it.
    #[must_use]
    pub fn named(mut self, name: impl Into<String>) -> Self {
        self.name = name.into();
        self
    }

    /// The program: an absolute path, or a name that is looked up in `PATH`.
    #[must_use]
    pub fn program(mut self, program: impl Into<PathBuf>) -> Self {
        self.program = program.into();
        self
    }

    /// An argument of the program, before the name of the source.
    #[must_use]
    pub fn argument(mut self, argument: impl Into<String>) -> Self {
        self.arguments.push(argument.into());
        self
    }

    /// The name of the file that the source is put into.
    #[must_use]
    pub fn source(mut self, name: impl Into<String>) -> Self {
        self.source = name.into();
        self
    }

    /// A variable of the environment, which has nothing but `HOME`, `LANG`, `PATH` and `TMPDIR`
    /// otherwise.
    #[must_use]
    pub fn environment(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.environment.push((name.into(), value.into()));
        self
    }

    /// A file or directory that the code can read, by its absolute path: where else a program
    /// keeps what it consists of.
    #[must_use]
    pub fn read_only(mut self, path: impl Into<PathBuf>) -> Self {
        self.read_only.push(path.into());
        self
    }

    /// A directory of packages that the code can import and not change, by its absolute path.
    #[must_use]
    pub fn packages(mut self, path: impl Into<PathBuf>) -> Self {
        self.packages.push(path.into());
        self
    }

    /// The variable that tells the program where packages are, separated by colons (default: none,
    /// but `PYTHONPATH` and `NODE_PATH` where they are known).
    #[must_use]
    pub fn packages_variable(mut self, name: impl Into<String>) -> Self {
        self.packages_variable = Some(name.into());
        self
    }

    /// Another program that the code may start: an absolute path, or a name that is looked up in
    /// `PATH`. Where it is not installed, the code does not have it.
    #[must_use]
    pub fn allow_program(mut self, program: impl Into<String>) -> Self {
        self.programs.push(program.into());
        self
    }

    /// How its memory is measured (default: [`MemoryRule::AddressSpace`]).
    #[must_use]
    pub fn memory(mut self, rule: MemoryRule) -> Self {
        self.memory = rule;
        self
    }

    /// What the program prints to standard error when it gets no more memory; a run that failed
    /// and printed this last is a `memory_limit`.
    #[must_use]
    pub fn out_of_memory(mut self, says: impl Into<String>) -> Self {
        self.out_of_memory.push(says.into());
        self
    }

    /// What is run once when the executor is built, and what that has to print (default: an empty
    /// source, which prints nothing).
    #[must_use]
    pub fn self_test(mut self, source: impl Into<String>, prints: impl Into<String>) -> Self {
        self.self_test = (source.into(), prints.into());
        self
    }
}
