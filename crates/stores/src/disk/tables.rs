//! The tables of the file, in one transaction that writes.

use std::time::Duration;

use bytes::Bytes;
use purlin_core::store::{StoreError, StoreErrorKind, StoreResult};
use redb::{ReadableTable, Table, TableDefinition, WriteTransaction};

use super::{
    clock::Clock,
    fault::Fault,
    record::{Record, expiry},
};

/// Records by name.
pub(super) const RECORDS: TableDefinition<'_, &[u8], &[u8]> = TableDefinition::new("records");
/// Expiry and name of what expires, in the order it goes.
const EXPIRIES: TableDefinition<'_, (u64, &[u8]), ()> = TableDefinition::new("expiries");
/// What was put aside, as it was found, by number.
const DAMAGED: TableDefinition<'_, u64, (&[u8], &[u8])> = TableDefinition::new("damaged");
/// Numbers about the whole.
const SUMS: TableDefinition<'_, &str, u64> = TableDefinition::new("sums");
const BYTES: &str = "bytes";
/// How late it was when something was written that expires.
const TIME: &str = "time";

/// How much of what was put aside is kept: the first so many records.
const KEPT_ASIDE: u64 = 1_000;
/// How many expired records one transaction clears away.
const CLEARED_AT_ONCE: usize = 64;

/// What an operation does to the tables: a fault undoes the transaction.
pub(super) type Step<T> = Result<T, Fault>;

#[derive(Debug)]
pub(super) struct Tables<'a> {
    records: Table<'a, &'static [u8], &'static [u8]>,
    expiries: Table<'a, (u64, &'static [u8]), ()>,
    damaged: Table<'a, u64, (&'static [u8], &'static [u8])>,
    sums: Table<'a, &'static str, u64>,
    max_bytes: u64,
    now: u64,
    /// Records that this transaction put aside.
    pub(super) put_aside: u64,
}

impl<'a> Tables<'a> {
    pub(super) fn open(
        transaction: &'a WriteTransaction,
        max_bytes: u64,
        clock: &Clock,
    ) -> Step<Self> {
        let sums = transaction.open_table(SUMS)?;
        let now = clock.not_before(sums.get(TIME)?.map_or(0, |time| time.value()));
        Ok(Self {
            records: transaction.open_table(RECORDS)?,
            expiries: transaction.open_table(EXPIRIES)?,
            damaged: transaction.open_table(DAMAGED)?,
            sums,
            max_bytes,
            now,
            put_aside: 0,
        })
    }

    /// What is there, if it is whole and has not expired.
    pub(super) fn get(&mut self, name: &[u8]) -> Step<Option<Record>> {
        let found = match self.records.get(name)? {
            None => return Ok(None),
            Some(found) => Record::decode(name, found.value()),
        };
        match found {
            Some(record) => Ok(Some(record).filter(|record| record.is_alive(self.now))),
            None => {
                self.put_aside(name)?;
                Ok(None)
            }
        }
    }

    /// Takes out what is there, if it is whole and has not expired.
    pub(super) fn remove(&mut self, name: &[u8]) -> Step<Option<Record>> {
        let found = self.get(name)?;
        self.erase(name)?;
        Ok(found)
    }

    /// Writes over what is there.
    pub(super) fn put(
        &mut self,
        name: &[u8],
        value: &Bytes,
        ttl: Option<Duration>,
    ) -> Step<StoreResult<()>> {
        self.put_until(name, value, expiry(ttl, self.now))
    }

    /// The same with the time it expires at.
    pub(super) fn put_until(
        &mut self,
        name: &[u8],
        value: &Bytes,
        expires: u64,
    ) -> Step<StoreResult<()>> {
        let record = Record {
            value: value.clone(),
            expires,
        };
        if !record.is_alive(self.now) {
            self.erase(name)?;
            return Ok(Ok(()));
        }
        let bytes = record.encode(name);
        let size = (name.len() + bytes.len()) as u64;
        let replaced = match self.records.get(name)? {
            Some(old) => (name.len() + old.value().len()) as u64,
            None => 0,
        };
        if (self.bytes()? + size).saturating_sub(replaced) > self.max_bytes {
            let text = "the store holds as much as it may";
            return Ok(Err(StoreError::new(StoreErrorKind::Quota, text)));
        }
        self.erase(name)?;
        self.records.insert(name, &bytes[..])?;
        if expires != 0 {
            self.expiries.insert((expires, name), ())?;
            self.sums.insert(TIME, self.now)?;
        }
        self.set_bytes(self.bytes()? + size)?;
        Ok(Ok(()))
    }

    /// Clears away some of what has expired.
    pub(super) fn clear(&mut self) -> Step<()> {
        let mut expired = Vec::new();
        for entry in self.expiries.iter()?.take(CLEARED_AT_ONCE) {
            let (at, ()) = {
                let (at, nothing) = entry?;
                let (expires, name) = at.value();
                ((expires, name.to_vec()), nothing.value())
            };
            if at.0 > self.now {
                break;
            }
            expired.push(at);
        }
        for (expires, name) in expired {
            self.erase(&name)?;
            // Also where the record went without its entry.
            self.expiries.remove((expires, &name[..]))?;
        }
        Ok(())
    }

    fn put_aside(&mut self, name: &[u8]) -> Step<()> {
        self.put_aside += 1;
        let found = self.records.get(name)?;
        let bytes = found.map(|found| found.value().to_vec());
        let kept = self.damaged.last()?.map_or(0, |(number, _)| number.value());
        if let Some(bytes) = bytes.filter(|_| kept < KEPT_ASIDE) {
            self.damaged.insert(kept + 1, (name, &bytes[..]))?;
        }
        self.erase(name)
    }

    /// Removes a record, whatever it is, from all tables.
    fn erase(&mut self, name: &[u8]) -> Step<()> {
        let removed = match self.records.remove(name)? {
            None => return Ok(()),
            Some(removed) => removed.value().to_vec(),
        };
        // A damaged record leaves its entry behind, which goes when its time has come.
        if let Some(record) = Record::decode(name, &removed).filter(|record| record.expires != 0) {
            self.expiries.remove((record.expires, name))?;
        }
        let size = (name.len() + removed.len()) as u64;
        self.set_bytes(self.bytes()?.saturating_sub(size))
    }

    fn bytes(&self) -> Step<u64> {
        Ok(self.sums.get(BYTES)?.map_or(0, |bytes| bytes.value()))
    }

    fn set_bytes(&mut self, bytes: u64) -> Step<()> {
        self.sums.insert(BYTES, bytes)?;
        Ok(())
    }
}
