//! The names under which secrets stand.

/// Parts of names: a name that has one of these in it names a secret.
pub(super) const PARTS: &[&str] = &[
    "password",
    "passwd",
    "passphrase",
    "passcode",
    "pwd",
    "secret",
    "token",
    "apikey",
    "accesskey",
    "privatekey",
    "signingkey",
    "encryptionkey",
    "authorization",
    "bearer",
    "cookie",
    "credential",
    "connectionstring",
    "sessionid",
];

/// Whole names: too short to be looked for in others.
pub(super) const WHOLE: &[&str] = &[
    "auth", "cvc", "cvv", "dsn", "jwt", "mfa", "otp", "pass", "pin", "pw", "sid", "ssn", "totp",
];

/// A name in small letters and without separators.
pub(super) fn plain(name: &str) -> String {
    name.chars()
        .filter(|c| c.is_alphanumeric())
        .flat_map(char::to_lowercase)
        .collect()
}
