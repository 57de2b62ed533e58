//! What a caller has to have been granted.

use std::borrow::Cow;

use serde_json::json;

use crate::{Error, ErrorKind, Origin, Principal};

type Word = Cow<'static, str>;

/// Scopes and roles. Whatever is demanded on the way to a component is all
/// demanded: every scope, and of each list of roles one.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Requirement {
    scopes: Vec<Word>,
    /// One of each.
    roles: Vec<Vec<Word>>,
}

/// Whether a caller may use something.
#[derive(Debug)]
pub(crate) enum Verdict {
    Granted,
    /// It is not for this caller to know that there is something.
    Hidden,
    /// It may know, and is told what it lacks.
    Refused(Error),
}

impl Requirement {
    pub(crate) fn scopes(&self) -> impl Iterator<Item = &str> {
        self.scopes.iter().map(|scope| &**scope)
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.scopes.is_empty() && self.roles.is_empty()
    }

    /// Demands these scopes too.
    pub(crate) fn add_scopes<T: Into<Word>>(&mut self, scopes: impl IntoIterator<Item = T>) {
        for scope in scopes.into_iter().map(Into::into) {
            if !self.scopes.contains(&scope) {
                self.scopes.push(scope);
            }
        }
    }

    /// Demands one of these roles too.
    pub(crate) fn add_roles<T: Into<Word>>(&mut self, roles: impl IntoIterator<Item = T>) {
        let roles: Vec<Word> = roles.into_iter().map(Into::into).collect();
        if !roles.is_empty() && !self.roles.contains(&roles) {
            self.roles.push(roles);
        }
    }

    /// Demands what another place demands too.
    pub(crate) fn add(&mut self, other: &Self) {
        self.add_scopes(other.scopes.iter().cloned());
        for roles in &other.roles {
            self.add_roles(roles.iter().cloned());
        }
    }

    /// Whether a caller from there may see and use what is behind it.
    pub(crate) fn admits(&self, origin: &Origin) -> bool {
        self.is_empty()
            || match origin.principal() {
                Some(caller) => self.has_roles(caller) && self.missing(caller).is_empty(),
                None => origin.is_local(),
            }
    }

    /// Judges a caller from there.
    ///
    /// Who lacks a role is not told that there is something. Who lacks only
    /// scopes is told which, for a client can ask its user for more: all that
    /// the operation needs, not one after the other.
    pub(crate) fn judge(&self, origin: &Origin) -> Verdict {
        if self.admits(origin) {
            return Verdict::Granted;
        }
        match origin.principal() {
            Some(caller) if self.has_roles(caller) => Verdict::Refused(self.forbidden(caller)),
            None if self.roles.is_empty() => Verdict::Refused(self.unauthenticated()),
            _ => Verdict::Hidden,
        }
    }

    fn has_roles(&self, caller: &Principal) -> bool {
        let has_one = |roles: &Vec<Word>| roles.iter().any(|role| caller.has_role(role));
        self.roles.iter().all(has_one)
    }

    fn missing(&self, caller: &Principal) -> Vec<&str> {
        let scopes = self.scopes.iter().map(|scope| &**scope);
        scopes.filter(|scope| !caller.has_scope(scope)).collect()
    }

    fn forbidden(&self, caller: &Principal) -> Error {
        let missing = self.missing(caller);
        let problem = format!("not permitted: the caller lacks {}", listed(&missing));
        let data = json!({ Error::REQUIRED_SCOPES: self.scopes, "missingScopes": missing });
        Error::new(ErrorKind::Forbidden, problem).with_data(data)
    }

    fn unauthenticated(&self) -> Error {
        let scopes: Vec<&str> = self.scopes.iter().map(|scope| &**scope).collect();
        let problem = format!("authentication is required, with {}", listed(&scopes));
        let data = json!({ Error::REQUIRED_SCOPES: scopes });
        Error::new(ErrorKind::Unauthenticated, problem).with_data(data)
    }
}

/// ``the scope `a` ``, ``the scopes `a`, `b` ``
fn listed(scopes: &[&str]) -> String {
    let word = if scopes.len() == 1 { "scope" } else { "scopes" };
    format!("the {word} `{}`", scopes.join("`, `"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::TransportKind;

    fn demands(scopes: &[&'static str], roles: &[&[&'static str]]) -> Requirement {
        let mut requirement = Requirement::default();
        requirement.add_scopes(scopes.iter().copied());
        for roles in roles {
            requirement.add_roles(roles.iter().copied());
        }
        requirement
    }

    fn caller(scopes: &[&str], roles: &[&str]) -> Origin {
        let caller = Principal::new("alice")
            .with_scopes(scopes.iter().copied())
            .with_roles(roles.iter().copied());
        Origin::new(TransportKind::Http).with_principal(caller)
    }

    /// What the caller is told, in a word.
    fn told(requirement: &Requirement, origin: &Origin) -> String {
        match requirement.judge(origin) {
            Verdict::Granted => "granted".to_owned(),
            Verdict::Hidden => "hidden".to_owned(),
            Verdict::Refused(error) => {
                let data = error.data().unwrap();
                let scopes = data.get("missingScopes").unwrap_or(&data["requiredScopes"]);
                format!("{:?} {scopes}", error.kind())
            }
        }
    }

    #[test]
    fn who_may_use_what() {
        let nothing = demands(&[], &[]);
        let read = demands(&["read"], &[]);
        let both = demands(&["read", "write"], &[]);
        let staff = demands(&[], &[&["clerk", "admin"]]);
        let twice = demands(&["read"], &[&["clerk", "admin"], &["admin", "owner"]]);
        let stranger = Origin::new(TransportKind::Http);
        let local = Origin::new(TransportKind::Stdio);
        let named = Origin::new(TransportKind::Stdio).with_principal(Principal::new("bob"));
        for (requirement, origin, expected) in [
            (&nothing, &stranger, "granted"),
            (&nothing, &caller(&[], &[]), "granted"),
            (&read, &stranger, r#"Unauthenticated ["read"]"#),
            (&read, &local, "granted"),
            (&read, &named, r#"Forbidden ["read"]"#),
            (&read, &caller(&["read"], &[]), "granted"),
            (&read, &caller(&["READ"], &[]), r#"Forbidden ["read"]"#),
            (&read, &caller(&[], &["read"]), r#"Forbidden ["read"]"#),
            (&both, &caller(&["write"], &[]), r#"Forbidden ["read"]"#),
            (&both, &caller(&[], &[]), r#"Forbidden ["read","write"]"#),
            (&both, &caller(&["write", "read"], &[]), "granted"),
            (&staff, &stranger, "hidden"),
            (&staff, &local, "granted"),
            (&staff, &named, "hidden"),
            (&staff, &caller(&["clerk"], &[]), "hidden"),
            (&staff, &caller(&[], &["clerk"]), "granted"),
            (&twice, &stranger, "hidden"),
            (&twice, &caller(&["read"], &["clerk"]), "hidden"),
            (&twice, &caller(&["read"], &["clerk", "owner"]), "granted"),
            (&twice, &caller(&["read"], &["admin"]), "granted"),
            (&twice, &caller(&[], &["admin"]), r#"Forbidden ["read"]"#),
        ] {
            assert_eq!(
                told(requirement, origin),
                expected,
                "{requirement:?} {origin:?}"
            );
        }
    }
}
