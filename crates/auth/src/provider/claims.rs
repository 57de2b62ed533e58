//! From the claims of a provider to what we know of a caller.

use serde_json::{Map, Value};

/// The claims of a statement that was verified.
pub(super) type Claims = Map<String, Value>;

/// Where in the claims of a provider something stands: the name of a claim, or, where it starts
/// with a slash, the way to it (a JSON pointer, RFC 6901).
///
/// A name is taken as it is, so a claim that is called like a URL needs no care.
///
/// ```
/// use purlin_auth::provider::ClaimPath;
///
/// let own = ClaimPath::from("https://shop.example.com/roles");
/// let nested = ClaimPath::from("/realm_access/roles");
/// assert_ne!(own, nested);
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClaimPath(Vec<String>);

impl From<&str> for ClaimPath {
    fn from(text: &str) -> Self {
        let Some(pointer) = text.strip_prefix('/') else {
            return Self(vec![text.to_owned()]);
        };
        let parts = pointer.split('/');
        Self(
            parts
                .map(|part| part.replace("~1", "/").replace("~0", "~"))
                .collect(),
        )
    }
}

impl From<String> for ClaimPath {
    fn from(text: String) -> Self {
        text.as_str().into()
    }
}

/// A claim that is there and is not what it has to be. It is not taken for absent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Malformed(pub(super) &'static str);

impl ClaimPath {
    pub(super) fn of<const N: usize>(parts: [&str; N]) -> Self {
        Self(parts.map(str::to_owned).to_vec())
    }

    /// What stands there; `null` counts as nothing.
    fn find<'a>(&self, claims: &'a Claims) -> Option<&'a Value> {
        let (first, rest) = self.0.split_first()?;
        let mut found = claims.get(first)?;
        for part in rest {
            found = found.as_object()?.get(part)?;
        }
        (!found.is_null()).then_some(found)
    }

    /// A text there, that is not empty.
    ///
    /// # Errors
    /// When something else is there.
    pub(super) fn text<'a>(&self, claims: &'a Claims) -> Result<Option<&'a str>, Malformed> {
        match self.find(claims) {
            None => Ok(None),
            Some(Value::String(text)) if text.is_empty() => Ok(None),
            Some(Value::String(text)) => Ok(Some(text)),
            Some(_) => Err(Malformed("a claim that has to be a text is none")),
        }
    }

    /// The texts there: a list of them, or one alone.
    ///
    /// # Errors
    /// When something else is there.
    pub(super) fn texts(&self, claims: &Claims) -> Result<Vec<String>, Malformed> {
        let malformed = Malformed("a claim that has to be a list of texts is none");
        match self.find(claims) {
            None => Ok(Vec::new()),
            Some(Value::String(text)) => Ok(vec![text.clone()]),
            Some(Value::Array(items)) => items
                .iter()
                .map(|item| item.as_str().map(str::to_owned).ok_or(malformed))
                .collect(),
            Some(_) => Err(malformed),
        }
    }

    /// The words there: a list of them, or one text with blanks between them.
    ///
    /// # Errors
    /// When something else is there.
    pub(super) fn words(&self, claims: &Claims) -> Result<Vec<String>, Malformed> {
        match self.find(claims) {
            Some(Value::String(text)) => Ok(text
                .split(' ')
                .filter(|word| !word.is_empty())
                .map(str::to_owned)
                .collect()),
            _ => self.texts(claims),
        }
    }

    /// Whether `true` stands there. Some providers write it as a text.
    ///
    /// # Errors
    /// When something else is there.
    pub(super) fn truth(&self, claims: &Claims) -> Result<bool, Malformed> {
        match self.find(claims) {
            None => Ok(false),
            Some(Value::Bool(truth)) => Ok(*truth),
            Some(Value::String(text)) if text == "true" => Ok(true),
            Some(Value::String(text)) if text == "false" => Ok(false),
            Some(_) => Err(Malformed("a claim that has to be true or false is neither")),
        }
    }
}

/// Where a provider says what.
#[derive(Clone, Debug)]
pub(super) struct ClaimMap {
    /// The user; the first that is there.
    pub(super) subject: Vec<ClaimPath>,
    pub(super) name: ClaimPath,
    pub(super) email: ClaimPath,
    pub(super) email_verified: ClaimPath,
    /// The organization whose data the caller may see.
    pub(super) tenant: Option<ClaimPath>,
    /// A table by tenants, with the `roles` that the caller has in each.
    pub(super) by_tenant: Option<ClaimPath>,
    /// The domain that a provider vouches for, where it does so apart from the address.
    pub(super) domain: Option<ClaimPath>,
    pub(super) roles: Vec<ClaimPath>,
    pub(super) groups: Vec<ClaimPath>,
    pub(super) scopes: Vec<ClaimPath>,
    /// The client that a token was issued to; the first that is there.
    pub(super) client: Vec<ClaimPath>,
}

impl Default for ClaimMap {
    /// What the standards say (OpenID Connect Core 1.0, section 5.1; RFC 9068, section 2.2).
    fn default() -> Self {
        Self {
            subject: vec![ClaimPath::of(["sub"])],
            name: ClaimPath::of(["name"]),
            email: ClaimPath::of(["email"]),
            email_verified: ClaimPath::of(["email_verified"]),
            tenant: None,
            by_tenant: None,
            domain: None,
            roles: vec![ClaimPath::of(["roles"])],
            groups: vec![ClaimPath::of(["groups"])],
            scopes: vec![ClaimPath::of(["scope"]), ClaimPath::of(["scp"])],
            client: vec![ClaimPath::of(["client_id"]), ClaimPath::of(["azp"])],
        }
    }
}

/// What the claims say, read once and checked whole.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Facts {
    pub(super) subject: String,
    pub(super) name: Option<String>,
    /// Only if the provider has verified it.
    pub(super) email: Option<String>,
    /// The domain that the provider vouches for, in small letters.
    pub(super) domain: Option<String>,
    pub(super) tenant: Option<String>,
    pub(super) roles: Vec<String>,
    pub(super) groups: Vec<String>,
    pub(super) scopes: Vec<String>,
    pub(super) client: Option<String>,
}

impl ClaimMap {
    /// # Errors
    /// When a claim is not what it has to be, or there is no subject.
    pub(super) fn read(&self, claims: &Claims) -> Result<Facts, Malformed> {
        let subject = first(&self.subject, claims)?;
        let tenant = optional(self.tenant.as_ref(), claims)?;
        let mut roles = union(&self.roles, |path| path.texts(claims))?;
        roles.extend(self.tenant_roles(tenant, claims)?);
        let email = self.email.text(claims)?;
        let email = email.filter(|_| matches!(self.email_verified.truth(claims), Ok(true)));
        Ok(Facts {
            subject: subject.ok_or(Malformed("there is no subject"))?.to_owned(),
            name: self.name.text(claims)?.map(str::to_owned),
            email: email.map(str::to_owned),
            domain: self.domain(claims, email)?,
            tenant: tenant.map(str::to_owned),
            roles,
            groups: union(&self.groups, |path| path.texts(claims))?,
            scopes: union(&self.scopes, |path| path.words(claims))?,
            client: first(&self.client, claims)?.map(str::to_owned),
        })
    }

    fn tenant_roles(
        &self,
        tenant: Option<&str>,
        claims: &Claims,
    ) -> Result<Vec<String>, Malformed> {
        let (Some(table), Some(tenant)) = (&self.by_tenant, tenant) else {
            return Ok(Vec::new());
        };
        let mut path = table.clone();
        path.0.extend([tenant.to_owned(), "roles".to_owned()]);
        path.texts(claims)
    }

    fn domain(&self, claims: &Claims, email: Option<&str>) -> Result<Option<String>, Malformed> {
        let domain = match &self.domain {
            Some(path) => path.text(claims)?,
            None => email
                .and_then(|email| email.rsplit_once('@'))
                .map(|(_, domain)| domain),
        };
        Ok(domain.map(str::to_ascii_lowercase))
    }
}

/// The first text that is there.
fn first<'a>(paths: &[ClaimPath], claims: &'a Claims) -> Result<Option<&'a str>, Malformed> {
    for path in paths {
        if let Some(text) = path.text(claims)? {
            return Ok(Some(text));
        }
    }
    Ok(None)
}

fn optional<'a>(
    path: Option<&ClaimPath>,
    claims: &'a Claims,
) -> Result<Option<&'a str>, Malformed> {
    path.map_or(Ok(None), |path| path.text(claims))
}

/// What stands at any of the places, each once.
fn union(
    paths: &[ClaimPath],
    read: impl Fn(&ClaimPath) -> Result<Vec<String>, Malformed>,
) -> Result<Vec<String>, Malformed> {
    let mut all: Vec<String> = Vec::new();
    for path in paths {
        for text in read(path)? {
            if !all.contains(&text) {
                all.push(text);
            }
        }
    }
    Ok(all)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn claims(value: Value) -> Claims {
        let Value::Object(claims) = value else {
            panic!("claims are an object");
        };
        claims
    }

    #[test]
    fn a_path_is_a_name_or_a_way() {
        let claims = claims(json!({
            "https://shop.test/roles": ["a"],
            "realm_access": {"roles": ["b"]},
            "resource_access": {"shop/eu": {"roles": ["c"]}},
            "/odd": ["d"],
        }));
        for (path, expected) in [
            ("https://shop.test/roles", vec!["a"]),
            ("/realm_access/roles", vec!["b"]),
            ("/resource_access/shop~1eu/roles", vec!["c"]),
            ("/~1odd", vec!["d"]),
            ("realm_access.roles", vec![]),
            ("/realm_access/groups", vec![]),
        ] {
            assert_eq!(
                ClaimPath::from(path).texts(&claims),
                Ok(expected.iter().map(ToString::to_string).collect()),
                "{path}"
            );
        }
    }

    #[test]
    fn a_wrong_type_is_a_failure_and_not_absence() {
        let map = ClaimMap {
            tenant: Some("tid".into()),
            ..ClaimMap::default()
        };
        for wrong in [
            json!({"sub": 7}),
            json!({"sub": ""}),
            json!({}),
            json!({"sub": "u", "roles": {"admin": true}}),
            json!({"sub": "u", "roles": ["admin", 7]}),
            json!({"sub": "u", "groups": 1}),
            json!({"sub": "u", "scope": 1}),
            json!({"sub": "u", "tid": ["t"]}),
            json!({"sub": "u", "name": []}),
        ] {
            assert!(map.read(&claims(wrong.clone())).is_err(), "{wrong}");
        }
    }

    #[test]
    fn an_address_counts_when_it_is_verified() {
        let map = ClaimMap::default();
        let read = |verified: Value| {
            let claims =
                claims(json!({"sub": "u", "email": "a@Shop.Test", "email_verified": verified}));
            map.read(&claims).unwrap()
        };
        for verified in [json!(true), json!("true")] {
            assert_eq!(read(verified.clone()).email.as_deref(), Some("a@Shop.Test"));
            assert_eq!(read(verified).domain.as_deref(), Some("shop.test"));
        }
        for not in [
            json!(false),
            json!("false"),
            json!(null),
            json!(1),
            json!("yes"),
        ] {
            assert_eq!(read(not.clone()).email, None, "{not}");
            assert_eq!(read(not).domain, None);
        }
    }

    #[test]
    fn scopes_come_as_one_text_or_as_a_list() {
        let map = ClaimMap::default();
        for (said, expected) in [
            (
                json!({"sub": "u", "scope": "read  write"}),
                ["read", "write"],
            ),
            (
                json!({"sub": "u", "scp": ["read", "write"]}),
                ["read", "write"],
            ),
            (json!({"sub": "u", "scp": "read write"}), ["read", "write"]),
        ] {
            assert_eq!(map.read(&claims(said)).unwrap().scopes, expected);
        }
    }
}
