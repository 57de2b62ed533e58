//! What a server tells of itself: how it does, and what it has counted.

use std::{
    collections::{HashMap, HashSet},
    future::poll_fn,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{Arc, Mutex},
    task::Poll,
    time::Duration,
};

use tokio::{
    sync::Semaphore,
    time::{Instant, timeout},
};

use super::{Server, guarded, lock};
use crate::{
    BoxFuture, Error, ErrorKind, Result,
    health::{CHECK_LIMIT, Dependency, HOLDS_FOR, Health, HealthCheck, Status},
    measure::{Measure, Samples},
    middleware::{Chain, Middleware},
    wire::Revision,
};

/// A session that has ended.
#[derive(Debug, Clone)]
pub struct SessionEnd {
    pub(crate) revision: Revision,
    pub(crate) duration: Duration,
}

impl SessionEnd {
    /// The revision that was negotiated.
    pub fn revision(&self) -> Revision {
        self.revision
    }

    /// How long it lasted, from `initialize` to the end of its last request.
    pub fn duration(&self) -> Duration {
        self.duration
    }
}

type Tell = Arc<dyn Fn(&SessionEnd) + Send + Sync>;

/// What one server measures and depends on.
pub(crate) struct Observed {
    measures: Mutex<Vec<Arc<dyn Measure>>>,
    checks: Mutex<Vec<Arc<dyn HealthCheck>>>,
    ended: Mutex<Vec<Tell>>,
    found: Mutex<Option<(Instant, Vec<Dependency>)>>,
    /// One asks; whoever comes meanwhile takes what it finds.
    asking: Semaphore,
}

impl Default for Observed {
    fn default() -> Self {
        Self {
            measures: Mutex::default(),
            checks: Mutex::default(),
            ended: Mutex::default(),
            found: Mutex::default(),
            asking: Semaphore::new(1),
        }
    }
}

/// The middleware that was asked for its samples.
#[derive(Default)]
struct Asked {
    /// By address: the same middleware may stand in several places.
    seen: HashSet<*const ()>,
    /// How many of a type there were, by mount and name of the type.
    instances: HashMap<(String, &'static str), usize>,
}

impl Asked {
    fn ask(&mut self, middleware: &Arc<dyn Middleware>, samples: &mut Samples) {
        if !self.seen.insert(Arc::as_ptr(middleware).cast()) {
            return;
        }
        let place = (samples.mount().to_owned(), Middleware::name(&**middleware));
        let number = self.instances.entry(place).or_default();
        *number += 1;
        samples.of_instance(*number, |samples| middleware.measure(samples));
    }
}

impl Server {
    /// Adds something that counts to what [`samples`](Self::samples) asks.
    #[must_use]
    pub fn measured(self, what: Arc<dyn Measure>) -> Self {
        lock(&self.0.observed.measures).push(what);
        self
    }

    /// What has been counted so far: by middleware, that of mounts and single
    /// components included, by what was [added](Self::measured), and how many
    /// handlers of this process have panicked.
    ///
    /// Series from behind a mount have the label `mount` with its prefix. Where
    /// middleware of one type stands several times, in the chain of a server and
    /// around its components, those of the second have the label `instance` with
    /// the value 2, and so on in the order of the chain.
    pub fn samples(&self) -> Samples {
        let mut samples = Samples::new();
        let panics = guarded::panics();
        samples.counter("mcp_panics_total", "Handlers that panicked.", &[], panics);
        self.sample(&mut samples, &mut Asked::default());
        samples
    }

    fn sample(&self, samples: &mut Samples, asked: &mut Asked) {
        for middleware in self.own_middleware() {
            asked.ask(&middleware, samples);
        }
        let children = self.children();
        for mounted in &children {
            samples.behind(mounted.prefix.as_deref(), |samples| {
                for middleware in mounted.around.middleware() {
                    asked.ask(middleware, samples);
                }
            });
        }
        // Copied, so that nobody's code runs under the lock.
        let measures = lock(&self.0.observed.measures).clone();
        for what in measures {
            what.measure(samples);
        }
        for mounted in children {
            samples.behind(mounted.prefix.as_deref(), |samples| {
                mounted.server.sample(samples, asked);
            });
        }
    }

    /// The server's middleware, and that of its own components.
    fn own_middleware(&self) -> Vec<Arc<dyn Middleware>> {
        let source = lock(&self.0.source);
        let tools = source.tools.iter().flat_map(|entry| &entry.levels);
        let resources = source.resources.iter().flat_map(|entry| &entry.levels);
        let prompts = source.prompts.iter().flat_map(|entry| &entry.levels);
        let levels = tools.chain(resources).chain(prompts);
        let own = levels.flat_map(|level| Chain::middleware(&level.chain));
        source.middleware.iter().chain(own).cloned().collect()
    }

    /// Calls a function for each session that ends.
    #[must_use]
    pub fn on_session_end(self, tell: impl Fn(&SessionEnd) + Send + Sync + 'static) -> Self {
        lock(&self.0.observed.ended).push(Arc::new(tell));
        self
    }

    pub(crate) fn session_ended(&self, end: &SessionEnd) {
        let ended = lock(&self.0.observed.ended).clone();
        for tell in ended {
            // It may be called while something is dropped, where a panic is the end.
            if let Err(panic) = catch_unwind(AssertUnwindSafe(|| tell(end))) {
                guarded::panicked(&*panic);
            }
        }
    }

    /// Adds a dependency to what [`health`](Self::health) asks.
    #[must_use]
    pub fn health_check(self, check: impl HealthCheck) -> Self {
        lock(&self.0.observed.checks).push(Arc::new(check));
        self
    }

    /// Asks every dependency, those of mounted servers included, at the same
    /// time. What was found less than a second ago is not asked again, and
    /// whoever asks at the same time gets the same answer.
    ///
    /// It takes 2 s at most: a check that takes longer, or panics, has failed.
    ///
    /// # Cancellation
    /// Dropping the future gives the checks up; the next one asks anew.
    pub async fn health(&self) -> Health {
        let draining = self.is_draining();
        if let Some(dependencies) = self.found() {
            return Health {
                dependencies,
                draining,
            };
        }
        // The semaphore is never closed.
        let _asking = self.0.observed.asking.acquire().await.ok();
        let dependencies = match self.found() {
            Some(dependencies) => dependencies,
            None => {
                let found = ask_all(self.checks("")).await;
                *lock(&self.0.observed.found) = Some((Instant::now(), found.clone()));
                found
            }
        };
        Health {
            dependencies,
            draining: self.is_draining(),
        }
    }

    /// What was found lately.
    fn found(&self) -> Option<Vec<Dependency>> {
        let found = lock(&self.0.observed.found);
        let (when, dependencies) = found.as_ref()?;
        (when.elapsed() < HOLDS_FOR).then(|| dependencies.clone())
    }

    /// Every check under its full name.
    fn checks(&self, prefix: &str) -> Vec<(String, Arc<dyn HealthCheck>)> {
        let own = lock(&self.0.observed.checks).clone();
        let named = |check: Arc<dyn HealthCheck>| (format!("{prefix}{}", check.name()), check);
        let mut checks: Vec<_> = own.into_iter().map(named).collect();
        for mounted in self.children() {
            let prefix = match &mounted.prefix {
                Some(own) => format!("{prefix}{own}_"),
                None => prefix.to_owned(),
            };
            checks.extend(mounted.server.checks(&prefix));
        }
        checks
    }
}

/// Asks all at once and waits for all.
async fn ask_all(checks: Vec<(String, Arc<dyn HealthCheck>)>) -> Vec<Dependency> {
    enum Asked {
        Running(BoxFuture<'static, Dependency>),
        Done(Dependency),
    }
    let mut asked: Vec<_> = checks
        .into_iter()
        .map(|(name, check)| Asked::Running(Box::pin(ask(name, check))))
        .collect();
    poll_fn(|cx| {
        let mut all = Poll::Ready(());
        for one in &mut asked {
            if let Asked::Running(running) = one {
                match running.as_mut().poll(cx) {
                    Poll::Ready(dependency) => *one = Asked::Done(dependency),
                    Poll::Pending => all = Poll::Pending,
                }
            }
        }
        all
    })
    .await;
    let done = asked.into_iter().filter_map(|one| match one {
        Asked::Done(dependency) => Some(dependency),
        Asked::Running(_) => None,
    });
    done.collect()
}

async fn ask(name: String, check: Arc<dyn HealthCheck>) -> Dependency {
    let result = match timeout(CHECK_LIMIT, guarded_check(&*check)).await {
        Ok(result) => result,
        Err(_) => Err(Error::new(
            ErrorKind::Timeout,
            format!("it took longer than {CHECK_LIMIT:?}"),
        )),
    };
    let status = match &result {
        Ok(()) => Status::Ok,
        Err(_) if check.is_essential() => Status::Failed,
        Err(_) => Status::Degraded,
    };
    if let Err(error) = result {
        tracing::warn!(dependency = name, %error, "a dependency does not work");
    }
    Dependency { name, status }
}

/// A check that panics has failed, and brings nothing else down.
async fn guarded_check(check: &dyn HealthCheck) -> Result<()> {
    let mut running = catch_unwind(AssertUnwindSafe(|| check.check()))
        .map_err(|panic| guarded::panicked(&*panic))?;
    poll_fn(
        |cx| match catch_unwind(AssertUnwindSafe(|| running.as_mut().poll(cx))) {
            Ok(polled) => polled,
            Err(panic) => Poll::Ready(Err(guarded::panicked(&*panic))),
        },
    )
    .await
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU64, Ordering};

    use super::*;
    use crate::middleware::Hooks;

    /// Answers as it is told, and counts how often it was asked.
    struct Told {
        name: &'static str,
        essential: bool,
        answer: fn() -> BoxFuture<'static, Result<()>>,
        asked: Arc<AtomicU64>,
    }

    impl HealthCheck for Told {
        fn name(&self) -> &str {
            self.name
        }

        fn check(&self) -> BoxFuture<'_, Result<()>> {
            self.asked.fetch_add(1, Ordering::Relaxed);
            (self.answer)()
        }

        fn is_essential(&self) -> bool {
            self.essential
        }
    }

    fn told(name: &'static str, answer: fn() -> BoxFuture<'static, Result<()>>) -> Told {
        Told {
            name,
            essential: true,
            answer,
            asked: Arc::default(),
        }
    }

    fn fails() -> BoxFuture<'static, Result<()>> {
        Box::pin(async { Err(Error::new(ErrorKind::Io, "redis://user:secret@host")) })
    }

    fn works() -> BoxFuture<'static, Result<()>> {
        Box::pin(async { Ok(()) })
    }

    fn hangs() -> BoxFuture<'static, Result<()>> {
        Box::pin(std::future::pending())
    }

    fn panics() -> BoxFuture<'static, Result<()>> {
        panic!("the check is broken")
    }

    fn states(health: &Health) -> Vec<(&str, &str)> {
        let dependencies = health.dependencies().iter();
        dependencies
            .map(|have| (have.name(), have.status().as_str()))
            .collect()
    }

    #[tokio::test(start_paused = true)]
    async fn every_dependency_is_asked_and_none_hangs_the_answer() {
        let child = Server::builder("child", "0.0.0").health_check(told("database", works));
        let server = Server::builder("test", "0.0.0")
            .health_check(told("broken", panics))
            .health_check(told("slow", hangs))
            .health_check(Told {
                essential: false,
                ..told("cache", fails)
            });
        server.mount("inner", &child).unwrap();
        let start = Instant::now();
        let health = server.health().await;
        assert_eq!(start.elapsed().as_secs(), 2);
        let expected = [
            ("broken", "failed"),
            ("slow", "failed"),
            ("cache", "degraded"),
            ("inner_database", "ok"),
        ];
        assert_eq!(states(&health), expected);
        assert!(!health.is_ready());
        assert!(!format!("{health:?}").contains("secret"));
    }

    #[tokio::test(start_paused = true)]
    async fn what_was_found_holds_for_a_second_and_is_shared() {
        let check = told("database", works);
        let asked = Arc::clone(&check.asked);
        let server = Server::builder("test", "0.0.0").health_check(check);
        tokio::join!(server.health(), server.health());
        server.health().await;
        assert_eq!(asked.load(Ordering::Relaxed), 1);
        tokio::time::advance(HOLDS_FOR).await;
        server.health().await;
        assert_eq!(asked.load(Ordering::Relaxed), 2);
    }

    #[tokio::test]
    async fn a_server_without_what_it_needs_not_is_degraded_and_ready() {
        let server = Server::builder("test", "0.0.0").health_check(Told {
            essential: false,
            ..told("cache", fails)
        });
        let health = server.health().await;
        assert_eq!(health.status(), Status::Degraded);
        assert!(health.is_ready());
        server.shutdown();
        assert!(!server.health().await.is_ready());
    }

    struct Counting;

    impl Middleware for Counting {
        fn hooks(&self) -> Hooks {
            Hooks::TOOL_CALL
        }

        fn measure(&self, samples: &mut Samples) {
            samples.counter("seen_total", "Seen.", &[], 1);
        }
    }

    impl Measure for Counting {
        fn measure(&self, samples: &mut Samples) {
            samples.gauge("open", "Open.", &[], 1.0);
        }
    }

    #[test]
    fn middleware_of_the_whole_tree_is_asked() {
        let child = Server::builder("child", "0.0.0")
            .middleware(Counting)
            .measured(Arc::new(Counting));
        let server = Server::builder("test", "0.0.0").middleware(Counting);
        server.mount("inner", &child).unwrap();
        let samples = server.samples();
        let inner = [("mount", "inner")];
        assert_eq!(samples.value("seen_total", &[]), Some(1.0));
        assert_eq!(samples.value("seen_total", &inner), Some(1.0));
        assert_eq!(samples.value("open", &inner), Some(1.0));
        assert_eq!(samples.value("mcp_panics_total", &inner), None);
    }

    #[test]
    fn middleware_of_one_type_is_told_apart() {
        let server = Server::builder("test", "0.0.0")
            .middleware(Counting)
            .middleware(Counting)
            .middleware(Counting);
        let samples = server.samples();
        assert_eq!(samples.value("seen_total", &[]), Some(1.0));
        assert_eq!(samples.value("seen_total", &[("instance", "2")]), Some(1.0));
        assert_eq!(samples.value("seen_total", &[("instance", "3")]), Some(1.0));
    }
}
