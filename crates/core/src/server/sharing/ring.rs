//! The record of the last changes that replicas have told each other.

use std::collections::VecDeque;

use bytes::Bytes;
use serde::{Deserialize, Serialize};

use crate::{
    registry::{Change, Place},
    server::fill_random,
    store::{StoreError, StoreErrorKind, StoreResult},
};

/// How many changes are kept. A replica that has missed more announces
/// everything.
pub(super) const MAX_CHANGES: usize = 256;
/// How many bytes their URIs have at most, together.
const MAX_BYTES: usize = 64 * 1024;
/// A change of a resource with a longer URI is told as a change of anything.
const MAX_URI: usize = 8 * 1024;

/// The last changes, oldest first.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Ring {
    /// Tells this record from an earlier one that was lost; never 0.
    series: u64,
    /// The number of the newest change.
    last: u64,
    changes: VecDeque<Told>,
}

/// A change, and who told it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Told {
    /// The process.
    by: String,
    /// Its how manyth change.
    count: u64,
    what: What,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
enum What {
    Tools,
    Prompts,
    Resources,
    Resource(String),
    Anything,
}

impl Told {
    pub(super) fn new(by: &str, count: u64, change: &Change) -> Self {
        let what = match change {
            Change::Tools => What::Tools,
            Change::Prompts => What::Prompts,
            Change::Resources => What::Resources,
            Change::Resource(uri) if uri.len() <= MAX_URI => What::Resource(uri.clone()),
            Change::Resource(_) | Change::Anything => What::Anything,
        };
        Self {
            by: by.to_owned(),
            count,
            what,
        }
    }

    pub(super) fn change(&self) -> Change {
        match &self.what {
            What::Tools => Change::Tools,
            What::Prompts => Change::Prompts,
            What::Resources => Change::Resources,
            What::Resource(uri) => Change::Resource(uri.clone()),
            What::Anything => Change::Anything,
        }
    }

    pub(super) fn is_by(&self, process: &str) -> bool {
        self.by == process
    }

    pub(super) fn count(&self) -> u64 {
        self.count
    }

    fn size(&self) -> usize {
        match &self.what {
            What::Resource(uri) => uri.len(),
            _ => 0,
        }
    }
}

/// What was told since some place.
#[derive(Debug, PartialEq)]
pub(super) enum Since<'a> {
    /// These, each with its place.
    Told(Vec<(Place, &'a Told)>),
    /// More than what is kept.
    Lost,
}

impl Ring {
    pub(super) fn new() -> Self {
        let mut random = [0; 8];
        fill_random(&mut random);
        Self {
            series: u64::from_le_bytes(random) | 1,
            last: 0,
            changes: VecDeque::new(),
        }
    }

    pub(super) fn encode(&self) -> StoreResult<Bytes> {
        let text = "the changes that replicas share cannot be written as JSON";
        serde_json::to_vec(self)
            .map(Bytes::from)
            .map_err(|_| StoreError::new(StoreErrorKind::Invalid, text))
    }

    /// `None` when it is no such record; whoever writes begins another.
    pub(super) fn decode(raw: &[u8]) -> Option<Self> {
        let ring: Self = serde_json::from_slice(raw).ok()?;
        let kept = u64::try_from(ring.changes.len()).ok()?;
        (ring.series != 0 && ring.last >= kept).then_some(ring)
    }

    /// The place of the newest change.
    pub(super) fn end(&self) -> Place {
        Place {
            series: self.series,
            number: self.last,
        }
    }

    pub(super) fn push(&mut self, told: Told) {
        self.last += 1;
        self.changes.push_back(told);
        let mut bytes: usize = self.changes.iter().map(Told::size).sum();
        while self.changes.len() > MAX_CHANGES || bytes > MAX_BYTES {
            let Some(oldest) = self.changes.pop_front() else {
                break;
            };
            bytes -= oldest.size();
        }
    }

    /// Whether a change of a process is in it.
    pub(super) fn has(&self, by: &str, count: u64) -> bool {
        let mut changes = self.changes.iter().rev();
        changes.any(|told| told.by == by && told.count == count)
    }

    /// What was told after `place`. Place 0 of series 0 is the beginning.
    pub(super) fn since(&self, place: Place) -> Since<'_> {
        let known = match place.series {
            0 => 0,
            series if series == self.series && place.number <= self.last => place.number,
            _ => return Since::Lost,
        };
        let kept = self.changes.len() as u64;
        let first = self.last - kept + 1;
        if known + 1 < first {
            return Since::Lost;
        }
        let numbered = (first..).zip(&self.changes);
        let new = numbered.filter(|(number, _)| *number > known);
        let series = self.series;
        Since::Told(
            new.map(|(number, told)| (Place { series, number }, told))
                .collect(),
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ring(changes: usize) -> Ring {
        let mut ring = Ring::new();
        for count in 0..changes {
            ring.push(Told::new("me", count as u64, &Change::Tools));
        }
        ring
    }

    fn numbers(ring: &Ring, number: u64) -> Option<Vec<u64>> {
        let series = ring.series;
        match ring.since(Place { series, number }) {
            Since::Told(told) => Some(told.iter().map(|(place, _)| place.number).collect()),
            Since::Lost => None,
        }
    }

    #[test]
    fn what_was_told_since_is_known_until_it_is_forgotten() {
        let few = ring(3);
        assert_eq!(numbers(&few, 0), Some(vec![1, 2, 3]));
        assert_eq!(numbers(&few, 2), Some(vec![3]));
        assert_eq!(numbers(&few, 3), Some(vec![]));
        // A record that went back in time is another one.
        assert_eq!(numbers(&few, 4), None);
        let many = ring(MAX_CHANGES + 10);
        assert_eq!(numbers(&many, 9), None);
        assert_eq!(numbers(&many, 10).unwrap().len(), MAX_CHANGES);
    }

    #[test]
    fn another_record_is_not_taken_for_the_same() {
        let (old, new) = (ring(2), ring(5));
        assert_eq!(new.since(old.end()), Since::Lost);
        assert!(matches!(new.since(Place::default()), Since::Told(told) if told.len() == 5));
    }

    #[test]
    fn bytes_are_bounded_and_a_long_uri_is_not_kept() {
        let mut ring = Ring::new();
        for count in 0..20 {
            let uri = format!("a://{}", "x".repeat(8_000));
            ring.push(Told::new("me", count, &Change::Resource(uri)));
        }
        assert!(ring.encode().unwrap().len() < MAX_BYTES + 2_000);
        let long = Change::Resource("x".repeat(MAX_URI + 1));
        assert_eq!(Told::new("me", 0, &long).change(), Change::Anything);
    }

    #[test]
    fn what_is_no_record_is_none() {
        for raw in ["", "{}", r#"{"series":0,"last":0,"changes":[]}"#] {
            assert_eq!(Ring::decode(raw.as_bytes()), None, "{raw}");
        }
        let impossible = r#"{"series":1,"last":0,"changes":[{"by":"a","count":0,"what":"Tools"}]}"#;
        assert_eq!(Ring::decode(impossible.as_bytes()), None);
        let ring = ring(2);
        assert_eq!(Ring::decode(&ring.encode().unwrap()), Some(ring));
    }
}
