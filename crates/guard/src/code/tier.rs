//! How far code is kept from everything else.

use std::fmt;

/// How far code is kept from everything else.
///
/// There is no tier without any wall, and no way to ask for one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Tier {
    /// A process with all layers: namespaces of its own with a file system made for the run,
    /// Landlock, a list of the system calls that are allowed, resource limits.
    Strict,
    /// A process without namespaces, as most containers have it: Landlock, a list of the system
    /// calls that are allowed, resource limits, one process alone.
    ///
    /// Weaker than [`Strict`](Self::Strict): names, sizes and times of files of the host are
    /// visible (their contents are not), and so are other processes of the same user.
    Confined,
    /// A WebAssembly machine inside of this process, which has no way out: no files, no network,
    /// no system calls.
    WebAssembly,
}

impl Tier {
    /// The name of the tier, for logs and metrics.
    ///
    /// ```
    /// use purlin_guard::code::Tier;
    ///
    /// assert_eq!(Tier::Strict.name(), "strict");
    /// ```
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Strict => "strict",
            Self::Confined => "confined",
            Self::WebAssembly => "web_assembly",
        }
    }
}

impl fmt::Display for Tier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
