//! What applications may ask for.

use super::{
    clients::{Client, ClientKind},
    flow::refusal::OAuthError,
};

/// One scope, and what it means to a user.
#[derive(Clone, Debug)]
pub(super) struct Scope {
    pub(super) name: String,
    pub(super) meaning: Option<String>,
}

/// The scopes of an authorization server.
#[derive(Clone, Debug, Default)]
pub(super) struct Scopes {
    pub(super) known: Vec<Scope>,
    /// What a client gets that asks for nothing in particular; `None` for all.
    pub(super) default: Option<Vec<String>>,
}

impl Scopes {
    pub(super) fn names(&self) -> impl Iterator<Item = &str> {
        self.known.iter().map(|scope| &*scope.name)
    }

    /// The scopes a client asks for, each once, in the order of the request.
    ///
    /// # Errors
    /// `invalid_scope` (RFC 6749, section 4.1.2.1), before the user is asked for what nobody gets.
    pub(super) fn of_request(
        &self,
        asked: Option<&str>,
        client: &Client,
    ) -> Result<Vec<String>, OAuthError> {
        let mut scopes: Vec<String> = Vec::new();
        let Some(asked) = asked else {
            return Ok(self.unasked(client));
        };
        for scope in asked.split(' ').filter(|scope| !scope.is_empty()) {
            if !self.offers(client, scope) {
                let description = "a scope is unknown, or not for this client";
                return Err(OAuthError::new("invalid_scope", description));
            }
            if !scopes.iter().any(|known| known == scope) {
                scopes.push(scope.to_owned());
            }
        }
        Ok(scopes)
    }

    fn unasked(&self, client: &Client) -> Vec<String> {
        let all = || self.names().map(str::to_owned).collect();
        let mut scopes: Vec<String> = self.default.clone().unwrap_or_else(all);
        scopes.retain(|scope| may_ask(client, scope));
        scopes
    }

    /// Whether a client may have a scope at all.
    pub(super) fn offers(&self, client: &Client, scope: &str) -> bool {
        self.names().any(|known| known == scope) && may_ask(client, scope)
    }

    /// Scopes with what they mean, as a page shows them.
    pub(super) fn explained<'a>(&'a self, scopes: &'a [String]) -> Vec<(&'a str, Option<&'a str>)> {
        let explain = |name: &'a String| {
            let known = self.known.iter().find(|scope| scope.name == *name);
            (&**name, known.and_then(|scope| scope.meaning.as_deref()))
        };
        scopes.iter().map(explain).collect()
    }
}

/// What the operator set as the most that a client may have, holds. What a client has said of
/// itself does not: it would keep it from asking for more when it needs more, and the user is asked.
fn may_ask(client: &Client, scope: &str) -> bool {
    let most = client
        .scopes
        .as_ref()
        .filter(|_| client.kind == ClientKind::Static);
    most.is_none_or(|most| most.iter().any(|known| known == scope))
}

/// Whether a text can be the name of a scope (RFC 6749, section 3.3).
pub(super) fn is_scope(text: &str) -> bool {
    let allowed = |byte: u8| byte.is_ascii_graphic() && !b"\"\\".contains(&byte);
    !text.is_empty() && text.len() <= 200 && text.bytes().all(allowed)
}
