//! Waiting for a change at a store that cannot tell of one.

use std::time::Duration;

use bytes::Bytes;
use tokio::time::{Instant, sleep};

use super::{Key, KeyValue, StoreResult, Stored};

const FIRST: Duration = Duration::from_millis(25);
const LAST: Duration = Duration::from_millis(500);

/// Asks again and again, ever less often.
pub(super) async fn poll<S: KeyValue + ?Sized>(
    store: &S,
    at: Key<'_>,
    seen: Option<Bytes>,
    at_most: Duration,
) -> StoreResult<Option<Stored>> {
    let start = Instant::now();
    let mut pause = FIRST;
    loop {
        let found = store.get(at).await?;
        let left = at_most.saturating_sub(start.elapsed());
        if left.is_zero() || found.as_ref().map(|found| &found.value) != seen.as_ref() {
            return Ok(found);
        }
        sleep(pause.min(left)).await;
        pause = LAST.min(pause * 2);
    }
}
