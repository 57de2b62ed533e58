//! What a tier needs and this system does not have.

use crate::feature::Feature;
use crate::plan::Tier;

use super::ruleset;

pub(super) fn missing(_: Tier) -> Vec<Feature> {
    let found = [(Feature::Landlock, ruleset::is_available())];
    let missing = found.into_iter().filter(|(_, available)| !available);
    missing.map(|(feature, _)| feature).collect()
}
