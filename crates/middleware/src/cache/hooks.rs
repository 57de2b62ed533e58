//! What happens around a request.

use std::{sync::atomic::Ordering, time::Duration};

use purlin_core::{
    BoxFuture, Context, Result,
    measure::Samples,
    middleware::{
        Change, Hooks, Listing, Middleware, Next, PromptGet, PromptList, ResourceList,
        ResourceRead, ResourceTemplateList, ToolCall, ToolList,
    },
    prompt::PromptResult,
    protocol::{Prompt, Resource, ResourceTemplate, Tool},
    resource::ResourceResult,
    tool::ToolResult,
};
use serde::Serialize;
use tokio::{
    sync::OwnedSemaphorePermit,
    time::{Instant, timeout},
};

use super::{
    Cache,
    entry::{Answer, Kind},
    flight::Seat,
    key::Key,
};

/// How long a request waits for the answer to another where it has no bound.
const MAX_WAIT: Duration = Duration::from_secs(60);

/// Policies decide anew for every request, so they are asked before an answer
/// is given that they have not seen.
macro_rules! permitted {
    ($input:ident) => {
        match $input.is_decided_by_policies() {
            true => $input.permit().await?,
            false => $input,
        }
    };
}

macro_rules! hook {
    ($($hook:ident($input:ident: $Input:ident $(, $permitted:expr)?) -> $Output:ty, $Answer:ident, $key:expr, $keep:expr;)*) => {
        $(fn $hook<'a>(&'a self, $input: $Input<'a>, next: Next<'a>) -> BoxFuture<'a, Result<$Output>> {
            let Some((key, ttl, limit)) = $key(self, &$input) else {
                return Box::pin(next.run($input));
            };
            Box::pin(async move {
                $(let $input = $permitted;)?
                let cx = $input.context();
                let lookup = match self.look(cx, key, ttl, limit).await {
                    Looked::Hit(Answer::$Answer(answer)) => return Ok(answer),
                    Looked::Hit(_) => return next.run($input).await,
                    Looked::Miss(lookup) => lookup,
                };
                let result = next.run($input).await;
                let answer = match &result {
                    Ok(answer) if !cx.is_unrepeatable() => $keep(answer),
                    _ => None,
                };
                lookup.finish(answer.map(|(answer, size)| (Answer::$Answer(answer), size)));
                result
            })
        })*
    };
}

impl Middleware for Cache {
    fn hooks(&self) -> Hooks {
        let mut hooks = Hooks::NONE;
        for (kind, ttl) in Kind::ALL.into_iter().zip(self.ttls) {
            if ttl.is_some() || (kind == Kind::Call && !self.tools.is_empty()) {
                hooks = hooks | hook_of(kind);
            }
        }
        hooks
    }

    hook! {
        on_call_tool(call: ToolCall, permitted!(call)) -> ToolResult, Tool, Cache::key_of_call, kept_result;
        on_read_resource(read: ResourceRead, permitted!(read)) -> ResourceResult, Resource, Cache::key_of_read,
            |result: &ResourceResult| Some((result.clone(), result.encoded_len()));
        on_get_prompt(get: PromptGet, permitted!(get)) -> PromptResult, Prompt, Cache::key_of_get,
            |result: &PromptResult| Some((result.clone(), result.encoded_len()));
        on_list_tools(list: ToolList) -> Listing<Tool>, Tools,
            |cache: &Cache, list: &ToolList<'_>| cache.key_of_list(Kind::Tools, list.context(), list.is_decided_by_policies()), kept_list;
        on_list_resources(list: ResourceList) -> Listing<Resource>, Resources,
            |cache: &Cache, list: &ResourceList<'_>| cache.key_of_list(Kind::Resources, list.context(), list.is_decided_by_policies()), kept_list;
        on_list_resource_templates(list: ResourceTemplateList) -> Listing<ResourceTemplate>, Templates,
            |cache: &Cache, list: &ResourceTemplateList<'_>| cache.key_of_list(Kind::Templates, list.context(), list.is_decided_by_policies()), kept_list;
        on_list_prompts(list: PromptList) -> Listing<Prompt>, Prompts,
            |cache: &Cache, list: &PromptList<'_>| cache.key_of_list(Kind::Prompts, list.context(), list.is_decided_by_policies()), kept_list;
    }

    fn changed(&self, change: &Change) {
        match change {
            Change::Tools => self.entries.clear(&[Kind::Tools, Kind::Call]),
            Change::Prompts => self.entries.clear(&[Kind::Prompts, Kind::Get]),
            Change::Resources => {
                self.entries
                    .clear(&[Kind::Resources, Kind::Templates, Kind::Read]);
            }
            Change::Resource(uri) => self.entries.forget(Kind::Read, uri),
            // Whatever else may come: better a miss than an old answer.
            _ => self.entries.clear(&Kind::ALL),
        }
    }

    fn measure(&self, samples: &mut Samples) {
        let statistics = self.handle().statistics();
        for kind in &statistics.kinds {
            let labels = [("kind", kind.kind)];
            let help = "Requests answered from the cache.";
            samples.counter("mcp_cache_hits_total", help, &labels, kind.hits);
            let help = "Requests that the cache had no answer for.";
            samples.counter("mcp_cache_misses_total", help, &labels, kind.misses);
        }
        let help = "Answers kept.";
        samples.counter("mcp_cache_stored_total", help, &[], statistics.stored);
        let help = "Answers too large to be kept.";
        samples.counter("mcp_cache_too_large_total", help, &[], statistics.too_large);
        let help = "Requests that waited for the answer to another.";
        samples.counter("mcp_cache_joined_total", help, &[], statistics.joined);
        #[allow(clippy::cast_precision_loss, reason = "far below 2^53")]
        let (entries, bytes) = (statistics.entries as f64, statistics.bytes as f64);
        samples.gauge("mcp_cache_entries", "Entries.", &[], entries);
        samples.gauge(
            "mcp_cache_bytes",
            "Bytes that the entries take.",
            &[],
            bytes,
        );
    }
}

/// What is kept, under what, for how long, and how long a request may wait.
type Keyed = Option<(Key, Duration, Option<Duration>)>;

impl Cache {
    fn key_of_call(&self, call: &ToolCall<'_>) -> Keyed {
        let name = call.name();
        if self.except.contains(name) {
            return None;
        }
        let marks = call.tool()?.annotations.as_ref();
        let only_reads = marks.is_some_and(|marks| marks.read_only_hint == Some(true));
        let by_kind = self.ttls[Kind::Call as usize].filter(|_| only_reads);
        let ttl = self.tools.get(name).copied().or(by_kind)?;
        Some((Key::of_call(call, self.shared)?, ttl, call.time_limit()))
    }

    fn key_of_read(&self, read: &ResourceRead<'_>) -> Keyed {
        let ttl = self.ttls[Kind::Read as usize]?;
        Some((Key::of_read(read, self.shared)?, ttl, read.time_limit()))
    }

    fn key_of_get(&self, get: &PromptGet<'_>) -> Keyed {
        let ttl = self.ttls[Kind::Get as usize]?;
        Some((Key::of_get(get, self.shared)?, ttl, get.time_limit()))
    }

    /// A list that policies decide about is worked out anew.
    fn key_of_list(&self, kind: Kind, cx: &Context, asks: bool) -> Keyed {
        let ttl = self.ttls[kind as usize].filter(|_| !asks)?;
        Some((Key::of_list(kind, cx, self.shared)?, ttl, None))
    }

    /// Looks an answer up, and waits for it where it is being worked out.
    async fn look(
        &self,
        cx: &Context,
        key: Key,
        ttl: Duration,
        limit: Option<Duration>,
    ) -> Looked<'_> {
        let mut lookup = Lookup {
            cache: self,
            begun: self.entries.now(),
            turn: None,
            seat: None,
            ttl,
            key,
        };
        // The answer to a retry is for it alone.
        if cx.is_unrepeatable() {
            return Looked::Miss(lookup);
        }
        if let Some(answer) = self.hit(&lookup.key) {
            return Looked::Hit(answer);
        }
        let seat = self.flights.join(&lookup.key.text);
        lookup.turn = seat.try_turn();
        if lookup.turn.is_none() {
            self.entries.counts.joined.fetch_add(1, Ordering::Relaxed);
            let started = Instant::now();
            let turn = timeout(limit.unwrap_or(MAX_WAIT), seat.turn()).await;
            lookup.turn = turn.ok().flatten();
            cx.charge(started.elapsed());
            lookup.begun = self.entries.now();
        }
        // Whoever had the turn before may have left the answer.
        if let Some(answer) = self.hit(&lookup.key) {
            return Looked::Hit(answer);
        }
        lookup.seat = Some(seat);
        let misses = &self.entries.counts.misses[lookup.key.kind as usize];
        misses.fetch_add(1, Ordering::Relaxed);
        Looked::Miss(lookup)
    }

    fn hit(&self, key: &Key) -> Option<Answer> {
        let answer = self.entries.get(key)?;
        self.entries.counts.hits[key.kind as usize].fetch_add(1, Ordering::Relaxed);
        Some(answer)
    }
}

enum Looked<'a> {
    Hit(Answer),
    Miss(Lookup<'a>),
}

/// A request that works an answer out. Dropped before it is finished, it leaves
/// its turn to the next.
struct Lookup<'a> {
    cache: &'a Cache,
    key: Key,
    ttl: Duration,
    begun: u64,
    turn: Option<OwnedSemaphorePermit>,
    seat: Option<Seat<'a>>,
}

impl Lookup<'_> {
    /// Keeps the answer, if it may be kept.
    fn finish(self, answer: Option<(Answer, usize)>) {
        let Self {
            cache,
            key,
            ttl,
            begun,
            turn,
            seat,
        } = self;
        let Some(seat) = seat else { return };
        let fits = |(_, size): &(Answer, usize)| {
            let fits = *size <= cache.max_item;
            if !fits {
                cache
                    .entries
                    .counts
                    .too_large
                    .fetch_add(1, Ordering::Relaxed);
            }
            fits
        };
        let kept = match answer.filter(fits) {
            Some((answer, size)) => {
                cache.entries.put(&key, begun, ttl, answer, size);
                true
            }
            None => false,
        };
        seat.landed(kept);
        drop(turn);
    }
}

fn hook_of(kind: Kind) -> Hooks {
    match kind {
        Kind::Tools => Hooks::TOOL_LIST,
        Kind::Resources => Hooks::RESOURCE_LIST,
        Kind::Templates => Hooks::RESOURCE_TEMPLATE_LIST,
        Kind::Prompts => Hooks::PROMPT_LIST,
        Kind::Call => Hooks::TOOL_CALL,
        Kind::Read => Hooks::RESOURCE_READ,
        Kind::Get => Hooks::PROMPT_GET,
    }
}

fn kept_result(result: &ToolResult) -> Option<(ToolResult, usize)> {
    (!result.is_error()).then(|| (result.clone(), result.encoded_len()))
}

/// A list, with its length as JSON.
fn kept_list<T: Serialize>(list: &Listing<T>) -> Option<(Listing<T>, usize)> {
    let size = serde_json::to_vec(&**list).ok()?.len();
    Some((list.clone(), size))
}
