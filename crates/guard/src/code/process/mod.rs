//! Code in a process in a box: interpreters of this machine, and the helper that makes the box.

mod helper;
mod host;
mod interpreter;
mod introspect;
mod libraries;
mod plan;
mod program;
mod resources;
mod session;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use purlin_sandbox::{Failure, Report};
use tokio::runtime::Handle;
use tokio::task::spawn_blocking;
use tokio::time::timeout;

use self::helper::Helper;
use self::host::{Host, feature};
use self::interpreter::Interpreter;
use self::resources::Resources;
use self::session::{BoxSession, lost};
use super::backend::{Backend, How, Job, Session};
use super::builder::Setup;
use super::{Language, Missing, Piece, Tier, Unavailable};
use crate::BoxFuture;

/// How long a helper may take until the code runs.
const START: Duration = Duration::from_secs(10);

/// How much of what an interpreter says in its first run is looked at.
const SAID: usize = 64 << 10;

/// Runs code in one language, in a process in a box.
#[derive(Debug)]
struct Process {
    language: Arc<Language>,
    interpreter: Arc<Interpreter>,
    host: Arc<Host>,
    complaints: Arc<[String]>,
}

/// Finds the interpreter of each language, and runs it once in its box.
pub(super) async fn prepare(
    languages: BTreeMap<String, Language>,
    setup: &Setup,
) -> Vec<(String, Result<Arc<dyn Backend>, Vec<Missing>>)> {
    if languages.is_empty() {
        return Vec::new();
    }
    let host = Host::find(setup).await;
    let mut prepared = Vec::new();
    for (name, language) in languages {
        let backend = match &host {
            Ok(host) => Process::prepare(language, host, setup).await,
            Err(missing) => Err(missing.clone()),
        };
        prepared.push((name, backend.map(|it| Arc::new(it) as Arc<dyn Backend>)));
    }
    prepared
}

impl Process {
    async fn prepare(
        language: Language,
        host: &Arc<Host>,
        setup: &Setup,
    ) -> Result<Self, Vec<Missing>> {
        let tier = host.public_tier();
        // It looks at many files, which would hold everybody up.
        let find = move || {
            let found = Handle::current().block_on(Interpreter::find(&language, tier));
            found.map(|interpreter| (language, interpreter))
        };
        let found = spawn_blocking(find).await;
        let (language, interpreter) = found.map_err(|_| Vec::new())?.map_err(|it| vec![it])?;
        let backend = Self {
            complaints: language.out_of_memory.clone().into(),
            language: Arc::new(language),
            interpreter: Arc::new(interpreter),
            host: Arc::clone(host),
        };
        backend.self_test(setup).await.map_err(|it| vec![it])?;
        Ok(backend)
    }

    /// Runs the interpreter once in its box.
    async fn self_test(&self, setup: &Setup) -> Result<(), Missing> {
        let (source, expected) = &self.language.self_test;
        let job = Job {
            source: source.clone().into(),
            arguments: Vec::new(),
            input: Bytes::new(),
            files: Vec::new(),
            limits: setup.limits.clone(),
        };
        let untold = |unavailable: Unavailable| match unavailable.missing() {
            [missing, ..] => missing.clone(),
            [] => Missing::new("the box", "it cannot be made"),
        };
        let mut session = self.start_box(job).await.map_err(untold)?;
        let (mut printed, mut complained) = (BytesMut::new(), BytesMut::new());
        while let Some(piece) = session.next().await {
            let (stream, bytes) = match &piece {
                Piece::Stdout(bytes) => (&mut printed, bytes),
                Piece::Stderr(bytes) => (&mut complained, bytes),
            };
            if stream.len() < SAID {
                stream.extend_from_slice(bytes);
            }
        }
        let how = session.end().map_err(untold)?.how;
        if how == How::Exited(0) && printed == expected.as_bytes() {
            return Ok(());
        }
        let said = String::from_utf8_lossy(&complained);
        let said = said.lines().last().unwrap_or_default();
        let program = self.interpreter.pinned.path().display();
        Err(Missing::new(
            format!("`{program}` in a box, for {}", self.language.name),
            format!(
                "it ended with {how:?} and said `{}`; show it what else it reads by \
                 `Language::read_only`, or name another program",
                said.escape_debug()
            ),
        ))
    }

    async fn start_box(&self, job: Job) -> Result<BoxSession, Unavailable> {
        let wall = job.limits.wall;
        let (language, interpreter) = (Arc::clone(&self.language), Arc::clone(&self.interpreter));
        let host = Arc::clone(&self.host);
        let start = spawn_blocking(move || {
            if !interpreter.pinned.is_unchanged() {
                return Err(changed(&interpreter).into());
            }
            let mut plan = plan::plan(&language, &interpreter, host.tier, job);
            let resources = Resources::make(&host, &plan.limits).map_err(|it| unmade(&it))?;
            plan.cgroup = resources.cgroups();
            plan.scratch = resources.scratch();
            plan.check().map_err(|error| refused(&error))?;
            let frame = plan.to_frame().map_err(|error| refused(&error))?;
            let helper = Helper::start(host.command(), resources);
            Ok::<_, Unavailable>((helper.map_err(|error| lost(&error))?, frame))
        });
        let started = async {
            let (mut helper, frame) = start.await.map_err(|it| lost(&it.into()))??;
            let report = helper.0.ask(&frame).await.map_err(|error| lost(&error))?;
            Ok((helper, report))
        };
        match timeout(START, started).await {
            Ok(Ok((helper, Report::Started))) => {
                let complaints = Arc::clone(&self.complaints);
                Ok(BoxSession::new(helper, wall, complaints))
            }
            // Its time was over before it had started.
            Ok(Ok((helper, report @ Report::Ended(_)))) => {
                let complaints = Arc::clone(&self.complaints);
                Ok(BoxSession::new(helper, Duration::ZERO, complaints).ended(report))
            }
            Ok(Ok((_, Report::Failed(failure)))) => Err(failed(&failure).into()),
            Ok(Ok(_)) => Err(lost(&std::io::ErrorKind::InvalidData.into())),
            Ok(Err(unavailable)) => Err(unavailable),
            Err(_) => Err(lost(&std::io::ErrorKind::TimedOut.into())),
        }
    }
}

/// The interpreter is another one than that which was checked.
fn changed(interpreter: &Interpreter) -> Missing {
    let path = interpreter.pinned.path().display();
    let advice =
        "it is not the file any more that was checked at the start; start the server again";
    Missing::new(format!("`{path}`"), advice)
}

fn refused(error: &dyn std::fmt::Display) -> Unavailable {
    Missing::new(
        "a plan for the box",
        format!("what is configured cannot be: {error}"),
    )
    .into()
}

fn unmade(error: &std::io::Error) -> Unavailable {
    let advice = format!("it cannot be made ({error}); make room, or start the server again");
    Missing::new("a control group or a directory for a run", advice).into()
}

fn failed(failure: &Failure) -> Missing {
    match failure.missing {
        Some(missing) => feature(missing),
        None => Missing::new("the box", failure.to_string()),
    }
}

impl Backend for Process {
    fn tier(&self) -> Tier {
        self.host.public_tier()
    }

    fn source_name(&self) -> &str {
        &self.language.source
    }

    fn start(&self, job: Job) -> BoxFuture<'_, Result<Box<dyn Session>, Unavailable>> {
        Box::pin(async move {
            let session = self.start_box(job).await?;
            Ok(Box::new(session) as Box<dyn Session>)
        })
    }
}
