//! Giving up capabilities, and the way back to them.

use rustix::thread::{CapabilitySet, CapabilitySets};

use crate::report::{Failure, Stage};

use super::At;

/// Takes all capabilities out of what may be inherited through a program with file capabilities.
/// While there is a right to do so, that is; without it `no_new_privs` stands for it.
pub(super) fn bound() {
    for number in 0..64 {
        let one = CapabilitySet::from_bits_retain(1 << number);
        match rustix::thread::remove_capability_from_bounding_set(one) {
            Ok(()) => {}
            // No more of them, or none of them to be given up.
            Err(_) => return,
        }
    }
}

/// Gives up all capabilities, and that a program may bring any back.
pub(super) fn drop_all() -> Result<(), Failure> {
    // Kernels without ambient capabilities have none to clear.
    let _ = rustix::thread::clear_ambient_capability_set();
    let none = CapabilitySets {
        effective: CapabilitySet::empty(),
        permitted: CapabilitySet::empty(),
        inheritable: CapabilitySet::empty(),
    };
    rustix::thread::set_capabilities(None, none).at(Stage::Privileges)?;
    rustix::thread::set_no_new_privs(true).at(Stage::Privileges)
}
