//! An interpreter that was found, and everything that it needs in the box.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use super::introspect::{Introspection, introspect};
use super::libraries;
use super::program::{self, Pinned};
use crate::code::language::Kind;
use crate::code::{Language, Missing, Tier};

/// Where the box has something of its own, so that nothing of the host can be shown there.
const TAKEN: [&str; 5] = ["/dev", "/proc", "/sys", "/tmp", "/work"];

/// Directories of programs that are no secret, and are shown as a whole when much in them is needed:
/// a mount for each program would take longer than most runs.
const PUBLIC: [&str; 2] = ["/usr/bin", "/bin"];

/// An interpreter that was found, and everything that it needs in the box.
#[derive(Debug)]
pub(super) struct Interpreter {
    /// What has to stay the same.
    pub(super) pinned: Pinned,
    /// Its path in the box.
    pub(super) program: PathBuf,
    /// What it can read.
    pub(super) shown: Vec<Shown>,
    /// What of that does not belong to it, as paths in the box.
    pub(super) hidden: Vec<PathBuf>,
    /// What it may start, itself included, as paths in the box.
    pub(super) programs: Vec<PathBuf>,
    /// Directories of packages, as paths in the box.
    pub(super) packages: Vec<PathBuf>,
}

/// A file or directory of the host, and where it is in the box.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Shown {
    pub(super) source: PathBuf,
    pub(super) target: PathBuf,
}

impl Interpreter {
    /// Looks for the interpreter of a language, and for what it consists of. Takes a while, and
    /// blocks meanwhile.
    ///
    /// # Errors
    /// With what is missing.
    pub(super) async fn find(language: &Language, tier: Tier) -> Result<Self, Missing> {
        let found = locate(language)?;
        let said = introspect(language.kind, &found).await?;
        let unusable = |error| unusable(&said.program, &error);
        let pinned = Pinned::new(&said.program).map_err(unusable)?;
        let start = match language.kind {
            // By its name a shell knows which one it is.
            Kind::Shell => said.program.clone(),
            _ => pinned.path().to_owned(),
        };
        let loader = libraries::loader(&start).map_err(unusable)?;
        let mut contents = Contents::new(tier);
        let programs = contents.programs(&language.programs).await;
        let program = contents.show(&start);
        let hidden = contents.library(&said);
        for path in &language.read_only {
            contents.require(path, &language.name)?;
        }
        let packages = contents.packages(language, &said)?;
        if let Some(loader) = loader {
            let directories = [&said.library[..], &language.packages, &said.packages].concat();
            let modules = libraries::modules(&directories);
            let libraries = libraries::of(&start, &loader, &modules).await;
            contents.show_all(libraries.map_err(unusable)?);
        }
        Ok(Self {
            pinned,
            programs: [program.clone()].into_iter().chain(programs).collect(),
            program,
            shown: contents.shown,
            hidden,
            packages,
        })
    }
}

fn locate(language: &Language) -> Result<PathBuf, Missing> {
    let program = &language.program;
    program::find(program).ok_or_else(|| {
        let advice = match language.kind {
            Kind::Python => "install Python 3 (Debian: `python3`), or name another program",
            Kind::Node => "install Node.js (Debian: `nodejs`), or name another program",
            _ => "install it, or give the absolute path of an executable",
        };
        let of = format!("`{}`, the program of {}", program.display(), language.name);
        Missing::new(of, advice)
    })
}

fn unusable(program: &Path, error: &std::io::Error) -> Missing {
    let advice = format!("it cannot be used ({error}); name an executable file, no script");
    Missing::new(format!("`{}`", program.display()), advice)
}

/// What there will be in the box, as it is collected.
#[derive(Debug)]
struct Contents {
    tier: Tier,
    shown: Vec<Shown>,
}

impl Contents {
    fn new(tier: Tier) -> Self {
        Self {
            tier,
            shown: Vec::new(),
        }
    }

    /// Shows a file or directory, and says where it is in the box.
    fn show(&mut self, path: &Path) -> PathBuf {
        let taken = TAKEN.iter().any(|taken| path.starts_with(taken));
        let target = match path.strip_prefix("/") {
            Ok(relative) if taken && self.tier == Tier::Strict => Path::new("/host").join(relative),
            _ => path.to_owned(),
        };
        self.show_at(path, target.clone());
        target
    }

    fn show_at(&mut self, source: &Path, target: PathBuf) {
        if !self.shown.iter().any(|it| target.starts_with(&it.target)) {
            self.shown.push(Shown {
                source: source.to_owned(),
                target,
            });
        }
    }

    fn show_all(&mut self, paths: BTreeSet<PathBuf>) {
        for path in paths {
            self.show(&path);
        }
    }

    /// Shows what has to be there.
    fn require(&mut self, path: &Path, language: &str) -> Result<PathBuf, Missing> {
        match path.is_absolute() && path.exists() {
            true => Ok(self.show(path)),
            false => Err(Missing::new(
                format!("`{}`, which {language} reads", path.display()),
                "give the absolute path of a file or directory that exists",
            )),
        }
    }

    /// Shows the standard library, and says what is to be hidden of it. Where nothing can be
    /// hidden, everything else is shown piece by piece.
    fn library(&mut self, said: &Introspection) -> Vec<PathBuf> {
        let mut hidden = Vec::new();
        for directory in &said.library {
            let foreign = |path: &Path| said.hidden.iter().any(|it| it == path);
            let within = said.hidden.iter().filter(|it| it.starts_with(directory));
            let mut within = within.filter(|it| it.is_dir()).peekable();
            if within.peek().is_none() || self.tier == Tier::Strict {
                let target = self.show(directory);
                let targets =
                    within.filter_map(|it| Some(target.join(it.strip_prefix(directory).ok()?)));
                hidden.extend(targets);
                continue;
            }
            let entries = fs::read_dir(directory).into_iter().flatten().flatten();
            for path in entries.map(|it| it.path()).filter(|it| !foreign(it)) {
                self.show(&path);
            }
        }
        hidden.sort();
        hidden.dedup();
        hidden
    }

    /// Shows packages at places that say nothing of the host, where that is possible.
    fn packages(
        &mut self,
        language: &Language,
        said: &Introspection,
    ) -> Result<Vec<PathBuf>, Missing> {
        let directories: BTreeSet<_> = language.packages.iter().chain(&said.packages).collect();
        let mut targets = Vec::new();
        for (number, directory) in directories.into_iter().enumerate() {
            if self.tier != Tier::Strict || !directory.is_dir() {
                targets.push(self.require(directory, &language.name)?);
                continue;
            }
            let target = PathBuf::from(format!("/packages/{number}"));
            self.show_at(directory, target.clone());
            targets.push(target);
        }
        Ok(targets)
    }

    /// Shows other programs with their libraries, as far as they are installed.
    async fn programs(&mut self, names: &[String]) -> Vec<PathBuf> {
        let found = names
            .iter()
            .filter_map(|name| program::find(Path::new(name)));
        let found: BTreeSet<PathBuf> = found.collect();
        for public in PUBLIC.map(Path::new) {
            if found.iter().filter(|it| it.starts_with(public)).count() > 8 {
                self.show(public);
            }
        }
        let mut targets = Vec::new();
        for program in found {
            targets.push(self.show(&program));
            self.show_links(&program);
            // A script has none, and another interpreter.
            if let Ok(Some(loader)) = libraries::loader(&program)
                && let Ok(libraries) = libraries::of(&program, &loader, &[]).await
            {
                self.show_all(libraries);
            }
        }
        targets
    }

    /// Shows where the links lead of a program that is shown with its directory.
    fn show_links(&mut self, program: &Path) {
        let mut program = program.to_owned();
        while let Ok(link) = fs::read_link(&program)
            && let Some(directory) = program.parent()
        {
            program = directory.join(link);
            let before = self.shown.len();
            self.show(&program);
            if self.shown.len() > before {
                break;
            }
        }
    }
}
