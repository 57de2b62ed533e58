//! Control groups: limits of all processes of a run together.
//!
//! They are made and removed by the server, since a helper may be killed at any moment and could not
//! clear up then. A server that is killed itself leaves empty groups behind; the next one removes
//! them, as their names tell whose they were.
//!
//! Groups are made below the one the server is in, so what an operator allots to the server goes on
//! counting. In version 1 that needs the right to write there, in version 2 also that the group is
//! delegated to the server with the controllers on, and that the server is in a group below it
//! (systemd: `Delegate=memory pids` and `DelegateSubgroup=`), since a group with processes of its own
//! has none below it that are limited.

use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use crate::plan::Limits;

/// Where groups for runs can be made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CgroupParent {
    places: Vec<Place>,
}

/// A directory in which groups can be made, and what they limit.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Place {
    directory: PathBuf,
    kind: Kind,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    /// Version 1, the hierarchy of the controller `memory`.
    Memory,
    /// Version 1, the hierarchy of the controller `pids`.
    Processes,
    /// Version 2.
    Unified,
}

/// How the groups of this crate are called, up to the number of the process that made them.
const PREFIX: &str = "purlin-";

/// How often, and after which time, a group is removed once more that was still in use: the kernel
/// may take a moment to let go of a process that is dead.
const ATTEMPTS: u32 = 50;
const PAUSE: Duration = Duration::from_millis(2);

impl CgroupParent {
    /// Finds the groups of this process and tries whether groups can be made there. Removes what a
    /// server that was killed has left. None where memory cannot be limited.
    pub fn detect() -> Option<Self> {
        let groups = fs::read_to_string("/proc/self/cgroup").ok()?;
        let mounts = fs::read_to_string("/proc/self/mountinfo").ok()?;
        let places = places(&groups, &mounts);
        let usable = places.into_iter().filter(Place::is_usable);
        let found = Self {
            places: usable.collect(),
        };
        found.limits_memory().then_some(found)
    }

    /// Uses a directory of version 2 that was delegated to this process, with `memory` and `pids` in
    /// its `cgroup.subtree_control`.
    ///
    /// # Errors
    ///
    /// Where no groups with limits can be made in it.
    pub fn at(directory: impl Into<PathBuf>) -> io::Result<Self> {
        let place = Place {
            directory: directory.into(),
            kind: Kind::Unified,
        };
        place.probe()?;
        Ok(Self {
            places: vec![place],
        })
    }

    /// Makes the groups of one run.
    ///
    /// # Errors
    ///
    /// Where the kernel refuses; nothing is left behind.
    pub fn make(&self, limits: &Limits) -> io::Result<Cgroup> {
        static COUNT: AtomicU64 = AtomicU64::new(0);
        let name = format!("{}{}", own_prefix(), COUNT.fetch_add(1, Ordering::Relaxed));
        remove_remains();
        let mut made = Cgroup { groups: Vec::new() };
        for place in &self.places {
            made.groups.push(place.make(&name, limits)?);
        }
        Ok(made)
    }

    fn limits_memory(&self) -> bool {
        self.places
            .iter()
            .any(|place| place.kind != Kind::Processes)
    }
}

/// The groups of one run. Dropping them removes them; what still runs in them is killed.
///
/// Removing waits for dead processes to be gone, for 100 ms at most: not on a thread that others
/// wait for.
#[derive(Debug)]
pub struct Cgroup {
    groups: Vec<PathBuf>,
}

impl Cgroup {
    /// The directories, for [`Plan::cgroup`](crate::Plan::cgroup).
    pub fn directories(&self) -> &[PathBuf] {
        &self.groups
    }
}

impl Drop for Cgroup {
    fn drop(&mut self) {
        for group in &self.groups {
            if let Err(error) = remove(group)
                && error.kind() != io::ErrorKind::NotFound
            {
                keep_remainder(group);
            }
        }
    }
}

/// Groups that could not be removed yet. What is not kept here, the next server removes.
static REMAINS: Mutex<Vec<PathBuf>> = Mutex::new(Vec::new());
const MOST_REMAINS: usize = 1024;

fn keep_remainder(group: &Path) {
    let mut remains = REMAINS.lock().unwrap_or_else(PoisonError::into_inner);
    if remains.len() < MOST_REMAINS {
        remains.push(group.to_owned());
    }
}

/// Tries again to remove what could not be.
fn remove_remains() {
    let remains = std::mem::take(&mut *REMAINS.lock().unwrap_or_else(PoisonError::into_inner));
    for group in remains {
        if let Err(error) = fs::remove_dir(&group)
            && error.kind() != io::ErrorKind::NotFound
        {
            keep_remainder(&group);
        }
    }
}

impl Place {
    fn make(&self, name: &str, limits: &Limits) -> io::Result<PathBuf> {
        let group = self.directory.join(name);
        fs::create_dir(&group).or_else(|error| match error.kind() {
            // Of a process that had the same number. The kernel removes none that is in use.
            io::ErrorKind::AlreadyExists => {
                fs::remove_dir(&group)?;
                fs::create_dir(&group)
            }
            _ => Err(error),
        })?;
        match self.limit(&group, limits) {
            Ok(()) => Ok(group),
            Err(error) => {
                let _ = fs::remove_dir(&group);
                Err(error)
            }
        }
    }

    fn limit(&self, group: &Path, limits: &Limits) -> io::Result<()> {
        // The kernel has made these files: what is not there has no such limit.
        let set = |file: &str, value: u64| {
            let mut file = fs::File::options().write(true).open(group.join(file))?;
            file.write_all(value.to_string().as_bytes())
        };
        // Reaper and builder are processes as well.
        let processes = limits.processes.saturating_add(2);
        match self.kind {
            Kind::Memory => {
                set("memory.limit_in_bytes", limits.memory)?;
                // Missing where swap is not accounted for.
                let _ = set("memory.memsw.limit_in_bytes", limits.memory);
                Ok(())
            }
            Kind::Processes => set("pids.max", processes),
            Kind::Unified => {
                set("memory.max", limits.memory)?;
                // Missing on a kernel without swap.
                let _ = set("memory.swap.max", 0);
                set("pids.max", processes)
            }
        }
    }

    fn is_usable(&self) -> bool {
        // The root of the host has no limits that others below it would have in common.
        let of_nobody = !self.directory.join("memory.max").exists();
        if self.kind == Kind::Unified && of_nobody {
            return false;
        }
        self.remove_remains();
        self.probe().is_ok()
    }

    /// Makes a group and removes it. Two that do so at once do not meet.
    fn probe(&self) -> io::Result<()> {
        static COUNT: AtomicU64 = AtomicU64::new(0);
        let count = COUNT.fetch_add(1, Ordering::Relaxed);
        let group = self.make(
            &format!("{}probe-{count}", own_prefix()),
            &Limits::default(),
        )?;
        remove(&group)
    }

    /// Removes groups of processes that are no more.
    fn remove_remains(&self) {
        let Ok(entries) = fs::read_dir(&self.directory) else {
            return;
        };
        for entry in entries.flatten() {
            let name = entry.file_name();
            let owner = name.to_str().and_then(owner);
            let gone = owner.is_some_and(|owner| !Path::new("/proc").join(owner).exists());
            if gone {
                let _ = fs::remove_dir(entry.path());
            }
        }
    }
}

fn own_prefix() -> String {
    format!("{PREFIX}{}-", std::process::id())
}

/// The number of the process that made a group of this name.
fn owner(name: &str) -> Option<&str> {
    let (owner, _) = name.strip_prefix(PREFIX)?.split_once('-')?;
    let digits = !owner.is_empty() && owner.bytes().all(|byte| byte.is_ascii_digit());
    digits.then_some(owner)
}

fn remove(group: &Path) -> io::Result<()> {
    for _ in 1..ATTEMPTS {
        match fs::remove_dir(group) {
            Err(error) if error.kind() == io::ErrorKind::ResourceBusy => {
                // Version 1 has no such file; there the processes are dead by the helper's word.
                let _ = fs::write(group.join("cgroup.kill"), "1");
                std::thread::sleep(PAUSE);
            }
            removed => return removed,
        }
    }
    fs::remove_dir(group)
}

/// The directories of the groups that a process is in, from `/proc/self/cgroup` and
/// `/proc/self/mountinfo`.
fn places(groups: &str, mounts: &str) -> Vec<Place> {
    let mut places = Vec::new();
    for line in groups.lines() {
        let mut fields = line.splitn(3, ':');
        let (_, Some(controllers), Some(path)) = (fields.next(), fields.next(), fields.next())
        else {
            continue;
        };
        let kinds = match controllers {
            "" => vec![("", Kind::Unified)],
            _ => vec![("memory", Kind::Memory), ("pids", Kind::Processes)],
        };
        for (controller, kind) in kinds {
            if !controller.is_empty() && !controllers.split(',').any(|name| name == controller) {
                continue;
            }
            let group = match kind {
                Kind::Unified => above(path),
                Kind::Memory | Kind::Processes => Some(path),
            };
            let Some(group) = group else { continue };
            let mounted = mounts.lines().filter_map(|line| mount(line, controller));
            let directory = mounted.filter_map(|mount| mount.directory(group)).next();
            places.extend(directory.map(|directory| Place { directory, kind }));
        }
    }
    places
}

/// The group above that of a server in version 2, if it is the server's unit or the container.
///
/// Its own group has processes, so it has none with limits below it. That above may; but where the
/// server is in no subgroup of its unit, it is that of many units, and what an operator allots to this
/// one would not count there.
fn above(path: &str) -> Option<&str> {
    let is_unit = |name: &str| name.ends_with(".service") || name.ends_with(".scope");
    let (above, own) = path.rsplit_once('/')?;
    let unit = above.rsplit_once('/').map_or(above, |(_, name)| name);
    let counts = unit.is_empty() || is_unit(unit);
    (counts && !own.is_empty() && !is_unit(own) && !own.ends_with(".slice")).then_some(above)
}

/// A mounted hierarchy: which of its groups is at which directory.
struct Mount<'a> {
    root: &'a str,
    point: &'a str,
}

impl Mount<'_> {
    fn directory(&self, group: &str) -> Option<PathBuf> {
        let below = match self.root {
            "/" => group,
            root => group.strip_prefix(root)?,
        };
        Some(Path::new(self.point).join(below.trim_start_matches('/')))
    }
}

/// Reads a line of `mountinfo`, if it is of the hierarchy with this controller; of version 2 if that
/// is empty.
fn mount<'a>(line: &'a str, controller: &str) -> Option<Mount<'a>> {
    let (before, after) = line.split_once(" - ")?;
    let mut before = before.split(' ').skip(3);
    let (root, point) = (before.next()?, before.next()?);
    let mut after = after.split(' ');
    let (kind, options) = (after.next()?, after.nth(1)?);
    let matches = match controller {
        "" => kind == "cgroup2",
        controller => kind == "cgroup" && options.split(',').any(|option| option == controller),
    };
    matches.then_some(Mount { root, point })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(groups: &str, mounts: &str) -> Vec<(String, Kind)> {
        let places = places(groups, mounts).into_iter();
        places
            .map(|place| (place.directory.display().to_string(), place.kind))
            .collect()
    }

    #[test]
    fn version_one_is_used_where_the_process_is() {
        let groups = "4:memory:/service/a\n8:pids:/\n3:cpu,cpuacct:/x\n";
        let mounts = "\
            30 20 0:26 / /sys/fs/cgroup/memory rw shared:9 - cgroup cgroup rw,memory\n\
            31 20 0:27 / /sys/fs/cgroup/pids rw - cgroup cgroup rw,pids\n";
        let expected = [
            ("/sys/fs/cgroup/memory/service/a".into(), Kind::Memory),
            ("/sys/fs/cgroup/pids/".into(), Kind::Processes),
        ];
        assert_eq!(found(groups, mounts), expected);
    }

    #[test]
    fn version_two_is_used_beside_the_process_in_its_unit() {
        let mounts = "30 20 0:26 / /sys/fs/cgroup rw,nosuid - cgroup2 cgroup2 rw,nsdelegate\n";
        let expected = [(
            "/sys/fs/cgroup/system.slice/x.service".into(),
            Kind::Unified,
        )];
        assert_eq!(found("0::/system.slice/x.service/main\n", mounts), expected);
        // A container sees its own group as the root.
        let container = [("/sys/fs/cgroup/".into(), Kind::Unified)];
        assert_eq!(found("0::/main\n", mounts), container);
        // Where the unit has no subgroup, what is above it is of others, too.
        for other in [
            "/system.slice/x.service",
            "/user.slice/user-1.slice/user@1.service/app.slice/x.service",
            "/user.slice/user-1.slice/user@1.service/init.scope",
            "/user.slice/user-1.slice/user@1.service/app.slice",
            "/docker/1",
            "/x.service",
        ] {
            assert_eq!(found(&format!("0::{other}\n"), mounts).len(), 0, "{other}");
        }
        // In the root there is nothing above.
        assert_eq!(found("0::/\n", "").len(), 0);
    }

    #[test]
    fn a_mount_that_shows_a_part_shows_what_is_in_it() {
        let mounts = "30 20 0:26 /docker/1 /sys/fs/cgroup/memory rw - cgroup cgroup rw,memory\n";
        let expected = [("/sys/fs/cgroup/memory/in".into(), Kind::Memory)];
        assert_eq!(found("4:memory:/docker/1/in\n", mounts), expected);
        assert_eq!(found("4:memory:/other\n", mounts).len(), 0);
    }

    #[test]
    fn nonsense_is_nothing() {
        assert_eq!(found("", "").len(), 0);
        assert_eq!(found("a\nb:c\n", "x\n - \n1 2 3 - cgroup\n").len(), 0);
    }

    #[test]
    fn a_name_tells_whose_it_is() {
        assert_eq!(owner("purlin-17-3"), Some("17"));
        assert_eq!(owner("purlin-17-probe"), Some("17"));
        for other in [
            "purlin-",
            "purlin-x-1",
            "purlin--1",
            "other-17-3",
            "purlin-17",
        ] {
            assert_eq!(owner(other), None, "{other}");
        }
    }
}
