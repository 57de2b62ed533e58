//! Releases, and what a person says before there is one.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Service;

/// The form a person fills in before a deployment.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct Approval {
    /// Whether to deploy.
    pub confirmed: bool,
    /// How it is rolled out.
    pub rollout: Rollout,
    /// Why now, for the journal.
    pub reason: Option<String>,
}

/// How a release is rolled out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Rollout {
    /// To everybody at once.
    Full,
    /// To more and more people.
    Gradual,
}

/// What became of a deployment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Release {
    /// What was to be deployed.
    pub service: Service,
    /// Which version.
    pub version: String,
    /// Whether it is live.
    pub live: bool,
    /// How it is rolled out, if it is.
    pub rollout: Option<Rollout>,
    /// Why it was deployed, if somebody said so.
    pub reason: Option<String>,
}

impl Release {
    pub(super) fn live(service: Service, version: &str, approval: Approval) -> Self {
        Self {
            service,
            version: version.to_owned(),
            live: true,
            rollout: Some(approval.rollout),
            reason: approval.reason,
        }
    }

    pub(super) fn declined(service: Service, version: &str) -> Self {
        Self {
            service,
            version: version.to_owned(),
            live: false,
            rollout: None,
            reason: None,
        }
    }
}
