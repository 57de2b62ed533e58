//! What the attribute says of a resource, as a constant.

use std::time::Duration;

use crate::Rate;
use crate::access::Policies;
use crate::middleware::Layers;
use crate::tool::{DeprecationSpec, IconSpec, ParamSpec};

/// What `#[mcp_resource]` says of a resource or a template.
#[doc(hidden)]
#[derive(Clone, Copy, Debug)]
pub struct ResourceSpec {
    /// The URI, or a template.
    pub uri: &'static str,
    /// Programmatic name.
    pub name: &'static str,
    /// Name to show to people.
    pub title: Option<&'static str>,
    /// What it is, for the model.
    pub description: Option<&'static str>,
    /// Its media type.
    pub mime_type: Option<&'static str>,
    /// Tags to filter by.
    pub tags: &'static [&'static str],
    /// Icons to choose from.
    pub icons: &'static [IconSpec],
    /// Who it is meant for, `user` or `assistant`.
    pub audience: &'static [&'static str],
    /// From 0 (entirely optional) to 1 (effectively required).
    pub priority: Option<f64>,
    /// The longest a read may take.
    pub timeout: Option<Duration>,
    /// `_meta`, as JSON.
    pub meta: Option<&'static str>,
    /// Readable, but not listed.
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

impl ResourceSpec {
    /// Nothing said.
    pub const EMPTY: Self = Self {
        uri: "",
        name: "",
        title: None,
        description: None,
        mime_type: None,
        tags: &[],
        icons: &[],
        audience: &[],
        priority: None,
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
