//! What compiles and is still a mistake: the warnings.
//!
//! A lint looks at what was declared (`fat_tool`) or at the code of functions,
//! which is read as tokens in one walk ([`code`]), so that what stands inside a
//! macro is seen too. It speaks only where it is sure: no types are known here,
//! and a warning that is wrong teaches people to switch warnings off. What a
//! lint finds is a warning unless the server says `deny(..)`; `allow(..)` on the
//! item or on the server silences it. A page of each is in `docs/lints/`.

use proc_macro2::{Span, TokenStream};
use syn::Attribute;

mod blocking_in_async;
mod code;
mod fat_tool;
mod god_server;
mod hardcoded_secret;
mod leaky_abstraction;
pub(crate) mod level;
mod missing_cleanup;
mod missing_description;
mod model_does_the_work;
mod state_leakage;
mod stdout_pollution;

use self::code::{Imports, Seen, Walk};
use self::level::{Level, Levels};
use super::func::Func;
use super::server::{self, Server};
use super::tool::Tool;
use crate::errors::Errors;
use crate::parse::code::{Helper, Surroundings};
use crate::parse::item::Marker;

/// A kind of mistake. Its page is `docs/lints/{name}.md`.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct Lint {
    pub(crate) name: &'static str,
}

/// The lints, by name.
pub(crate) const ALL: [Lint; 10] = [
    blocking_in_async::LINT,
    fat_tool::LINT,
    god_server::LINT,
    hardcoded_secret::LINT,
    leaky_abstraction::LINT,
    missing_cleanup::LINT,
    missing_description::LINT,
    model_does_the_work::LINT,
    state_leakage::LINT,
    stdout_pollution::LINT,
];

/// One thing a lint found.
pub(crate) struct Finding {
    pub(crate) lint: Lint,
    pub(crate) span: Span,
    /// What is wrong, what to do, how to silence it, where to read more.
    pub(crate) text: String,
    /// What it depends on whether the compiler sees the code.
    pub(crate) cfgs: Vec<Attribute>,
}

/// What a lint says: what is wrong and what to do, without its own name.
struct Problem {
    span: Span,
    text: String,
}

impl Problem {
    fn at(span: Span, text: impl Into<String>) -> Self {
        let text = text.into();
        Self { span, text }
    }
}

/// A lint that looks at code, and how it judges what the walk comes across.
type Judge = (Lint, fn(&Seen<'_>, &Code<'_>) -> Option<Problem>);

/// In this order: of one token the first that finds something speaks.
const JUDGES: [Judge; 7] = [
    (blocking_in_async::LINT, blocking_in_async::judge),
    (stdout_pollution::LINT, stdout_pollution::judge),
    (hardcoded_secret::LINT, hardcoded_secret::judge),
    (leaky_abstraction::LINT, leaky_abstraction::judge),
    (state_leakage::LINT, state_leakage::judge),
    (missing_cleanup::LINT, missing_cleanup::judge),
    (model_does_the_work::LINT, model_does_the_work::judge),
];

/// Whose code it is.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Role {
    Component(Marker),
    /// A function beside the components, or an item of the module.
    Helper,
    Middleware,
}

/// A function, or what stands around the functions of a module.
struct Code<'a> {
    role: Role,
    is_async: bool,
    /// Whether it runs where it holds up nobody.
    blocking: bool,
    body: &'a TokenStream,
    /// The lints that are not to speak of it.
    allowed: &'a [Lint],
    cfgs: &'a [Attribute],
}

impl<'a> Code<'a> {
    /// That of a component.
    fn of(marker: Marker, func: &'a Func, blocking: bool, allowed: &'a [Lint]) -> Self {
        Self {
            role: Role::Component(marker),
            is_async: func.is_async,
            blocking,
            body: &func.body,
            allowed,
            cfgs: &func.cfgs,
        }
    }

    /// That of another function. One that is not async may well be called where
    /// it holds up nobody.
    fn beside(helper: &'a Helper, role: Role, allowed: &'a [Lint]) -> Self {
        Self {
            role,
            is_async: helper.is_async,
            blocking: !helper.is_async,
            body: &helper.body,
            allowed,
            cfgs: &helper.cfgs,
        }
    }

    /// That of what is no function.
    fn around(body: &'a TokenStream) -> Self {
        Self {
            role: Role::Helper,
            is_async: false,
            blocking: true,
            body,
            allowed: &[],
            cfgs: &[],
        }
    }

    /// Whether a client's request runs it.
    fn handles_requests(&self) -> bool {
        self.role != Role::Helper
    }

    /// The attribute that silences what is found in it.
    fn attribute(&self) -> &'static str {
        match self.role {
            Role::Component(marker) => marker.name(),
            Role::Helper => server::ATTRIBUTE,
            Role::Middleware => super::middleware::ATTRIBUTE,
        }
    }
}

/// Everything the lints find in a server. What the server denies is a mistake.
pub(crate) fn server(
    server: &Server,
    helpers: &[Helper],
    surroundings: &Surroundings,
    errors: &mut Errors,
) -> Vec<Finding> {
    let imports = Imports::of(surroundings.imports.clone());
    let mut report = Report::new(&server.levels, imports);
    report.server(server);
    for it in &server.tools {
        let code = Code::of(Marker::Tool, &it.func, it.blocking, &it.component.allowed);
        report.tool(it, &code);
        report.code(&code);
    }
    for it in &server.resources {
        let allowed = &it.component.allowed;
        report.code(&Code::of(Marker::Resource, &it.func, it.blocking, allowed));
    }
    for it in &server.prompts {
        let allowed = &it.component.allowed;
        report.code(&Code::of(Marker::Prompt, &it.func, it.blocking, allowed));
    }
    for it in &server.completions {
        report.code(&Code::of(
            Marker::Completion,
            &it.func,
            it.blocking,
            &it.allowed,
        ));
    }
    for helper in helpers {
        report.code(&Code::beside(helper, Role::Helper, &[]));
    }
    report.code(&Code::around(&surroundings.globals));
    report.finish(errors)
}

/// Everything the lints find in a middleware.
pub(crate) fn middleware(helpers: &[Helper], allowed: &[Lint]) -> Vec<Finding> {
    let levels = Levels::default();
    let mut report = Report::new(&levels, Imports::default());
    for helper in helpers {
        report.code(&Code::beside(helper, Role::Middleware, allowed));
    }
    report.found
}

/// The findings of one item, sorted into warnings and mistakes.
struct Report<'a> {
    levels: &'a Levels,
    imports: Imports,
    found: Vec<Finding>,
    denied: Vec<Finding>,
}

impl<'a> Report<'a> {
    fn new(levels: &'a Levels, imports: Imports) -> Self {
        Self {
            levels,
            imports,
            found: Vec::new(),
            denied: Vec::new(),
        }
    }

    /// What is declared of the server as a whole.
    fn server(&mut self, server: &Server) {
        let whole = TokenStream::new();
        let code = Code::around(&whole);
        self.add(god_server::LINT, god_server::judge(server), &code);
        if let Some((text, span)) = server.instructions() {
            let order = model_does_the_work::judge_text(text, span);
            self.add(model_does_the_work::LINT, order, &code);
        }
    }

    /// What is declared of a tool.
    fn tool(&mut self, tool: &Tool, code: &Code<'_>) {
        let description = missing_description::judge(tool);
        self.add(missing_description::LINT, description, code);
        self.add(fat_tool::LINT, fat_tool::judge(tool), code);
    }

    /// Walks over the code once, for all lints.
    fn code(&mut self, code: &Code<'_>) {
        let imports = self.imports.clone();
        let see = &mut |seen: &Seen<'_>| {
            let found = JUDGES.iter().find_map(|(lint, judge)| {
                let speaks = self.levels.of(*lint, code.allowed) != Level::Allow;
                let problem = speaks.then(|| judge(seen, code)).flatten();
                problem.map(|problem| (*lint, problem))
            });
            if let Some((lint, problem)) = found {
                self.add(lint, Some(problem), code);
            }
        };
        Walk::new(imports, see).tokens(code.body.clone());
    }

    fn add(&mut self, lint: Lint, problem: Option<Problem>, code: &Code<'_>) {
        let Some(Problem { span, text }) = problem else {
            return;
        };
        let (attribute, name) = (code.attribute(), lint.name);
        let text = format!(
            "{text}\n`#[{attribute}(allow({name}))]` silences this; see docs/lints/{name}.md",
        );
        let finding = Finding {
            lint,
            span,
            text,
            cfgs: code.cfgs.to_vec(),
        };
        match self.levels.of(lint, code.allowed) {
            Level::Allow => {}
            Level::Warn => self.found.push(finding),
            Level::Deny => self.denied.push(finding),
        }
    }

    fn finish(self, errors: &mut Errors) -> Vec<Finding> {
        for finding in self.denied {
            let message = format!("{}: {}", finding.lint.name, finding.text);
            errors.push_at(finding.span, message);
        }
        self.found
    }
}
