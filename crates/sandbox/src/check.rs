//! What is wrong with a plan, found before anything is started.

use std::error::Error;
use std::fmt;
use std::path::{Component, Path};

use crate::plan::{File, Plan, Tier};

/// The longest path in bytes, and the longest part of one (`PATH_MAX`, `NAME_MAX`).
const PATH: usize = 4095;
const PART: usize = 255;
/// How deep a file may lie in the work directory.
const DEPTH: usize = 16;
/// How many arguments, variables, files, paths there may be of each kind.
const MANY: usize = 4096;
/// What a program may get of arguments and environment together, in bytes.
const STRINGS: usize = 1 << 20;

/// Places in the box that are not for binds, since the box puts something of its own there.
const TAKEN: [&str; 5] = ["/dev", "/proc", "/sys", "/tmp", "/work"];

/// A plan that no helper carries out.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct PlanError {
    what: &'static str,
    name: String,
}

impl PlanError {
    fn new(what: &'static str, name: impl Into<String>) -> Self {
        Self {
            what,
            name: name.into(),
        }
    }
}

impl fmt::Display for PlanError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.name.as_str() {
            "" => f.write_str(self.what),
            name => write!(f, "`{}`: {}", name.escape_debug(), self.what),
        }
    }
}

impl Error for PlanError {}

impl Plan {
    /// Looks at everything that can be judged without the kernel.
    ///
    /// # Errors
    ///
    /// Says the first thing that is wrong: a path that is not absolute or no text, a file name that
    /// leads out of the work directory or is given twice, a limit of nothing, a bind over what the
    /// box puts there itself, more of anything than a program can be given.
    pub fn check(&self) -> Result<(), PlanError> {
        self.strings()?;
        absolute(&self.program)?;
        for path in self
            .executable
            .iter()
            .chain(&self.hidden)
            .chain(&self.cgroup)
            .chain(&self.scratch)
        {
            absolute(path)?;
        }
        self.binds()?;
        self.names()?;
        self.bounds()
    }

    fn strings(&self) -> Result<(), PlanError> {
        let counts = [
            self.args.len(),
            self.environment.len(),
            self.read_only.len(),
            self.hidden.len(),
            self.executable.len(),
            self.files.len(),
            self.cgroup.len(),
        ];
        if counts.into_iter().any(|count| count > MANY) {
            return Err(PlanError::new(
                "there is more than 4,096 of something in the plan",
                "",
            ));
        }
        let pairs = self.environment.iter();
        let mut texts: Vec<&str> = pairs
            .flat_map(|(name, value)| [name.as_str(), value])
            .collect();
        texts.extend(self.args.iter().map(String::as_str));
        if let Some(text) = texts.iter().find(|text| text.contains('\0')) {
            return Err(PlanError::new("holds a NUL", *text));
        }
        if texts.iter().map(|text| text.len() + 1).sum::<usize>() > STRINGS {
            return Err(PlanError::new(
                "arguments and environment are larger than 1 MiB",
                "",
            ));
        }
        match self
            .environment
            .iter()
            .find(|(name, _)| name.is_empty() || name.contains('='))
        {
            Some((name, _)) => Err(PlanError::new("is no name of a variable", name)),
            None => Ok(()),
        }
    }

    fn binds(&self) -> Result<(), PlanError> {
        for bind in &self.read_only {
            absolute(&bind.source)?;
            absolute(&bind.target)?;
            let target = bind.target.display().to_string();
            match self.tier {
                Tier::Strict if bind.target == Path::new("/") => {
                    return Err(PlanError::new("the root of the box is its own", target));
                }
                Tier::Strict if TAKEN.iter().any(|taken| bind.target.starts_with(taken)) => {
                    return Err(PlanError::new(
                        "the box has something of its own there",
                        target,
                    ));
                }
                Tier::Confined if bind.source != bind.target => {
                    return Err(PlanError::new(
                        "`Confined` shows everything at its own place",
                        target,
                    ));
                }
                Tier::Strict | Tier::Confined => {}
            }
        }
        Ok(())
    }

    fn names(&self) -> Result<(), PlanError> {
        let mut names: Vec<&str> = self.files.iter().map(|file| file.name.as_str()).collect();
        names.sort_unstable();
        if let Some(twice) = names.windows(2).find(|pair| pair[0] == pair[1]) {
            return Err(PlanError::new("two files have this name", twice[0]));
        }
        self.files.iter().try_for_each(|file| file_name(&file.name))
    }

    fn bounds(&self) -> Result<(), PlanError> {
        let limits = &self.limits;
        if limits.wall.is_zero() || limits.cpu.is_zero() {
            return Err(PlanError::new("a limit of time is zero", ""));
        }
        let bounds = [
            limits.memory,
            limits.address_space.unwrap_or(1),
            limits.processes,
            limits.work_bytes,
            limits.work_inodes,
            limits.open_files,
        ];
        if bounds.contains(&0) {
            return Err(PlanError::new("a limit is zero", ""));
        }
        if limits.open_files < 3 {
            return Err(PlanError::new(
                "a program has three descriptors from its start",
                "",
            ));
        }
        let size = |file: &File| u64::try_from(file.bytes.len()).unwrap_or(u64::MAX);
        if let Some(file) = self.files.iter().find(|file| size(file) > limits.file) {
            return Err(PlanError::new("is larger than a file may be", &file.name));
        }
        if self.files.iter().map(size).fold(0, u64::saturating_add) > limits.work_bytes {
            return Err(PlanError::new(
                "the files are larger than the work directory",
                "",
            ));
        }
        match (self.tier, &self.scratch) {
            (Tier::Confined, None) => {
                Err(PlanError::new("`Confined` needs a `scratch` directory", ""))
            }
            _ => Ok(()),
        }
    }
}

/// An absolute path in one spelling: no `.`, no `..`, text without NUL.
fn absolute(path: &Path) -> Result<(), PlanError> {
    let Some(text) = path.to_str() else {
        return Err(PlanError::new("is no UTF-8", path.to_string_lossy()));
    };
    if text.len() > PATH || text.contains('\0') {
        return Err(PlanError::new("is no path", text));
    }
    let mut parts = path.components();
    let rooted = parts.next() == Some(Component::RootDir);
    let plain = parts.all(|part| matches!(part, Component::Normal(_)));
    match rooted && plain {
        true => Ok(()),
        false => Err(PlanError::new("is no absolute path without `..`", text)),
    }
}

/// Characters that are no separators here and are elsewhere, or change how a name looks.
fn is_odd(character: char) -> bool {
    let invisible = [
        '\u{200b}', '\u{200c}', '\u{200d}', '\u{2060}', '\u{feff}', '\u{61c}',
    ];
    let directs = matches!(character, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    character == '\\' || character.is_control() || invisible.contains(&character) || directs
}

/// A name that stays in the work directory, however it is joined to it, and looks like what it is.
pub(crate) fn file_name(name: &str) -> Result<(), PlanError> {
    let parts: Vec<&str> = name.split('/').collect();
    let plain = |part: &&str| !matches!(*part, "" | "." | "..") && part.len() <= PART;
    if name.contains(is_odd) || name.len() > PATH || !parts.iter().all(plain) {
        return Err(PlanError::new(
            "is no name of a file in the work directory",
            name,
        ));
    }
    match parts.len() > DEPTH {
        true => Err(PlanError::new("lies deeper than 16 directories", name)),
        false => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;
    use std::time::Duration;

    use super::*;
    use crate::Bind;

    fn refused(change: impl Fn(&mut Plan)) -> String {
        let mut plan = Plan::new(Tier::Strict, "/bin/sh");
        assert_eq!(plan.check(), Ok(()));
        change(&mut plan);
        plan.check().unwrap_err().to_string()
    }

    #[test]
    fn paths_are_absolute_and_spelled_one_way() {
        for path in ["", "sh", "./sh", "/usr/../bin/sh", "bin/sh", "/a\0b"] {
            assert!(
                refused(|plan| plan.program = path.into()).contains("path"),
                "{path:?}"
            );
            assert!(refused(|plan| plan.executable = vec![path.into()]).contains("path"));
            assert!(refused(|plan| plan.read_only = vec![Bind::same(path)]).contains("path"));
            assert!(refused(|plan| plan.cgroup = vec![path.into()]).contains("path"));
            assert!(refused(|plan| plan.scratch = Some(path.into())).contains("path"));
        }
        let long = PathBuf::from(format!("/{}", "a/".repeat(3000)));
        assert!(refused(|plan| plan.program = long.clone()).contains("no path"));
    }

    #[test]
    fn binds_do_not_cover_what_the_box_has_itself() {
        for target in [
            "/dev", "/dev/shm", "/proc", "/proc/1", "/sys", "/tmp/x", "/work",
        ] {
            assert!(
                refused(|plan| plan.read_only = vec![Bind::same(target)]).contains("of its own")
            );
        }
        assert!(refused(|plan| plan.read_only = vec![Bind::same("/")]).contains("root"));
        let mut plan = Plan::new(Tier::Strict, "/bin/sh");
        plan.read_only = vec![Bind::same("/devices"), Bind::new("/tmp/x", "/packages")];
        assert_eq!(plan.check(), Ok(()));
    }

    #[test]
    fn confined_moves_nothing_and_needs_a_directory() {
        let mut plan = Plan::new(Tier::Confined, "/bin/sh");
        assert!(plan.check().unwrap_err().to_string().contains("scratch"));
        plan.scratch = Some("/tmp".into());
        assert_eq!(plan.check(), Ok(()));
        plan.read_only = vec![Bind::new("/usr/lib", "/lib")];
        assert!(plan.check().unwrap_err().to_string().contains("own place"));
    }

    #[test]
    fn files_stay_in_the_work_directory() {
        for name in [
            "",
            "/etc/passwd",
            "..",
            "a/../b",
            "a//b",
            "a/",
            "./a",
            "a\0",
            ".",
        ] {
            assert!(
                refused(|plan| plan.files = vec![File::new(name, "")]).contains("name"),
                "{name:?}"
            );
        }
        let deep = vec!["d"; 17].join("/");
        assert!(refused(|plan| plan.files = vec![File::new(&*deep, "")]).contains("deeper"));
        assert!(refused(|plan| plan.files = vec![File::new("a".repeat(256), "")]).contains("name"));
        assert!(
            refused(|plan| plan.files = vec![File::new("a", ""), File::new("a", "")])
                .contains("two")
        );
        for name in ["a", "a/b.txt", "..a", "a b", "-rf", "\u{e4}"] {
            assert_eq!(file_name(name), Ok(()), "{name}");
        }
    }

    #[test]
    fn strings_hold_no_nul_and_fit() {
        assert!(refused(|plan| plan.args = vec!["a\0b".into()]).contains("NUL"));
        assert!(refused(|plan| plan.environment = vec![("A".into(), "\0".into())]).contains("NUL"));
        assert!(
            refused(|plan| plan.environment = vec![("A=B".into(), String::new())])
                .contains("variable")
        );
        assert!(
            refused(|plan| plan.environment = vec![(String::new(), "x".into())])
                .contains("variable")
        );
        assert!(refused(|plan| plan.args = vec!["a".repeat(1 << 20)]).contains("1 MiB"));
        assert!(refused(|plan| plan.args = vec![String::new(); 4097]).contains("4,096"));
    }

    #[test]
    fn limits_leave_something() {
        assert!(refused(|plan| plan.limits.wall = Duration::ZERO).contains("zero"));
        assert!(refused(|plan| plan.limits.cpu = Duration::ZERO).contains("zero"));
        assert!(refused(|plan| plan.limits.processes = 0).contains("zero"));
        assert!(refused(|plan| plan.limits.address_space = Some(0)).contains("zero"));
        assert!(refused(|plan| plan.limits.open_files = 2).contains("three"));
        let large = File::new("a", vec![0; 11]);
        assert!(
            refused(|plan| {
                plan.limits.file = 10;
                plan.files = vec![large.clone()];
            })
            .contains("larger")
        );
        assert!(
            refused(|plan| {
                plan.limits.work_bytes = 10;
                plan.files = vec![large.clone()];
            })
            .contains("larger")
        );
    }
}
