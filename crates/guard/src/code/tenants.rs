//! What is known of tenants: the turns they share.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError, Weak};

use super::Limits;
use super::turns::Turns;
use crate::Tenant;

/// The turns of each tenant, for as long as anybody has them.
#[derive(Debug, Default)]
pub(super) struct Tenants {
    known: Mutex<Known>,
}

#[derive(Debug, Default)]
struct Known {
    turns: HashMap<Tenant, Weak<Turns>>,
    /// How many there were when the forgotten were last removed.
    swept: usize,
}

impl Tenants {
    /// The turns of a tenant. Whoever asks while somebody has them gets the same ones.
    pub(super) fn of(&self, tenant: &Tenant, limits: &Limits) -> Arc<Turns> {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(turns) = known.turns.get(tenant).and_then(Weak::upgrade) {
            return turns;
        }
        known.sweep();
        let turns = Arc::new(Turns::new(limits.tenant_at_once, limits.tenant_queue));
        known.turns.insert(tenant.clone(), Arc::downgrade(&turns));
        turns
    }
}

impl Known {
    /// Removes whom nobody has, each time that there are twice as many: the map is bounded by
    /// what its users hold.
    fn sweep(&mut self) {
        if self.turns.len() >= 2 * self.swept.max(8) {
            self.turns.retain(|_, turns| turns.strong_count() > 0);
            self.swept = self.turns.len();
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
        assert!(tenants.known.lock().unwrap().turns.len() <= 32);
        assert!(Arc::ptr_eq(
            &kept,
            &tenants.of(&Tenant::new("kept"), &limits)
        ));
    }
}
