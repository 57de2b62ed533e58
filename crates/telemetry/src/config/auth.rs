//! The settings of who may call: what `serve()` goes by when the program says nothing.

use purlin_macros::Config;

use super::{Invalid, Secret};

/// The settings of who may call, in the section `server.auth` of every configuration.
///
/// With a `provider` every request over HTTP needs a token. Whose, says the `mode`: those of the
/// provider itself, or those of an authorization server of this program, at which users log in
/// with the provider. Without one, and once it is `enabled`, the tokens are those that somebody
/// else signs with a `secret`.
#[derive(Debug, Clone, Config)]
#[config(crate = crate, validate = AuthSettings::check)]
#[non_exhaustive]
pub struct AuthSettings {
    /// Whether every request over HTTP needs a token. Where it is left out, it does with a
    /// `provider`.
    #[config(env = "ENABLE_AUTH")]
    pub enabled: Option<bool>,
    /// The key of tokens that the `issuer` signs with HS256, where there is no `provider` and auth
    /// is `enabled`: 32 bytes at least.
    #[config(env = "AUTH_SECRET")]
    pub secret: Option<Secret>,
    /// The identity provider that knows the users; without one nobody is asked who they are.
    #[config(env = "AUTH_PROVIDER")]
    pub provider: Option<AuthProvider>,
    /// Whose tokens callers bring. Where it is left out, those of the provider if it registers MCP
    /// clients by itself (`authkit`, `descope`, `keycloak`, `oidc`), else ours.
    #[config(env = "AUTH_MODE")]
    pub mode: Option<AuthMode>,
    /// The URL of the endpoint as clients know it, such as `https://mcp.example.com/mcp`.
    #[config(env = "AUTH_RESOURCE")]
    pub resource: Option<String>,
    /// The provider, by its issuer (`oidc`, `okta`, `descope`), the URL of a realm (`keycloak`), or
    /// its domain (`auth0`, `authkit`); for `github` the host of an Enterprise Server.
    #[config(env = "AUTH_ISSUER")]
    pub issuer: Option<String>,
    /// The directory of `entra`, by its id, or `organizations`, `common`, `consumers`.
    #[config(env = "AUTH_TENANT")]
    pub tenant: Option<String>,
    /// The user pool of `cognito`, such as `eu-central-1_AbCdEf123`.
    #[config(env = "AUTH_USER_POOL")]
    pub user_pool: Option<String>,
    /// Who this server is at the provider.
    #[config(env = "AUTH_CLIENT_ID")]
    pub client_id: Option<String>,
    /// What it proves that with.
    #[config(env = "AUTH_CLIENT_SECRET")]
    pub client_secret: Option<Secret>,
    /// Where an authorization server of this program keeps applications, logins and tokens:
    /// `memory` until it ends, `disk:` and a directory, or the URL of a Redis (`redis://…`,
    /// `rediss://…`) for several processes. In memory where it is left out.
    #[config(env = "AUTH_STORE")]
    pub store: Option<Secret>,
    /// What the provider's tokens have to be for; the URL of the endpoint where it is empty.
    #[config(env = "AUTH_AUDIENCE")]
    pub audience: Vec<String>,
    /// The scopes that every caller needs.
    #[config(env = "AUTH_REQUIRED_SCOPES")]
    pub required_scopes: Vec<String>,
    /// What a login asks the provider for besides the usual.
    #[config(env = "AUTH_SCOPES")]
    pub scopes: Vec<String>,
    /// The domains whose accounts are let in; all where it is empty.
    #[config(env = "AUTH_ALLOWED_DOMAINS")]
    pub allowed_domains: Vec<String>,
    /// The tenants whose accounts are let in; all where it is empty.
    #[config(env = "AUTH_ALLOWED_TENANTS")]
    pub allowed_tenants: Vec<String>,
    /// The organizations of `github` whose members are let in; everybody where it is empty.
    #[config(env = "AUTH_ORGANIZATIONS")]
    pub organizations: Vec<String>,
    /// Lets in those alone whose address the provider has verified.
    #[config(default = false, env = "AUTH_VERIFIED_EMAIL")]
    pub verified_email: bool,
    /// More claims with roles in them: names, or ways such as `/realm_access/roles`.
    #[config(env = "AUTH_ROLES_CLAIMS")]
    pub roles_claims: Vec<String>,
    /// The claim with the tenant of a caller, where the provider has none of its own.
    #[config(env = "AUTH_TENANT_CLAIM")]
    pub tenant_claim: Option<String>,
}

/// Identity providers that there are presets for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Config)]
#[config(crate = crate)]
#[non_exhaustive]
pub enum AuthProvider {
    /// Google.
    Google,
    /// GitHub.
    Github,
    /// Microsoft Entra ID, once Azure Active Directory.
    Entra,
    /// Auth0.
    Auth0,
    /// AuthKit, by WorkOS.
    Authkit,
    /// Descope.
    Descope,
    /// Keycloak.
    Keycloak,
    /// Amazon Cognito.
    Cognito,
    /// Okta.
    Okta,
    /// Any other provider of OpenID Connect.
    Oidc,
}

/// Whose tokens callers bring.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Config)]
#[config(crate = crate)]
#[non_exhaustive]
pub enum AuthMode {
    /// The provider's own.
    Tokens,
    /// Those of an authorization server of this program, at which users log in with the provider.
    Login,
}

/// How long a secret that signs is, in bytes, at least (RFC 7518, section 3.2).
const SHORTEST_SECRET: usize = 32;

/// Where an authorization server keeps what it has to remember.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum AuthStore<'a> {
    /// In this process, until it ends.
    Memory,
    /// In a directory that one process uses.
    Disk(&'a str),
    /// In the Redis with this URL, which may hold a password.
    Redis(&'a str),
}

impl AuthSettings {
    /// Where an authorization server of this program keeps what it has to remember; nothing where
    /// the setting names no such place.
    ///
    /// ```
    /// use purlin_telemetry::config::{AuthStore, Loader, NoSettings};
    ///
    /// let loaded = Loader::new()
    ///     .variables([("AUTH_STORE", "disk:/var/lib/orders")])
    ///     .load::<NoSettings>()?;
    /// assert_eq!(loaded.server().auth.store(), Some(AuthStore::Disk("/var/lib/orders")));
    /// # Ok::<_, purlin_telemetry::config::ConfigError>(())
    /// ```
    pub fn store(&self) -> Option<AuthStore<'_>> {
        let Some(store) = &self.store else {
            return Some(AuthStore::Memory);
        };
        let store = store.reveal().as_str();
        let is_redis = ["redis://", "rediss://"]
            .iter()
            .any(|scheme| store.starts_with(scheme));
        match store.strip_prefix("disk:") {
            Some(directory) if !directory.is_empty() => Some(AuthStore::Disk(directory)),
            None if store == "memory" => Some(AuthStore::Memory),
            None if is_redis => Some(AuthStore::Redis(store)),
            _ => None,
        }
    }

    /// Whose tokens callers bring, said or not; nobody's without a provider.
    pub fn mode(&self) -> Option<AuthMode> {
        let provider = self.provider?;
        Some(self.mode.unwrap_or(match provider {
            AuthProvider::Authkit
            | AuthProvider::Descope
            | AuthProvider::Keycloak
            | AuthProvider::Oidc => AuthMode::Tokens,
            _ => AuthMode::Login,
        }))
    }

    /// The key that tokens are signed with, where no provider has keys of its own.
    pub fn signing_secret(&self) -> Option<&Secret> {
        let applies = self.enabled == Some(true) && self.provider.is_none();
        self.secret.as_ref().filter(|_| applies)
    }

    fn check(&self) -> Result<(), Invalid> {
        let mut missing = self.missing();
        missing.extend(self.missing_with_a_secret());
        if self.enabled == Some(false) && self.provider.is_some() {
            let text = "a `provider` is set, and nobody would be asked for a token: leave one of \
                        both out";
            missing.push(("enabled", text));
        }
        if self.store().is_none() {
            // The value is taken out of the text, so what is left of it has to say enough.
            let names_no_directory = self.store.as_ref().is_some_and(|it| it.reveal() == "disk:");
            let text = match names_no_directory {
                true => "it names no directory: write one after the colon, such as `/var/lib/mcp`",
                false => {
                    "it is `memory`, `disk:` and a directory such as `disk:/var/lib/mcp`, or the \
                     URL of a Redis such as `redis://127.0.0.1:6379`"
                }
            };
            missing.push(("store", text));
        }
        if missing.is_empty() {
            return Ok(());
        }
        let missing = missing.into_iter();
        Err(missing.map(|(key, text)| Invalid::of(key, text)).collect())
    }

    /// What tokens of a shared secret need and nobody has written.
    fn missing_with_a_secret(&self) -> Vec<(&'static str, &'static str)> {
        let Some(secret) = self.signing_secret() else {
            return Vec::new();
        };
        let is_there = |text: &Option<String>| text.as_ref().is_some_and(|text| !text.is_empty());
        let mut missing = Vec::new();
        if secret.reveal().len() < SHORTEST_SECRET {
            let text = "it is shorter than 32 bytes, and could be guessed: make one with \
                        `openssl rand -hex 32`";
            missing.push(("secret", text));
        }
        if !is_there(&self.resource) {
            let text = "it is needed with a `secret`: the URL of the endpoint as clients know it, \
                        such as `https://mcp.example.com/mcp`, for which tokens have to be (`aud`)";
            missing.push(("resource", text));
        }
        if !is_there(&self.issuer) {
            let text = "it is needed with a `secret`: who signs the tokens (`iss`)";
            missing.push(("issuer", text));
        }
        let unused = [
            ("allowed_domains", !self.allowed_domains.is_empty()),
            ("allowed_tenants", !self.allowed_tenants.is_empty()),
            ("organizations", !self.organizations.is_empty()),
            ("verified_email", self.verified_email),
        ];
        let text = "it goes by what a `provider` says, and would let in everybody whose token is \
                    signed with the `secret`: drop it";
        let unused = unused.into_iter().filter(|(_, is_set)| *is_set);
        missing.extend(unused.map(|(key, _)| (key, text)));
        if self.roles_claims.len() > 1 {
            let text = "tokens that are signed with the `secret` have one claim with roles";
            missing.push(("roles_claims", text));
        }
        missing
    }

    /// What the provider needs and nobody has written.
    fn missing(&self) -> Vec<(&'static str, &'static str)> {
        let (Some(provider), Some(mode)) = (self.provider, self.mode()) else {
            return Vec::new();
        };
        let mut missing = Vec::new();
        let mut need = |is_there: bool, key, text| {
            if !is_there {
                missing.push((key, text));
            }
        };
        let is_there = |text: &Option<String>| text.as_ref().is_some_and(|text| !text.is_empty());
        need(
            is_there(&self.resource),
            "resource",
            "it is needed with a `provider`: the URL of the endpoint as clients know it, such as \
             `https://mcp.example.com/mcp`",
        );
        let (key, there, text) = match provider {
            AuthProvider::Google | AuthProvider::Github => ("issuer", true, ""),
            AuthProvider::Entra => (
                "tenant",
                is_there(&self.tenant),
                "`entra` needs the id of a directory, or `organizations`, `common` or `consumers`",
            ),
            AuthProvider::Cognito => (
                "user_pool",
                is_there(&self.user_pool),
                "`cognito` needs the id of a user pool, such as `eu-central-1_AbCdEf123`",
            ),
            AuthProvider::Auth0 | AuthProvider::Authkit => (
                "issuer",
                is_there(&self.issuer),
                "this provider needs the domain of your tenant, such as `shop.eu.auth0.com`",
            ),
            AuthProvider::Keycloak => (
                "issuer",
                is_there(&self.issuer),
                "`keycloak` needs the URL of a realm, such as `https://id.example.com/realms/shop`",
            ),
            _ => (
                "issuer",
                is_there(&self.issuer),
                "this provider needs its issuer, byte for byte as its document has it",
            ),
        };
        need(there, key, text);
        let asks = matches!(provider, AuthProvider::Google | AuthProvider::Github);
        need(
            is_there(&self.client_id) || (mode == AuthMode::Tokens && !asks),
            "client_id",
            "it is needed: the id of the application that is registered with the provider",
        );
        need(
            self.client_secret.is_some() || provider != AuthProvider::Github,
            "client_secret",
            "`github` needs it: the secret of the application that is registered there",
        );
        missing
    }
}

#[cfg(test)]
mod tests {
    use crate::config::{AuthMode, AuthProvider, AuthStore, Loader, NoSettings};

    fn load(variables: &[(&str, &str)]) -> Result<super::AuthSettings, String> {
        let loaded = Loader::new()
            .variables(variables.iter().copied())
            .load::<NoSettings>();
        match loaded {
            Ok(loaded) => Ok(loaded.server().auth.clone()),
            Err(error) => Err(error.to_string()),
        }
    }

    #[test]
    fn without_a_provider_nothing_is_asked_for() {
        let settings = load(&[("AUTH_CLIENT_ID", "x")]).unwrap();
        assert_eq!((settings.provider, settings.mode()), (None, None));
    }

    #[test]
    fn a_secret_counts_once_auth_is_enabled() {
        let secret = "0123456789abcdef0123456789abcdef";
        let unused = load(&[("AUTH_SECRET", "short")]).unwrap();
        assert!(unused.signing_secret().is_none());

        let all = [
            ("ENABLE_AUTH", "true"),
            ("AUTH_SECRET", secret),
            ("AUTH_RESOURCE", "https://mcp.example.com/mcp"),
            ("AUTH_ISSUER", "https://id.example.com"),
        ];
        let settings = load(&all).unwrap();
        assert_eq!(settings.signing_secret().unwrap().reveal(), secret);

        let text = load(&[("ENABLE_AUTH", "true"), ("AUTH_SECRET", "hunter2")]).unwrap_err();
        for part in [
            "`server.auth.secret`",
            "openssl rand -hex 32",
            "`server.auth.resource`",
            "`server.auth.issuer`",
        ] {
            assert!(text.contains(part), "{part}: {text}");
        }
        assert!(!text.contains("hunter2"), "{text}");
        let domains = [("AUTH_ALLOWED_DOMAINS", "shop.example")];
        let text = load(&[&all[..], &domains].concat()).unwrap_err();
        assert!(text.contains("`server.auth.allowed_domains`"), "{text}");
    }

    #[test]
    fn nothing_turns_a_provider_off_unnoticed() {
        let text = load(&[
            ("ENABLE_AUTH", "false"),
            ("AUTH_PROVIDER", "oidc"),
            ("AUTH_ISSUER", "https://id.example.com"),
            ("AUTH_RESOURCE", "https://mcp.example.com/mcp"),
            ("AUTH_CLIENT_ID", "x"),
        ])
        .unwrap_err();
        assert!(text.contains("`server.auth.enabled`"), "{text}");
        assert!(load(&[("ENABLE_AUTH", "false")]).is_ok());
    }

    #[test]
    fn a_provider_is_set_by_variables_alone() {
        let settings = load(&[
            ("AUTH_PROVIDER", "google"),
            ("AUTH_RESOURCE", "https://mcp.example.com/mcp"),
            ("AUTH_CLIENT_ID", "123"),
            ("MCP_SERVER__AUTH__CLIENT_SECRET", "canary"),
            ("AUTH_ALLOWED_DOMAINS", "example.com,example.org"),
        ])
        .unwrap();
        assert_eq!(settings.provider, Some(AuthProvider::Google));
        assert_eq!(settings.mode(), Some(AuthMode::Login));
        assert_eq!(settings.allowed_domains, ["example.com", "example.org"]);
        assert_eq!(settings.client_secret.as_ref().unwrap().reveal(), "canary");
        assert!(!format!("{settings:?}").contains("canary"));
    }

    #[test]
    fn a_store_is_chosen_by_one_setting() {
        for (store, expected) in [
            ("memory", AuthStore::Memory),
            ("disk:state", AuthStore::Disk("state")),
            (
                "redis://:canary@db:6379/2",
                AuthStore::Redis("redis://:canary@db:6379/2"),
            ),
            ("rediss://db", AuthStore::Redis("rediss://db")),
        ] {
            let settings = load(&[("AUTH_STORE", store)]).unwrap();
            assert_eq!(settings.store(), Some(expected));
            assert!(!format!("{settings:?}").contains("canary"));
        }
        assert_eq!(load(&[]).unwrap().store(), Some(AuthStore::Memory));
        for store in ["disk:", "disc:/x", "http://:canary@db"] {
            let told = load(&[("AUTH_STORE", store)]).unwrap_err();
            assert!(
                told.contains("server.auth.store") && told.contains("/var/lib/mcp`"),
                "{told}"
            );
            assert!(!told.contains("canary"), "{told}");
        }
    }

    #[test]
    fn all_that_is_missing_is_told_at_once() {
        let told = load(&[("AUTH_PROVIDER", "github"), ("PORT", "x")]).unwrap_err();
        for key in [
            "server.port",
            "server.auth.resource",
            "server.auth.client_id",
            "server.auth.client_secret",
        ] {
            assert!(told.contains(&format!("`{key}`")), "{key}: {told}");
        }
        for (provider, keys) in [
            ("entra", vec!["tenant", "client_id"]),
            ("cognito", vec!["user_pool", "client_id"]),
            ("auth0", vec!["issuer", "client_id"]),
            ("keycloak", vec!["issuer"]),
            ("okta", vec!["issuer", "client_id"]),
        ] {
            let told = load(&[("AUTH_PROVIDER", provider)]).unwrap_err();
            for key in keys {
                let key = format!("`server.auth.{key}`");
                assert!(told.contains(&key), "{provider}: {told}");
            }
        }
        let told = load(&[("AUTH_PROVIDER", "gogle")]).unwrap_err();
        assert!(
            told.contains("server.auth.provider") && told.contains("`google`"),
            "{told}"
        );
    }
}
