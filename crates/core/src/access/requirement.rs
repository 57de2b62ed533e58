//! What a caller has to have been granted, and who else is asked.

use std::{borrow::Cow, fmt, sync::Arc, time::Duration};

use serde_json::json;

use super::{Asked, Decision, Permissions, Policies, Policy, policy::Subject};
use crate::{
    Context, Error, ErrorKind, Origin, Principal, Result,
    middleware::Middleware,
    server::{Scope, guarded},
};

type Word = Cow<'static, str>;

/// How long a policy may take.
const MAX_DECISION: Duration = Duration::from_secs(5);

/// Scopes, roles and policies; nothing where nothing is demanded. Whatever is
/// demanded on the way to a component is all demanded: every scope, of each list
/// of roles one, and that every policy allows it.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Requirement(Option<Arc<Demands>>);

#[derive(Clone, Debug, Default, PartialEq)]
struct Demands {
    scopes: Vec<Word>,
    /// One of each.
    roles: Vec<Vec<Word>>,
    policies: Vec<Guard>,
}

/// A policy, where it stands.
#[derive(Clone)]
struct Guard {
    policy: Arc<dyn Policy>,
    /// What the server that demands it calls the component, where that is not
    /// what clients call it.
    local: Option<Arc<str>>,
    /// The scope of that server; empty for the outermost one.
    scope: Arc<Scope>,
}

impl fmt::Debug for Guard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Guard")
            .field("local", &self.local)
            .finish_non_exhaustive()
    }
}

impl PartialEq for Guard {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.policy, &other.policy) && self.local == other.local
    }
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
    /// What an attribute demands, and the middleware that it puts around.
    pub(crate) fn of_attribute(
        scopes: &'static [&'static str],
        roles: &'static [&'static str],
        policies: Policies,
        layers: &[Arc<dyn Middleware>],
    ) -> Self {
        let mut requirement = Self::default();
        requirement.add_scopes(scopes.iter().copied());
        requirement.add_roles(roles.iter().copied());
        for policy in policies() {
            requirement.add_policy(policy);
        }
        requirement.add_policies_of(layers);
        requirement
    }

    pub(crate) fn scopes(&self) -> impl Iterator<Item = &str> {
        let demands = self.0.iter();
        demands.flat_map(|demands| demands.scopes.iter().map(|scope| &**scope))
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_none()
    }

    /// Whether somebody has to be asked, so that the same caller may be refused
    /// another time.
    pub(crate) fn has_policies(&self) -> bool {
        let demands = self.0.as_ref();
        demands.is_some_and(|demands| !demands.policies.is_empty())
    }

    /// Whether a policy does not trust whoever has started the process.
    pub(crate) fn trusts_nobody(&self) -> bool {
        let mut guards = self.0.iter().flat_map(|demands| &demands.policies);
        guards.any(|guard| guard.policy.trusts_nobody())
    }

    fn edit(&mut self) -> &mut Demands {
        Arc::make_mut(self.0.get_or_insert_default())
    }

    /// Demands these scopes too.
    pub(crate) fn add_scopes<T: Into<Word>>(&mut self, scopes: impl IntoIterator<Item = T>) {
        for scope in scopes.into_iter().map(Into::into) {
            let known = &mut self.edit().scopes;
            if !known.contains(&scope) {
                known.push(scope);
            }
        }
    }

    /// Demands one of these roles too.
    pub(crate) fn add_roles<T: Into<Word>>(&mut self, roles: impl IntoIterator<Item = T>) {
        let roles: Vec<Word> = roles.into_iter().map(Into::into).collect();
        if roles.is_empty() {
            return;
        }
        let known = &mut self.edit().roles;
        if !known.contains(&roles) {
            known.push(roles);
        }
    }

    /// Demands that this policy allows it too.
    pub(crate) fn add_policy(&mut self, policy: Arc<dyn Policy>) {
        self.edit().policies.push(Guard {
            policy,
            local: None,
            scope: Arc::default(),
        });
    }

    /// Demands what this middleware wants decided.
    pub(crate) fn add_policies_of(&mut self, layers: &[Arc<dyn Middleware>]) {
        for policy in layers.iter().filter_map(|layer| layer.policy()) {
            self.add_policy(policy);
        }
    }

    /// Demands what another place demands too.
    pub(crate) fn add(&mut self, other: &Self) {
        let Some(more) = &other.0 else {
            return;
        };
        if self.is_empty() {
            self.0 = Some(Arc::clone(more));
            return;
        }
        self.add_scopes(more.scopes.iter().cloned());
        for roles in &more.roles {
            self.add_roles(roles.iter().cloned());
        }
        if !more.policies.is_empty() {
            self.edit().policies.extend(more.policies.iter().cloned());
        }
    }

    /// Moves it along with its component into a mount: policies keep the name
    /// they know, and `place` says where their servers stand now.
    pub(crate) fn place(&mut self, local: &str, place: impl Fn(&Arc<Scope>) -> Arc<Scope>) {
        if !self.has_policies() {
            return;
        }
        for guard in &mut self.edit().policies {
            guard.local.get_or_insert_with(|| local.into());
            guard.scope = place(&guard.scope);
        }
    }

    /// Whether scopes and roles let a caller from there see and use what is
    /// behind it. Policies may still be against it.
    pub(crate) fn admits(&self, origin: &Origin, permissions: &Permissions) -> bool {
        let Some(demands) = &self.0 else {
            return true;
        };
        match origin.principal() {
            Some(caller) => {
                demands.has_roles(caller) && demands.missing(caller, permissions).is_empty()
            }
            None => origin.is_local() || demands.has_policies_only(),
        }
    }

    /// Judges whoever sent the request.
    ///
    /// Who lacks a role is not told that there is something, nor is anybody from
    /// whom a policy hides it. Who lacks only scopes is told which, for a client
    /// can ask its user for more: all that the operation needs, not one after the
    /// other.
    pub(crate) async fn judge<'s>(
        &self,
        cx: &Context,
        subject: impl FnOnce() -> Subject<'s>,
    ) -> Verdict {
        let Some(demands) = &self.0 else {
            return Verdict::Granted;
        };
        if demands.policies.is_empty() {
            return demands.judge(cx, Vec::new());
        }
        Box::pin(demands.ask(cx, &subject())).await
    }

    /// Judges by scopes and roles alone.
    #[cfg(test)]
    fn judge_caller(&self, cx: &Context) -> Verdict {
        match &self.0 {
            None => Verdict::Granted,
            Some(demands) => demands.judge(cx, Vec::new()),
        }
    }
}

impl Demands {
    fn has_policies_only(&self) -> bool {
        self.scopes.is_empty() && self.roles.is_empty()
    }

    fn has_roles(&self, caller: &Principal) -> bool {
        let has_one = |roles: &Vec<Word>| roles.iter().any(|role| caller.has_role(role));
        self.roles.iter().all(has_one)
    }

    fn missing(&self, caller: &Principal, permissions: &Permissions) -> Vec<&str> {
        missing(&self.scopes, caller, permissions)
    }

    fn is_hidden_from(&self, origin: &Origin) -> bool {
        match origin.principal() {
            Some(caller) => !self.has_roles(caller),
            None => !origin.is_local() && !self.roles.is_empty(),
        }
    }

    /// Judges by roles, and by scopes, those that policies demand besides
    /// included.
    fn judge(&self, cx: &Context, besides: Vec<Word>) -> Verdict {
        let origin = cx.origin();
        if self.is_hidden_from(origin) {
            return Verdict::Hidden;
        }
        // Who has started the process is trusted by all but policies.
        let own: &[Word] = if origin.is_local() { &[] } else { &self.scopes };
        let mut scopes = Cow::Borrowed(own);
        for scope in besides {
            if !scopes.contains(&scope) {
                scopes.to_mut().push(scope);
            }
        }
        let Some(caller) = origin.principal() else {
            return match scopes.is_empty() {
                true => Verdict::Granted,
                false => Verdict::Refused(unauthenticated(&scopes)),
            };
        };
        // As a rule the token carries them all, and nobody has to look further.
        if scopes.iter().all(|scope| caller.has_scope(scope)) {
            return Verdict::Granted;
        }
        let missing = missing(&scopes, caller, &cx.server().tail().permissions);
        match missing.is_empty() {
            true => Verdict::Granted,
            false => Verdict::Refused(forbidden(&scopes, &missing)),
        }
    }

    /// Asks all policies, also after one has denied: another may hide.
    async fn ask(&self, cx: &Context, subject: &Subject<'_>) -> Verdict {
        if self.is_hidden_from(cx.origin()) {
            return Verdict::Hidden;
        }
        let trusted = cx.origin().is_local();
        let (mut refusal, mut besides) = (None, Vec::new());
        for guard in &self.policies {
            if trusted && !guard.policy.trusts_nobody() {
                continue;
            }
            match guard.ask(cx, subject).await {
                Ok(Decision::Allow) => {}
                Ok(Decision::Hide) => return Verdict::Hidden,
                Ok(Decision::Scopes(scopes)) => besides.extend(scopes),
                Ok(Decision::Deny) => refusal = Some(denied(cx)),
                Err(error) => {
                    refusal.get_or_insert_with(|| failed(cx, subject, error));
                }
            }
        }
        match refusal {
            Some(error) => Verdict::Refused(error),
            None => self.judge(cx, besides),
        }
    }
}

impl Guard {
    async fn ask(&self, cx: &Context, subject: &Subject<'_>) -> Result<Decision> {
        let cx = match self.scope.is_empty() {
            true => Cow::Borrowed(cx),
            false => Cow::Owned(cx.scoped(&self.scope)),
        };
        let asked = Asked {
            cx: &cx,
            name: self.local.as_deref().unwrap_or(subject.name),
            subject,
        };
        guarded(&cx, Some(MAX_DECISION), || self.policy.decide(&asked)).await
    }
}

fn missing<'s>(scopes: &'s [Word], caller: &Principal, permissions: &Permissions) -> Vec<&'s str> {
    let scopes = scopes.iter().map(|scope| &**scope);
    scopes
        .filter(|scope| !permissions.grants(caller, scope))
        .collect()
}

fn forbidden(scopes: &[Word], missing: &[&str]) -> Error {
    let problem = format!("not permitted: the caller lacks {}", listed(missing));
    let data = json!({ Error::REQUIRED_SCOPES: scopes, "missingScopes": missing });
    Error::new(ErrorKind::Forbidden, problem).with_data(data)
}

fn unauthenticated(scopes: &[Word]) -> Error {
    let named: Vec<&str> = scopes.iter().map(|scope| &**scope).collect();
    let problem = format!("authentication is required, with {}", listed(&named));
    let data = json!({ Error::REQUIRED_SCOPES: scopes });
    Error::new(ErrorKind::Unauthenticated, problem).with_data(data)
}

/// A caller who has not proved who it is may do so.
fn denied(cx: &Context) -> Error {
    match cx.principal() {
        Some(_) => Error::new(ErrorKind::Forbidden, "not permitted"),
        None => Error::new(ErrorKind::Unauthenticated, "authentication is required"),
    }
}

/// What is said of a policy that could not decide. What the caller has done
/// wrong, and what its user is asked, it hears; the rest is for the log.
fn failed(cx: &Context, subject: &Subject<'_>, error: Error) -> Error {
    let is_for_caller = [ErrorKind::InvalidArguments, ErrorKind::InputRequired];
    if is_for_caller.contains(&error.kind()) {
        return error;
    }
    let (name, cause) = (subject.name.escape_debug(), error.public_text(false));
    tracing::error!(
        target: "purlin::authorize",
        component = %name,
        error = %cause.escape_debug(),
        "a policy failed, which denies"
    );
    denied(cx)
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

    fn context(origin: &Origin) -> Context {
        Context::for_tests_from(origin.clone())
    }

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
        match requirement.judge_caller(&context(origin)) {
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
