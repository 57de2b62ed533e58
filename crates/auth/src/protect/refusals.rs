//! Who is told of callers that are not let in, and how often at most.

use std::net::IpAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use purlin_core::access::Limiter;
use purlin_core::{Principal, Rate};

use crate::audit::{AuthEvent, AuthEventKind, AuthEvents, AuthOutcome};
use crate::network::network;

const MINUTE: Duration = Duration::from_secs(60);
/// How many events a minute one address may cause, and all together. Whoever wants to be refused
/// is, as often as he likes; a log is not to be filled by him.
const FROM_ONE: u32 = 10;
const FROM_ALL: u32 = 100;

/// Tells of refusals. All clones of a protection share one.
pub(super) struct Refusals {
    events: Arc<dyn AuthEvents>,
    from_one: Limiter,
    from_all: Limiter,
    /// What was not told of since the last event.
    left_out: AtomicU64,
}

impl Refusals {
    pub(super) fn new(events: Arc<dyn AuthEvents>) -> Self {
        Self {
            events,
            from_one: Limiter::new(Rate::new(FROM_ONE, MINUTE)),
            from_all: Limiter::new(Rate::new(FROM_ALL, MINUTE)),
            left_out: AtomicU64::new(0),
        }
    }

    /// Tells of a caller that was not let in, unless there were too many.
    pub(super) fn tell(&self, outcome: AuthOutcome, reason: &'static str, peer: Option<IpAddr>) {
        let event = AuthEvent::new(AuthEventKind::Access, outcome).with_reason(reason);
        self.record(event, peer);
    }

    /// Tells of a caller that is known, and may not do this.
    pub(super) fn tell_of(
        &self,
        principal: &Principal,
        reason: &'static str,
        peer: Option<IpAddr>,
    ) {
        let mut event = AuthEvent::new(AuthEventKind::Access, AuthOutcome::Refused)
            .with_subject(principal.subject())
            .with_reason(reason);
        if let Some(client) = principal.client() {
            event = event.with_client(client);
        }
        self.record(event, peer);
    }

    fn record(&self, event: AuthEvent, peer: Option<IpAddr>) {
        let from = peer.map(network);
        if self.from_one.admit(&from).is_err() || self.from_all.admit(&()).is_err() {
            self.left_out.fetch_add(1, Ordering::Relaxed);
            return;
        }
        let left_out = self.left_out.swap(0, Ordering::Relaxed);
        self.events
            .record(&event.with_address(peer).with_left_out(left_out));
    }
}

#[cfg(test)]
mod tests {
    use std::net::Ipv4Addr;
    use std::sync::Mutex;

    use super::*;

    type Told = Arc<Mutex<Vec<AuthEvent>>>;

    fn refusals() -> (Refusals, Told) {
        let told = Told::default();
        let kept = Arc::clone(&told);
        let events = move |event: &AuthEvent| kept.lock().unwrap().push(event.clone());
        (Refusals::new(Arc::new(events)), told)
    }

    fn refuse(refusals: &Refusals, times: u32, peer: impl Into<IpAddr>) {
        let peer = peer.into();
        for _ in 0..times {
            refusals.tell(AuthOutcome::Refused, "invalid_token", Some(peer));
        }
    }

    #[tokio::test(start_paused = true)]
    async fn one_address_fills_no_log_and_hides_nobody() {
        let (refusals, told) = refusals();
        refuse(&refusals, 1_000, [192, 0, 2, 1]);
        assert_eq!(told.lock().unwrap().len(), 10);
        refuse(&refusals, 1, [192, 0, 2, 2]);
        let last = told.lock().unwrap().pop().unwrap();
        assert_eq!(last.address(), Some([192, 0, 2, 2].into()));
        assert_eq!(last.left_out(), 990);
        tokio::time::advance(MINUTE).await;
        refuse(&refusals, 1, [192, 0, 2, 1]);
        assert_eq!(told.lock().unwrap().pop().unwrap().left_out(), 0);
    }

    #[tokio::test(start_paused = true)]
    async fn many_addresses_fill_no_log_either() {
        let (refusals, told) = refusals();
        for address in 0..1_000 {
            refuse(&refusals, 1, Ipv4Addr::from_bits(0x0a00_0000 + address));
        }
        assert_eq!(told.lock().unwrap().len(), 100);
    }

    #[tokio::test(start_paused = true)]
    async fn a_network_counts_as_one_address() {
        let (refusals, told) = refusals();
        for host in 0..100_u16 {
            refuse(&refusals, 1, [0x2001, 0xdb8, 0, 0, 0, 0, 0, host]);
        }
        assert_eq!(told.lock().unwrap().len(), 10);
    }
}
