//! What this host has for boxes, found out once.

use std::path::PathBuf;
use std::process::Command;
use std::sync::Arc;

use purlin_sandbox::{CgroupParent, Feature, Scratch, Tier as BoxTier};
use tokio::task::spawn_blocking;

use crate::code::builder::Setup;
use crate::code::{Cgroups, Missing, Tier};

/// What this host has for boxes.
#[derive(Debug)]
pub(super) struct Host {
    /// How strong a box can be.
    pub(super) tier: BoxTier,
    /// Where control groups can be made, if anywhere.
    pub(super) cgroups: Option<CgroupParent>,
    /// The helper, if it is not this program.
    helper: Option<PathBuf>,
}

impl Host {
    /// Finds out what there is.
    ///
    /// # Errors
    /// With all that is missing for the lowest tier that is wanted.
    pub(super) async fn find(setup: &Setup) -> Result<Arc<Self>, Vec<Missing>> {
        let helper = setup.helper.clone();
        let minimum = setup.minimum;
        let cgroups = setup.cgroups.clone();
        let find = move || {
            let tier = tier(helper.as_ref(), minimum)?;
            let cgroups = groups(&cgroups)?;
            if tier != BoxTier::Strict {
                Scratch::remove_remains(&std::env::temp_dir());
            }
            let (name, control_groups) = (tier.name(), cgroups.is_some());
            tracing::info!(target: "purlin::guard", tier = name, control_groups, "boxes can be made");
            Ok(Arc::new(Self {
                tier,
                cgroups,
                helper,
            }))
        };
        let found = spawn_blocking(find).await;
        found.unwrap_or_else(|_| Err(vec![feature(Feature::Helper)]))
    }

    /// The tier, as users know it.
    pub(super) fn public_tier(&self) -> Tier {
        match self.tier {
            BoxTier::Strict => Tier::Strict,
            _ => Tier::Confined,
        }
    }

    /// What starts a helper.
    pub(super) fn command(&self) -> Command {
        command(self.helper.as_ref())
    }
}

fn command(helper: Option<&PathBuf>) -> Command {
    match helper {
        Some(path) => purlin_sandbox::command_of(path),
        None => purlin_sandbox::command(),
    }
}

/// The highest tier that can be had here, if it is high enough.
fn tier(helper: Option<&PathBuf>, minimum: Tier) -> Result<BoxTier, Vec<Missing>> {
    let probe = |tier| purlin_sandbox::probe_with(command(helper), tier);
    let Err(missing) = probe(BoxTier::Strict) else {
        return Ok(BoxTier::Strict);
    };
    if minimum != Tier::Confined {
        return Err(missing.into_iter().map(feature).collect());
    }
    if let Err(missing) = probe(BoxTier::Confined) {
        return Err(missing.into_iter().map(feature).collect());
    }
    let names: Vec<_> = missing.into_iter().map(Feature::name).collect();
    let missing = names.join(", ");
    tracing::warn!(target: "purlin::guard", missing, "the tier `strict` cannot be had");
    Ok(BoxTier::Confined)
}

fn groups(cgroups: &Cgroups) -> Result<Option<CgroupParent>, Vec<Missing>> {
    match cgroups {
        Cgroups::Detected => Ok(CgroupParent::detect()),
        Cgroups::Off => Ok(None),
        Cgroups::At(path) => CgroupParent::at(path).map(Some).map_err(|error| {
            let advice = format!(
                "no groups can be made in it ({error}); delegate it to this user, with `memory` and \
                 `pids` in its `cgroup.subtree_control`"
            );
            vec![Missing::new(format!("`{}`", path.display()), advice)]
        }),
    }
}

pub(super) fn feature(feature: Feature) -> Missing {
    Missing::new(feature.name(), feature.advice())
}
