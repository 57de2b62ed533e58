//! Whether a chain holds.

use std::{
    fmt, fs, io,
    io::{BufRead, BufReader},
    path::Path,
};

use serde::Deserialize;

use super::{
    Head,
    chain::{HASH_MEMBER, Hasher, is_hash},
    file::head_path,
};

/// A chain that holds.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Found {
    /// How many records there are.
    pub records: u64,
    /// The last of them.
    pub head: Option<Head>,
}

/// Why a chain does not hold.
#[derive(Debug)]
#[non_exhaustive]
pub enum Tampered {
    /// A line is no record.
    NoRecord {
        /// The line, counted from 1.
        line: u64,
    },
    /// A record is not what it was when it was written, or was written with
    /// another key.
    Changed {
        /// The line, counted from 1.
        line: u64,
    },
    /// A record does not follow the one before it: something was left out, put
    /// in or moved.
    Gap {
        /// The line, counted from 1.
        line: u64,
        /// The number that should be there.
        expected: u64,
        /// The number that is there.
        found: u64,
    },
    /// Records are missing at the end.
    Cut {
        /// How many records there are.
        records: u64,
        /// How many there have to be at least.
        expected: u64,
    },
    /// The chain holds, and is another one than was expected.
    Replaced {
        /// The record that is different.
        sequence: u64,
    },
    /// Nothing tells how many records there have to be: the file with the head
    /// is missing or broken.
    NoHead,
    /// The records cannot be read.
    Io(io::Error),
}

impl fmt::Display for Tampered {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoRecord { line } => write!(f, "line {line} is no audit record"),
            Self::Changed { line } => write!(
                f,
                "the record in line {line} was changed, or another key is needed"
            ),
            Self::Gap {
                line,
                expected,
                found,
            } => write!(
                f,
                "line {line} has record {found}, and record {expected} has to be there: records \
                 were removed, added or moved"
            ),
            Self::Cut { records, expected } => write!(
                f,
                "there are {records} records, and {expected} were written: the end was cut off"
            ),
            Self::Replaced { sequence } => {
                write!(f, "record {sequence} is not the one that was written")
            }
            Self::NoHead => f.write_str(
                "the file with the head of the chain is missing or broken: give the head that was \
                 kept elsewhere",
            ),
            Self::Io(error) => write!(f, "the records cannot be read: {error}"),
        }
    }
}

impl std::error::Error for Tampered {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Io(error) => Some(error),
            _ => None,
        }
    }
}

/// The members that tie a record to the one before it.
#[derive(Deserialize)]
struct Ties {
    seq: u64,
    prev: String,
}

/// Reads a chain from its start. `expected` is a record that has to be in it, so
/// that a cut at the end is found; `key` is that of [`Audit::keyed`](super::Audit::keyed).
///
/// # Errors
/// When the chain does not hold.
pub fn verify(
    records: impl io::Read,
    key: Option<&[u8]>,
    expected: Option<&Head>,
) -> Result<Found, Tampered> {
    let hasher = Hasher::new(key);
    let mut head = Head::start();
    for (index, line) in BufReader::new(records).lines().enumerate() {
        let number = index as u64 + 1;
        // A line that is no text was no record of ours either.
        let line = line.map_err(|error| match error.kind() {
            io::ErrorKind::InvalidData => Tampered::NoRecord { line: number },
            _ => Tampered::Io(error),
        })?;
        head = step(&hasher, &head, &line, number)?;
        let other = expected
            .filter(|expected| expected.sequence == head.sequence && expected.hash != head.hash);
        if other.is_some() {
            let sequence = head.sequence;
            return Err(Tampered::Replaced { sequence });
        }
    }
    if let Some(expected) = expected.filter(|expected| expected.sequence > head.sequence) {
        return Err(Tampered::Cut {
            records: head.sequence,
            expected: expected.sequence,
        });
    }
    Ok(Found {
        records: head.sequence,
        head: (head.sequence > 0).then_some(head),
    })
}

/// The head after one more line.
pub(super) fn step(
    hasher: &Hasher,
    before: &Head,
    line: &str,
    number: u64,
) -> Result<Head, Tampered> {
    let (body, hash) = split(line).ok_or(Tampered::NoRecord { line: number })?;
    if hasher.hash(body) != hash {
        return Err(Tampered::Changed { line: number });
    }
    let ties = ties(body).ok_or(Tampered::NoRecord { line: number })?;
    let expected = before.sequence + 1;
    if ties.seq != expected || ties.prev != before.hash {
        return Err(Tampered::Gap {
            line: number,
            expected,
            found: ties.seq,
        });
    }
    Ok(Head {
        sequence: ties.seq,
        hash: hash.to_owned(),
    })
}

/// A record without its hash, and the hash.
fn split(line: &str) -> Option<(&str, &str)> {
    let line = line.strip_suffix("\"}")?;
    let at = line.rfind(HASH_MEMBER)?;
    let hash = &line[at + HASH_MEMBER.len()..];
    is_hash(hash).then_some((&line[..at], hash))
}

fn ties(body: &str) -> Option<Ties> {
    serde_json::from_str(&format!("{body}}}")).ok()
}

/// The head that a line says it is, without asking whether that is true.
pub(super) fn claimed(line: &str) -> Option<Head> {
    let (body, hash) = split(line)?;
    let sequence = ties(body)?.seq;
    Some(Head {
        sequence,
        hash: hash.to_owned(),
    })
}

/// [`verify`] for the file of an [`AuditFile`](super::AuditFile), against the
/// head that it noted beside it.
///
/// Who can change the records may be able to change the noted head as well: for
/// what must hold against them, keep [`Audit::head`](super::Audit::head)
/// elsewhere and give it to [`verify`].
///
/// # Errors
/// When the chain does not hold.
pub fn verify_file(path: impl AsRef<Path>, key: Option<&[u8]>) -> Result<Found, Tampered> {
    let path = path.as_ref();
    let file = fs::File::open(path).map_err(Tampered::Io)?;
    let noted = fs::read_to_string(head_path(path));
    let noted: Option<Head> = noted.ok().and_then(|text| text.parse().ok());
    let found = verify(file, key, noted.as_ref())?;
    match (&noted, found.records) {
        // A file that nothing was written to yet has no head.
        (None, 1..) => Err(Tampered::NoHead),
        _ => Ok(found),
    }
}
