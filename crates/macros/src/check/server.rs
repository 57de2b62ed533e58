//! `#[mcp_server]`: its options, and what its components are to each other.

use proc_macro2::{Ident, Span};
use quote::ToTokens;
use syn::spanned::Spanned;
use syn::{Expr, Path};

use super::completion::{self, Completion};
use super::demand::{self, Demand};
use super::icon::{self, Icon};
use super::lint::level::Levels;
use super::lint::{self, Finding};
use super::listed::Listed;
use super::mount::{self, Mount};
use super::options::{Reader, bare};
use super::prompt::{self, Prompt};
use super::resource::{self, Resource};
use super::tool::{self, Tool};
use super::{attribute, deprecated, key, layer, listed, name, placement, unique};
use crate::errors::Errors;
use crate::parse::docs::{Docs, Text};
use crate::parse::item::{Component, Form, Marker, ServerItem};
use crate::parse::options::{Entry, Options, Value};

/// The name of the attribute.
pub(crate) const ATTRIBUTE: &str = "mcp_server";

/// The type a server module gets.
pub(crate) const MODULE_TYPE: &str = "Server";

/// A server that can be expanded.
pub(crate) struct Server {
    pub(crate) form: Form,
    pub(crate) krate: Path,
    /// `None` for a part: the other block says who the server is.
    pub(crate) info: Option<Info>,
    /// What a part is listed as.
    pub(crate) part: Option<Listed>,
    /// The parts that are listed.
    pub(crate) parts: Vec<Listed>,
    /// The functions that a macro writes.
    pub(crate) also: Vec<Listed>,
    pub(crate) tools: Vec<Tool>,
    pub(crate) resources: Vec<Resource>,
    pub(crate) prompts: Vec<Prompt>,
    pub(crate) completions: Vec<Completion>,
    pub(crate) mounts: Vec<Mount>,
    /// What was read off the functions, to be resolved all the same.
    pub(crate) markers: Vec<Path>,
    /// What was read off parameters and fields, which no import has to bring.
    pub(crate) inert: Vec<Ident>,
    /// Whether the module has a type by the name of the one it would get.
    pub(crate) has_module_type: bool,
    pub(crate) levels: Levels,
    pub(crate) findings: Vec<Finding>,
}

impl Server {
    /// A server that has nothing yet.
    pub(crate) fn empty(form: Form, krate: Path) -> Self {
        Self {
            form,
            krate,
            info: None,
            part: None,
            parts: Vec::new(),
            also: Vec::new(),
            tools: Vec::new(),
            resources: Vec::new(),
            prompts: Vec::new(),
            completions: Vec::new(),
            mounts: Vec::new(),
            markers: Vec::new(),
            inert: Vec::new(),
            has_module_type: false,
            levels: Levels::default(),
            findings: Vec::new(),
        }
    }

    /// How a model should use the server, where it is known now.
    pub(crate) fn instructions(&self) -> Option<(&str, Span)> {
        let info = self.info.as_ref()?;
        match &info.instructions {
            Some(Text::Literal(text)) => Some((text, info.instructions_span?)),
            _ => None,
        }
    }

    /// Where the server is named.
    pub(crate) fn form_span(&self) -> Span {
        match &self.form {
            Form::Impl { ty, .. } => ty.span(),
            Form::Module { ident } | Form::Struct { ident, .. } => ident.span(),
            Form::Function | Form::Method | Form::Other => Span::call_site(),
        }
    }
}

/// What a server says about itself.
pub(crate) struct Info {
    pub(crate) name: Text,
    /// `None`: the version of the user's crate.
    pub(crate) version: Option<Text>,
    pub(crate) title: Option<Text>,
    pub(crate) description: Option<Text>,
    pub(crate) instructions: Option<Text>,
    pub(crate) instructions_span: Option<Span>,
    pub(crate) website: Option<Text>,
    pub(crate) icons: Vec<Icon>,
    pub(crate) max_tools: Option<usize>,
    pub(crate) lenient: bool,
    /// What is put around it.
    pub(crate) layers: Vec<Expr>,
    /// The function that finishes the server.
    pub(crate) setup: Option<Expr>,
    pub(crate) demand: Demand,
}

/// Checks the whole server.
pub(crate) fn check(mut options: Options, mut parsed: ServerItem, errors: &mut Errors) -> Server {
    let has_module_type = placement::check(&parsed, errors);
    let part = options.find(key::PART).map(|entry| entry.key.span());
    let attribute = match part {
        Some(_) => &attribute::SERVER_PART,
        None => &attribute::SERVER,
    };
    if part.is_some() {
        said_elsewhere(&mut options, errors);
    }
    let mut options = Reader::new(attribute, options, errors);
    let krate = krate(&mut options, errors);
    let mut server = Server::empty(parsed.form.clone(), krate);
    server.has_module_type = has_module_type;
    match part {
        Some(span) => {
            placement::part(span, &parsed.form, errors);
            server.part = self::part(&mut options, errors);
        }
        None => {
            server.parts = listed::list(key::PARTS, "blocks", &mut options, errors);
            placement::parts(&server, errors);
            server.info = Some(info(&parsed.form, &parsed.docs, &mut options, errors));
        }
    }
    server.levels = Levels::read(&mut options, errors);
    let helpers = std::mem::take(&mut parsed.helpers);
    let surroundings = std::mem::take(&mut parsed.surroundings);
    server.also = listed::list(key::ALSO, "functions", &mut options, errors);
    components(&mut server, parsed, errors);
    unique::check(&server, errors);
    max_tools(&server, errors);
    deprecations(&server, errors);
    server.findings = lint::server(&server, &helpers, &surroundings, errors);
    server
}

/// Looks for what should be gone in this version of the server. A part does not
/// know the version.
fn deprecations(server: &Server, errors: &mut Errors) {
    let Some(info) = &server.info else {
        return;
    };
    let tools = server.tools.iter().map(|tool| &tool.component);
    let resources = server.resources.iter().map(|resource| &resource.component);
    let prompts = server.prompts.iter().map(|prompt| &prompt.component);
    for component in tools.chain(resources).chain(prompts) {
        deprecated::check_due(component, info.version.as_ref(), errors);
    }
}

/// Takes out of a part what is said where the server is named.
fn said_elsewhere(options: &mut Options, errors: &mut Errors) {
    let elsewhere = |entry: &Entry| {
        let key = |known: &str| entry.key == known;
        attribute::SERVER.keys().any(key) && !attribute::SERVER_PART.keys().any(key)
    };
    for entry in options.entries.extract_if(.., |entry| elsewhere(entry)) {
        let message = format!(
            "`{}` belongs where the server is named, not to a part of it",
            entry.key,
        );
        errors.push(&entry.key, message);
    }
}

/// The name behind `part =`; nothing for the bare `part`.
fn part(options: &mut Reader, errors: &mut Errors) -> Option<Listed> {
    let entry = options.take(key::PART)?;
    let name = match &entry.value {
        Value::Flag => return None,
        Value::Assign(expr) => listed::name(expr),
        Value::List(_) => None,
    };
    if name.is_none() {
        let message = "a part goes by a name: `part = orders`";
        errors.push(entry.blame(), message);
    }
    name
}

/// Checks the components one by one, and with those of the same block.
pub(crate) fn components(server: &mut Server, parsed: ServerItem, errors: &mut Errors) {
    server.markers = parsed.markers;
    server.inert = parsed.inert;
    let mut completions: Vec<Component> = Vec::new();
    for component in parsed.components {
        if let Some(entry) = component.options.find(key::CRATE) {
            let message = "`crate` is said once, in `#[mcp_server]`";
            errors.push(&entry.key, message);
        }
        match component.marker {
            Marker::Tool => server.tools.push(tool::check(component, errors)),
            Marker::Resource => server.resources.push(resource::check(component, errors)),
            Marker::Prompt => server.prompts.push(prompt::check(component, errors)),
            Marker::Completion => completions.push(component),
        }
    }
    for component in completions {
        let siblings = match server.form {
            Form::Function | Form::Method => None,
            _ => Some((&server.prompts[..], &server.resources[..])),
        };
        let completion = completion::check(component, siblings, errors);
        server.completions.extend(completion);
    }
    let mounts = parsed.mounts.into_iter();
    server.mounts = mounts
        .filter_map(|field| mount::check(field, errors))
        .collect();
}

/// The path of the crate that the expansion calls.
pub(crate) fn krate(options: &mut Reader, errors: &mut Errors) -> Path {
    let default = || syn::parse_quote!(::purlin);
    let Some(entry) = options.take(key::CRATE) else {
        return default();
    };
    if let Value::Assign(expr) = &entry.value
        && let Expr::Path(path) = bare(expr)
        && path.qself.is_none()
    {
        return path.path.clone();
    }
    errors.push(
        entry.blame(),
        "`crate` is a path: `crate = my_crate::purlin`",
    );
    default()
}

fn info(form: &Form, docs: &Docs, options: &mut Reader, errors: &mut Errors) -> Info {
    Info {
        name: options
            .text(key::NAME, errors)
            .unwrap_or_else(|| Text::Literal(default_name(form))),
        version: options.text(key::VERSION, errors),
        title: options.text(key::TITLE, errors),
        description: options
            .text(key::DESCRIPTION, errors)
            .or_else(|| docs.text()),
        instructions_span: options.span(key::INSTRUCTIONS),
        instructions: options.text(key::INSTRUCTIONS, errors),
        website: website(options, errors),
        icons: icon::read(options, errors),
        max_tools: options.count(key::MAX_TOOLS, errors),
        lenient: options.flag(key::LENIENT, errors) == Some(true),
        layers: layer::read(options, errors),
        setup: options.expr(key::SETUP, "Self::setup", errors),
        demand: demand::read(options, errors),
    }
}

fn website(options: &mut Reader, errors: &mut Errors) -> Option<Text> {
    let literal = options.literal(key::WEBSITE, errors)?;
    let value = literal.value();
    if !value.starts_with("https://") && !value.starts_with("http://") {
        errors.push(&literal, "a website is a URL: `\"https://…\"`");
    }
    Some(Text::Literal(value))
}

fn default_name(form: &Form) -> String {
    match form {
        Form::Impl { ty, .. } => match &**ty {
            syn::Type::Path(path) => path
                .path
                .segments
                .last()
                .map(|last| name::kebab(&last.ident)),
            _ => None,
        }
        .unwrap_or_else(|| "server".to_owned()),
        Form::Module { ident } | Form::Struct { ident, .. } => name::kebab(ident),
        Form::Function | Form::Method | Form::Other => String::new(),
    }
}

fn max_tools(server: &Server, errors: &mut Errors) {
    let Some(max) = server.info.as_ref().and_then(|info| info.max_tools) else {
        return;
    };
    if let Some(first) = server.tools.get(max) {
        let message = format!(
            "this is one tool more than `max_tools = {max}` allows: \
             split the server, or raise the number",
        );
        errors.push(first.func.ident.to_token_stream(), message);
    }
}
