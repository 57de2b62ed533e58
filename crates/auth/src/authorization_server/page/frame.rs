//! What all pages share: the frame, and the headers that keep it closed.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use bytes::Bytes;
use http::{HeaderValue, Response, StatusCode, header};
use ring::digest;

use super::{
    Escaped, style,
    theme::{Logo, Theme},
};

/// The pages of one authorization server.
#[derive(Clone, Debug)]
pub(in super::super) struct Pages {
    service: String,
    /// What stands above each page, in HTML.
    brand: String,
    style: String,
    policy: HeaderValue,
}

impl Pages {
    /// Pages in a theme; a service without a name is called by `host`.
    pub(in super::super) fn new(theme: Theme, host: &str) -> Self {
        let style = style::sheet(&theme);
        let hash = digest::digest(&digest::SHA256, style.as_bytes());
        let picture = theme
            .logo
            .as_ref()
            .map(|logo| format!("; img-src {}", logo.source()));
        // No `form-action`: browsers hold it against where an answered form leads as well, which
        // is the identity provider and then the application.
        let policy = format!(
            "default-src 'none'; style-src 'sha256-{}'{}; base-uri 'none'; frame-ancestors 'none'",
            STANDARD.encode(hash),
            picture.unwrap_or_default(),
        );
        let brand = brand(&theme, host);
        Self {
            service: theme.name.unwrap_or_else(|| host.to_owned()),
            brand,
            style,
            policy: HeaderValue::try_from(policy).expect("a policy of ours and of checked URLs"),
        }
    }

    /// What applications ask for.
    pub(super) fn service(&self) -> Escaped<'_> {
        Escaped(&self.service)
    }

    /// A page with a title and what its `main` holds, both in HTML.
    pub(super) fn page(&self, status: StatusCode, title: &str, main: &str) -> Response<Bytes> {
        let (style, brand) = (&self.style, &self.brand);
        let html = format!(
            "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
             <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
             <meta name=\"robots\" content=\"noindex\">\n\
             <title>{title}</title>\n<style>{style}</style>\n</head>\n<body>\n\
             <main>\n{brand}{main}</main>\n</body>\n</html>\n"
        );
        let mut response = Response::new(Bytes::from(html));
        *response.status_mut() = status;
        self.close(response.headers_mut());
        response
    }

    /// Nothing is framed, kept, sniffed or told to where the user goes next.
    fn close(&self, headers: &mut http::HeaderMap) {
        let fixed = [
            (header::CONTENT_TYPE, "text/html; charset=utf-8"),
            (header::CACHE_CONTROL, "no-store"),
            (header::X_FRAME_OPTIONS, "DENY"),
            (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
            // Not `no-referrer`: under that, browsers send `Origin: null` with our own forms.
            (header::REFERRER_POLICY, "same-origin"),
        ];
        for (name, value) in fixed {
            headers.insert(name, HeaderValue::from_static(value));
        }
        headers.insert(header::CONTENT_SECURITY_POLICY, self.policy.clone());
    }
}

/// Whose page it is: a logo, or a name behind its first letter; the host of a service without a
/// name.
fn brand(theme: &Theme, host: &str) -> String {
    let name = theme.name.as_deref();
    let mark = match (&theme.logo, name.and_then(|name| name.chars().next())) {
        (Some(Logo { url, text }), _) => format!(
            "<img class=\"logo\" src=\"{}\" alt=\"{}\" referrerpolicy=\"no-referrer\">",
            Escaped(url),
            Escaped(text),
        ),
        (None, Some(letter)) => {
            let letter = letter.to_uppercase().to_string();
            format!(
                "<span class=\"mark\" aria-hidden=\"true\">{}</span>",
                Escaped(&letter)
            )
        }
        (None, None) => String::new(),
    };
    let name = Escaped(name.unwrap_or(host));
    // The text of a logo says the name already, or the logo does not belong there.
    match theme.logo {
        Some(_) => format!("<p class=\"brand\">{mark}</p>\n"),
        None => format!("<p class=\"brand\">{mark}<bdi>{name}</bdi></p>\n"),
    }
}
