//! What is told of fetches, and what each tenant has for itself.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use purlin_guard::Tenant;
use purlin_guard::events::{GuardEvent, Operation, Outcome};
use purlin_guard::fetch::{Limits, UrlFetcher};

use crate::net::{Net, Reply};

#[derive(Clone, Default)]
struct Told(Arc<Mutex<Vec<GuardEvent>>>);

impl Told {
    fn by(&self, net: &Net) -> UrlFetcher {
        let told = Arc::clone(&self.0);
        let record = move |event: &GuardEvent| told.lock().unwrap().push(event.clone());
        net.web().events(record).build()
    }

    fn one(&self) -> GuardEvent {
        let mut told = self.0.lock().unwrap();
        assert_eq!(told.len(), 1, "{told:?}");
        told.pop().unwrap()
    }
}

/// Where it led, and what became of it.
fn brief(event: &GuardEvent) -> (Option<&str>, Option<&str>, Option<u16>, u64, Outcome) {
    let Operation::Fetch {
        host,
        redirected_to,
        status,
        bytes,
        ..
    } = &event.operation
    else {
        panic!("{event:?}");
    };
    let (host, to) = (host.as_deref(), redirected_to.as_deref());
    (host, to, *status, *bytes, event.outcome)
}

#[tokio::test]
async fn each_fetch_is_told_of_once_with_its_host_and_what_became_of_it() {
    let told = Told::default();
    let cases = [
        (
            Net::default(),
            "http://a.example/",
            (Some("a.example"), None, Some(200), 2, Outcome::Done),
        ),
        (
            Net::default(),
            "not a URL",
            (None, None, None, 0, Outcome::Refused("invalid_url")),
        ),
        (
            Net::default(),
            "http://10.0.0.1/",
            (
                Some("10.0.0.1"),
                None,
                None,
                0,
                Outcome::Refused("blocked_address"),
            ),
        ),
        (
            Net::default(),
            "http://db.internal/",
            (
                Some("db.internal"),
                None,
                None,
                0,
                Outcome::Refused("blocked_host"),
            ),
        ),
        (
            Net::default().redirect(302, "http://169.254.169.254/"),
            "http://a.example/",
            (
                Some("a.example"),
                Some("169.254.169.254"),
                None,
                0,
                Outcome::Refused("blocked_address"),
            ),
        ),
        (
            Net::default().redirect(302, "/b"),
            "http://a.example/",
            (
                Some("a.example"),
                Some("a.example"),
                Some(200),
                2,
                Outcome::Done,
            ),
        ),
        (
            Net::default().reply(Reply::Refuse),
            "http://a.example/",
            (Some("a.example"), None, None, 0, Outcome::Failed("connect")),
        ),
        (
            Net::default().answer("404 Not Found", ""),
            "http://a.example/",
            (Some("a.example"), None, None, 0, Outcome::Failed("status")),
        ),
    ];
    for (net, url, expected) in cases {
        let _ = told.by(&net).fetch(url).await;
        let event = told.one();
        assert_eq!(brief(&event), expected, "{url}");
        assert_eq!((event.name(), event.tenant), ("fetch", None));
    }
}

#[tokio::test]
async fn nothing_of_a_path_or_a_query_is_told() {
    let told = Told::default();
    let url = "http://a.example/canary?canary=canary#canary";
    let net = Net::default().redirect(302, "http://b.example/canary?canary");
    told.by(&net).fetch(url).await.unwrap();
    let text = format!("{:?}", told.one());
    assert!(!text.contains("canary"), "{text}");
}

#[tokio::test(start_paused = true)]
async fn a_fetch_that_is_dropped_is_told_of() {
    let told = Told::default();
    let fetcher = told.by(&Net::default().reply(Reply::Hang));
    let fetch = fetcher.fetch("http://a.example/");
    assert!(
        tokio::time::timeout(Duration::from_secs(1), fetch)
            .await
            .is_err()
    );
    let event = told.one();
    assert_eq!(
        brief(&event),
        (Some("a.example"), None, None, 0, Outcome::Cancelled)
    );
}

#[tokio::test]
async fn everybody_is_told() {
    let told = [Told::default(), Told::default()];
    let mut builder = Net::default().web();
    for told in &told {
        let told = told.clone();
        builder =
            builder.events(move |event: &GuardEvent| told.0.lock().unwrap().push(event.clone()));
    }
    let _ = builder.build().fetch("").await;
    assert_eq!(told[0].one(), told[1].one());
}

/// So many requests to a host at once, and then none for a long time.
fn scarce(burst: u32) -> Limits {
    let mut limits = Limits::default();
    limits.burst = burst;
    limits.rate = 1;
    limits
}

async fn told(fetcher: &UrlFetcher, host: &str) -> &'static str {
    let fetched = fetcher.fetch(format!("http://{host}/")).await;
    fetched.map_or_else(|error| error.name(), |_| "done")
}

#[tokio::test(start_paused = true)]
async fn each_tenant_has_limits_of_its_own() {
    let fetcher = Net::default().web().limits(scarce(2)).build();
    let tenants = ["acme", "Acme", "", "acme "].map(Tenant::new);
    let mut scoped: Vec<_> = tenants.iter().map(|it| fetcher.scoped(it)).collect();
    scoped.push(fetcher.scoped(&Tenant::none()));
    scoped.push(fetcher.clone());
    for fetcher in &scoped {
        assert_eq!(told(fetcher, "a.example").await, "done");
        assert_eq!(told(fetcher, "a.example").await, "done");
        assert_eq!(told(fetcher, "a.example").await, "rate_limited");
    }
    // A second handle gives no more.
    for tenant in &tenants {
        let again = scoped[0].scoped(tenant);
        assert_eq!(told(&again, "a.example").await, "rate_limited");
        assert_eq!(told(&again, "b.example").await, "done");
    }
}

#[tokio::test(start_paused = true)]
async fn events_say_for_which_tenant() {
    let of = Told::default();
    let fetcher = of.by(&Net::default());
    for tenant in [Tenant::new("acme"), Tenant::none()] {
        let _ = fetcher.scoped(&tenant).fetch("").await;
        assert_eq!(of.one().tenant, Some(tenant));
    }
}

#[tokio::test(start_paused = true)]
async fn tenants_are_counted_up_to_a_limit_and_forgotten_when_they_rest() {
    let mut limits = scarce(1);
    limits.tenants = 2;
    let fetcher = Net::default().web().limits(limits).build();
    let ask = async |name: &str| told(&fetcher.scoped(&Tenant::new(name)), "a.example").await;
    assert_eq!(ask("a").await, "done");
    assert_eq!(ask("b").await, "done");
    assert_eq!(ask("c").await, "rate_limited");
    assert_eq!(ask("a").await, "rate_limited");
    tokio::time::advance(Duration::from_secs(2)).await;
    assert_eq!(ask("c").await, "done");
}
