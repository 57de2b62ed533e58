//! One client after another: what it does next is drawn, and what comes back is
//! held against what was asked.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use purlin_client::{
    Client, ClientError, Era, ErrorKind, Subscription,
    protocol::{CallToolResult, ElicitResult},
};
use serde_json::json;
use tokio::time::{Instant, sleep, timeout};

use super::{tally::Tally, trouble::Record};
use crate::message::NEWS;

/// What is done, and has to have been right once at least.
pub(super) const KINDS: [&str; 9] = [
    "calls",
    "lists",
    "reads",
    "questions",
    "counts",
    "progresses",
    "panics",
    "cancelled",
    "subscriptions",
];

/// What takes longer hangs.
const LIMIT: Duration = Duration::from_secs(20);

/// How long a tool that never ends is waited for.
const HANG: Duration = Duration::from_millis(50);

/// How long a client waits before it connects again where nobody answered.
const PAUSE: Duration = Duration::from_millis(20);

/// What one step came to.
type Step = Result<&'static str, Fault>;

#[derive(Debug)]
enum Fault {
    /// An error of the client.
    Failed(&'static str, ClientError),
    /// An answer to something else.
    Wrong(&'static str, String),
    /// What was counted is lost, after bytes were changed.
    Lost,
}

/// What explains an error.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Excuse {
    /// The connection was broken.
    Cut,
    /// The store was away.
    Away,
}

/// Who makes the traffic.
#[derive(Debug)]
pub(super) struct Worker {
    url: String,
    era: Era,
    /// What chaos there has been; `None` where there is none to be.
    chaos: Option<Record>,
    tally: Tally,
    /// What the session counted last, how often it was asked to, and since when.
    counted: u32,
    counts: u32,
    opened: Instant,
    asked: u64,
}

impl Worker {
    pub(super) fn new(url: String, era: Era, chaos: Option<Record>) -> Self {
        Self {
            url,
            era,
            chaos,
            tally: Tally::default(),
            counted: 0,
            counts: 0,
            opened: Instant::now(),
            asked: 0,
        }
    }

    /// Goes on until told to stop.
    pub(super) async fn run(mut self, number: usize, stop: Arc<AtomicBool>) -> Tally {
        self.asked = number as u64 * 1_000_000_000;
        while !stop.load(Ordering::Relaxed) {
            match self.connect().await {
                Ok(client) => self.visit(&client, &stop).await,
                Err(error) => {
                    self.judge(Err(Fault::Failed("connect", error)), Instant::now());
                    sleep(PAUSE).await;
                }
            }
        }
        self.tally
    }

    async fn connect(&mut self) -> Result<Client, ClientError> {
        (self.counted, self.counts, self.opened) = (0, 0, Instant::now());
        Client::builder()
            .era(self.era)
            .timeout(LIMIT)
            .answer_elicitation(|_| {
                let yes = json!({ "yes": true });
                ElicitResult::accept(yes.as_object().cloned().unwrap_or_default())
            })
            .connect(self.url.as_str())
            .await
    }

    /// Up to 200 steps of one client, which says goodbye, or in chaos sometimes
    /// not.
    async fn visit(&mut self, client: &Client, stop: &AtomicBool) {
        for _ in 0..fastrand::u32(1..200) {
            if stop.load(Ordering::Relaxed) {
                break;
            }
            // The client has its own limit; this one shows that it keeps it.
            let begun = Instant::now();
            match timeout(2 * LIMIT, self.step(client)).await {
                Ok(step) => self.judge(step, begun),
                Err(_) => self
                    .tally
                    .hang("step", "the client's own limit did not end it"),
            }
        }
        if self.chaos.is_none() || fastrand::bool() {
            client.close().await;
        }
    }

    fn judge(&mut self, step: Step, begun: Instant) {
        match step {
            Ok(what) => self.tally.right(what),
            Err(Fault::Wrong(what, why)) => self.tally.wrong(what, &why),
            Err(Fault::Lost) => self.tally.lost(),
            Err(Fault::Failed(what, error)) if error.kind() == ErrorKind::Timeout => {
                self.tally.hang(what, &error.to_string());
            }
            Err(Fault::Failed(what, error)) => match self.excuse(what, &error, begun) {
                Some(Excuse::Cut) => self.tally.cut(),
                Some(Excuse::Away) => self.tally.away(),
                None => {
                    let why = format!("{:?}: {error}", error.kind());
                    self.tally.wrong(what, &why);
                }
            },
        }
    }

    /// What explains that a step failed which began then. The store is an excuse
    /// for what keeps something there alone, while it is away, and where the answer
    /// says so by its code.
    fn excuse(&self, what: &str, error: &ClientError, begun: Instant) -> Option<Excuse> {
        let chaos = self.chaos.as_ref()?;
        match error.kind() {
            ErrorKind::Transport | ErrorKind::Closed => Some(Excuse::Cut),
            ErrorKind::Rpc => {
                let told = what == "counts" && is_unavailable(error) && chaos.explains(begun);
                told.then_some(Excuse::Away)
            }
            _ => None,
        }
    }

    async fn step(&mut self, client: &Client) -> Step {
        self.asked += 1;
        let token = format!("token {}", self.asked);
        match fastrand::u8(..100) {
            0..35 => self.add(client).await,
            35..45 => list(client).await,
            45..60 => self.read(client).await,
            60..67 => confirm(client, &token).await,
            67..77 if self.era == Era::Session => self.count(client).await,
            67..80 => progress(client, &token).await,
            80..86 => panic(client, &token).await,
            86..95 => cancel(client, &token).await,
            95..98 => listen(client).await,
            _ if self.chaos.is_some() => hang(client).await,
            _ => self.add(client).await,
        }
    }

    async fn add(&self, client: &Client) -> Step {
        let (a, b) = (self.asked, fastrand::u32(..));
        let call = client.call::<u64>("add", json!({ "a": a, "b": b }));
        let sum = call.await.map_err(failed("calls"))?;
        expect("calls", &sum, &(a + u64::from(b)))
    }

    async fn read(&self, client: &Client) -> Step {
        let uri = format!("load://page/{}", self.asked);
        let page = client.read_resource(&uri).await.map_err(failed("reads"))?;
        let page = serde_json::to_value(&page.contents).unwrap_or_default();
        let found = (page[0]["uri"].clone(), page[0]["text"].clone());
        let asked = (json!(uri), json!(format!("page {}", self.asked)));
        expect("reads", &found, &asked)
    }

    /// A count that was not answered may have been counted, and no count is made up.
    async fn count(&mut self, client: &Client) -> Step {
        self.counts += 1;
        let begun = Instant::now();
        let counted = client.call::<u32>("count", json!({})).await;
        self.tally.took(begun.elapsed());
        let counted = counted.map_err(failed("counts"))?;
        let last = std::mem::replace(&mut self.counted, counted);
        let is_asked_for = counted <= self.counts;
        let chaos = self.chaos.as_ref();
        if counted == last + 1 || chaos.is_some() && counted > last && is_asked_for {
            return Ok("counts");
        }
        if chaos.is_some_and(|chaos| chaos.corrupts(self.opened)) && is_asked_for {
            return Err(Fault::Lost);
        }
        Err(Fault::Wrong("counts", format!("{counted} after {last}")))
    }
}

async fn list(client: &Client) -> Step {
    let tools = client.tools().all().await.map_err(failed("lists"))?;
    let mut names: Vec<_> = tools.iter().map(|tool| tool.name.as_str()).collect();
    names.sort_unstable();
    let all = [
        "add", "announce", "busy", "confirm", "count", "fill", "hang", "panic", "slow", "tasks",
    ];
    expect("lists", &names.as_slice(), &all.as_slice())
}

async fn confirm(client: &Client, token: &str) -> Step {
    let call = client.call::<String>("confirm", json!({ "token": token }));
    let said = call.await.map_err(failed("questions"))?;
    expect("questions", &said, &format!("{token}: true"))
}

async fn progress(client: &Client, token: &str) -> Step {
    let arguments = json!({ "token": token, "ms": fastrand::u8(..20) });
    let call = client.call::<String>("slow", arguments);
    let call = call.on_progress(|_| {});
    let said = call.await.map_err(failed("progresses"))?;
    expect("progresses", &said.as_str(), &token)
}

/// A panic is an error of the tool, and nobody reads what it said.
async fn panic(client: &Client, token: &str) -> Step {
    let call = client.call::<String>("panic", json!({ "token": token }));
    match call.await {
        Err(error) if error.kind() == ErrorKind::Tool => {
            let text = error.tool_result().map(CallToolResult::text);
            let is_told = text.is_some_and(|text| text.contains(token));
            expect("panics", &is_told, &false)
        }
        Err(error) => Err(Fault::Failed("panics", error)),
        Ok(text) => Err(Fault::Wrong("panics", text)),
    }
}

/// A call that nobody waits for any longer.
async fn cancel(client: &Client, token: &str) -> Step {
    let arguments = json!({ "token": token, "ms": 60_000 });
    let call = client.call::<String>("slow", arguments);
    let patience = Duration::from_millis(fastrand::u64(..30));
    match timeout(patience, call.into_future()).await {
        Err(_) => Ok("cancelled"),
        Ok(Err(error)) => Err(Fault::Failed("cancelled", error)),
        Ok(Ok(text)) => Err(Fault::Wrong("cancelled", text)),
    }
}

async fn hang(client: &Client) -> Step {
    let call = client.call::<String>("hang", json!({})).timeout(HANG);
    match call.await {
        Err(error) if error.kind() == ErrorKind::Timeout => Ok("hanging tools"),
        Err(error) => Err(Fault::Failed("hanging tools", error)),
        Ok(text) => Err(Fault::Wrong("hanging tools", text)),
    }
}

/// Somebody announces a change, and who listens hears of it.
async fn listen(client: &Client) -> Step {
    let what = "subscriptions";
    let wanted = Subscription::new().resource(NEWS);
    let mut changes = client.listen(wanted).await.map_err(failed(what))?;
    let call = client.call::<String>("announce", json!({}));
    let said = call.await.map_err(failed(what))?;
    expect(what, &said.as_str(), &"announced")?;
    match timeout(LIMIT, changes.next()).await {
        Ok(Some(change)) => {
            let change = change.map_err(failed(what))?;
            expect(what, &change, &purlin_client::Change::Resource(NEWS.into()))
        }
        Ok(None) => Err(Fault::Failed(what, ClientError::from_transport("it ended"))),
        Err(_) => Err(Fault::Wrong(what, "nobody told of the change".into())),
    }
}

fn failed(what: &'static str) -> impl Fn(ClientError) -> Fault {
    move |error| Fault::Failed(what, error)
}

fn expect<T: PartialEq + std::fmt::Debug>(what: &'static str, found: &T, asked: &T) -> Step {
    if found == asked {
        return Ok(what);
    }
    let why = format!("{found:?} instead of {asked:?}");
    Err(Fault::Wrong(what, why))
}

/// Whether the server says by its code that something it needs is away, and when
/// to come back.
fn is_unavailable(error: &ClientError) -> bool {
    let told = error.rpc().and_then(|rpc| rpc.data.as_ref());
    told.is_some_and(|told| told["code"] == "unavailable" && told["retryAfterMs"].is_u64())
}
