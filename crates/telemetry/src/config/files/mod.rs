//! The layer of files: which there are, and what they say together.

mod dotenv;
mod interpolate;
mod json;
mod lines;
mod toml;
mod yaml;

use std::{
    fs::File,
    io::{self, Read},
    path::{Path, PathBuf},
    sync::Arc,
};

use super::{
    Origin, Place, Problem, Profile,
    arguments::values,
    loader::{Layers, Loader},
    node::{Table, cover},
    shown::shown,
    variables::Variables,
};

/// The largest file that is read, in bytes.
const LARGEST: u64 = 1 << 20;

/// The names that are looked for, with what reads them.
const FORMATS: [(&str, Format); 4] = [
    ("toml", toml::read),
    ("yaml", yaml::read),
    ("yml", yaml::read),
    ("json", json::read),
];

/// Reads the text of a file into a tree.
type Format = fn(&str, &Arc<str>) -> Result<Table, Mistake>;

/// What cannot be read, and in which line.
pub(crate) struct Mistake {
    pub(crate) line: Option<usize>,
    /// Without anything that stands in the file.
    pub(crate) text: String,
}

impl Mistake {
    pub(crate) fn new(line: Option<usize>, text: impl Into<String>) -> Self {
        Self {
            line,
            text: text.into(),
        }
    }
}

/// Which files are read.
#[derive(Clone, Default)]
pub(crate) struct Files {
    pub(crate) directory: Option<PathBuf>,
    pub(crate) given: Vec<Given>,
    pub(crate) env: Option<PathBuf>,
}

/// A file that the program names.
#[derive(Clone)]
pub(crate) enum Given {
    File(PathBuf),
    Text(String, String),
}

impl Files {
    /// Adds what `.env` says to the variables, and reads the files.
    pub(crate) fn read(
        &self,
        loader: &Loader,
        mut variables: Variables,
        layers: &mut Layers,
    ) -> (Variables, Table) {
        self.env(&mut variables, layers);
        layers.profile = profile(loader, &variables, layers);
        let mut table = Table::new();
        let mut all = Vec::new();
        for given in &self.given {
            all.extend(match given {
                Given::Text(name, text) => Some((name.clone(), text.clone())),
                Given::File(file) => required(file, layers),
            });
        }
        all.extend(self.found(loader, layers));
        for (name, text) in all {
            match parse(&name, &text, &variables, layers) {
                Ok(file) => cover(&mut table, file),
                Err(problem) => layers.problems.push(problem),
            }
        }
        (variables, table)
    }

    /// `ENV_FILE`, which must be there, or `.env`, which need not.
    fn env(&self, variables: &mut Variables, layers: &mut Layers) {
        let named = variables.get("ENV_FILE").map(PathBuf::from);
        let file = match (self.env.clone().or(named), &self.directory) {
            (Some(file), _) => required(&file, layers),
            (None, Some(directory)) => optional(&directory.join(".env"), layers),
            (None, None) => None,
        };
        if let Some((name, text)) = file {
            layers
                .problems
                .extend(dotenv::read(&name, &text, variables));
        }
    }

    /// The files that the command line names, else `MCP_CONFIG`, else those of
    /// the directory.
    fn found(&self, loader: &Loader, layers: &mut Layers) -> Vec<(String, String)> {
        let flags = values(&loader.arguments, "config");
        if !flags.is_empty() {
            let files = flags.iter().map(Path::new);
            return files.filter_map(|file| required(file, layers)).collect();
        }
        if let Some(files) = layers.named.take() {
            let files: Vec<PathBuf> = files
                .split(',')
                .map(|file| PathBuf::from(file.trim()))
                .collect();
            return files
                .iter()
                .filter_map(|file| required(file, layers))
                .collect();
        }
        let Some(directory) = &self.directory else {
            return Vec::new();
        };
        let stems = ["config".to_owned(), format!("config.{}", layers.profile)];
        stems
            .iter()
            .filter_map(|stem| one_of(directory, stem, layers))
            .collect()
    }
}

/// The profile: what the program says, the command line, the environment.
fn profile(loader: &Loader, variables: &Variables, layers: &mut Layers) -> Profile {
    layers.named = variables.get("MCP_CONFIG").map(str::to_owned);
    if let Some(profile) = loader.profile {
        return profile;
    }
    let flag = values(&loader.arguments, "profile").last().map(|name| {
        let origin = Origin::Flag("--profile".to_owned());
        ((*name).to_owned(), origin)
    });
    let variable = variables.get("MCP_PROFILE").map(|name| {
        let origin = Origin::Variable {
            name: "MCP_PROFILE".to_owned(),
            file: None,
        };
        (name.to_owned(), origin)
    });
    let Some((name, origin)) = flag.or(variable) else {
        return Profile::default();
    };
    name.parse().unwrap_or_else(|error: super::NoProfile| {
        let problem = Problem::new("", Some(origin), error.to_string());
        layers.problems.push(problem);
        Profile::default()
    })
}

/// The file of this stem in the directory; two are a mistake.
fn one_of(directory: &Path, stem: &str, layers: &mut Layers) -> Option<(String, String)> {
    let paths = FORMATS
        .iter()
        .map(|(ending, _)| directory.join(format!("{stem}.{ending}")));
    let there: Vec<PathBuf> = paths.filter(|path| path.is_file()).collect();
    if let [first, second, ..] = there.as_slice() {
        let text = format!(
            "there are `{}` and `{}`: keep one, for nobody can tell which holds",
            name(first),
            name(second),
        );
        layers.problems.push(Problem::new("", None, text));
    }
    optional(there.first()?, layers)
}

/// The path as it is shown.
fn name(path: &Path) -> String {
    let path = path.strip_prefix(".").unwrap_or(path);
    path.display().to_string()
}

fn required(path: &Path, layers: &mut Layers) -> Option<(String, String)> {
    read(path).map_or_else(
        |error| {
            let text = format!("the file `{}` cannot be read: {error}", shown(&name(path)));
            layers.problems.push(Problem::new("", None, text));
            None
        },
        |text| Some((name(path), text)),
    )
}

fn optional(path: &Path, layers: &mut Layers) -> Option<(String, String)> {
    match path.is_file() {
        true => required(path, layers),
        false => None,
    }
}

fn read(path: &Path) -> io::Result<String> {
    let mut text = String::new();
    let read = File::open(path)?
        .take(LARGEST + 1)
        .read_to_string(&mut text)?;
    match u64::try_from(read).is_ok_and(|read| read <= LARGEST) {
        true => Ok(text),
        false => Err(io::Error::other("it is larger than 1 MiB")),
    }
}

/// Reads one file, and fills in what it takes from the environment.
fn parse(
    name: &str,
    text: &str,
    variables: &Variables,
    layers: &mut Layers,
) -> Result<Table, Problem> {
    let ending = name.rsplit('.').next().unwrap_or_default();
    let Some((_, format)) = FORMATS.iter().find(|(known, _)| *known == ending) else {
        let text = format!(
            "`{}` is of no known format: name it `.toml`, `.yaml` or `.json`",
            shown(name)
        );
        return Err(Problem::new("", None, text));
    };
    let file: Arc<str> = name.into();
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let mut table = format(text, &file).map_err(|mistake| {
        let origin = Origin::File(Place::new(&file, mistake.line));
        Problem::new("", Some(origin), mistake.text)
    })?;
    layers
        .problems
        .extend(interpolate::fill(&mut table, variables));
    Ok(table)
}
