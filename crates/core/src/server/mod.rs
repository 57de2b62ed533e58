//! The server: what is offered, and how requests reach it.
//!
//! A [`Server`] is a cheap handle. Everything in it may change while it runs
//! (mounts, components); requests work on the catalogue of the moment they
//! started. [`dispatch`] serves them; [`Exchange`] is one of them being served,
//! a future the transport polls in place.

mod batch;
pub(crate) mod blocking;
pub(crate) mod blocks;
mod component;
pub(crate) mod dispatch;
mod dynamic;
mod exchange;
pub(crate) mod fault;
mod function;
mod guarded;
mod handler;
mod import;
mod info;
mod introduce;
mod kept;
mod lifespan;
mod link;
mod listen;
mod lists;
mod modern;
mod mount;
mod notify;
mod observed;
mod part;
pub(crate) mod promise;
mod scope;
mod seal;
mod session;
mod shared;
mod sharing;
mod shutdown;
mod weak;

use std::{
    borrow::Cow,
    fmt,
    sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError, atomic::AtomicBool},
    time::Duration,
};

use arc_swap::ArcSwapOption;
use serde_json::json;

pub use batch::Batch;
pub use dynamic::{DynamicPrompt, DynamicResource, DynamicTool};
pub use exchange::Exchange;
pub(crate) use fault::error_reply;
pub use function::Function;
pub(crate) use guarded::guarded;
pub use handler::{CompletionFn, PromptFn, ResourceFn, ToolFn};
pub(crate) use info::Info;
pub use lifespan::Lifespan;
pub(crate) use link::Link;
use mount::{Terms, link_parent};
pub use observed::SessionEnd;
pub use part::{McpServer, MountSpec, Part, ServerSpec};
pub(crate) use scope::Scope;
pub use seal::{KEY_SIZE, KeyRing, fill_random};
pub(crate) use session::SessionState;
pub use session::{Opening, Session, WeakSession};
pub use shared::Shared;
pub use weak::WeakServer;

use crate::{
    Error, ErrorKind, Extensions,
    access::{Asked, Decision, Permissions, Policy, SharedLimits, check},
    middleware::Middleware,
    protocol::{CacheScope, Icon, Implementation, Meta},
    registry::{Bus, Catalogue, Change, Source, TagFilter},
};

/// How long one call may take unless its component says otherwise.
const DEFAULT_TIMEOUT: Duration = Duration::from_secs(60);
/// How long any call may take unless the server says otherwise.
const DEFAULT_CEILING: Duration = Duration::from_secs(10 * 60);

/// A server: components under names, with middleware around them.
///
/// Made from an annotated type ([`McpServer::into_server`]) or put together at
/// run time. A clone is a handle on the same server.
///
/// ```
/// use purlin_core::{Server, tool::ToolResult};
///
/// let server = Server::builder("greeter", "1.0.0").instructions("Greets people.");
/// assert_eq!(server.name(), "greeter");
/// ```
#[derive(Clone)]
pub struct Server(Arc<Inner>);

pub(crate) struct Inner {
    settings: Mutex<Settings>,
    source: Mutex<Source>,
    catalogue: ArcSwapOption<Catalogue>,
    bus: Bus,
    /// Every replica hears of its changes by itself.
    local_changes: AtomicBool,
    /// Where its changes are shared with other replicas.
    sharing: OnceLock<Arc<sharing::Sharing>>,
    keys: OnceLock<KeyRing>,
    kept: kept::Kept,
    scope: Arc<Scope>,
    values: Arc<Extensions>,
    lifespan: lifespan::Lifespans,
    shutdown: shutdown::Shutdown,
    promises: promise::Promises,
    observed: observed::Observed,
}

/// What is set before serving.
#[derive(Debug, Clone)]
struct Settings {
    info: Info,
    mask_errors: Option<bool>,
    timeout: Option<Duration>,
    ceiling: Option<Duration>,
    cache_ttl: Duration,
    cache_scope: CacheScope,
    limits: Option<SharedLimits>,
    permissions: Arc<Permissions>,
}

/// What results end with, and what else is asked for on every call.
#[derive(Debug, Default)]
pub(crate) struct Tail {
    /// `,"resultType":"complete","_meta":{…server info…}`
    pub(crate) complete: String,
    /// `,"ttlMs":…,"cacheScope":…`
    pub(crate) cache: String,
    /// The same for what is not to be shared between callers.
    pub(crate) private_cache: String,
    pub(crate) info: serde_json::Value,
    pub(crate) mask_errors: Option<bool>,
    timeout: Option<Duration>,
    ceiling: Option<Duration>,
    pub(crate) limits: Option<SharedLimits>,
    pub(crate) permissions: Arc<Permissions>,
}

impl fmt::Debug for Server {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Server")
            .field("name", &self.name())
            .finish_non_exhaustive()
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    // No user code runs under these locks, so what they guard is always whole.
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Server {
    /// The server an annotated value is.
    pub fn new<S: McpServer>(server: S) -> Self {
        S::__server(Shared::new(server))
    }

    /// A server without components, to be filled at run time.
    pub fn builder(name: impl Into<String>, version: impl Into<String>) -> Self {
        let info = Info {
            implementation: Implementation::new(name, version),
            instructions: None,
        };
        Self::from_source(info, Source::default())
    }

    pub(crate) fn from_source(info: Info, source: Source) -> Self {
        let values = Arc::new(Extensions::new());
        Self(Arc::new_cyclic(|this| Inner {
            settings: Mutex::new(Settings {
                info,
                mask_errors: None,
                timeout: Some(DEFAULT_TIMEOUT),
                ceiling: Some(DEFAULT_CEILING),
                cache_ttl: Duration::ZERO,
                cache_scope: CacheScope::Private,
                limits: None,
                permissions: Arc::default(),
            }),
            source: Mutex::new(source),
            catalogue: ArcSwapOption::empty(),
            bus: Bus::default(),
            local_changes: AtomicBool::new(false),
            sharing: OnceLock::new(),
            keys: OnceLock::new(),
            kept: kept::Kept::default(),
            scope: Arc::new(Scope::of(Arc::clone(&values), this.clone())),
            values,
            lifespan: lifespan::Lifespans::default(),
            shutdown: shutdown::Shutdown::default(),
            promises: promise::Promises::default(),
            observed: observed::Observed::default(),
        }))
    }

    /// Declares tools, prompts and resources to clients although there are none
    /// yet, for a server that is filled while it serves: clients are told of
    /// changes of what was declared only.
    #[must_use]
    pub fn declare_all(self) -> Self {
        self.0.promises.make_all();
        self
    }

    fn set(&self, change: impl FnOnce(&mut Settings)) {
        change(&mut lock(&self.0.settings));
        // Under the lock, so that a catalogue being built of the old settings is not kept.
        let _source = lock(&self.0.source);
        self.0.catalogue.store(None);
    }

    /// Renames the server.
    #[must_use]
    pub fn with_name(self, name: impl Into<String>) -> Self {
        self.set(|settings| settings.info.implementation.name = name.into());
        self
    }

    /// Sets the version, in place of what the server was made with.
    #[must_use]
    pub fn with_version(self, version: impl Into<String>) -> Self {
        self.set(|settings| settings.info.implementation.version = version.into());
        self
    }

    /// Sets the name shown to people.
    #[must_use]
    pub fn title(self, title: impl Into<String>) -> Self {
        self.set(|settings| settings.info.implementation.title = Some(title.into()));
        self
    }

    /// Says how a model best uses the server.
    #[must_use]
    pub fn instructions(self, instructions: impl Into<String>) -> Self {
        self.set(|settings| settings.info.instructions = Some(instructions.into()));
        self
    }

    /// Adds an icon to choose from.
    #[must_use]
    pub fn icon(self, icon: Icon) -> Self {
        self.set(|settings| settings.info.add_icon(icon));
        self
    }

    /// Adds middleware, outside of what was added before.
    #[must_use]
    pub fn outermost(self, middleware: impl Middleware) -> Self {
        self.edit(|source| source.put_around(0, Arc::new(middleware)), &[]);
        self
    }

    /// Adds middleware, inside of what was added before.
    #[must_use]
    pub fn middleware(self, middleware: impl Middleware) -> Self {
        self.edit(
            |source| source.put_around(source.middleware.len(), Arc::new(middleware)),
            &[],
        );
        self
    }

    /// Shows only what the filter keeps, mounts included.
    #[must_use]
    pub fn filter(self, filter: TagFilter) -> Self {
        self.edit(|source| source.filter = filter, &Change::LISTS);
        self
    }

    /// Takes arguments of kindred types for all tools of this server's own: `"1"` or `true` for 1,
    /// `"true"` for `true`, 1 for `"1"`. JSON text for an object or an array stays refused.
    ///
    /// ```
    /// use purlin_core::Server;
    ///
    /// let server = Server::builder("calculator", "1.0.0").lenient();
    /// ```
    #[must_use]
    pub fn lenient(self) -> Self {
        self.edit(Source::make_lenient, &[]);
        self
    }

    /// Demands that the callers of everything it offers, mounts included, were
    /// granted these scopes, all of them.
    ///
    /// Callers over HTTP that nobody has authenticated have none; those on
    /// standard input and output or in memory are trusted.
    #[must_use]
    pub fn scopes<T: Into<Cow<'static, str>>>(self, scopes: impl IntoIterator<Item = T>) -> Self {
        self.edit(
            |source| source.requirement.add_scopes(scopes),
            &Change::LISTS,
        );
        self
    }

    /// Demands that the callers of everything it offers, mounts included, have
    /// one of these roles. To whoever has none, nothing exists.
    #[must_use]
    pub fn roles<T: Into<Cow<'static, str>>>(self, roles: impl IntoIterator<Item = T>) -> Self {
        self.edit(|source| source.requirement.add_roles(roles), &Change::LISTS);
        self
    }

    /// Has this policy asked about the callers of everything it offers, mounts
    /// included, besides what else is demanded of them.
    ///
    /// Lists show what the policies allow; those that have not answered within
    /// 5 s are taken to deny.
    #[must_use]
    pub fn policy(self, policy: impl Policy) -> Self {
        let policy = Arc::new(policy);
        self.edit(
            |source| source.requirement.add_policy(policy),
            &Change::LISTS,
        );
        self
    }

    /// The same with a function that decides at once. `false` denies.
    ///
    /// ```
    /// use purlin_core::Server;
    ///
    /// let server = Server::builder("orders", "1.0.0")
    ///     .check(|asked| !asked.has_tag("internal") || asked.has_scope("staff"));
    /// ```
    #[must_use]
    pub fn check<D: Into<Decision>>(
        self,
        function: impl for<'a> Fn(&Asked<'a>) -> D + Send + Sync + 'static,
    ) -> Self {
        self.policy(check(function))
    }

    /// Demands these scopes, all of them, for everything that carries a tag,
    /// mounts included.
    ///
    /// ```
    /// use purlin_core::Server;
    ///
    /// let server = Server::builder("orders", "1.0.0").tag_scopes("billing", ["billing:read"]);
    /// ```
    #[must_use]
    pub fn tag_scopes<T: Into<Cow<'static, str>>>(
        self,
        tag: impl Into<Cow<'static, str>>,
        scopes: impl IntoIterator<Item = T>,
    ) -> Self {
        self.edit(
            |source| source.tagged(tag.into()).add_scopes(scopes),
            &Change::LISTS,
        );
        self
    }

    /// Demands one of these roles for everything that carries a tag, mounts
    /// included.
    #[must_use]
    pub fn tag_roles<T: Into<Cow<'static, str>>>(
        self,
        tag: impl Into<Cow<'static, str>>,
        roles: impl IntoIterator<Item = T>,
    ) -> Self {
        self.edit(
            |source| source.tagged(tag.into()).add_roles(roles),
            &Change::LISTS,
        );
        self
    }

    /// Says which scopes roles grant and which scopes include others, for all
    /// that is demanded here and in mounts.
    #[must_use]
    pub fn permissions(self, permissions: Permissions) -> Self {
        self.set(|settings| settings.permissions = Arc::new(permissions));
        self.publish(&Change::LISTS);
        self
    }

    /// Cuts lists into pages of at most this many items. Without it lists come
    /// whole.
    ///
    /// # Panics
    /// When `items` is 0.
    #[must_use]
    pub fn page_size(self, items: usize) -> Self {
        assert!(items > 0, "a page needs at least one item");
        self.edit(|source| source.page_size = Some(items), &[]);
        self
    }

    /// Decides whether the causes of failures are kept from clients. By default
    /// they are over HTTP, and shown on stdio and in memory. The text of a
    /// [`ToolError`](crate::ToolError) is always shown.
    #[must_use]
    pub fn mask_errors(self, mask: bool) -> Self {
        self.set(|settings| settings.mask_errors = Some(mask));
        self
    }

    /// Bounds every call whose component does not say otherwise; the default is
    /// 60 s, `None` is no bound but the [ceiling](Self::timeout_ceiling). While the
    /// client's user is asked something the clock stands.
    #[must_use]
    pub fn timeout(self, limit: impl Into<Option<Duration>>) -> Self {
        let limit = limit.into();
        self.set(|settings| settings.timeout = limit);
        self
    }

    /// Bounds every call whatever its component says, also one that goes on
    /// reporting progress; the default is 10 min, `None` is no bound.
    #[must_use]
    pub fn timeout_ceiling(self, limit: impl Into<Option<Duration>>) -> Self {
        let limit = limit.into();
        self.set(|settings| settings.ceiling = limit);
        self
    }

    /// Says for how long clients may keep lists and contents, and whether they
    /// may share them between users (SEP-2549). The default is not at all.
    #[must_use]
    pub fn cache_hints(self, ttl: Duration, scope: CacheScope) -> Self {
        self.set(|settings| {
            settings.cache_ttl = ttl;
            settings.cache_scope = scope;
        });
        self
    }

    /// Counts the `rate_limit`s of components, mounts included, in a store that
    /// several processes share; without it each process counts alone.
    #[must_use]
    pub fn share_limits(self, limits: SharedLimits) -> Self {
        self.set(|settings| settings.limits = Some(limits));
        self
    }

    /// Sets the keys that seal what clients carry for the server. Replicas that
    /// serve the same clients need the same; the default is a random key.
    #[must_use]
    pub fn key_ring(self, keys: KeyRing) -> Self {
        // Only the first call has an effect: texts may have been sealed since.
        let _ = self.0.keys.set(keys);
        self
    }

    /// The server's name.
    pub fn name(&self) -> String {
        lock(&self.0.settings).info.implementation.name.clone()
    }

    /// What the server says of itself.
    pub fn implementation(&self) -> Implementation {
        lock(&self.0.settings).info.implementation.clone()
    }

    pub(crate) fn keys(&self) -> &KeyRing {
        self.0.keys.get_or_init(KeyRing::default)
    }

    pub(crate) fn bus(&self) -> &Bus {
        &self.0.bus
    }

    pub(crate) fn scope(&self) -> &Arc<Scope> {
        &self.0.scope
    }

    /// Everything the server offers now.
    pub(crate) fn catalogue(&self) -> Arc<Catalogue> {
        if let Some(catalogue) = self.0.catalogue.load_full() {
            return catalogue;
        }
        // Built under the lock, so that no later change is overwritten.
        let source = lock(&self.0.source);
        let catalogue = Arc::new(Catalogue::build(self, &source));
        self.0.catalogue.store(Some(Arc::clone(&catalogue)));
        catalogue
    }

    /// The kinds of components that are offered, or were declared to a client before.
    pub(crate) fn offered(&self, catalogue: &Catalogue) -> promise::Kinds {
        self.0.promises.with(catalogue)
    }

    /// Changes what was put in and tells everybody.
    pub(crate) fn edit<T>(&self, change: impl FnOnce(&mut Source) -> T, changes: &[Change]) -> T {
        let result = {
            let mut source = lock(&self.0.source);
            let result = change(&mut source);
            self.0.catalogue.store(None);
            result
        };
        self.publish(changes);
        result
    }

    /// What results end with.
    pub(crate) fn tail(&self) -> Arc<Tail> {
        Arc::clone(&self.catalogue().tail)
    }

    /// What results end with, worked out anew.
    pub(crate) fn make_tail(&self) -> Tail {
        Tail::new(&lock(&self.0.settings))
    }
}

impl Tail {
    fn new(settings: &Settings) -> Self {
        let implementation = &settings.info.implementation;
        // Written as text, so that the name comes before what describes it.
        let text = serde_json::to_string(implementation).unwrap_or_default();
        let info = json!(implementation);
        let cache = |scope: &CacheScope| {
            let ttl = settings.cache_ttl.as_millis();
            format!(r#","ttlMs":{ttl},"cacheScope":{}"#, json!(scope))
        };
        Self {
            complete: format!(
                r#","resultType":"complete","_meta":{{"{}":{text}}}"#,
                Meta::SERVER_INFO
            ),
            cache: cache(&settings.cache_scope),
            private_cache: cache(&CacheScope::Private),
            info,
            mask_errors: settings.mask_errors,
            timeout: settings.timeout,
            limits: settings.limits.clone(),
            permissions: Arc::clone(&settings.permissions),
            ceiling: settings.ceiling,
        }
    }

    /// How long a call may take whose component says `own`.
    pub(crate) fn limit(&self, own: Option<Duration>) -> Option<Duration> {
        match (own.or(self.timeout), self.ceiling) {
            (Some(limit), Some(ceiling)) => Some(limit.min(ceiling)),
            (limit, ceiling) => limit.or(ceiling),
        }
    }
}

/// A change that the server's author has to make otherwise.
fn refused(problem: impl Into<Cow<'static, str>>) -> Error {
    Error::new(ErrorKind::Configuration, problem)
}

/// A random id of 128 bits in hexadecimal.
pub(crate) fn random_id() -> String {
    let mut bytes = [0; 16];
    fill_random(&mut bytes);
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
