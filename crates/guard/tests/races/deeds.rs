//! What is tried while the ground moves.

/// An operation, with paths that lead through what the attacker changes.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Deed {
    Read(&'static str),
    Stat(&'static str),
    List(&'static str),
    Write(&'static str),
    Create(&'static str),
    Append(&'static str),
    Copy(&'static str, &'static str),
    Rename(&'static str, &'static str),
    Remove(&'static str),
    RemoveAll(&'static str),
    CreateDirs(&'static str),
}

use Deed as D;

pub(crate) const DEEDS: [Deed; 32] = [
    D::Read("door/secret"),
    D::Read("name"),
    D::Read("calm/link"),
    D::Read("a/b/../../outside/secret"),
    D::Read("a/b/../door/secret"),
    D::Stat("door/secret"),
    D::Stat("name"),
    D::Stat("a/b/../../outside/secret"),
    D::List("door"),
    D::List("a/b/../../outside"),
    D::List("a/b/../.."),
    D::Write("door/secret"),
    D::Write("name"),
    D::Write("hard"),
    D::Write("a/b/../../outside/secret"),
    D::Create("door/created"),
    D::Create("a/b/../../outside/created"),
    D::Append("door/linked"),
    D::Append("door/secret"),
    D::Append("name"),
    D::Append("hard"),
    D::Copy("name", "copied"),
    D::Copy("calm/file", "door/copied"),
    D::Rename("door/secret", "moved"),
    D::Rename("calm/file", "door/moved"),
    D::Rename("door/sub", "a/sub"),
    D::Remove("door/kept"),
    D::Remove("hard"),
    D::RemoveAll("door/sub"),
    D::RemoveAll("door"),
    D::RemoveAll("a/b/../../outside"),
    D::CreateDirs("door/x/y"),
];

/// What came of it.
#[derive(Debug)]
pub(crate) enum Saw {
    Nothing,
    Bytes(Vec<u8>),
    Names(Vec<String>),
    Size(u64),
    Refused(&'static str),
}

/// Whoever does it.
pub(crate) trait Hands: Clone + Send + Sync + 'static {
    fn act(&self, deed: Deed) -> impl Future<Output = Saw> + Send;
}
