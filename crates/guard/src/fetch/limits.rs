//! How much of everything there may be.

use std::time::Duration;

/// How much of everything there may be. Each has a default that suits tools.
///
/// ```
/// use std::time::Duration;
/// use purlin_guard::{UrlFetcher, fetch::Limits};
///
/// let mut limits = Limits::default();
/// limits.total = Duration::from_secs(10);
/// limits.body = 1 << 20;
/// let fetcher = UrlFetcher::web().limits(limits).build();
/// ```
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Limits {
    /// How long lookup, TCP and TLS may take together, for each hop: 5 s.
    pub connect: Duration,
    /// How long a host may take from the request to the head of its answer: 10 s.
    pub first_byte: Duration,
    /// How long everything may take, redirects and waiting for a turn included: 30 s.
    pub total: Duration,
    /// The largest body in bytes, decompressed: 10 MiB.
    pub body: usize,
    /// How many times larger than what was sent a body may become: 100.
    pub ratio: usize,
    /// From how many decompressed bytes on that counts: 1 MiB.
    pub ratio_from: usize,
    /// The largest head of an answer in bytes: 64 KiB.
    pub head: usize,
    /// How many header fields an answer may have: 100.
    pub fields: usize,
    /// How many interim answers (1xx) may come before the answer: 8.
    pub interim: usize,
    /// How many redirects are followed: 5, and none where the rules follow
    /// [none](super::UrlRules::no_redirects).
    pub redirects: usize,
    /// How many exchanges there may be with a host at the same time: 4. As many as 16 times that
    /// wait for their turn, further ones are `rate_limited`.
    pub concurrency: usize,
    /// How often a host may be asked in a second, on average: 10. Redirects count.
    pub rate: u32,
    /// How often a host may be asked at once, after a pause: 20.
    pub burst: u32,
    /// How many hosts are counted: 10,000. Beyond that, hosts that were not asked lately are
    /// forgotten, and if there are none, new ones are `rate_limited`.
    pub hosts: usize,
    /// How many hosts are counted for each [tenant](super::UrlFetcher::scoped): 256.
    pub tenant_hosts: usize,
    /// How many tenants are counted: 1,000. Beyond that, those that fetched nothing lately are
    /// forgotten, and if there are none, everything is `rate_limited` for new ones.
    pub tenants: usize,
    /// How many connections are kept for later while nobody uses them: 64, and with one host no
    /// more than [`concurrency`](Self::concurrency) together with those in use. 0 keeps none.
    pub idle: usize,
    /// How many are kept for each tenant, none of which another uses: 4.
    pub tenant_idle: usize,
    /// How long a connection is kept while nobody uses it: 30 s.
    pub idle_time: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            connect: Duration::from_secs(5),
            first_byte: Duration::from_secs(10),
            total: Duration::from_secs(30),
            body: 10 << 20,
            ratio: 100,
            ratio_from: 1 << 20,
            head: 64 << 10,
            fields: 100,
            interim: 8,
            redirects: 5,
            concurrency: 4,
            rate: 10,
            burst: 20,
            hosts: 10_000,
            tenant_hosts: 256,
            tenants: 1_000,
            idle: 64,
            tenant_idle: 4,
            idle_time: Duration::from_secs(30),
        }
    }
}
