//! Where credentials may stand in a request: in one `Authorization` header, and nowhere else.

use http::header::AUTHORIZATION;
use http::request::Parts;

use crate::verify::Scheme;

/// The longest token, in bytes.
const LONGEST: usize = 8_192;

/// What a request shows: how, and the token, which is empty if there is none.
///
/// # Errors
/// When it is not clear what is shown, or it stands where it may not (RFC 6750, section 2): that
/// is the mistake of a client, not of a token.
pub(super) fn read(head: &Parts) -> Result<(Scheme, &str), &'static str> {
    let query = head.uri.query().unwrap_or_default();
    if form_urlencoded::parse(query.as_bytes()).any(|(name, _)| name == "access_token") {
        return Err("a token in the URL is refused: send it in the header `Authorization`");
    }
    let mut values = head.headers.get_all(AUTHORIZATION).iter();
    let value = match (values.next(), values.next()) {
        (None, _) => return Ok((Scheme::None, "")),
        (Some(value), None) => value,
        (Some(_), Some(_)) => return Err("`Authorization` is given more than once"),
    };
    let value = value
        .to_str()
        .map_err(|_| "`Authorization` holds what is not ASCII")?;
    let (scheme, token) = value.split_once(' ').unwrap_or((value, ""));
    let scheme = match scheme {
        it if it.eq_ignore_ascii_case("bearer") => Scheme::Bearer,
        it if it.eq_ignore_ascii_case("dpop") => Scheme::Dpop,
        // As good as none: whoever uses it does not know what is wanted here.
        _ => return Ok((Scheme::None, "")),
    };
    let token = token.trim_matches(' ');
    if token.len() > LONGEST {
        return Err("the token is longer than 8,192 bytes");
    }
    if !is_token68(token) {
        return Err("`Authorization` holds no token: write `Bearer`, a space, and the token");
    }
    Ok((scheme, token))
}

/// `b64token` of RFC 6750, `token68` of RFC 9110.
fn is_token68(token: &str) -> bool {
    let bare = token.trim_end_matches('=');
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~+/".contains(&byte);
    !bare.is_empty() && bare.bytes().all(allowed)
}

#[cfg(test)]
mod tests {
    use http::{HeaderValue, Request};

    use super::*;

    fn shown(uri: &str, values: &[&str]) -> Result<(Scheme, String), &'static str> {
        let mut request = Request::get(uri).body(()).unwrap();
        for value in values {
            let value = HeaderValue::from_bytes(value.as_bytes()).unwrap();
            request.headers_mut().append(AUTHORIZATION, value);
        }
        let (head, ()) = request.into_parts();
        read(&head).map(|(scheme, token)| (scheme, token.to_owned()))
    }

    #[test]
    fn a_token_stands_in_one_header() {
        let none = (Scheme::None, String::new());
        let bearer = (Scheme::Bearer, "abc".to_owned());
        assert_eq!(shown("/mcp", &[]), Ok(none.clone()));
        assert_eq!(shown("/mcp", &["Basic YTpi"]), Ok(none.clone()));
        assert_eq!(shown("/mcp", &["abc"]), Ok(none));
        assert_eq!(shown("/mcp", &["Bearer abc"]), Ok(bearer.clone()));
        assert_eq!(shown("/mcp?x=1", &["bEARER  abc "]), Ok(bearer));
        assert_eq!(
            shown("/mcp", &["DPoP abc=="]),
            Ok((Scheme::Dpop, "abc==".to_owned()))
        );
        for values in [
            &["Bearer"][..],
            &["Bearer "],
            &["Bearer =="],
            &["Bearer a b"],
            &["Bearer a, Bearer b"],
            &["Bearer a\"b"],
            &["Bearer a", "Bearer a"],
            &["Basic YTpi", "Bearer a"],
            &["Bearer \u{e4}"],
        ] {
            shown("/mcp", values).unwrap_err();
        }
        shown("/mcp", &[&format!("Bearer {}", "a".repeat(LONGEST + 1))]).unwrap_err();
        shown("/mcp?access_token=abc", &[]).unwrap_err();
        shown("/mcp?a=b&access%5Ftoken=abc", &["Bearer abc"]).unwrap_err();
    }
}
