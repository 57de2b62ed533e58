//! From layers to settings.

use std::{fmt, sync::Arc};

#[cfg(feature = "config")]
use std::path::PathBuf;

use super::{
    Config, ConfigError, Field, Layer, Loaded, Node, Origin, Problem, Profile, Reader,
    ServerSettings, Setting, arguments,
    loaded::Shared,
    node::{Table, Value, cover},
    shape::Kind,
    variables::Variables,
};

/// The section with the settings of serving.
pub(crate) const SERVER: Field = Field {
    name: "server",
    help: "How the server is reached.",
    shape: <ServerSettings as Setting>::shape,
    ..Field::EMPTY
};

/// Which layers a configuration is read from, and in which order.
///
/// [`Loader::new`] knows nothing but defaults: a test adds what it is about.
/// [`Loader::process`] reads the environment and the command line of this
/// process, and [`Config::load`] files besides.
///
/// ```
/// use purlin_telemetry::config::{Layer, Loader, NoSettings};
///
/// let loaded = Loader::new()
///     .variables([("PORT", "9000")])
///     .arguments(["--port", "9001"])
///     .load::<NoSettings>()?;
/// assert_eq!(loaded.server().port, Some(9001));
/// # Ok::<_, purlin_telemetry::config::ConfigError>(())
/// ```
#[derive(Clone)]
#[must_use = "a loader reads nothing until it loads"]
pub struct Loader {
    pub(crate) order: Vec<Layer>,
    pub(crate) prefix: String,
    pub(crate) variables: VariableSource,
    pub(crate) arguments: Vec<String>,
    pub(crate) strict: bool,
    /// Only the section of serving matters.
    pub(crate) serving: bool,
    pub(crate) program: Vec<(String, String)>,
    #[cfg(feature = "config")]
    pub(crate) files: super::files::Files,
    pub(crate) profile: Option<Profile>,
}

/// Where variables are from: read anew each time, where it is the process.
#[derive(Clone)]
pub(crate) enum VariableSource {
    Given(Variables),
    Process,
}

impl fmt::Debug for Loader {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Loader")
            .field("order", &self.order)
            .field("prefix", &self.prefix)
            .finish_non_exhaustive()
    }
}

impl Default for Loader {
    fn default() -> Self {
        Self::new()
    }
}

impl Loader {
    /// Nothing but defaults.
    pub fn new() -> Self {
        Self {
            order: Layer::FILES_OVER_ENVIRONMENT.to_vec(),
            prefix: "MCP_".to_owned(),
            variables: VariableSource::Given(Variables::default()),
            arguments: Vec::new(),
            strict: false,
            serving: false,
            program: Vec::new(),
            #[cfg(feature = "config")]
            files: super::files::Files::default(),
            profile: None,
        }
    }

    /// The environment and the command line of this process, and of files those
    /// that they name (`--config FILE`, `MCP_CONFIG`, `ENV_FILE`).
    pub fn process() -> Self {
        let arguments = std::env::args_os().skip(1);
        let mut this = Self::new();
        this.variables = VariableSource::Process;
        this.arguments = arguments
            .map(|argument| argument.to_string_lossy().into_owned())
            .collect();
        this
    }

    /// What covers what, from the bottom up; a layer that is left out is not
    /// read. The default is [`Layer::FILES_OVER_ENVIRONMENT`].
    pub fn order(mut self, order: impl IntoIterator<Item = Layer>) -> Self {
        self.order = order.into_iter().collect();
        self
    }

    /// How the variables begin that are made of a setting's place, such as
    /// `MCP_DATABASE__URL` (default `MCP_`).
    pub fn prefix(mut self, prefix: impl Into<String>) -> Self {
        self.prefix = prefix.into();
        self
    }

    /// These variables in place of those of the process.
    pub fn variables<N: Into<String>, V: Into<String>>(
        mut self,
        variables: impl IntoIterator<Item = (N, V)>,
    ) -> Self {
        let variables = variables.into_iter();
        let variables = variables.map(|(name, value)| (name.into(), value.into()));
        self.variables = VariableSource::Given(variables.collect());
        self
    }

    /// These arguments in place of those of the process.
    pub fn arguments<A: Into<String>>(mut self, arguments: impl IntoIterator<Item = A>) -> Self {
        self.arguments = arguments.into_iter().map(Into::into).collect();
        self
    }

    /// Takes a flag that is no setting for a mistake; by default it is left to
    /// the program.
    pub fn refuse_unknown_flags(mut self) -> Self {
        self.strict = true;
        self
    }

    /// Leaves every section but that of serving to whoever they belong to.
    #[doc(hidden)]
    pub fn serving(mut self) -> Self {
        self.serving = true;
        self
    }

    /// What the program prefers to the default of a setting's type.
    pub fn by_default(mut self, key: impl Into<String>, value: impl Into<String>) -> Self {
        self.program.push((key.into(), value.into()));
        self
    }

    /// The profile, whatever environment and command line say.
    pub fn profile(mut self, profile: Profile) -> Self {
        self.profile = Some(profile);
        self
    }

    /// Reads the layers, and the settings out of them.
    ///
    /// # Errors
    /// With every mistake there is: values that do not fit, settings that are
    /// missing or unknown, files that cannot be read.
    pub fn load<T: Config>(self) -> Result<Loaded<T>, ConfigError> {
        let mut fields = fields_of(&T::shape());
        let own = fields.iter().any(|field| field.name == SERVER.name);
        if own {
            let text = "this section belongs to serving: give your setting another name";
            return Err(ConfigError::one(Problem::new(SERVER.name, None, text)));
        }
        fields.push(SERVER);
        let mut layers = self.layers(&fields);
        let mut reader = Reader::new(&self.prefix);
        let server = layers.table.remove(SERVER.name);
        let server =
            server.unwrap_or_else(|| Node::new(Value::Table(Table::new()), Origin::Default));
        if self.serving {
            layers.table.clear();
        }
        let root = Node::new(Value::Table(layers.table), Origin::Default);
        let settings = T::read(&root, &mut reader);
        let server = reader.at(SERVER.name, |reader| ServerSettings::read(&server, reader));
        let report = reader.finish();
        layers.problems.extend(report.problems);
        match (settings, server) {
            (Some(settings), Some(server)) if layers.problems.is_empty() => Ok(Loaded {
                shared: Arc::new(Shared {
                    settings,
                    server,
                    profile: layers.profile,
                    entries: report.entries,
                    warnings: layers.warnings,
                    loader: self,
                }),
            }),
            _ => Err(ConfigError::new(layers.problems)),
        }
    }

    fn layers(&self, fields: &[Field]) -> Layers {
        let mut layers = Layers::default();
        let variables = match &self.variables {
            VariableSource::Given(variables) => variables.clone(),
            VariableSource::Process => Variables::of_process(),
        };
        #[cfg(feature = "config")]
        let (variables, files) = self.files.read(self, variables, &mut layers);
        for (key, value) in &self.program {
            let path: Vec<&str> = key.split('.').collect();
            let node = Node::new(Value::Loose(value.clone()), Origin::Program);
            Node::put(&mut layers.table, &path, node);
        }
        for layer in &self.order {
            match layer {
                Layer::Environment => {
                    cover(&mut layers.table, variables.layer(&self.prefix, fields));
                }
                #[cfg(feature = "config")]
                Layer::Files => cover(&mut layers.table, files.clone()),
                #[cfg(not(feature = "config"))]
                Layer::Files => {}
                Layer::CommandLine => {
                    let said = arguments::layer(&self.arguments, fields, self.strict);
                    layers.problems.extend(said.problems);
                    cover(&mut layers.table, said.table);
                }
            }
        }
        let misspelt = variables.misspelt(&self.prefix, fields);
        layers.warnings.extend(
            misspelt
                .into_iter()
                .map(|(name, meant)| format!("the variable `{name}` is no setting: `{meant}` is")),
        );
        layers
    }
}

/// What the layers say together.
#[derive(Default)]
pub(crate) struct Layers {
    pub(crate) table: Table,
    pub(crate) problems: Vec<Problem>,
    pub(crate) warnings: Vec<String>,
    pub(crate) profile: Profile,
    /// The files that the environment names.
    #[cfg(feature = "config")]
    pub(crate) named: Option<String>,
}

fn fields_of(shape: &super::Shape) -> Vec<Field> {
    match shape.kind {
        Kind::Group(fields) => fields.to_vec(),
        _ => Vec::new(),
    }
}

#[cfg(feature = "config")]
impl Loader {
    /// This process, and the files of the working directory: `config.toml`,
    /// `config.prod.toml`, `.env`. What [`Config::load`] reads.
    pub fn standard() -> Self {
        Self::process().directory(".")
    }

    /// Looks for `config.toml` (or `.yaml`, `.yml`, `.json`), the same of the
    /// profile, and `.env` in this directory. Neither need be there.
    pub fn directory(mut self, directory: impl Into<PathBuf>) -> Self {
        self.files.directory = Some(directory.into());
        self
    }

    /// Reads this file above those that were added before. It must be there.
    pub fn file(mut self, file: impl Into<PathBuf>) -> Self {
        self.files
            .given
            .push(super::files::Given::File(file.into()));
        self
    }

    /// Takes a text for a file of this name, as `include_str!` gives it.
    pub fn text(mut self, name: impl Into<String>, text: impl Into<String>) -> Self {
        let given = super::files::Given::Text(name.into(), text.into());
        self.files.given.push(given);
        self
    }

    /// Reads variables from this file, which must be there; those of the process
    /// cover them.
    pub fn env_file(mut self, file: impl Into<PathBuf>) -> Self {
        self.files.env = Some(file.into());
        self
    }
}
