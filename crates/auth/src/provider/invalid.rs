//! What is wrong with how a provider was set up.

use std::{error, fmt};

/// What is wrong with how a provider was set up: every mistake at once. It holds no secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InvalidProvider {
    provider: String,
    problems: Vec<String>,
}

impl InvalidProvider {
    pub(super) fn new(provider: &str, problems: Vec<String>) -> Self {
        Self {
            provider: provider.to_owned(),
            problems,
        }
    }

    /// The mistakes, a sentence each.
    pub fn problems(&self) -> &[String] {
        &self.problems
    }
}

impl fmt::Display for InvalidProvider {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { provider, problems } = self;
        match problems.as_slice() {
            [one] => write!(f, "{provider} is not set up: {one}"),
            all => {
                write!(f, "{provider} is not set up:")?;
                all.iter().try_for_each(|one| write!(f, "\n- {one}"))
            }
        }
    }
}

impl error::Error for InvalidProvider {}
