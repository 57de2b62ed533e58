//! What a tier needs and this system does not have.

use crate::feature::Feature;
use crate::plan::Tier;

/// Tries a tier in a helper process.
///
/// # Errors
///
/// All that is missing, each with [what to do](Feature::advice). The order is that of the layers.
///
/// ```no_run
/// use purlin_sandbox::{Tier, probe};
///
/// if let Err(missing) = probe(Tier::Strict) {
///     for feature in missing {
///         eprintln!("{feature}");
///     }
/// }
/// ```
pub fn probe(tier: Tier) -> Result<(), Vec<Feature>> {
    system::probe(tier)
}

#[cfg(all(
    target_os = "linux",
    any(target_arch = "x86_64", target_arch = "aarch64")
))]
pub use system::probe_with;

#[cfg(all(
    target_os = "linux",
    any(target_arch = "x86_64", target_arch = "aarch64")
))]
mod system {
    use std::io::Write;
    use std::process::{Command, Stdio};
    use std::time::Duration;

    use crate::command::{command, socket};
    use crate::feature::Feature;
    use crate::frame::{FrameError, Request};
    use crate::plan::Tier;
    use crate::report::Report;

    /// How long a helper may take to answer.
    const PATIENCE: Duration = Duration::from_secs(10);

    pub(super) fn probe(tier: Tier) -> Result<(), Vec<Feature>> {
        probe_with(command(), tier)
    }

    /// [`probe`](super::probe) in a helper that this command starts.
    ///
    /// # Errors
    ///
    /// All that is missing.
    pub fn probe_with(command: Command, tier: Tier) -> Result<(), Vec<Feature>> {
        match ask(command, tier) {
            Ok(missing) if missing.is_empty() => Ok(()),
            Ok(missing) => Err(missing),
            Err(_) => Err(vec![Feature::Helper]),
        }
    }

    fn ask(mut command: Command, tier: Tier) -> Result<Vec<Feature>, FrameError> {
        let (mut socket, stdin) = socket()?;
        socket.set_read_timeout(Some(PATIENCE))?;
        let command = command
            .stdin(stdin)
            .stdout(Stdio::null())
            .stderr(Stdio::null());
        let mut helper = command.spawn()?;
        let asked = Request::Probe(tier)
            .to_frame()
            .and_then(|frame| Ok(socket.write_all(&frame)?));
        let answer = asked.and_then(|()| Report::read(&mut socket));
        // It has answered, or it is not going to.
        let _ = helper.kill();
        helper.wait()?;
        match answer? {
            Report::Probed(missing) => Ok(missing),
            _ => Err(FrameError::Malformed("it is no answer to a probe")),
        }
    }
}

#[cfg(not(all(
    target_os = "linux",
    any(target_arch = "x86_64", target_arch = "aarch64")
)))]
mod system {
    use crate::feature::Feature;
    use crate::plan::Tier;

    pub(super) fn probe(_: Tier) -> Result<(), Vec<Feature>> {
        Err(vec![Feature::Linux])
    }
}
