//! The queues of tenants.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError, Weak};

use super::Limits;
use super::queue::Queue;
use crate::Tenant;

/// The queue of each tenant, for as long as anybody has it.
#[derive(Debug, Default)]
pub(super) struct Tenants {
    known: Mutex<Known>,
}

#[derive(Debug, Default)]
struct Known {
    queues: HashMap<Tenant, Weak<Queue>>,
    /// How many there were when the forgotten were last removed.
    swept: usize,
}

impl Tenants {
    /// The queue of a tenant: the same one as long as anybody has it.
    pub(super) fn of(&self, tenant: &Tenant, limits: &Limits) -> Arc<Queue> {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(queue) = known.queues.get(tenant).and_then(Weak::upgrade) {
            return queue;
        }
        known.sweep();
        let queue = Arc::new(Queue::new(limits.tenant_at_once, limits.tenant_queue));
        known.queues.insert(tenant.clone(), Arc::downgrade(&queue));
        queue
    }
}

impl Known {
    /// Removes whom nobody has, each time that there are twice as many: the map is bounded by
    /// what its users hold.
    fn sweep(&mut self) {
        if self.queues.len() >= 2 * self.swept.max(8) {
            self.queues.retain(|_, queue| queue.strong_count() > 0);
            self.swept = self.queues.len();
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test")]
mod tests {
    use super::*;

    #[test]
    fn tenants_that_nobody_has_are_forgotten() {
        let tenants = Tenants::default();
        let limits = Limits::default();
        let kept = tenants.of(&Tenant::new("kept"), &limits);
        for number in 0..10_000 {
            tenants.of(&Tenant::new(&number.to_string()), &limits);
        }
        assert!(tenants.known.lock().unwrap().queues.len() <= 32);
        assert!(Arc::ptr_eq(
            &kept,
            &tenants.of(&Tenant::new("kept"), &limits)
        ));
    }
}
