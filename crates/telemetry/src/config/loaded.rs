//! A configuration that was read: it does not change any more.

use std::{
    fmt,
    hash::{BuildHasher, RandomState},
    ops::Deref,
    sync::{Arc, OnceLock},
};

use super::{Config, ConfigError, Loader, Origin, Profile, ServerSettings};

/// One setting with its value, for whoever wants to know where that is from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    pub(crate) key: String,
    pub(crate) value: String,
    pub(crate) origin: Origin,
    pub(crate) help: &'static str,
    pub(crate) fingerprint: Fingerprint,
}

/// What tells one value from another without showing either: secrets look alike.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Fingerprint(u64);

impl Fingerprint {
    pub(crate) fn of(value: &str) -> Self {
        static KEYS: OnceLock<RandomState> = OnceLock::new();
        Self(KEYS.get_or_init(RandomState::new).hash_one(value))
    }
}

impl fmt::Debug for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("…")
    }
}

impl Entry {
    /// The setting, such as `database.pool_size`.
    pub fn key(&self) -> &str {
        &self.key
    }

    /// Its value, `[redacted]` where it is secret.
    pub fn value(&self) -> &str {
        &self.value
    }

    /// Where it was written.
    pub fn origin(&self) -> &Origin {
        &self.origin
    }

    /// What it is for: its doc comment.
    pub fn help(&self) -> &'static str {
        self.help
    }
}

impl fmt::Display for Entry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} = {}", self.key, self.value)?;
        write!(f, "  # {}", self.origin)
    }
}

/// The settings of a program and those of serving, read once. Clones are cheap
/// and share them.
///
/// Dereferences to the settings; there is no way to write to them.
pub struct Loaded<T> {
    pub(crate) shared: Arc<Shared<T>>,
}

pub(crate) struct Shared<T> {
    pub(crate) settings: T,
    pub(crate) server: ServerSettings,
    pub(crate) profile: Profile,
    pub(crate) entries: Vec<Entry>,
    pub(crate) warnings: Vec<String>,
    pub(crate) loader: Loader,
}

impl<T> Loaded<T> {
    /// The settings of serving.
    pub fn server(&self) -> &ServerSettings {
        &self.shared.server
    }

    /// For what the program runs.
    pub fn profile(&self) -> Profile {
        self.shared.profile
    }

    /// Every setting with its value and where it was written.
    pub fn entries(&self) -> &[Entry] {
        &self.shared.entries
    }

    /// What looks like a mistake and need not be one, such as a variable whose
    /// name is nearly that of a setting.
    pub fn warnings(&self) -> &[String] {
        &self.shared.warnings
    }

    /// Every setting on a line of its own: its value, with secrets left out, and
    /// where it was written. This is what `my-server config explain` prints.
    pub fn explain(&self) -> String {
        let mut text = format!("# profile: {}\n", self.profile());
        let pair = |entry: &Entry| format!("{} = {}", entry.key, entry.value);
        let width = self
            .entries()
            .iter()
            .map(|entry| pair(entry).chars().count());
        let width = width.max().unwrap_or_default().min(WIDEST);
        for entry in self.entries() {
            let (pair, origin) = (pair(entry), &entry.origin);
            text.push_str(&format!("{pair:width$}  # {origin}\n"));
        }
        text
    }

    /// What is different in another configuration of the same type: the new
    /// entries.
    pub fn changes<'a>(&self, newer: &'a Self) -> Vec<&'a Entry> {
        let old = self.entries();
        let is_new = |entry: &&Entry| {
            let before = old.iter().find(|before| before.key == entry.key);
            before.is_none_or(|before| before.fingerprint != entry.fingerprint)
        };
        newer.entries().iter().filter(is_new).collect()
    }
}

impl<T: Config> Loaded<T> {
    /// The settings of serving alone, in the same layers.
    #[doc(hidden)]
    pub fn serving(&self) -> Loaded<super::NoSettings> {
        let shared = &self.shared;
        let is_ours = |entry: &&Entry| entry.key.starts_with("server.");
        Loaded {
            shared: Arc::new(Shared {
                settings: super::NoSettings,
                server: shared.server.clone(),
                profile: shared.profile,
                entries: shared.entries.iter().filter(is_ours).cloned().collect(),
                warnings: shared.warnings.clone(),
                loader: shared.loader.clone().serving(),
            }),
        }
    }
}

/// A configuration that can be read again, whatever its type.
#[doc(hidden)]
pub type Again = Box<dyn FnMut() -> Result<Change, ConfigError> + Send>;

/// What is different when a configuration was read again.
#[doc(hidden)]
#[derive(Debug)]
pub struct Change {
    pub entries: Vec<Entry>,
    pub server: ServerSettings,
}

impl<T: Config> Loaded<T> {
    /// A function that reads the layers again, and tells what is different from
    /// the last time.
    #[doc(hidden)]
    pub fn watch(&self) -> Again {
        let mut last = self.clone();
        Box::new(move || {
            let newer = last.again()?;
            let change = Change {
                entries: last.changes(&newer).into_iter().cloned().collect(),
                server: newer.server().clone(),
            };
            last = newer;
            Ok(change)
        })
    }
}

/// Where the column of origins is at most.
const WIDEST: usize = 60;

impl<T: Config> Loaded<T> {
    /// Reads the same layers once more, into another configuration: this one
    /// does not change.
    ///
    /// # Errors
    /// As [`Loader::load`].
    pub fn again(&self) -> Result<Self, ConfigError> {
        self.shared.loader.clone().load()
    }
}

impl<T> Clone for Loaded<T> {
    fn clone(&self) -> Self {
        Self {
            shared: Arc::clone(&self.shared),
        }
    }
}

impl<T> Deref for Loaded<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.shared.settings
    }
}

impl<T> fmt::Debug for Loaded<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_map()
            .entries(
                self.entries()
                    .iter()
                    .map(|entry| (&entry.key, &entry.value)),
            )
            .finish()
    }
}
