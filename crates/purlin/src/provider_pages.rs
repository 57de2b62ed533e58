//! Compiles the examples of the pages of `docs/providers`.

#[doc = include_str!("../../../docs/providers/auth0.md")]
mod auth0 {}

#[doc = include_str!("../../../docs/providers/authkit.md")]
mod authkit {}

#[doc = include_str!("../../../docs/providers/cognito.md")]
mod cognito {}

#[doc = include_str!("../../../docs/providers/descope.md")]
mod descope {}

#[doc = include_str!("../../../docs/providers/entra.md")]
mod entra {}

#[doc = include_str!("../../../docs/providers/github.md")]
mod github {}

#[doc = include_str!("../../../docs/providers/google.md")]
mod google {}

#[doc = include_str!("../../../docs/providers/keycloak.md")]
mod keycloak {}

#[doc = include_str!("../../../docs/providers/oidc.md")]
mod oidc {}

#[doc = include_str!("../../../docs/providers/okta.md")]
mod okta {}
