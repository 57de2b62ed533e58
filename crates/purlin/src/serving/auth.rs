//! Who may call, where the settings say so and the program does not.

#[cfg(feature = "auth")]
mod protecting {
    use std::sync::Arc;

    use purlin_auth::Secret;
    use purlin_auth::protect::Protection;
    use purlin_auth::provider::{InvalidProvider, Provider};
    use purlin_auth::verify::{HmacAlgorithm, Jwt, Keys};
    use purlin_core::{Error, ErrorKind, Result};
    use purlin_telemetry::config::{AuthMode, AuthProvider, AuthSettings, ServerSettings};

    use crate::serving::http::Authenticator;

    /// The guard that the settings want, if they want one.
    ///
    /// # Errors
    /// With everything that is wrong with them.
    pub(in crate::serving) async fn guard(
        settings: &ServerSettings,
    ) -> Result<Option<Authenticator>> {
        let auth = &settings.auth;
        let (Some(preset), Some(mode)) = (auth.provider, auth.mode()) else {
            let secret = auth.signing_secret();
            return secret.map(|secret| signed(secret, auth)).transpose();
        };
        let provider = provider(preset, auth);
        let resource = auth.resource.as_deref().unwrap_or_default();
        match mode {
            AuthMode::Tokens => {
                let protection = provider.protection(resource).map_err(|it| invalid(&it))?;
                Ok(Some(Arc::new(protection)))
            }
            _ => super::login::guard(provider, resource, settings)
                .await
                .map(Some),
        }
    }

    /// The guard of tokens that the issuer signs with a key we share.
    fn signed(
        secret: &purlin_telemetry::config::Secret,
        auth: &AuthSettings,
    ) -> Result<Authenticator> {
        let key = Secret::from(secret.reveal().as_str());
        let keys = Keys::secret(HmacAlgorithm::Hs256, &key).map_err(failed)?;
        let mut tokens = Jwt::builder().issuer(auth.issuer.as_deref().unwrap_or_default(), keys);
        for audience in &auth.audience {
            tokens = tokens.audience(audience);
        }
        if let Some(claim) = auth.roles_claims.first() {
            tokens = tokens.roles_claim(claim);
        }
        if let Some(claim) = &auth.tenant_claim {
            tokens = tokens.tenant_claim(claim);
        }
        let resource = auth.resource.as_deref().unwrap_or_default();
        let protection = Protection::new(resource, tokens.build().map_err(failed)?);
        let protection = protection.map_err(failed)?;
        Ok(Arc::new(
            protection.required_scopes(auth.required_scopes.iter()),
        ))
    }

    /// The provider that the settings describe.
    fn provider(preset: AuthProvider, auth: &AuthSettings) -> Provider {
        let mut provider = preset_of(preset, auth);
        provider = match (&auth.client_id, &auth.client_secret) {
            (Some(id), Some(secret)) => provider.client(id, secret.reveal().as_str()),
            (Some(id), None) => provider.public_client(id),
            (None, _) => provider,
        };
        for audience in &auth.audience {
            provider = provider.audience(audience);
        }
        for claim in &auth.roles_claims {
            provider = provider.roles_at(claim.as_str());
        }
        if let Some(claim) = &auth.tenant_claim {
            provider = provider.tenant_at(claim.as_str());
        }
        if auth.verified_email {
            provider = provider.verified_email();
        }
        provider
            .also_scopes(&auth.scopes)
            .required_scopes(&auth.required_scopes)
            .allowed_domains(&auth.allowed_domains)
            .tenants(&auth.allowed_tenants)
            .organizations(&auth.organizations)
    }

    fn preset_of(preset: AuthProvider, auth: &AuthSettings) -> Provider {
        let issuer = auth.issuer.as_deref().unwrap_or_default();
        match preset {
            AuthProvider::Google => Provider::google(),
            AuthProvider::Github if issuer.is_empty() => Provider::github(),
            AuthProvider::Github => Provider::github_enterprise(issuer),
            AuthProvider::Entra => Provider::entra(auth.tenant.as_deref().unwrap_or_default()),
            AuthProvider::Auth0 => Provider::auth0(issuer),
            AuthProvider::Authkit => Provider::authkit(issuer),
            AuthProvider::Descope => Provider::descope(issuer),
            AuthProvider::Keycloak => Provider::keycloak(issuer),
            AuthProvider::Cognito => {
                Provider::cognito(auth.user_pool.as_deref().unwrap_or_default())
            }
            AuthProvider::Okta => Provider::okta(issuer),
            _ => Provider::oidc(issuer),
        }
    }

    pub(super) fn invalid(mistakes: &InvalidProvider) -> Error {
        failed(mistakes)
    }

    pub(super) fn failed(mistake: impl std::fmt::Display) -> Error {
        Error::new(
            ErrorKind::Configuration,
            format!("the settings in `server.auth` cannot be used: {mistake}"),
        )
    }
}

/// Logins at an authorization server of this program.
#[cfg(feature = "authorization-server")]
mod login {
    use std::sync::Arc;

    use purlin_auth::authorization_server::{AuthorizationServer, Keys};
    use purlin_auth::provider::Provider;
    use purlin_core::store::{KeyValue, MemoryStore};
    use purlin_core::{Error, ErrorKind, Result};
    use purlin_telemetry::config::{AuthStore, ServerSettings};

    use crate::serving::auth::protecting::failed;
    use crate::serving::http::Authenticator;

    pub(super) async fn guard(
        provider: Provider,
        resource: &str,
        settings: &ServerSettings,
    ) -> Result<Authenticator> {
        let login = provider
            .login()
            .map_err(|it| super::protecting::invalid(&it))?;
        let mut server = AuthorizationServer::builder(origin(resource), login)
            .resource(resource)
            .store(store(settings).await?);
        if !settings.keys.is_empty() {
            let keys = settings.keys.iter().map(|key| *key.reveal());
            server = server.keys(Keys::new(keys).map_err(failed)?);
        }
        for scope in &settings.auth.required_scopes {
            server = server.scope(scope, scope);
        }
        let server = server.build().map_err(failed)?;
        Ok(Arc::new(
            server
                .protection()
                .required_scopes(settings.auth.required_scopes.iter()),
        ))
    }

    /// Where the settings keep what has to be remembered.
    ///
    /// # Errors
    /// When it outlives the key that seals it, or is not built in, or cannot be opened.
    async fn store(settings: &ServerSettings) -> Result<Arc<dyn KeyValue>> {
        let wanted = settings.auth.store().unwrap_or(AuthStore::Memory);
        if wanted != AuthStore::Memory && settings.keys.is_empty() {
            let text = "`server.auth.store` outlives this process, and the random key that seals \
                        what is in it does not: make one with `openssl rand -hex 32` and give it \
                        as `MCP_KEYS`";
            return Err(Error::new(ErrorKind::Configuration, text));
        }
        match wanted {
            AuthStore::Disk(directory) => disk(directory).await,
            AuthStore::Redis(url) => redis(url),
            _ => Ok(Arc::new(MemoryStore::new())),
        }
    }

    #[cfg(feature = "disk")]
    async fn disk(directory: &str) -> Result<Arc<dyn KeyValue>> {
        let opened = purlin_stores::Disk::open(directory).await;
        Ok(Arc::new(opened.map_err(closed)?))
    }

    #[cfg(not(feature = "disk"))]
    async fn disk(_: &str) -> Result<Arc<dyn KeyValue>> {
        Err(not_built("a directory", "disk"))
    }

    #[cfg(feature = "redis")]
    fn redis(url: &str) -> Result<Arc<dyn KeyValue>> {
        let redis = purlin_stores::Redis::builder(url).namespace("authorization");
        Ok(Arc::new(redis.build().map_err(closed)?))
    }

    #[cfg(not(feature = "redis"))]
    fn redis(_: &str) -> Result<Arc<dyn KeyValue>> {
        Err(not_built("a Redis", "redis"))
    }

    #[cfg(any(feature = "disk", feature = "redis"))]
    fn closed(error: impl std::error::Error + Send + Sync + 'static) -> Error {
        let text = format!("`server.auth.store` cannot be used: {error}");
        Error::new(ErrorKind::Configuration, text).with_source(error)
    }

    #[cfg(not(all(feature = "disk", feature = "redis")))]
    fn not_built(what: &str, feature: &str) -> Error {
        let text = format!(
            "`server.auth.store` is {what}, which is not built in: enable the feature `{feature}` \
             of `purlin`"
        );
        Error::new(ErrorKind::Configuration, text)
    }

    /// The URL of the endpoint without its path: the authorization server is at the root.
    fn origin(resource: &str) -> &str {
        let authority = resource.find("://").map_or(0, |at| at + 3);
        let end = resource[authority..].find('/');
        &resource[..end.map_or(resource.len(), |end| authority + end)]
    }
}

#[cfg(all(feature = "auth", not(feature = "authorization-server")))]
mod login {
    use purlin_auth::provider::Provider;
    use purlin_core::{Error, ErrorKind, Result};
    use purlin_telemetry::config::ServerSettings;

    use crate::serving::http::Authenticator;

    pub(super) async fn guard(_: Provider, _: &str, _: &ServerSettings) -> Result<Authenticator> {
        Err(Error::new(
            ErrorKind::Configuration,
            "`server.auth.mode` is `login`, which is not built in: enable the feature \
             `authorization-server` of `purlin`, or set the mode to `tokens`",
        ))
    }
}

#[cfg(not(feature = "auth"))]
mod protecting {
    use purlin_core::{Error, ErrorKind, Result};
    use purlin_telemetry::config::ServerSettings;

    use crate::serving::http::Authenticator;

    pub(in crate::serving) async fn guard(
        settings: &ServerSettings,
    ) -> Result<Option<Authenticator>> {
        let key = match (settings.auth.provider, settings.auth.signing_secret()) {
            (Some(_), _) => "provider",
            (None, Some(_)) => "secret",
            (None, None) => return Ok(None),
        };
        Err(Error::new(
            ErrorKind::Configuration,
            format!(
                "`server.auth.{key}` is set and nothing of it is built in: enable the feature \
                 `auth` of `purlin`"
            ),
        ))
    }
}

/// The guard of a server whose program has none of its own.
pub(super) use protecting::guard;
