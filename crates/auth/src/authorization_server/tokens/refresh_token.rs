//! Refresh tokens: which family, which one of it, and our signature.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};

use super::family::Family;
use crate::{
    Secret,
    authorization_server::storage::{Keys, Mac},
};

/// What they begin with, so that scanners for leaked secrets know one.
const PREFIX: &str = "purlin_rt_";
const TAG: usize = 32;

/// Signs refresh tokens and reads its own.
///
/// That a token is ours shows without a store. So a token that is ours and not the present one of
/// its family was used before, and no store has to remember those that were.
#[derive(Clone, Debug)]
pub(super) struct RefreshTokens(Mac);

impl RefreshTokens {
    pub(super) fn new(keys: &Keys) -> Self {
        Self(keys.mac("refresh tokens"))
    }

    pub(super) fn sign(&self, family: &Family, generation: u32) -> Secret {
        let mut token = generation.to_be_bytes().to_vec();
        token.extend(family.handle().as_bytes());
        let tag = self.0.sign(&token);
        token.extend(tag);
        format!("{PREFIX}{}", URL_SAFE_NO_PAD.encode(token)).into()
    }

    /// The family and the generation of a token that we signed.
    pub(super) fn read(&self, token: &str) -> Option<(Family, u32)> {
        let token = URL_SAFE_NO_PAD.decode(token.strip_prefix(PREFIX)?).ok()?;
        let (signed, tag) = token.split_at_checked(token.len().checked_sub(TAG)?)?;
        if !self.0.verify(signed, tag) {
            return None;
        }
        let (generation, handle) = signed.split_first_chunk()?;
        let handle = std::str::from_utf8(handle).ok()?;
        Some((Family::named(handle), u32::from_be_bytes(*generation)))
    }
}
