//! The hands under test.

use purlin_guard::FileOperations;
use purlin_guard::files::FileError;

use crate::deeds::{Deed, Hands, Saw};

const OURS: &str = "ours";

impl Hands for FileOperations {
    async fn act(&self, deed: Deed) -> Saw {
        let done = match deed {
            Deed::Read(path) => self.read(path).await.map(Saw::Bytes),
            Deed::Stat(path) => self.stat(path).await.map(|it| Saw::Size(it.size)),
            Deed::List(path) => self
                .list(path)
                .await
                .map(|listing| Saw::Names(listing.entries.into_iter().map(|it| it.name).collect())),
            Deed::Write(path) => nothing(self.write(path, OURS).await),
            Deed::Create(path) => nothing(self.create_new(path, OURS).await),
            Deed::Append(path) => nothing(self.append(path, OURS).await),
            Deed::Copy(from, to) => nothing(self.copy(from, to).await),
            Deed::Rename(from, to) => nothing(self.rename(from, to).await),
            Deed::Remove(path) => nothing(self.remove(path).await),
            Deed::RemoveAll(path) => nothing(self.remove_all(path).await),
            Deed::CreateDirs(path) => nothing(self.create_dir_all(path).await),
        };
        done.unwrap_or_else(|error| Saw::Refused(error.name()))
    }
}

fn nothing(done: Result<(), FileError>) -> Result<Saw, FileError> {
    done.map(|()| Saw::Nothing)
}
