//! What a token says, once it is known who says it (RFC 7519, RFC 9068, RFC 7662).
//!
//! A claim of the wrong type is a failure, and never the same as a claim that is missing.

use purlin_core::Principal;
use serde_json::{Map, Value};

use super::VerifyError;

/// What claims have to say.
#[derive(Clone, Debug)]
pub(crate) struct Rules {
    /// In seconds.
    pub(crate) leeway: u64,
    /// Names of this server besides its URL.
    pub(crate) audiences: Vec<String>,
    pub(crate) roles: Option<Path>,
    pub(crate) tenant: Option<Path>,
    /// Whether there has to be an end.
    pub(crate) expires: bool,
}

impl Default for Rules {
    fn default() -> Self {
        Self {
            leeway: 60,
            audiences: Vec::new(),
            roles: None,
            tenant: None,
            expires: true,
        }
    }
}

/// Where a claim is: a name, or a JSON pointer (RFC 6901) if it begins with `/`.
#[derive(Clone, Debug)]
pub(crate) struct Path(String);

impl From<&str> for Path {
    fn from(text: &str) -> Self {
        Self(text.to_owned())
    }
}

impl Path {
    fn find<'a>(&self, claims: &'a Map<String, Value>) -> Option<&'a Value> {
        let Some(rest) = self.0.strip_prefix('/') else {
            return claims.get(&self.0);
        };
        let unescaped = |name: &str| name.replace("~1", "/").replace("~0", "~");
        let (first, rest) = match rest.split_once('/') {
            Some((first, rest)) => (first, format!("/{rest}")),
            None => (rest, String::new()),
        };
        claims.get(&unescaped(first))?.pointer(&rest)
    }
}

type Claims = Map<String, Value>;

/// Why claims are not accepted.
pub(crate) type Refused = &'static str;

impl From<Refused> for VerifyError {
    fn from(reason: Refused) -> Self {
        Self::Invalid(reason)
    }
}

impl Rules {
    /// Checks all claims and says who they speak of. `issuer` was checked before.
    pub(crate) fn judge(
        &self,
        claims: Claims,
        issuer: Option<&str>,
        resource: &str,
        now: u64,
    ) -> Result<Principal, Refused> {
        self.check_times(&claims, now)?;
        self.check_audience(&claims, resource)?;
        match claims.get("token_use") {
            None => {}
            Some(Value::String(usage)) if usage == "access" => {}
            Some(_) => return Err("`token_use` is not `access`"),
        }
        self.principal(claims, issuer)
    }

    #[allow(
        clippy::cast_precision_loss,
        reason = "until the year 285 million it loses nothing"
    )]
    pub(super) fn check_times(&self, claims: &Claims, now: u64) -> Result<(), Refused> {
        let (now, leeway) = (now as f64, self.leeway as f64);
        match number(claims, "exp")? {
            None if self.expires => return Err("`exp` is missing"),
            None => {}
            Some(end) if end <= 0.0 => return Err("`exp` is not positive"),
            Some(end) if end + leeway <= now => return Err("expired"),
            Some(_) => {}
        }
        for (name, problem) in [
            ("nbf", "not valid yet (`nbf`)"),
            ("iat", "issued in the future (`iat`)"),
        ] {
            match number(claims, name)? {
                Some(start) if start > now + leeway => return Err(problem),
                _ => {}
            }
        }
        Ok(())
    }

    fn check_audience(&self, claims: &Claims, resource: &str) -> Result<(), Refused> {
        let ours = |text: &str| text == resource || self.audiences.iter().any(|one| one == text);
        let found = match claims.get("aud").ok_or("`aud` is missing")? {
            Value::String(one) => ours(one),
            Value::Array(several) => {
                let texts: Option<Vec<&str>> = several.iter().map(Value::as_str).collect();
                let texts = texts.ok_or("`aud` holds what is no text")?;
                texts.into_iter().any(ours)
            }
            _ => return Err("`aud` is neither a text nor a list"),
        };
        match found {
            true => Ok(()),
            false => Err("meant for another server (`aud`)"),
        }
    }

    fn principal(&self, claims: Claims, issuer: Option<&str>) -> Result<Principal, Refused> {
        let subject = text(&claims, "sub", "`sub` is no text, or empty")?;
        let client = text(&claims, "client_id", "`client_id` is no text, or empty")?;
        let party = text(&claims, "azp", "`azp` is no text, or empty")?;
        let name = subject.or(client).ok_or("neither `sub` nor `client_id`")?;
        let mut principal = Principal::new(name).with_scopes(scopes(&claims)?);
        if let Some(issuer) = issuer {
            principal = principal.with_issuer(issuer);
        }
        if let Some(client) = client.or(party) {
            principal = principal.with_client(client);
        }
        if let Some(path) = &self.roles {
            principal = principal.with_roles(texts(path.find(&claims))?);
        }
        if let Some(path) = &self.tenant {
            let tenant = path
                .find(&claims)
                .and_then(Value::as_str)
                .unwrap_or_default();
            if tenant.is_empty() {
                return Err("the claim that names the tenant is missing, empty or no text");
            }
            principal = principal.with_tenant(tenant);
        }
        let all = claims.into_iter();
        Ok(all.fold(principal, |principal, (name, value)| {
            principal.with_claim(name, value)
        }))
    }
}

/// A number; JSON has no others than finite ones.
pub(crate) fn number(claims: &Claims, name: &str) -> Result<Option<f64>, Refused> {
    let Some(value) = claims.get(name) else {
        return Ok(None);
    };
    let number = value.as_f64().filter(|number| number.is_finite());
    number.map(Some).ok_or("a time is no number")
}

/// A text that says something.
fn text<'a>(claims: &'a Claims, name: &str, wrong: Refused) -> Result<Option<&'a str>, Refused> {
    match claims.get(name) {
        None => Ok(None),
        Some(Value::String(text)) if !text.is_empty() => Ok(Some(text)),
        Some(_) => Err(wrong),
    }
}

/// What was granted: `scope`, or where that is missing `scp`, which some issuers write as a list
/// and some as one text. Both are judged where both are there.
fn scopes(claims: &Claims) -> Result<Vec<&str>, Refused> {
    const WRONG: Refused = "`scope` or `scp` has the wrong type";
    let scope = match claims.get("scope") {
        None => None,
        Some(Value::String(text)) => Some(words(text)),
        Some(_) => return Err(WRONG),
    };
    let scp = match claims.get("scp") {
        None => Vec::new(),
        Some(Value::String(text)) => words(text),
        Some(list @ Value::Array(_)) => texts(Some(list))?,
        Some(_) => return Err(WRONG),
    };
    let mut all = scope.iter().flatten().chain(&scp);
    if !all.all(|scope| is_scope(scope)) {
        return Err("a scope holds what may not stand in one");
    }
    Ok(scope.unwrap_or(scp))
}

fn words(text: &str) -> Vec<&str> {
    text.split(' ').filter(|word| !word.is_empty()).collect()
}

/// Whether a text is a scope (RFC 6749, section 3.3).
fn is_scope(text: &str) -> bool {
    let allowed = |byte: u8| matches!(byte, b'!'..=b'~') && byte != b'"' && byte != b'\\';
    !text.is_empty() && text.bytes().all(allowed)
}

/// A list of texts, or one text.
fn texts(value: Option<&Value>) -> Result<Vec<&str>, Refused> {
    const WRONG: Refused = "a list of roles or scopes holds what is no text";
    match value {
        None => Ok(Vec::new()),
        Some(Value::String(one)) => Ok(vec![one]),
        Some(Value::Array(list)) => {
            let texts = list.iter().map(|value| value.as_str().ok_or(WRONG));
            texts.collect()
        }
        Some(_) => Err(WRONG),
    }
}
