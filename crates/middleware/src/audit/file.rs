//! Records in a file.

use std::{
    ffi::OsString,
    fs::{self, File, OpenOptions},
    io::{self, Read as _, Seek as _, SeekFrom, Write as _},
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

use super::{AuditSink, Head, verify::claimed};

/// How long a record may be, in bytes: fields and their texts are bounded.
const MAX_RECORD: u64 = 1024 * 1024;

/// When records are forced onto the disk.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Sync {
    /// Before anybody is told that a record is written: none is lost when the
    /// power fails.
    Always,
    /// When so much time has passed since it was last done. A crash of the
    /// process loses nothing, of the machine what was written since.
    Every(Duration),
}

impl Default for Sync {
    fn default() -> Self {
        Self::Every(Duration::from_secs(1))
    }
}

/// Appends records to a file that only its owner may read, and notes the last of
/// them in a second file, `<path>.head`. Both have the mode 0600, also when the file
/// was there with another; a directory that was missing is made with 0700.
///
/// Each batch is written out before its requests are told; whether it is forced
/// onto the disk, and the head noted, [`Sync`] says. One process may have the
/// file open. A new start goes on with the chain: a line that was cut by a crash
/// was never acknowledged and is moved to `<path>.torn`; records that are missing
/// at the end are a reason not to start, and so is a head that is missing or broken.
#[derive(Debug)]
pub struct AuditFile {
    path: PathBuf,
    file: File,
    sync: Sync,
    head: Option<Head>,
    /// The part of the file that holds whole records.
    length: u64,
    /// A record was written in part: the rest of the line has to go first.
    broken: bool,
    synced: Instant,
}

/// Where the head of a chain in a file is noted.
pub(super) fn head_path(path: &Path) -> PathBuf {
    with_suffix(path, ".head")
}

fn with_suffix(path: &Path, suffix: &str) -> PathBuf {
    let mut name = OsString::from(path);
    name.push(suffix);
    name.into()
}

impl AuditFile {
    /// Opens or makes the file, forced onto the disk each second.
    ///
    /// # Errors
    /// When the file cannot be opened, another process has it, or its end is
    /// missing or no record.
    pub fn open(path: impl Into<PathBuf>) -> io::Result<Self> {
        let path = path.into();
        make_directory(&path)?;
        let mut file =
            private(OpenOptions::new().read(true).append(true).create(true)).open(&path)?;
        make_private(&file)?;
        lock(&file, &path)?;
        let (head, length) = last_record(&mut file, &path)?;
        check_noted(&path, head.as_ref())?;
        // From now on there is one, so that nobody takes it away unnoticed.
        note(&path, head.as_ref().unwrap_or(&Head::start()))?;
        Ok(Self {
            path,
            file,
            sync: Sync::default(),
            head,
            length,
            broken: false,
            synced: Instant::now(),
        })
    }

    /// When records are forced onto the disk.
    #[must_use]
    pub fn sync(mut self, sync: Sync) -> Self {
        self.sync = sync;
        self
    }

    fn force(&mut self) -> io::Result<()> {
        self.file.sync_data()?;
        self.synced = Instant::now();
        let Some(head) = &self.head else {
            return Ok(());
        };
        note(&self.path, head)
    }

    /// Takes back what was written of a record in part.
    fn mend(&mut self) -> io::Result<()> {
        if self.broken {
            self.file.set_len(self.length)?;
            self.broken = false;
        }
        Ok(())
    }
}

impl AuditSink for AuditFile {
    fn head(&self) -> Option<Head> {
        self.head.clone()
    }

    fn append(&mut self, record: &str, head: &Head) -> io::Result<()> {
        self.mend()?;
        let mut line = String::with_capacity(record.len() + 1);
        line.push_str(record);
        line.push('\n');
        if let Err(error) = self.file.write_all(line.as_bytes()) {
            self.broken = true;
            return Err(error);
        }
        self.length += line.len() as u64;
        self.head = Some(head.clone());
        Ok(())
    }

    fn commit(&mut self) -> io::Result<()> {
        match self.sync {
            Sync::Every(interval) if self.synced.elapsed() < interval => Ok(()),
            _ => self.force(),
        }
    }

    fn idle(&mut self) -> io::Result<()> {
        self.force()
    }
}

impl Drop for AuditFile {
    fn drop(&mut self) {
        if let Err(error) = self.force() {
            tracing::error!(target: "purlin::audit", %error, "the audit log was not forced onto the disk");
        }
    }
}

/// Notes a head in place of the one before it, in one step that outlasts a crash.
fn note(path: &Path, head: &Head) -> io::Result<()> {
    let new = with_suffix(path, ".head.new");
    // What a crash left, or somebody put there: it is not written into.
    match fs::remove_file(&new) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    let mut file = private(OpenOptions::new().write(true).create_new(true)).open(&new)?;
    writeln!(file, "{head}")?;
    file.sync_data()?;
    fs::rename(new, head_path(path))?;
    sync_directory(path)
}

/// A file that is made is its owner's alone.
fn private(options: &mut OpenOptions) -> &mut OpenOptions {
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(options, 0o600);
    options
}

/// So is one that was there.
#[cfg(unix)]
fn make_private(file: &File) -> io::Result<()> {
    file.set_permissions(std::os::unix::fs::PermissionsExt::from_mode(0o600))
}

#[cfg(not(unix))]
fn make_private(_file: &File) -> io::Result<()> {
    Ok(())
}

fn directory_of(path: &Path) -> &Path {
    match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    }
}

/// Makes the directory for its owner alone, unless it is there.
fn make_directory(path: &Path) -> io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(directory_of(path))
}

/// A file that was made or renamed is found after a crash when its directory was forced
/// onto the disk.
#[cfg(unix)]
fn sync_directory(path: &Path) -> io::Result<()> {
    File::open(directory_of(path))?.sync_all()
}

#[cfg(not(unix))]
fn sync_directory(_path: &Path) -> io::Result<()> {
    Ok(())
}

/// Keeps other processes out: two would write two chains into one file.
#[cfg(unix)]
fn lock(file: &File, path: &Path) -> io::Result<()> {
    use rustix::fs::{FlockOperation, flock};
    flock(file, FlockOperation::NonBlockingLockExclusive).map_err(|error| {
        let problem = format!(
            "`{}` is the audit log of another process that runs ({error}): give each its own",
            path.display()
        );
        io::Error::new(io::ErrorKind::WouldBlock, problem)
    })
}

#[cfg(not(unix))]
fn lock(_file: &File, _path: &Path) -> io::Result<()> {
    Ok(())
}

/// The last record and where it ends. What comes after it is moved away.
fn last_record(file: &mut File, path: &Path) -> io::Result<(Option<Head>, u64)> {
    let length = file.metadata()?.len();
    let start = length.saturating_sub(2 * MAX_RECORD);
    file.seek(SeekFrom::Start(start))?;
    let mut tail = Vec::new();
    file.read_to_end(&mut tail)?;
    let whole = tail
        .iter()
        .rposition(|byte| *byte == b'\n')
        .map_or(0, |at| at + 1);
    if whole == 0 && start > 0 {
        return Err(no_record(path));
    }
    let end = start + whole as u64;
    if end < length {
        let torn = with_suffix(path, ".torn");
        let mut torn = private(OpenOptions::new().append(true).create(true)).open(torn)?;
        make_private(&torn)?;
        torn.write_all(&tail[whole..])?;
        torn.write_all(b"\n")?;
        torn.sync_data()?;
        file.set_len(end)?;
        tracing::warn!(target: "purlin::audit", "a record that was cut by a crash was moved away");
    }
    if whole == 0 {
        return Ok((None, 0));
    }
    let lines = &tail[..whole - 1];
    let from = lines
        .iter()
        .rposition(|byte| *byte == b'\n')
        .map_or(0, |at| at + 1);
    let line = std::str::from_utf8(&lines[from..]).ok();
    let head = line.and_then(claimed).ok_or_else(|| no_record(path))?;
    Ok((Some(head), end))
}

fn no_record(path: &Path) -> io::Error {
    let problem = format!(
        "`{}` does not end with an audit record: keep it for whoever looks into that, and start \
         with another file",
        path.display()
    );
    io::Error::new(io::ErrorKind::InvalidData, problem)
}

fn no_head(path: &Path) -> io::Error {
    let problem = format!(
        "`{}` has records, and `{}`, which tells how many there have to be, is missing or broken: \
         keep them for whoever looks into that, and start with another file",
        path.display(),
        head_path(path).display()
    );
    io::Error::new(io::ErrorKind::InvalidData, problem)
}

/// Refuses to go on with a chain whose end is missing.
fn check_noted(path: &Path, head: Option<&Head>) -> io::Result<()> {
    let noted = match fs::read_to_string(head_path(path)) {
        Ok(text) => text.parse::<Head>().ok(),
        Err(error) if error.kind() == io::ErrorKind::NotFound => None,
        Err(error) => return Err(error),
    };
    let Some(noted) = noted else {
        // A start that was cut off before the first record.
        return head.map_or(Ok(()), |_| Err(no_head(path)));
    };
    let there = head.map_or(0, |head| head.sequence);
    let same = there > noted.sequence || head.unwrap_or(&Head::start()) == &noted;
    if same {
        return Ok(());
    }
    let problem = format!(
        "`{}` ends with record {there}, and {} were written: keep it for whoever looks into that, \
         and start with another file",
        path.display(),
        noted.sequence
    );
    Err(io::Error::new(io::ErrorKind::InvalidData, problem))
}
