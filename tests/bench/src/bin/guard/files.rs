//! Files, read and written with `std::fs` and with `FileOperations`.

use std::error::Error;
use std::fs::{self, File};
use std::io::Write as _;
use std::path::PathBuf;

use purlin_guard::FileOperations;
use tempfile::TempDir;

use crate::{Done, Pair};

const NAME: &str = "a/b/file";

/// A directory with a file, three names deep.
struct Place {
    directory: TempDir,
    contents: Vec<u8>,
    files: FileOperations,
}

impl Place {
    fn new(size: usize) -> Result<Self, Box<dyn Error>> {
        let directory = tempfile::tempdir()?;
        fs::create_dir_all(directory.path().join("a/b"))?;
        let contents = vec![b'x'; size];
        fs::write(directory.path().join(NAME), &contents)?;
        let files = FileOperations::builder(directory.path()).build()?;
        Ok(Self {
            directory,
            contents,
            files,
        })
    }

    fn at(&self, name: &str) -> PathBuf {
        self.directory.path().join(name)
    }
}

/// The whole of a file.
pub(crate) struct Reading {
    name: &'static str,
    place: Place,
}

impl Reading {
    pub(crate) fn of(name: &'static str, size: usize) -> Result<Self, Box<dyn Error>> {
        let place = Place::new(size)?;
        Ok(Self { name, place })
    }
}

impl Pair for Reading {
    fn name(&self) -> &'static str {
        self.name
    }

    fn times(&self) -> usize {
        200
    }

    async fn plain(&mut self) -> Done {
        is_whole(fs::read(self.place.at(NAME))?, &self.place)
    }

    async fn safe(&mut self) -> Done {
        is_whole(self.place.files.read(NAME).await?, &self.place)
    }
}

fn is_whole(read: Vec<u8>, place: &Place) -> Done {
    match read.len() == place.contents.len() {
        true => Ok(()),
        false => Err("that is not the file".into()),
    }
}

/// A file that is on disk before it takes its name, which is what both promise here.
pub(crate) struct Writing {
    name: &'static str,
    place: Place,
}

impl Writing {
    pub(crate) fn of(name: &'static str, size: usize) -> Result<Self, Box<dyn Error>> {
        let place = Place::new(size)?;
        Ok(Self { name, place })
    }
}

impl Pair for Writing {
    fn name(&self) -> &'static str {
        self.name
    }

    fn times(&self) -> usize {
        20
    }

    async fn plain(&mut self) -> Done {
        let (draft, end) = (self.place.at("a/b/draft"), self.place.at(NAME));
        let mut file = File::create_new(&draft)?;
        file.write_all(&self.place.contents)?;
        file.sync_all()?;
        fs::rename(&draft, end)?;
        Ok(File::open(self.place.at("a/b"))?.sync_all()?)
    }

    async fn safe(&mut self) -> Done {
        Ok(self.place.files.write(NAME, &self.place.contents).await?)
    }
}
