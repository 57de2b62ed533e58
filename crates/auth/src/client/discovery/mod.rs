//! From a refusal to the authorization server in charge.
//!
//! 1. The metadata of the resource (RFC 9728): where the challenge says, else below the server's
//!    path, else at its root. It has to be about this server.
//! 2. The metadata of the authorization server that it names (RFC 8414, OpenID Connect). The
//!    issuer in it has to be that very name.
//! 3. Servers of revision 2025-03-26 have no metadata of the resource: their own origin is the
//!    issuer, and if that has no metadata either, the endpoints have fixed paths.
//!
//! A document that is missing or cannot be read leads to the next place; a server that cannot be
//! reached leads nowhere, as it proves nothing.

mod documents;
mod well_known;

pub(super) use documents::ServerMetadata;

use documents::ResourceMetadata;

use super::Result;
use super::challenge::Challenge;
use super::error::{AuthError, AuthErrorKind, excerpt};
use super::scopes::Scopes;
use super::url::Url;
use super::web::Web;

/// Where tokens for a server come from.
#[derive(Clone, Debug)]
pub(super) struct Place {
    /// The authorization server, as it describes itself.
    pub(super) server: ServerMetadata,
    /// What tokens are asked for (RFC 8707), byte for byte as the resource calls itself.
    pub(super) resource: Option<String>,
    /// The scopes of the resource.
    pub(super) scopes: Scopes,
    /// Whether tokens have to be bound to a key (RFC 9449).
    pub(super) wants_proof: bool,
}

impl Place {
    pub(super) fn issuer(&self) -> &str {
        &self.server.issuer
    }
}

/// Finds the authorization server of an MCP server.
///
/// `issuer` is the only one that will do, if there is one.
///
/// # Errors
/// When there is none, or what is found does not fit together.
pub(super) async fn discover(
    web: &Web,
    server: &str,
    challenge: &Challenge,
    issuer: Option<&str>,
) -> Result<Place> {
    let url = Url::parse(server)?;
    let place = match resource(web, &url, challenge).await? {
        Some(resource) => protected(web, &url, resource, issuer).await?,
        None => unprotected(web, &url, issuer).await?,
    };
    for endpoint in [
        &place.server.authorization_endpoint,
        &place.server.token_endpoint,
        &place.server.registration_endpoint,
    ] {
        endpoint
            .as_deref()
            .map_or(Ok(()), |endpoint| trusted(endpoint, &url))?;
    }
    Ok(Place {
        wants_proof: place.wants_proof || challenge.wants_proof(),
        ..place
    })
}

/// The metadata of an issuer.
///
/// # Errors
/// When there is none whose issuer is this very text.
pub(super) async fn metadata(web: &Web, issuer: &str) -> Result<ServerMetadata> {
    find_metadata(web, issuer).await?.ok_or_else(|| {
        let message = format!(
            "the authorization server {} has no metadata",
            excerpt(issuer)
        );
        AuthError::new(AuthErrorKind::Discovery, message)
    })
}

/// The metadata of the resource. A challenge that says where it is has said it all.
async fn resource(
    web: &Web,
    server: &Url<'_>,
    challenge: &Challenge,
) -> Result<Option<ResourceMetadata>> {
    if let Some(place) = challenge.resource_metadata() {
        readable(place, server)?;
        if let Some(found) = web.document(place).await? {
            return Ok(Some(found));
        }
    }
    for place in well_known::of_resource(server) {
        if let Some(found) = web.document(&place).await? {
            return Ok(Some(found));
        }
    }
    Ok(None)
}

async fn protected(
    web: &Web,
    server: &Url<'_>,
    metadata: ResourceMetadata,
    issuer: Option<&str>,
) -> Result<Place> {
    let resource = Url::parse(&metadata.resource)?;
    if resource.has_fragment() || !server.is_within(&resource) {
        let resource = excerpt(&metadata.resource);
        let message = format!("the server's metadata is about `{resource}`, not about this server");
        return Err(AuthError::new(AuthErrorKind::Mismatch, message));
    }
    let servers = &metadata.authorization_servers;
    let chosen = match issuer {
        Some(issuer) => servers.iter().find(|known| *known == issuer),
        None => servers.first(),
    };
    let chosen = chosen.ok_or_else(|| no_server(issuer))?;
    trusted(chosen, server)?;
    Ok(Place {
        server: self::metadata(web, chosen).await?,
        scopes: metadata
            .scopes_supported
            .iter()
            .map(String::as_str)
            .collect(),
        wants_proof: metadata.dpop_bound_access_tokens_required,
        resource: Some(metadata.resource),
    })
}

/// A server of revision 2025-03-26, which is its own authorization server.
async fn unprotected(web: &Web, server: &Url<'_>, issuer: Option<&str>) -> Result<Place> {
    let base = server.base();
    if issuer.is_some_and(|issuer| issuer != base) {
        return Err(no_server(issuer));
    }
    trusted(base, server)?;
    let metadata = find_metadata(web, base).await?;
    Ok(Place {
        server: metadata.unwrap_or_else(|| fixed_endpoints(base)),
        resource: None,
        scopes: Scopes::default(),
        wants_proof: false,
    })
}

/// The endpoints of a server without metadata (2025-03-26, authorization, section 2.3.3). That
/// revision demands PKCE of every server.
fn fixed_endpoints(base: &str) -> ServerMetadata {
    let endpoint = |name: &str| Some(format!("{base}/{name}"));
    ServerMetadata {
        issuer: base.to_owned(),
        authorization_endpoint: endpoint("authorize"),
        token_endpoint: endpoint("token"),
        registration_endpoint: endpoint("register"),
        code_challenge_methods_supported: vec!["S256".to_owned()],
        ..ServerMetadata::default()
    }
}

async fn find_metadata(web: &Web, issuer: &str) -> Result<Option<ServerMetadata>> {
    for place in well_known::of_issuer(&Url::parse(issuer)?) {
        let Some(found) = web.document::<ServerMetadata>(&place).await? else {
            continue;
        };
        if found.issuer != issuer {
            let message = format!(
                "the metadata of `{}` is that of `{}`",
                excerpt(issuer),
                excerpt(&found.issuer)
            );
            return Err(AuthError::new(AuthErrorKind::Mismatch, message));
        }
        return Ok(Some(found));
    }
    Ok(None)
}

fn no_server(issuer: Option<&str>) -> AuthError {
    let message = match issuer {
        Some(issuer) => format!("the server does not accept tokens of `{issuer}`"),
        None => "the server names no authorization server".to_owned(),
    };
    AuthError::new(AuthErrorKind::Discovery, message)
}

/// Whether secrets may be sent to a place that whoever configured us chose.
///
/// # Errors
/// When others could read them.
pub(super) fn confidential(text: &str) -> Result<()> {
    let url = Url::parse(text)?;
    trusted(text, &url)
}

/// Whether secrets may be sent there.
///
/// # Errors
/// When others could read them.
fn trusted(text: &str, server: &Url<'_>) -> Result<()> {
    let url = Url::parse(text)?;
    if url.is_https() || (url.is_loopback() && server.is_loopback()) {
        return Ok(());
    }
    let message = format!(
        "`{}` is no `https` URL: nothing secret is sent there",
        excerpt(text)
    );
    Err(AuthError::new(AuthErrorKind::Mismatch, message))
}

/// Whether a document may be fetched from there: a server must not send us to places that only
/// this machine can reach.
///
/// # Errors
/// When it is neither the server itself nor a public place.
fn readable(text: &str, server: &Url<'_>) -> Result<()> {
    let url = Url::parse(text)?;
    if url.origin() == server.origin() || (url.is_loopback() && server.is_loopback()) {
        return Ok(());
    }
    if url.is_https() && !url.is_loopback() {
        return Ok(());
    }
    let message = format!("the server's metadata is said to be at `{}`", excerpt(text));
    Err(AuthError::new(AuthErrorKind::Mismatch, message))
}
