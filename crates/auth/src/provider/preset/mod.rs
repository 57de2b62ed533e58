//! What is particular to each provider, in a file each: how it is called, where it is, what it
//! calls things, and where it strays from the standards.

mod auth0;
mod authkit;
mod cognito;
mod descope;
mod entra;
mod github;
mod google;
mod keycloak;
mod oidc;
mod okta;

pub(super) use entra::full_scopes;
pub(super) use google::short_scopes;

/// A name of a host or the URL of one, as the origin it means, without a slash at its end.
///
/// # Errors
/// When it is neither; says what is expected.
fn origin(what: &'static str, text: &str) -> Result<String, String> {
    let text = text.trim_end_matches('/');
    let url = match text.contains("://") {
        true => text.to_owned(),
        false => format!("https://{text}"),
    };
    let host = url.split_once("://").map_or("", |(_, host)| host);
    let plain = |letter: char| letter.is_ascii_alphanumeric() || ".-:[]".contains(letter);
    if host.is_empty() || !host.chars().all(plain) {
        return Err(format!(
            "`{what}` has to be the name of a host, such as `shop.example.com`"
        ));
    }
    Ok(url)
}
