//! What the attribute says of a prompt, as a constant.

use std::time::Duration;

use crate::Rate;
use crate::access::Policies;
use crate::middleware::Layers;
use crate::tool::{DeprecationSpec, IconSpec, ParamSpec};

/// What `#[mcp_prompt]` says of a prompt.
#[doc(hidden)]
#[derive(Clone, Copy, Debug)]
pub struct PromptSpec {
    /// The name, before any prefix.
    pub name: &'static str,
    /// Name to show to people.
    pub title: Option<&'static str>,
    /// What it is for.
    pub description: Option<&'static str>,
    /// Tags to filter by.
    pub tags: &'static [&'static str],
    /// Icons to choose from.
    pub icons: &'static [IconSpec],
    /// The longest it may take.
    pub timeout: Option<Duration>,
    /// `_meta`, as JSON.
    pub meta: Option<&'static str>,
    /// Usable, but not listed.
    pub hidden: bool,
    /// The parameters of the function in order, injected ones included.
    pub params: &'static [ParamSpec],
    /// What its callers must have been granted, all of it.
    pub scopes: &'static [&'static str],
    /// Of what its callers must be one.
    pub roles: &'static [&'static str],
    /// What has to allow it.
    pub policies: Policies,
    /// How often each caller may come.
    pub rate: Option<Rate>,
    /// That it is on its way out.
    pub deprecated: Option<DeprecationSpec>,
    /// Its own version.
    pub version: Option<&'static str>,
    /// What is put around it.
    pub layers: Layers,
}

impl PromptSpec {
    /// Nothing said.
    pub const EMPTY: Self = Self {
        name: "",
        title: None,
        description: None,
        tags: &[],
        icons: &[],
        timeout: None,
        meta: None,
        hidden: false,
        params: &[],
        scopes: &[],
        roles: &[],
        policies: Vec::new,
        rate: None,
        deprecated: None,
        version: None,
        layers: Vec::new,
    };
}
