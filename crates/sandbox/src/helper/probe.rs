//! What a tier needs and this system does not have: everything is tried, in a process of its own,
//! but for the program.

use std::fs::File;
use std::io::{self, Read, Write};
use std::os::fd::{AsFd, BorrowedFd};

use rustix::pipe::{PipeFlags, pipe_with};

use crate::feature::Feature;
use crate::plan::{Plan, Tier};
use crate::report::Failure;
use crate::sys;

use super::channel::{Channel, Event};
use super::child::{self, Forked};
use super::filter::Filters;
use super::identity::{INSIDE, Identity, NOBODY};
use super::mounts;
use super::namespaces;
use super::privileges;
use super::ruleset::{self, Rules};

pub(super) fn missing(tier: Tier) -> Vec<Feature> {
    // Where not even a process can be made and listened to, there is no helper.
    attempt(tier).unwrap_or_else(|_| vec![Feature::Helper])
}

fn attempt(tier: Tier) -> io::Result<Vec<Feature>> {
    let identity = Identity::detect();
    let (ours, theirs) = Channel::pair()?;
    let (reading, writing) = pipe_with(PipeFlags::CLOEXEC)?;
    let child = match child::fork()? {
        Forked::Parent(child) => child,
        Forked::Child(_tie) => {
            drop((ours, reading));
            let missing = layers(tier, identity, theirs, writing.as_fd());
            let told = serde_json::to_vec(&missing).unwrap_or_default();
            // The reader takes silence for a failure.
            let _ = File::from(writing).write_all(&told);
            sys::exit(0)
        }
    };
    drop((theirs, writing));
    // The child either asks to be mapped or has gone on without.
    if let Ok(Some((Event::Unmapped, _))) = ours.hear() {
        match identity.map(child.pid) {
            Ok(()) => ours.release()?,
            Err(_) => drop(ours),
        }
    }
    let mut told = Vec::new();
    File::from(reading).read_to_end(&mut told)?;
    child.wait()?;
    Ok(serde_json::from_slice(&told)?)
}

fn layers(tier: Tier, identity: Identity, channel: Channel, kept: BorrowedFd<'_>) -> Vec<Feature> {
    let mut missing = Vec::new();
    let mut user = NOBODY;
    if tier == Tier::Strict {
        match enter_user_namespace(identity, &channel) {
            Ok(()) => missing.extend(namespaces_and_mounts()),
            Err(failure) => missing.extend(failure.missing),
        }
        user = INSIDE;
    } else if identity.leave_groups().is_err() {
        missing.push(Feature::ChangeUser);
    }
    drop(channel);
    missing.extend(bounds(tier, identity, user, kept));
    missing
}

fn enter_user_namespace(identity: Identity, channel: &Channel) -> Result<(), Failure> {
    let lacks = |_| Failure {
        missing: Some(Feature::UserNamespace),
        ..Failure::new(crate::Stage::Namespaces)
    };
    identity.leave_groups()?;
    namespaces::leave(namespaces::USER)?;
    channel.tell(&Event::Unmapped, None).map_err(lacks)?;
    channel.await_release().map_err(lacks)
}

fn namespaces_and_mounts() -> Vec<Feature> {
    let tried = namespaces::OTHERS.into_iter().map(namespaces::leave);
    let failed = tried.filter_map(Result::err);
    let mut missing: Vec<Feature> = failed.filter_map(|failure| failure.missing).collect();
    // Without a namespace of its own this would be the host's tree.
    if !missing.contains(&Feature::MountNamespace) {
        let nothing = Plan::new(Tier::Strict, "/");
        if mounts::build(&nothing).is_err() {
            missing.push(Feature::PrivateMounts);
        }
    }
    missing
}

/// What a process does to itself; the filter comes last, since it allows none of the others.
fn bounds(tier: Tier, identity: Identity, user: u32, kept: BorrowedFd<'_>) -> Vec<Feature> {
    let filters = Filters::new(tier, rustix::process::getpid());
    let tried = [
        (Feature::ChangeUser, identity.assume(user).is_ok()),
        (Feature::ChangeUser, privileges::drop_all().is_ok()),
        (
            Feature::Landlock,
            ruleset::restrict(&Rules::default()).is_ok(),
        ),
        (Feature::CloseRange, sys::close_all_but(kept).is_ok()),
        (
            Feature::Seccomp,
            filters.is_ok_and(|filters| filters.apply().is_ok()),
        ),
    ];
    let missing = tried.into_iter().filter(|(_, available)| !available);
    let mut missing: Vec<Feature> = missing.map(|(feature, _)| feature).collect();
    missing.dedup();
    missing
}
