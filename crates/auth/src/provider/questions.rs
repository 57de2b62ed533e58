//! How often a provider is asked about tokens that say nothing by themselves.
//!
//! Anybody can make up such tokens, and every question costs the provider and counts against the
//! application. So few are asked at a time, and few about tokens that nobody has seen be good.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use purlin_core::Rate;
use purlin_core::access::Limiter;
use ring::digest::{SHA256, digest};
use tokio::sync::{Semaphore, SemaphorePermit};
use tokio::time::Instant;

use crate::network::network;
use crate::verify::VerifyError;

/// The most questions at a time.
const AT_A_TIME: usize = 64;
/// The most questions a minute about new tokens of one address.
const NEW: u32 = 60;
/// How long a token is known that was good, and how many are.
const KNOWN: Duration = Duration::from_secs(60 * 60);
const MOST_KNOWN: usize = 10_000;
const COME_BACK: Duration = Duration::from_secs(5);

/// Bounds questions about tokens. What was answered is not kept: that a token was good spares it
/// the limit of new ones, and no question.
pub(super) struct Questions {
    places: Semaphore,
    new: Limiter,
    known: Mutex<HashMap<[u8; 32], Instant>>,
}

impl Questions {
    pub(super) fn new() -> Self {
        Self {
            places: Semaphore::new(AT_A_TIME),
            new: Limiter::new(Rate::new(NEW, Duration::from_secs(60))),
            known: Mutex::default(),
        }
    }

    /// A place for one question, until it is dropped.
    ///
    /// # Errors
    /// When there are too many.
    pub(super) fn ask(
        &self,
        token: &str,
        client: Option<IpAddr>,
    ) -> Result<SemaphorePermit<'_>, VerifyError> {
        let later = |retry_after| VerifyError::Unavailable { retry_after };
        if !self.is_known(token) {
            let admitted = self.new.admit(&client.map(network));
            admitted.map_err(|early| later(early.retry_after().unwrap_or(COME_BACK)))?;
        }
        self.places.try_acquire().map_err(|_| later(COME_BACK))
    }

    fn is_known(&self, token: &str) -> bool {
        let known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        let until = known.get(&hash(token));
        until.is_some_and(|until| Instant::now() < *until)
    }

    /// Remembers that a token was good.
    pub(super) fn was_good(&self, token: &str) {
        let now = Instant::now();
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        if known.len() >= MOST_KNOWN {
            known.retain(|_, until| now < *until);
        }
        // When it is full, new ones are limited as if nobody knew them.
        if known.len() < MOST_KNOWN {
            known.insert(hash(token), now + KNOWN);
        }
    }
}

fn hash(token: &str) -> [u8; 32] {
    let mut hash = [0; 32];
    hash.copy_from_slice(digest(&SHA256, token.as_bytes()).as_ref());
    hash
}

#[cfg(test)]
mod tests {
    use super::*;

    fn from(host: u8) -> Option<IpAddr> {
        Some([192, 0, 2, host].into())
    }

    #[tokio::test(start_paused = true)]
    async fn made_up_tokens_are_asked_about_60_times_a_minute_and_known_ones_as_often_as_they_come()
    {
        let questions = Questions::new();
        drop(questions.ask("good", from(1)).unwrap());
        questions.was_good("good");
        for serial in 1..NEW {
            drop(
                questions
                    .ask(&format!("made up {serial}"), from(1))
                    .unwrap(),
            );
        }
        let refused = questions.ask("one more", from(1)).map(drop);
        assert!(matches!(refused, Err(VerifyError::Unavailable { .. })));
        drop(questions.ask("good", from(1)).unwrap());
        drop(questions.ask("one more", from(2)).unwrap());
        tokio::time::advance(KNOWN).await;
        drop(questions.ask("one more", from(1)).unwrap());
        assert!(!questions.is_known("good"));
    }

    #[tokio::test]
    async fn few_questions_are_asked_at_a_time() {
        let questions = Questions::new();
        let asked: Vec<_> = (0..AT_A_TIME)
            .map(|serial| {
                let client = from(u8::try_from(serial).unwrap());
                questions.ask("token", client).unwrap()
            })
            .collect();
        assert!(questions.ask("token", from(200)).is_err());
        drop(asked);
        drop(questions.ask("token", from(200)).unwrap());
    }
}
