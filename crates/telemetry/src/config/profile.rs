//! For what a program runs: development, staging or production.

use std::{fmt, str::FromStr};

use super::nearest::nearest;

/// For what a program runs. It chooses the files, `config.prod.toml` over
/// `config.toml`, and whatever the program makes of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
#[non_exhaustive]
pub enum Profile {
    /// `dev`, and `development`: the default.
    #[default]
    Development,
    /// `staging`, and `stage`.
    Staging,
    /// `prod`, and `production`.
    Production,
}

impl Profile {
    /// The word in the names of files.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Development => "dev",
            Self::Staging => "staging",
            Self::Production => "prod",
        }
    }
}

impl fmt::Display for Profile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// A word that is no profile.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NoProfile(String);

impl fmt::Display for NoProfile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for NoProfile {}

impl FromStr for Profile {
    type Err = NoProfile;

    fn from_str(text: &str) -> Result<Self, NoProfile> {
        match text.trim().to_ascii_lowercase().as_str() {
            "dev" | "development" => Ok(Self::Development),
            "staging" | "stage" => Ok(Self::Staging),
            "prod" | "production" => Ok(Self::Production),
            other => {
                let shown = super::shown::shown(text);
                let words = ["dev", "staging", "prod"];
                Err(NoProfile(match nearest(other, words) {
                    Some(meant) => format!("`{shown}` is no profile: did you mean `{meant}`?"),
                    None => format!("`{shown}` is no profile: write `dev`, `staging` or `prod`"),
                }))
            }
        }
    }
}
