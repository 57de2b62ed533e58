//! Progress of a request.

use std::sync::{Mutex, PoisonError};

use super::{Context, Priority};
use crate::{
    protocol::{Meta, method},
    wire::{notification, write_json},
};

/// A quantity of progress: any number.
pub trait Amount: Copy {
    /// The quantity as the protocol carries it.
    fn amount(self) -> f64;
}

macro_rules! amounts {
    ($($ty:ty)*) => {
        $(impl Amount for $ty {
            #[allow(clippy::cast_lossless, clippy::cast_precision_loss)]
            fn amount(self) -> f64 {
                self as f64
            }
        })*
    };
}

amounts!(u8 u16 u32 u64 usize i8 i16 i32 i64 isize f32 f64);

/// The last value sent; progress only ever grows.
#[derive(Debug, Default)]
pub(crate) struct LastProgress(Mutex<Option<f64>>);

impl LastProgress {
    fn advance(&self, to: f64) -> bool {
        let mut last = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if !to.is_finite() || last.is_some_and(|last| to <= last) {
            return false;
        }
        *last = Some(to);
        true
    }
}

impl Context {
    /// Reports how far the request has come, `done` out of `total`, in any
    /// unit.
    ///
    /// Nothing is sent unless the client asked for progress, and a value that
    /// is not larger than the last one is passed over. It never waits: when
    /// the client does not keep up, only the newest value is kept.
    pub fn progress(&self, done: impl Amount, total: impl Amount) {
        self.send_progress(done.amount(), Some(total.amount()), None);
    }

    /// Reports how far the request has come, with a sentence about it.
    pub fn progress_with(&self, done: impl Amount, total: impl Amount, message: &str) {
        self.send_progress(done.amount(), Some(total.amount()), Some(message));
    }

    /// Reports progress where the end is not known.
    pub fn progress_open(&self, done: impl Amount, message: Option<&str>) {
        self.send_progress(done.amount(), None, message);
    }

    /// Whether the client asked for progress.
    pub fn wants_progress(&self) -> bool {
        self.meta(Meta::PROGRESS_TOKEN).is_some()
    }

    fn send_progress(&self, done: f64, total: Option<f64>, message: Option<&str>) {
        let Some(token) = self.meta(Meta::PROGRESS_TOKEN) else {
            return;
        };
        if !self.request.progress.advance(done) {
            return;
        }
        let mut params = Vec::with_capacity(96);
        params.extend_from_slice(br#"{"progressToken":"#);
        params.extend_from_slice(token.get().as_bytes());
        params.extend_from_slice(br#","progress":"#);
        write_amount(&mut params, done);
        if let Some(total) = total.filter(|total| total.is_finite()) {
            params.extend_from_slice(br#","total":"#);
            write_amount(&mut params, total);
        }
        if let Some(message) = message.filter(|_| self.revision().has_annotations()) {
            params.extend_from_slice(br#","message":"#);
            write_json(&mut params, message);
        }
        params.push(b'}');
        self.push(
            notification(method::NOTIFICATIONS_PROGRESS, &params),
            Priority::Progress,
        );
    }
}

/// Writes whole quantities as integers, as people do.
fn write_amount(out: &mut Vec<u8>, amount: f64) {
    const EXACT: f64 = 9_007_199_254_740_992.0;
    if amount.fract() == 0.0 && amount.abs() < EXACT {
        #[allow(clippy::cast_possible_truncation)]
        write_json(out, &(amount as i64));
    } else {
        write_json(out, &amount);
    }
}
