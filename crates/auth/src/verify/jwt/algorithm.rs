//! Signature algorithms (RFC 7518, RFC 8037).

use crate::verify::keys::Kind;

/// An algorithm, as the header of a token names it. There is no `none`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Algorithm {
    Signature(SignatureAlgorithm),
    Hmac(HmacAlgorithm),
}

/// A signature that is verified with a public key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub enum SignatureAlgorithm {
    /// RSA (PKCS #1 v1.5) with SHA-256.
    Rs256,
    /// RSA (PKCS #1 v1.5) with SHA-384.
    Rs384,
    /// RSA (PKCS #1 v1.5) with SHA-512.
    Rs512,
    /// RSA (PSS) with SHA-256.
    Ps256,
    /// RSA (PSS) with SHA-384.
    Ps384,
    /// RSA (PSS) with SHA-512.
    Ps512,
    /// ECDSA on P-256 with SHA-256.
    Es256,
    /// ECDSA on P-384 with SHA-384.
    Es384,
    /// Ed25519.
    EdDsa,
}

/// A code that is verified with a shared secret.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum HmacAlgorithm {
    /// HMAC with SHA-256.
    Hs256,
    /// HMAC with SHA-384.
    Hs384,
    /// HMAC with SHA-512.
    Hs512,
}

use SignatureAlgorithm as S;

/// Every signature, by name.
const NAMES: [(&str, SignatureAlgorithm); 9] = [
    ("RS256", S::Rs256),
    ("RS384", S::Rs384),
    ("RS512", S::Rs512),
    ("PS256", S::Ps256),
    ("PS384", S::Ps384),
    ("PS512", S::Ps512),
    ("ES256", S::Es256),
    ("ES384", S::Es384),
    ("EdDSA", S::EdDsa),
];

const HMAC_NAMES: [(&str, HmacAlgorithm); 3] = [
    ("HS256", HmacAlgorithm::Hs256),
    ("HS384", HmacAlgorithm::Hs384),
    ("HS512", HmacAlgorithm::Hs512),
];

impl SignatureAlgorithm {
    /// All of them: what is accepted if nothing else is said.
    pub const ALL: [Self; 9] = [
        S::Rs256,
        S::Rs384,
        S::Rs512,
        S::Ps256,
        S::Ps384,
        S::Ps512,
        S::Es256,
        S::Es384,
        S::EdDsa,
    ];
}

impl Algorithm {
    pub(crate) fn named(name: &str) -> Option<Self> {
        let hmac = HMAC_NAMES.iter().find(|(known, _)| *known == name);
        let hmac = hmac.map(|(_, algorithm)| Self::Hmac(*algorithm));
        Self::asymmetric(name).or(hmac)
    }

    pub(crate) fn asymmetric(name: &str) -> Option<Self> {
        let found = NAMES.iter().find(|(known, _)| *known == name);
        found.map(|(_, algorithm)| Self::Signature(*algorithm))
    }

    /// The kind of key it needs.
    pub(crate) fn kind(self) -> Kind {
        match self {
            Self::Hmac(_) => Kind::Secret,
            Self::Signature(S::Es256) => Kind::P256,
            Self::Signature(S::Es384) => Kind::P384,
            Self::Signature(S::EdDsa) => Kind::Ed25519,
            Self::Signature(_) => Kind::Rsa,
        }
    }

    pub(super) fn theirs(self) -> jsonwebtoken::Algorithm {
        use jsonwebtoken::Algorithm as Theirs;
        match self {
            Self::Hmac(HmacAlgorithm::Hs256) => Theirs::HS256,
            Self::Hmac(HmacAlgorithm::Hs384) => Theirs::HS384,
            Self::Hmac(HmacAlgorithm::Hs512) => Theirs::HS512,
            Self::Signature(S::Rs256) => Theirs::RS256,
            Self::Signature(S::Rs384) => Theirs::RS384,
            Self::Signature(S::Rs512) => Theirs::RS512,
            Self::Signature(S::Ps256) => Theirs::PS256,
            Self::Signature(S::Ps384) => Theirs::PS384,
            Self::Signature(S::Ps512) => Theirs::PS512,
            Self::Signature(S::Es256) => Theirs::ES256,
            Self::Signature(S::Es384) => Theirs::ES384,
            Self::Signature(S::EdDsa) => Theirs::EdDSA,
        }
    }
}
