//! How a server introduces itself: the answers to `initialize` and
//! `server/discover`, through the middleware of the outermost server.

use super::{
    Server,
    dispatch::{OUTERMOST, wrong_response},
    fault::invalid_params,
    lock,
};
use crate::{
    Context, Error, ErrorKind, Result,
    middleware::{AnyResponse, Discover, Initialize, Next, Operation, OperationKind},
    protocol::{CacheScope, DiscoverResult, InitializeParams, InitializeResult},
    registry::Catalogue,
    wire::{Inbound, Raw, Reply, ResultWriter, Revision, write_json},
};

/// Answers `initialize` in the session that it opens.
pub(super) async fn initialize(cx: &Context) -> Result<Reply> {
    let Some(session) = cx.session_state().filter(|session| session.is_opening()) else {
        let problem = "the session has been initialized already";
        return Err(Error::new(ErrorKind::Protocol, problem));
    };
    let catalogue = cx.server().catalogue();
    let mut result = match catalogue.chain.steps(OperationKind::Initialize) {
        [] => cx.server().introduction(cx.revision()),
        steps => {
            let params = &params_of(cx.message())?;
            let next = Next::new(steps, OUTERMOST, &catalogue.tail);
            let asked = Operation::Initialize(Initialize { cx, params });
            match next.step(asked).await? {
                AnyResponse::Initialize(result) => *result,
                _ => return Err(wrong_response()),
            }
        }
    };
    // What the session speaks is settled.
    cx.revision()
        .as_str()
        .clone_into(&mut result.protocol_version);
    session.set_open();
    let mut text = Vec::new();
    write_json(&mut text, &result);
    Ok(Reply::result(cx.request_id(), &text))
}

/// What a client says when it asks for a session.
pub(super) fn params_of(initialize: &Inbound) -> Result<InitializeParams> {
    let params = initialize.params().map_or("{}", Raw::get);
    serde_json::from_str(params)
        .map_err(|error| invalid_params(format!("invalid `initialize` parameters: {error}")))
}

/// Answers `server/discover`. What no middleware has changed is sent as it was
/// prepared.
pub(super) async fn discover(cx: &Context) -> Result<Reply> {
    let catalogue = cx.server().catalogue();
    let changed = match catalogue.chain.steps(OperationKind::Discover) {
        [] => None,
        steps => {
            let next = Next::new(steps, OUTERMOST, &catalogue.tail);
            match next.step(Operation::Discover(Discover { cx })).await? {
                AnyResponse::Discover(result) => written(cx.server(), &catalogue, *result),
                _ => return Err(wrong_response()),
            }
        }
    };
    let members = match &changed {
        Some(members) => members,
        None => catalogue
            .discovery
            .get_or_init(|| members_of(&cx.server().discovery(&catalogue))),
    };
    let (revision, tail) = (cx.revision(), &catalogue.tail);
    let mut writer = ResultWriter::new(cx.request_id(), revision, tail, members.len());
    writer.members().extend_from_slice(members);
    Ok(writer.finish())
}

/// The members of a result that middleware has changed; `None` for one it has not.
fn written(server: &Server, catalogue: &Catalogue, mut result: DiscoverResult) -> Option<Vec<u8>> {
    let own = server.discovery(catalogue);
    if result == own {
        return None;
    }
    if result.cache_scope == own.cache_scope {
        // It may be another one for the next caller.
        result.cache_scope = Some(CacheScope::Private);
    }
    // That of every result follows.
    result.meta = None;
    Some(members_of(&result))
}

/// A result without its braces.
fn members_of(result: &DiscoverResult) -> Vec<u8> {
    let mut text = Vec::new();
    write_json(&mut text, result);
    text.pop();
    text.drain(..text.len().min(1));
    text
}

impl Server {
    /// What it says of itself in a session.
    pub(crate) fn introduction(&self, revision: Revision) -> InitializeResult {
        let info = lock(&self.0.settings).info.clone();
        let mut implementation = info.implementation;
        if !revision.has_titles() {
            implementation.title = None;
        }
        if !revision.has_icons() {
            implementation.icons = None;
            implementation.description = None;
            implementation.website_url = None;
        }
        let catalogue = self.catalogue();
        let capabilities = catalogue.capabilities(self.0.promises.make(&catalogue), revision);
        let mut result = InitializeResult::new(revision.as_str(), capabilities, implementation);
        result.instructions = info.instructions;
        result
    }

    /// What it says of itself in the stateless era.
    pub(crate) fn discovery(&self, catalogue: &Catalogue) -> DiscoverResult {
        let versions = Revision::ALL.into_iter().rev().map(Revision::as_str);
        let promised = self.0.promises.make(catalogue);
        let settings = lock(&self.0.settings);
        let ttl = settings.cache_ttl.as_millis();
        DiscoverResult {
            supported_versions: versions.map(ToOwned::to_owned).collect(),
            capabilities: catalogue.capabilities(promised, Revision::LATEST),
            instructions: settings.info.instructions.clone(),
            ttl_ms: Some(u64::try_from(ttl).unwrap_or(u64::MAX)),
            cache_scope: Some(settings.cache_scope),
            meta: None,
        }
    }
}
