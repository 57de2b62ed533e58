//! What roles and scopes bring with them.

use std::{borrow::Cow, collections::BTreeMap};

use crate::Principal;

type Word = Cow<'static, str>;

/// Which scopes a role grants, and which scopes include others: said once for a
/// server, honoured wherever scopes are demanded of its callers.
///
/// Without it a scope is granted where the token carries it, letter by letter.
///
/// ```
/// use purlin_core::{Principal, Server, access::Permissions};
///
/// let permissions = Permissions::new()
///     .role("clerk", ["orders:read", "orders:write"])
///     .role("admin", ["*"])
///     .implies("orders:write", ["orders:read"])
///     .wildcards();
/// let clerk = Principal::new("carol").with_roles(["clerk"]);
/// assert!(permissions.grants(&clerk, "orders:write"));
/// assert!(!permissions.grants(&clerk, "orders:delete"));
/// let partner = Principal::new("shop").with_scopes(["orders:*"]);
/// assert!(permissions.grants(&partner, "orders:delete"));
///
/// let server = Server::builder("orders", "1.0.0").permissions(permissions);
/// ```
///
/// In what is said here, `orders:*` stands for every scope that begins with
/// `orders:` (so do `orders.*` and `orders/*`), and `*` for every scope. In a
/// token they do so after [`wildcards`](Self::wildcards) alone, and `*` never:
/// who issues tokens does not know all that it would open.
///
/// Of servers that are mounted in one another the outermost decides.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Permissions {
    roles: BTreeMap<String, Vec<Word>>,
    implied: Vec<(Word, Vec<Word>)>,
    wildcards: bool,
}

impl Permissions {
    /// Nothing beyond what tokens carry.
    pub fn new() -> Self {
        Self::default()
    }

    /// Grants these scopes to everybody of a role.
    #[must_use]
    pub fn role<T: Into<Cow<'static, str>>>(
        mut self,
        role: impl Into<String>,
        scopes: impl IntoIterator<Item = T>,
    ) -> Self {
        let granted = self.roles.entry(role.into()).or_default();
        granted.extend(scopes.into_iter().map(Into::into));
        self
    }

    /// Lets whoever has a scope have these too, and what they imply in turn.
    #[must_use]
    pub fn implies<T: Into<Cow<'static, str>>>(
        mut self,
        scope: impl Into<Cow<'static, str>>,
        scopes: impl IntoIterator<Item = T>,
    ) -> Self {
        let implied = scopes.into_iter().map(Into::into).collect();
        self.implied.push((scope.into(), implied));
        self
    }

    /// Lets `orders:*` in a token stand for every scope that begins with
    /// `orders:`.
    #[must_use]
    pub fn wildcards(mut self) -> Self {
        self.wildcards = true;
        self
    }

    /// Whether the caller has a scope, by its token, by one of its roles or
    /// because another scope implies it.
    pub fn grants(&self, caller: &Principal, scope: &str) -> bool {
        caller.has_scope(scope)
            || (!self.is_empty() && self.holds(caller, scope, &mut vec![false; self.implied.len()]))
    }

    fn is_empty(&self) -> bool {
        self.roles.is_empty() && self.implied.is_empty() && !self.wildcards
    }

    /// Every implication is followed once, so circles end.
    fn holds(&self, caller: &Principal, scope: &str, followed: &mut [bool]) -> bool {
        if caller.has_scope(scope) || self.by_wildcard(caller, scope) || self.by_role(caller, scope)
        {
            return true;
        }
        self.implied
            .iter()
            .enumerate()
            .any(|(index, (from, implied))| {
                if followed[index] || !implied.iter().any(|pattern| covers(pattern, scope)) {
                    return false;
                }
                followed[index] = true;
                self.holds(caller, from, followed)
            })
    }

    fn by_wildcard(&self, caller: &Principal, scope: &str) -> bool {
        self.wildcards && caller.scopes().any(|granted| is_within(granted, scope))
    }

    fn by_role(&self, caller: &Principal, scope: &str) -> bool {
        let roles = caller.roles().filter_map(|role| self.roles.get(role));
        roles.flatten().any(|pattern| covers(pattern, scope))
    }
}

/// Whether what the author wrote stands for the scope.
fn covers(pattern: &str, scope: &str) -> bool {
    pattern == scope || pattern == "*" || is_within(pattern, scope)
}

/// Whether `pattern` is `orders:*` and the scope begins with `orders:`.
fn is_within(pattern: &str, scope: &str) -> bool {
    let Some(start) = pattern.strip_suffix('*') else {
        return false;
    };
    start.len() > 1
        && start.ends_with([':', '.', '/'])
        && scope.len() > start.len()
        && scope.starts_with(start)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rules() -> Permissions {
        Permissions::new()
            .role("clerk", ["orders:read"])
            .role("manager", ["orders:*", "stock/*"])
            .role("owner", ["*"])
            .implies("orders:write", ["orders:read"])
            .implies("root", ["orders:write", "audit.*"])
            .implies("a", ["b"])
            .implies("b", ["c", "a"])
    }

    #[test]
    fn who_has_which_scope() {
        let token = |scopes: &[&str]| Principal::new("x").with_scopes(scopes.iter().copied());
        let role = |roles: &[&str]| Principal::new("x").with_roles(roles.iter().copied());
        let (plain, wild) = (rules(), rules().wildcards());
        for (caller, scope, expected) in [
            (token(&["orders:read"]), "orders:read", [true, true]),
            (token(&["orders:read"]), "orders:write", [false, false]),
            (token(&["orders:write"]), "orders:read", [true, true]),
            (token(&["root"]), "orders:read", [true, true]),
            (token(&["root"]), "audit.read", [true, true]),
            (token(&["root"]), "audit", [false, false]),
            (token(&["a"]), "c", [true, true]),
            (token(&["c"]), "a", [false, false]),
            (token(&["orders:*"]), "orders:write", [false, true]),
            (token(&["orders:*"]), "orders:lines:read", [false, true]),
            (token(&["orders:*"]), "orders", [false, false]),
            (token(&["orders:*"]), "orders:", [false, false]),
            (token(&["orders:*"]), "ordersx:read", [false, false]),
            (token(&["orders*"]), "orders:read", [false, false]),
            (token(&["*"]), "orders:read", [false, false]),
            (token(&[":*"]), ":read", [false, false]),
            (token(&["ORDERS:*"]), "orders:read", [false, false]),
            (role(&["clerk"]), "orders:read", [true, true]),
            (role(&["clerk"]), "orders:write", [false, false]),
            (role(&["manager"]), "orders:write", [true, true]),
            (role(&["manager"]), "stock/count", [true, true]),
            (role(&["manager"]), "staff:read", [false, false]),
            (role(&["owner"]), "anything", [true, true]),
            (role(&["Owner"]), "anything", [false, false]),
            (role(&[]), "orders:read", [false, false]),
        ] {
            let found = [plain.grants(&caller, scope), wild.grants(&caller, scope)];
            assert_eq!(found, expected, "{scope} for {caller:?}");
        }
    }

    #[test]
    fn a_wildcard_of_a_token_brings_what_its_scopes_imply() {
        let rules = Permissions::new()
            .implies("orders:write", ["stock:read"])
            .wildcards();
        let caller = Principal::new("x").with_scopes(["orders:*"]);
        assert!(rules.grants(&caller, "stock:read"));
    }
}
