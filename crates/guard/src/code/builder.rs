//! An executor in the making.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

use super::backend::Backend;
use super::executor::{CodeExecutor, Inner};
use super::queue::Queue;
use super::tenants::Tenants;
use super::unavailable::Missing;
use super::{Cgroups, CodeError, Language, Limits, Tier, Unavailable, process};
use crate::events::{GuardEvents, Observers};

/// Makes a [`CodeExecutor`]; see [`CodeExecutor::builder`].
#[derive(Debug)]
pub struct Builder {
    languages: Vec<Language>,
    minimum: Tier,
    limits: Limits,
    helper: Option<PathBuf>,
    cgroups: Cgroups,
    observers: Observers,
}

/// What backends are made with, beside their language.
#[derive(Debug)]
pub(super) struct Setup {
    pub(super) minimum: Tier,
    pub(super) limits: Limits,
    pub(super) helper: Option<PathBuf>,
    pub(super) cgroups: Cgroups,
}

impl Builder {
    pub(super) fn new() -> Self {
        Self {
            languages: Vec::new(),
            minimum: Tier::Strict,
            limits: Limits::default(),
            helper: None,
            cgroups: Cgroups::default(),
            observers: Observers::default(),
        }
    }

    /// Runs code in this language. Of two with the same name, the later one counts.
    #[must_use]
    pub fn language(mut self, language: Language) -> Self {
        self.languages.push(language);
        self
    }

    /// The lowest tier that processes may run in (default: [`Tier::Strict`]). With
    /// [`Tier::Confined`], they run in that where `Strict` cannot be had.
    #[must_use]
    pub fn minimum(mut self, tier: Tier) -> Self {
        self.minimum = tier;
        self
    }

    /// How much of everything there may be.
    #[must_use]
    pub fn limits(mut self, limits: Limits) -> Self {
        self.limits = limits;
        self
    }

    /// The helper process that makes the box (default: this program, started again). Where a
    /// program cannot be started twice, this names the `purlin-sandbox` that was installed beside
    /// it, by its absolute path.
    #[must_use]
    pub fn helper(mut self, path: impl Into<PathBuf>) -> Self {
        self.helper = Some(path.into());
        self
    }

    /// Whether runs are put into control groups, and where (default: [`Cgroups::Detected`]).
    #[must_use]
    pub fn cgroups(mut self, cgroups: Cgroups) -> Self {
        self.cgroups = cgroups;
        self
    }

    /// Who is told of each run, beside those that are told already.
    #[must_use]
    pub fn events(mut self, events: impl GuardEvents) -> Self {
        self.observers = self.observers.and(events);
        self
    }

    /// The executor, once every language was found, and has run once in its box.
    ///
    /// # Errors
    /// `unavailable`, with everything that is missing and what to do about it.
    ///
    /// # Cancellation
    /// Dropping the future ends what runs.
    pub async fn build(self) -> Result<CodeExecutor, CodeError> {
        let setup = Setup {
            minimum: self.minimum,
            limits: self.limits,
            helper: self.helper,
            cgroups: self.cgroups,
        };
        let mut languages: BTreeMap<String, Language> = BTreeMap::new();
        for language in self.languages {
            languages.insert(language.name.clone(), language);
        }
        let backends = backends(languages, &setup).await?;
        for (name, backend) in &backends {
            let tier = backend.tier().name();
            tracing::info!(target: "purlin::guard", language = %name, tier, "code is run");
        }
        let limits = setup.limits;
        let inner = Inner {
            backends,
            queue: Arc::new(Queue::new(limits.at_once, limits.queue)),
            tenants: Tenants::default(),
            limits,
        };
        Ok(CodeExecutor::new(inner, self.observers))
    }
}

/// What runs each language, or all that is missing for that.
async fn backends(
    languages: BTreeMap<String, Language>,
    setup: &Setup,
) -> Result<BTreeMap<String, Arc<dyn Backend>>, CodeError> {
    let mut backends = BTreeMap::new();
    let mut missing = Vec::new();
    if languages.is_empty() {
        missing.push(Missing::new(
            "a language",
            "give the builder one, such as `Language::python()`",
        ));
    }
    for (name, result) in prepare(languages, setup).await {
        match result {
            Ok(backend) => {
                backends.insert(name, backend);
            }
            Err(more) => {
                for one in more {
                    if !missing.contains(&one) {
                        missing.push(one);
                    }
                }
            }
        }
    }
    match missing.is_empty() {
        true => Ok(backends),
        false => Err(Unavailable::new(missing).into()),
    }
}

type Prepared = Vec<(String, Result<Arc<dyn Backend>, Vec<Missing>>)>;

/// What runs each language, or what is missing for it.
#[cfg(feature = "wasm")]
async fn prepare(languages: BTreeMap<String, Language>, setup: &Setup) -> Prepared {
    let (machines, processes) = super::wasm::split(languages);
    let mut prepared = process::prepare(processes, setup).await;
    for name in machines.into_keys() {
        prepared.push((name, super::wasm::prepare(setup.limits.at_once).await));
    }
    prepared
}

#[cfg(not(feature = "wasm"))]
async fn prepare(languages: BTreeMap<String, Language>, setup: &Setup) -> Prepared {
    process::prepare(languages, setup).await
}
