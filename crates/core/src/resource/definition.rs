//! What the server keeps of a resource: how it is listed, and how its URI is matched.

use std::sync::Arc;

use super::{ResourceSpec, UriTemplate, VariableEntry};
use crate::protocol::{Annotations, Resource, ResourceTemplate, Role};
use crate::tool::{described, icons, listed, meta};

/// A resource while it is described.
#[doc(hidden)]
#[derive(Debug)]
pub struct ResourceDescription {
    spec: &'static ResourceSpec,
}

impl ResourceDescription {
    /// A resource of which nothing is known but what its attributes say.
    pub fn new(spec: &'static ResourceSpec) -> Self {
        Self { spec }
    }

    /// What the server keeps of it.
    ///
    /// # Panics
    /// When the URI is a malformed template, which the macros refuse.
    pub fn finish(self) -> ResourceDefinition {
        let template = self.spec.uri.contains(['{', '}']).then(|| {
            let template =
                UriTemplate::parse(self.spec.uri).unwrap_or_else(|error| panic!("{error}"));
            let open = self
                .spec
                .params
                .iter()
                .filter(|param| param.allow_traversal);
            open.fold(template, |template, param| {
                template.allow_traversal(param.name)
            })
        });
        ResourceDefinition {
            spec: self.spec,
            template,
            params: VariableEntry::all(self.spec.params).into(),
        }
    }
}

/// A resource or a template as its server knows it.
#[derive(Debug)]
pub struct ResourceDefinition {
    spec: &'static ResourceSpec,
    template: Option<UriTemplate>,
    params: Arc<[VariableEntry]>,
}

impl ResourceDefinition {
    /// What the attributes say.
    #[doc(hidden)]
    pub fn spec(&self) -> &'static ResourceSpec {
        self.spec
    }

    /// How its parameters are filled.
    #[doc(hidden)]
    pub fn params(&self) -> Arc<[VariableEntry]> {
        Arc::clone(&self.params)
    }

    /// The template, unless the URI is fixed.
    pub fn template(&self) -> Option<&UriTemplate> {
        self.template.as_ref()
    }

    /// The resource as it is listed under a URI, which may carry prefixes.
    pub fn to_resource(&self, uri: &str) -> Resource {
        let spec = self.spec;
        let mut resource = Resource::new(uri, spec.name);
        resource.title = listed(spec.title);
        resource.description = described(spec.description, spec.deprecated.as_ref());
        resource.mime_type = listed(spec.mime_type);
        resource.icons = icons(spec.icons);
        resource.annotations = annotations(spec);
        resource.meta = meta(spec.meta, spec.version, spec.deprecated.as_ref());
        resource
    }

    /// The template as it is listed under a spelling, which may carry prefixes.
    pub fn to_template(&self, uri_template: &str) -> ResourceTemplate {
        let spec = self.spec;
        let mut template = ResourceTemplate::new(uri_template, spec.name);
        template.title = listed(spec.title);
        template.description = described(spec.description, spec.deprecated.as_ref());
        template.mime_type = listed(spec.mime_type);
        template.icons = icons(spec.icons);
        template.annotations = annotations(spec);
        template.meta = meta(spec.meta, spec.version, spec.deprecated.as_ref());
        template
    }
}

fn annotations(spec: &ResourceSpec) -> Option<Annotations> {
    let roles = spec.audience.iter().filter_map(|word| match *word {
        "user" => Some(Role::User),
        "assistant" => Some(Role::Assistant),
        _ => None,
    });
    let roles: Vec<Role> = roles.collect();
    if roles.is_empty() && spec.priority.is_none() {
        return None;
    }
    let mut annotations = Annotations::new();
    annotations.audience = (!roles.is_empty()).then_some(roles);
    annotations.priority = spec.priority;
    Some(annotations)
}
