//! Whom a provider knows and we let in all the same, or not.

use super::claims::Facts;

/// Who is let in of those that a provider knows. Empty lists let everybody in.
#[derive(Clone, Debug, Default)]
pub(super) struct Admission {
    /// Domains that the provider vouches for, in small letters.
    pub(super) domains: Vec<String>,
    pub(super) tenants: Vec<String>,
    /// Whether the address has to be verified.
    pub(super) verified_email: bool,
}

/// Why somebody is not let in. Holds nothing that the provider said.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Turned {
    Domain,
    Tenant,
    Unverified,
    Organization,
}

impl Turned {
    pub(super) fn as_str(self) -> &'static str {
        match self {
            Self::Domain => "the account is of no domain that is let in",
            Self::Tenant => "the account is of no tenant that is let in",
            Self::Unverified => "the address of the account is not verified",
            Self::Organization => "the account is in no organization that is let in",
        }
    }
}

impl Admission {
    /// # Errors
    /// When they are not let in.
    pub(super) fn judge(&self, facts: &Facts) -> Result<(), Turned> {
        let among = |list: &[String], found: Option<&String>| {
            list.is_empty() || found.is_some_and(|found| list.contains(found))
        };
        if self.verified_email && facts.email.is_none() {
            return Err(Turned::Unverified);
        }
        if !among(&self.domains, facts.domain.as_ref()) {
            return Err(Turned::Domain);
        }
        if !among(&self.tenants, facts.tenant.as_ref()) {
            return Err(Turned::Tenant);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_name_whom_they_let_in_and_nobody_else() {
        let admission = Admission {
            domains: vec!["shop.test".to_owned()],
            tenants: vec!["t-1".to_owned()],
            verified_email: true,
        };
        let facts = Facts {
            email: Some("a@shop.test".to_owned()),
            domain: Some("shop.test".to_owned()),
            tenant: Some("t-1".to_owned()),
            ..Facts::default()
        };
        assert_eq!(admission.judge(&facts), Ok(()));
        assert_eq!(Admission::default().judge(&Facts::default()), Ok(()));
        let without = |change: fn(&mut Facts)| {
            let mut facts = facts.clone();
            change(&mut facts);
            admission.judge(&facts)
        };
        assert_eq!(without(|facts| facts.email = None), Err(Turned::Unverified));
        assert_eq!(without(|facts| facts.domain = None), Err(Turned::Domain));
        let sub = |facts: &mut Facts| facts.domain = Some("evil.shop.test".to_owned());
        assert_eq!(without(sub), Err(Turned::Domain));
        assert_eq!(without(|facts| facts.tenant = None), Err(Turned::Tenant));
    }
}
