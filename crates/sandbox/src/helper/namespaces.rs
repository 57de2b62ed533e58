//! Leaving the namespaces of the host, one after the other, so that what is missing has a name.

use rustix::thread::UnshareFlags;

use crate::feature::Feature;
use crate::report::{Failure, Stage};
use crate::sys;

use super::At;

/// The user namespace comes first: it brings the right to make the others.
pub(super) const USER: (UnshareFlags, Feature) = (UnshareFlags::NEWUSER, Feature::UserNamespace);

/// All others.
pub(super) const OTHERS: [(UnshareFlags, Feature); 6] = [
    (UnshareFlags::NEWNS, Feature::MountNamespace),
    (UnshareFlags::NEWPID, Feature::PidNamespace),
    (UnshareFlags::NEWNET, Feature::NetworkNamespace),
    (UnshareFlags::NEWIPC, Feature::IpcNamespace),
    (UnshareFlags::NEWUTS, Feature::UtsNamespace),
    (UnshareFlags::NEWCGROUP, Feature::CgroupNamespace),
];

/// What the box calls itself, so that the host's name is not told.
const NAME: &[u8] = b"sandbox";

pub(super) fn leave((flags, feature): (UnshareFlags, Feature)) -> Result<(), Failure> {
    sys::unshare(flags).lacks(Stage::Namespaces, feature)
}

pub(super) fn leave_others() -> Result<(), Failure> {
    OTHERS.into_iter().try_for_each(leave)?;
    rustix::system::sethostname(NAME).lacks(Stage::Namespaces, Feature::UtsNamespace)
}
