//! What there is in a directory.

use std::io::ErrorKind;

use super::Root;
use super::draft::is_draft;
use crate::files::directory::known;
use crate::files::pool::Stop;
use crate::files::{Entry, FileError, Listing, RelativePath};

impl Root {
    pub(in super::super) fn list(
        &self,
        path: &RelativePath,
        stop: &Stop,
    ) -> Result<Listing, FileError> {
        let directory = self.open(path.as_str())?;
        let mut listing = Listing::default();
        for name in directory.entries()? {
            stop.check()?;
            let name = name?;
            if is_draft(&name) {
                continue;
            }
            let Some(text) = name.to_str().filter(|it| RelativePath::parse(it).is_ok()) else {
                listing.unnamed += 1;
                continue;
            };
            if listing.entries.len() == self.quota().listing {
                listing.more = true;
                break;
            }
            match directory.stat(&name) {
                Err(error) if error.kind() == ErrorKind::NotFound => {}
                found => listing.entries.push(Entry {
                    name: text.to_owned(),
                    stat: known(&found?),
                }),
            }
        }
        listing.entries.sort_by(|a, b| a.name.cmp(&b.name));
        Ok(listing)
    }
}
