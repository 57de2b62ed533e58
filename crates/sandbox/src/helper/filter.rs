//! The table of system calls, made into programs for the kernel.

use std::collections::BTreeMap;

use rustix::process::Pid;
use seccompiler::{
    BpfProgram, SeccompAction, SeccompCmpArgLen, SeccompCmpOp, SeccompCondition, SeccompFilter,
    SeccompRule, TargetArch,
};

use crate::feature::Feature;
use crate::plan::Tier;
use crate::report::{Failure, Stage};

use super::syscalls::{Arguments, TABLE};

/// Flags of `clone` that ask for a namespace. That of time is not among those it takes.
const NAMESPACES: u64 = (libc::CLONE_NEWNS
    | libc::CLONE_NEWCGROUP
    | libc::CLONE_NEWUTS
    | libc::CLONE_NEWIPC
    | libc::CLONE_NEWUSER
    | libc::CLONE_NEWPID
    | libc::CLONE_NEWNET) as u64;

/// What `futex` may be asked for, and the flags beside that. Those that hand priorities on touch more
/// of the kernel than any lock of an interpreter needs.
const FUTEXES: [i32; 7] = [
    libc::FUTEX_WAIT,
    libc::FUTEX_WAKE,
    libc::FUTEX_REQUEUE,
    libc::FUTEX_CMP_REQUEUE,
    libc::FUTEX_WAKE_OP,
    libc::FUTEX_WAIT_BITSET,
    libc::FUTEX_WAKE_BITSET,
];
const FUTEX_FLAGS: i32 = libc::FUTEX_PRIVATE_FLAG | libc::FUTEX_CLOCK_REALTIME;

/// The last clock that is one for all, and the first of the process's and thread's own: those of
/// another process have its number in them, which is 0 for oneself.
const LAST_CLOCK: u64 = libc::CLOCK_TAI as u64;
const OWN_CLOCKS: u64 = u32::MAX as u64 - 7;

type Error = Box<dyn std::error::Error>;
type Rules = BTreeMap<i64, Vec<SeccompRule>>;

/// The filters of a tier, in the order in which they are put up.
///
/// The first takes `clone3` away and has nothing else to say; it comes first because the second does
/// not let another one be put up. Of two answers the kernel takes the stricter one.
#[derive(Debug)]
pub(super) struct Filters([BpfProgram; 2]);

impl Filters {
    /// The filters for a process of that number.
    pub(super) fn new(tier: Tier, own: Pid) -> Result<Self, Failure> {
        let made = programs(tier, own);
        made.map(Self).map_err(|_| missing())
    }

    /// Binds this process to the filters, for good.
    pub(super) fn apply(&self) -> Result<(), Failure> {
        for program in &self.0 {
            seccompiler::apply_filter(program).map_err(|_| missing())?;
        }
        Ok(())
    }
}

fn missing() -> Failure {
    Failure {
        missing: Some(Feature::Seccomp),
        ..Failure::new(Stage::Seccomp)
    }
}

fn programs(tier: Tier, own: Pid) -> Result<[BpfProgram; 2], Error> {
    let absent = BTreeMap::from([(libc::SYS_clone3, Vec::new())]);
    let errno = |errno: i32| SeccompAction::Errno(errno.unsigned_abs());
    let mut allowed = rules(tier, own)?;
    // What the first filter has answered is not to be answered otherwise.
    allowed.insert(libc::SYS_clone3, Vec::new());
    Ok([
        program(absent, SeccompAction::Allow, errno(libc::ENOSYS))?,
        program(allowed, errno(libc::EPERM), SeccompAction::Allow)?,
    ])
}

/// A program that also kills whoever calls with the conventions of another architecture.
fn program(rules: Rules, others: SeccompAction, these: SeccompAction) -> Result<BpfProgram, Error> {
    let architecture = TargetArch::try_from(std::env::consts::ARCH)?;
    let filter = SeccompFilter::new(rules, others, these, architecture)?;
    Ok(filter.try_into()?)
}

fn rules(tier: Tier, own: Pid) -> Result<Rules, Error> {
    let groups = TABLE
        .iter()
        .filter(|group| group.tier.is_none_or(|only| only == tier));
    let calls = groups.flat_map(|group| group.calls);
    calls
        .map(|(number, arguments)| Ok((*number, alternatives(*arguments, own)?)))
        .collect()
}

/// Rules of which one has to hold; none where everything is allowed. Flags and addresses are looked at whole; of what the kernel takes for 32 bits, it ignores the rest.
fn alternatives(arguments: Arguments, own: Pid) -> Result<Vec<SeccompRule>, Error> {
    let own = u64::from(own.as_raw_nonzero().get().unsigned_abs());
    match arguments {
        Arguments::Always => Ok(Vec::new()),
        Arguments::Is(place, value) => Ok(vec![wide(place, SeccompCmpOp::Eq, value)?]),
        Arguments::EitherIs(place, values) => values
            .iter()
            .map(|value| narrow(place, SeccompCmpOp::Eq, *value))
            .collect(),
        Arguments::FifoMode(place) => {
            let mask = SeccompCmpOp::MaskedEq(libc::S_IFMT.into());
            Ok(vec![narrow(place, mask, libc::S_IFIFO.into())?])
        }
        Arguments::Lacks(place, flags) => {
            Ok(vec![narrow(place, SeccompCmpOp::MaskedEq(flags), 0)?])
        }
        Arguments::Send => {
            let nobody = SeccompCmpArgLen::Qword;
            let urgent = SeccompCmpOp::MaskedEq(libc::MSG_OOB as u64);
            Ok(vec![SeccompRule::new(vec![
                SeccompCondition::new(4, nobody, SeccompCmpOp::Eq, 0)?,
                condition(3, urgent, 0)?,
            ])?])
        }
        Arguments::Futex => {
            let operation = SeccompCmpOp::MaskedEq((!FUTEX_FLAGS.cast_unsigned()).into());
            let operations = FUTEXES.iter();
            operations
                .map(|it| narrow(1, operation.clone(), it.cast_unsigned().into()))
                .collect()
        }
        Arguments::OwnClock => Ok(vec![
            narrow(0, SeccompCmpOp::Le, LAST_CLOCK)?,
            narrow(0, SeccompCmpOp::Ge, OWN_CLOCKS)?,
        ]),
        Arguments::NoNamespace => {
            let mask = SeccompCmpOp::MaskedEq(NAMESPACES);
            Ok(vec![wide(0, mask, 0)?])
        }
        Arguments::Thread => {
            let flag = libc::CLONE_THREAD as u64;
            let mask = SeccompCmpOp::MaskedEq(flag | NAMESPACES);
            Ok(vec![wide(0, mask, flag)?])
        }
        Arguments::OwnPid => Ok(vec![narrow(0, SeccompCmpOp::Eq, own)?]),
        Arguments::UnixStream => {
            let flags = (libc::SOCK_NONBLOCK | libc::SOCK_CLOEXEC) as u64;
            let kind = SeccompCmpOp::MaskedEq(u64::from(u32::MAX) & !flags);
            Ok(vec![SeccompRule::new(vec![
                condition(0, SeccompCmpOp::Eq, libc::AF_UNIX as u64)?,
                condition(1, kind, libc::SOCK_STREAM as u64)?,
            ])?])
        }
    }
}

/// A condition on 32 bits of an argument.
fn condition(place: u8, operator: SeccompCmpOp, value: u64) -> Result<SeccompCondition, Error> {
    Ok(SeccompCondition::new(
        place,
        SeccompCmpArgLen::Dword,
        operator,
        value,
    )?)
}

fn narrow(place: u8, operator: SeccompCmpOp, value: u64) -> Result<SeccompRule, Error> {
    Ok(SeccompRule::new(vec![condition(place, operator, value)?])?)
}

fn wide(place: u8, operator: SeccompCmpOp, value: u64) -> Result<SeccompRule, Error> {
    let condition = SeccompCondition::new(place, SeccompCmpArgLen::Qword, operator, value)?;
    Ok(SeccompRule::new(vec![condition])?)
}
