//! Tokens and API keys that the operator gives out.

use std::error::Error;
use std::fmt;
use std::sync::Arc;
use std::time::SystemTime;

use http::HeaderName;
use purlin_core::Principal;
use ring::digest::{SHA256, digest};

use super::{Clock, Presented, Scheme, SystemClock, Verification, Verifier, VerifyError};

type Hash = [u8; 32];

/// Tokens that stand for somebody, each for one caller: for development, tests, and a handful of
/// programs that cannot log in. Callers send them as bearer tokens.
///
/// What is kept is the SHA-256 of each. A token is compared with all of them in constant time, so
/// the time of the answer says nothing about how close a guess was; how long a token has to be
/// is up to whoever makes them, and 32 random characters are enough.
///
/// ```
/// use purlin_auth::verify::StaticTokens;
/// use purlin_core::Principal;
///
/// let tokens = StaticTokens::new()
///     .token("0Yb3fbo7nhCmd1ZD9ZJ4Uex6Vq3Vnp4L", Principal::new("alice").with_scopes(["read"]))?;
/// # Ok::<(), purlin_auth::verify::TokenError>(())
/// ```
#[derive(Clone, Default)]
pub struct StaticTokens {
    known: Vec<Known>,
}

#[derive(Clone)]
struct Known {
    hash: Hash,
    principal: Principal,
    expires: Option<SystemTime>,
}

impl fmt::Debug for StaticTokens {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let callers: Vec<_> = self
            .known
            .iter()
            .map(|known| known.principal.subject())
            .collect();
        f.debug_struct("StaticTokens")
            .field("callers", &callers)
            .finish()
    }
}

impl StaticTokens {
    /// No tokens: nobody is let in.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Lets whoever sends this token in as `principal`.
    ///
    /// # Errors
    /// When the token cannot stand in a header (RFC 6750, `b64token`), is empty, or stands for
    /// somebody else already.
    pub fn token(mut self, token: &str, principal: Principal) -> Result<Self, TokenError> {
        self.add(hash_of(token)?, principal, None)?;
        Ok(self)
    }

    fn add(
        &mut self,
        hash: Hash,
        principal: Principal,
        expires: Option<SystemTime>,
    ) -> Result<(), TokenError> {
        if self.known.iter().any(|known| known.hash == hash) {
            return Err(TokenError("it was given to somebody already"));
        }
        self.known.push(Known {
            hash,
            principal,
            expires,
        });
        Ok(())
    }

    /// Whoever has this token.
    fn find(&self, token: &str) -> Option<&Known> {
        self.find_by(token, is_equal)
    }

    /// Looks at all of them, whichever it is.
    fn find_by(&self, token: &str, is_equal: impl Fn(&[u8], &Hash) -> bool) -> Option<&Known> {
        let hash = digest(&SHA256, token.as_bytes());
        let mut found = None;
        for known in &self.known {
            if is_equal(hash.as_ref(), &known.hash) {
                found = Some(known);
            }
        }
        found
    }
}

impl Verifier for StaticTokens {
    fn verify<'a>(&'a self, presented: Presented<'a>) -> Verification<'a> {
        let found = match presented.scheme() {
            Scheme::Bearer => self.find(presented.token()),
            Scheme::Dpop | Scheme::None => None,
        };
        let verdict = found.map(|known| known.principal.clone());
        Verification::Ready(verdict.ok_or(VerifyError::NotMine))
    }
}

/// API keys of programs: given out by the operator, stored as hashes, each with an end if it has
/// one.
///
/// A key is sent as a bearer token, or in a header of its own where
/// [`header`](Self::header) names one. It is an identity, so it belongs to one caller.
///
/// ```
/// use std::time::{Duration, UNIX_EPOCH};
/// use purlin_auth::verify::ApiKeys;
/// use purlin_core::Principal;
///
/// let keys = ApiKeys::new()
///     .key("0Yb3fbo7nhCmd1ZD9ZJ4Uex6Vq3Vnp4L", Principal::new("nightly-report"))?
///     // `printf %s "$KEY" | sha256sum`: the key itself is nowhere in the program.
///     .hashed(
///         "3f0a377ba0a4a460ecb616f6507ce0d8cfa3e704025d4fda3ed0c5ca05468728",
///         Principal::new("import"),
///     )?
///     .expiring(UNIX_EPOCH + Duration::from_secs(1_900_000_000));
/// # Ok::<(), purlin_auth::verify::TokenError>(())
/// ```
#[derive(Clone)]
pub struct ApiKeys {
    keys: StaticTokens,
    header: Option<Box<str>>,
    clock: Arc<dyn Clock>,
}

impl fmt::Debug for ApiKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ApiKeys")
            .field("keys", &self.keys)
            .field("header", &self.header)
            .finish_non_exhaustive()
    }
}

impl Default for ApiKeys {
    fn default() -> Self {
        Self::new()
    }
}

impl ApiKeys {
    /// No keys: nobody is let in.
    #[must_use]
    pub fn new() -> Self {
        Self {
            keys: StaticTokens::new(),
            header: None,
            clock: Arc::new(SystemClock),
        }
    }

    /// Lets whoever sends this key in as `principal`.
    ///
    /// # Errors
    /// As [`StaticTokens::token`].
    pub fn key(mut self, key: &str, principal: Principal) -> Result<Self, TokenError> {
        self.keys.add(hash_of(key)?, principal, None)?;
        Ok(self)
    }

    /// The same for a key of which only the SHA-256 is known, in hexadecimal.
    ///
    /// # Errors
    /// When that is no SHA-256, or stands for somebody else already.
    pub fn hashed(mut self, sha256: &str, principal: Principal) -> Result<Self, TokenError> {
        let hash = from_hex(sha256).ok_or(TokenError("a SHA-256 has 64 hexadecimal digits"))?;
        self.keys.add(hash, principal, None)?;
        Ok(self)
    }

    /// Says until when the key that was named last is good.
    #[must_use]
    pub fn expiring(mut self, at: SystemTime) -> Self {
        if let Some(last) = self.keys.known.last_mut() {
            last.expires = Some(at);
        }
        self
    }

    /// Takes keys out of this header, such as `x-api-key`, rather than out of `Authorization`.
    /// A request with both is refused.
    #[must_use]
    pub fn header(mut self, name: &str) -> Self {
        self.header = Some(name.to_ascii_lowercase().into());
        self
    }

    /// Takes the time from somewhere else.
    #[must_use]
    pub fn clock(mut self, clock: impl Clock) -> Self {
        self.clock = Arc::new(clock);
        self
    }

    /// The key that a request shows, if it shows one where keys of ours stand.
    fn shown<'a>(&self, presented: Presented<'a>) -> Result<&'a str, VerifyError> {
        let Some(name) = &self.header else {
            return match presented.scheme() {
                Scheme::Bearer => Ok(presented.token()),
                Scheme::Dpop | Scheme::None => Err(VerifyError::NotMine),
            };
        };
        if !presented.headers().contains_key(&**name) {
            return Err(VerifyError::NotMine);
        }
        if presented.scheme() != Scheme::None {
            return Err(VerifyError::Invalid("an API key beside a token"));
        }
        let key = presented.header(name);
        key.ok_or(VerifyError::Invalid(
            "more than one API key, or none in ASCII",
        ))
    }

    fn judge(&self, presented: Presented<'_>) -> Result<Principal, VerifyError> {
        let key = self.shown(presented)?;
        let unknown = match self.header {
            Some(_) => VerifyError::Invalid("an unknown API key"),
            None => VerifyError::NotMine,
        };
        let known = self.keys.find(key).ok_or(unknown)?;
        match known.expires {
            Some(end) if end <= self.clock.now() => {
                Err(VerifyError::Invalid("the API key has expired"))
            }
            _ => Ok(known.principal.clone()),
        }
    }
}

impl Verifier for ApiKeys {
    fn verify<'a>(&'a self, presented: Presented<'a>) -> Verification<'a> {
        Verification::Ready(self.judge(presented))
    }

    fn credential_headers(&self) -> Vec<HeaderName> {
        let name = self.header.as_deref().map(str::parse);
        name.and_then(Result::ok).into_iter().collect()
    }
}

/// Whether two hashes are equal, in a time that says nothing about where they differ.
fn is_equal(one: &[u8], other: &[u8; 32]) -> bool {
    orion::util::secure_cmp(one, other).is_ok()
}

fn hash_of(token: &str) -> Result<Hash, TokenError> {
    let bare = token.trim_end_matches('=');
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~+/".contains(&byte);
    if bare.is_empty() || !bare.bytes().all(allowed) {
        let problem = "take letters, digits and `-._~+/`, with `=` at the end alone";
        return Err(TokenError(problem));
    }
    let mut hash = [0; 32];
    hash.copy_from_slice(digest(&SHA256, token.as_bytes()).as_ref());
    Ok(hash)
}

pub(super) fn from_hex(text: &str) -> Option<Hash> {
    let mut hash = [0; 32];
    if text.len() != 64 || !text.is_ascii() {
        return None;
    }
    for (byte, pair) in hash.iter_mut().zip(text.as_bytes().chunks(2)) {
        let pair = std::str::from_utf8(pair).ok()?;
        *byte = u8::from_str_radix(pair, 16).ok()?;
    }
    Some(hash)
}

/// A token that cannot be given out. It is not repeated here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TokenError(&'static str);

impl fmt::Display for TokenError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the token cannot be given out: {}", self.0)
    }
}

impl Error for TokenError {}

#[cfg(test)]
mod tests {
    use http::Request;
    use std::time::{Duration, UNIX_EPOCH};

    use super::*;

    const KEY: &str = "0Yb3fbo7nhCmd1ZD9ZJ4Uex6Vq3Vnp4L";

    fn ask(
        verifier: &dyn Verifier,
        token: Option<&str>,
        headers: &[(&'static str, &str)],
    ) -> Result<String, VerifyError> {
        let mut request = Request::get("/mcp").body(()).unwrap();
        for (name, value) in headers {
            request.headers_mut().append(*name, value.parse().unwrap());
        }
        let (head, ()) = request.into_parts();
        let mut presented = Presented::new("https://a.example/mcp", &head);
        if let Some(token) = token {
            presented = presented.with_token(Scheme::Bearer, token);
        }
        match verifier.verify(presented) {
            Verification::Ready(verdict) => verdict.map(|who| who.subject().to_owned()),
            Verification::Later(_) => panic!("there is nobody to ask"),
        }
    }

    #[test]
    fn a_token_lets_its_owner_in_and_nobody_else() {
        let tokens = StaticTokens::new()
            .token(KEY, Principal::new("alice"))
            .and_then(|tokens| tokens.token("other", Principal::new("bob")))
            .unwrap();
        assert_eq!(ask(&tokens, Some(KEY), &[]), Ok("alice".to_owned()));
        assert_eq!(ask(&tokens, Some("other"), &[]), Ok("bob".to_owned()));
        for wrong in ["", "othe", "others", &KEY.to_lowercase()] {
            assert_eq!(ask(&tokens, Some(wrong), &[]), Err(VerifyError::NotMine));
        }
        assert_eq!(ask(&tokens, None, &[]), Err(VerifyError::NotMine));
        assert!(!format!("{tokens:?}").contains(KEY));
    }

    /// No clock says so: what takes time is counted. Two hashes are compared by `orion`, whose
    /// comparison is made for it.
    #[test]
    fn static_keys_are_compared_over_hashes_in_constant_time() {
        let names = ["first", "second", "third"];
        let tokens = names.iter().fold(StaticTokens::new(), |tokens, name| {
            tokens.token(name, Principal::new(*name)).unwrap()
        });
        for token in ["first", "third", "nobody", ""] {
            let compared = std::cell::RefCell::new(Vec::new());
            let found = tokens.find_by(token, |one, other| {
                compared.borrow_mut().push((one.len(), *other));
                is_equal(one, other)
            });
            assert_eq!(found.is_some(), names.contains(&token));
            let every = names.map(|name| (32, hash_of(name).unwrap()));
            assert_eq!(compared.into_inner(), every, "{token}");
        }
    }

    #[test]
    fn a_token_that_cannot_be_sent_or_belongs_to_two_is_refused_early() {
        let tokens = StaticTokens::new()
            .token(KEY, Principal::new("alice"))
            .unwrap();
        tokens
            .clone()
            .token(KEY, Principal::new("bob"))
            .unwrap_err();
        for token in ["", "=", "a b", "a\n", "\u{e4}"] {
            let error = tokens
                .clone()
                .token(token, Principal::new("bob"))
                .unwrap_err();
            assert!(error.to_string().contains("letters"), "{error}");
        }
        ApiKeys::new()
            .hashed("abc", Principal::new("bob"))
            .unwrap_err();
        ApiKeys::new()
            .hashed(&"\u{e4}".repeat(32), Principal::new("bob"))
            .unwrap_err();
    }

    #[derive(Debug)]
    struct At(u64);

    impl Clock for At {
        fn now(&self) -> SystemTime {
            UNIX_EPOCH + Duration::from_secs(self.0)
        }
    }

    #[test]
    fn an_api_key_ends_when_it_was_said_to() {
        let keys = || {
            let keys = ApiKeys::new().key(KEY, Principal::new("report")).unwrap();
            keys.expiring(UNIX_EPOCH + Duration::from_secs(100))
        };
        assert_eq!(
            ask(&keys().clock(At(99)), Some(KEY), &[]),
            Ok("report".to_owned())
        );
        let late = ask(&keys().clock(At(100)), Some(KEY), &[]);
        assert!(matches!(late, Err(VerifyError::Invalid(_))), "{late:?}");
    }

    #[test]
    fn an_api_key_may_have_a_header_of_its_own() {
        let hash: String = digest(&SHA256, KEY.as_bytes())
            .as_ref()
            .iter()
            .map(|byte| format!("{byte:02x}"))
            .collect();
        let keys = ApiKeys::new()
            .header("X-Api-Key")
            .hashed(&hash, Principal::new("report"));
        let keys = keys.unwrap();
        let named = ("x-api-key", KEY);
        assert_eq!(ask(&keys, None, &[named]), Ok("report".to_owned()));
        assert_eq!(ask(&keys, Some(KEY), &[]), Err(VerifyError::NotMine));
        for (token, headers) in [
            (Some(KEY), &[named][..]),
            (None, &[named, named]),
            (None, &[("x-api-key", "wrong")]),
            (None, &[("x-api-key", "")]),
        ] {
            let refused = ask(&keys, token, headers);
            assert!(
                matches!(refused, Err(VerifyError::Invalid(_))),
                "{refused:?}"
            );
        }
    }
}
