//! Where a redirect URI leads, as people read it.

use http::Uri;

/// The host with its port; for an application's own scheme, that scheme.
pub(in super::super) fn of(redirect_uri: &str) -> String {
    let scheme = redirect_uri.split(':').next().unwrap_or_default();
    let web = ["http", "https"]
        .iter()
        .any(|known| scheme.eq_ignore_ascii_case(known));
    let uri: Option<Uri> = redirect_uri.parse().ok();
    let authority = uri.as_ref().and_then(Uri::authority);
    match authority {
        Some(authority) if web => authority.as_str().to_ascii_lowercase(),
        _ => format!("an app on this device ({scheme}:)"),
    }
}

#[cfg(test)]
mod tests {
    use super::of;

    #[test]
    fn people_read_the_host() {
        assert_eq!(of("https://App.test/cb?x=1"), "app.test");
        assert_eq!(of("http://127.0.0.1:3000/cb"), "127.0.0.1:3000");
        assert_eq!(
            of("com.example.app:/cb"),
            "an app on this device (com.example.app:)"
        );
        assert_eq!(
            of("cursor://anysphere/cb"),
            "an app on this device (cursor:)"
        );
    }
}
