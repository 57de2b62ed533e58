//! Cookies that only our own pages can have set.
//!
//! Over `https` their names begin with `__Host-`: a browser takes such a cookie from this very host
//! alone, over TLS, for every path, so neither a sibling domain nor somebody on the wire can plant
//! one. Browsers do not agree on whether they take such a cookie from `http://localhost`, so on
//! plain `http`, which is for development on this machine, they have a plain name with a part of
//! the issuer's hash in it: ports do not part cookies. Every value is signed or sealed, in both.

use std::time::Duration;

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use http::{HeaderMap, HeaderValue, header};

use super::{
    issuer::Issuer,
    storage::{Digest, Keys, Mac},
};

/// The cookies of one authorization server.
#[derive(Clone, Debug)]
pub(super) struct Cookies {
    prefix: String,
    attributes: &'static str,
    mac: Mac,
}

impl Cookies {
    pub(super) fn new(issuer: &Issuer, keys: &Keys) -> Self {
        let mac = keys.mac("cookies");
        if issuer.is_https() {
            return Self {
                prefix: "__Host-purlin-".to_owned(),
                attributes: "Path=/; Secure; HttpOnly; SameSite=Lax",
                mac,
            };
        }
        let hash = Digest::of(issuer.as_str().as_bytes()).to_string();
        Self {
            prefix: format!("purlin-{}-", &hash[..8]),
            attributes: "Path=/; HttpOnly; SameSite=Lax",
            mac,
        }
    }

    /// The value of the one cookie of this name. Two of a name are none: one of them is planted.
    pub(super) fn get<'a>(&self, headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
        let name = self.name(name);
        let lines = headers.get_all(header::COOKIE).iter();
        let texts = lines.filter_map(|line| line.to_str().ok());
        let pairs = texts.flat_map(|text| text.split(';'));
        let mut values = pairs.filter_map(|pair| {
            let (known, value) = pair.trim().split_once('=')?;
            (known == name).then_some(value)
        });
        let value = values.next()?;
        values.next().is_none().then_some(value)
    }

    /// Sets a cookie; without an age it ends with the browser.
    pub(super) fn set(&self, name: &str, value: &str, age: Option<Duration>) -> HeaderValue {
        let name = self.name(name);
        let attributes = self.attributes;
        let cookie = match age {
            Some(age) => format!("{name}={value}; Max-Age={}; {attributes}", age.as_secs()),
            None => format!("{name}={value}; {attributes}"),
        };
        let mut cookie = HeaderValue::try_from(cookie).expect("names and values are base64");
        cookie.set_sensitive(true);
        cookie
    }

    pub(super) fn clear(&self, name: &str) -> HeaderValue {
        self.set(name, "", Some(Duration::ZERO))
    }

    /// A value with our signature, for the cookie of this name alone.
    pub(super) fn sign(&self, name: &str, value: &str) -> String {
        let tag = self.mac.sign(self.signed(name, value).as_bytes());
        format!("{value}.{}", URL_SAFE_NO_PAD.encode(tag))
    }

    /// The value that was signed for the cookie of this name, as the browser has it.
    pub(super) fn get_signed<'a>(&self, headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
        let (value, tag) = self.get(headers, name)?.split_once('.')?;
        let tag = URL_SAFE_NO_PAD.decode(tag).ok()?;
        let genuine = self.mac.verify(self.signed(name, value).as_bytes(), &tag);
        genuine.then_some(value)
    }

    fn signed(&self, name: &str, value: &str) -> String {
        format!("{}={value}", self.name(name))
    }

    fn name(&self, name: &str) -> String {
        format!("{}{name}", self.prefix)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cookies(issuer: &str) -> Cookies {
        let keys = Keys::new([[7; 32]]).unwrap();
        Cookies::new(&Issuer::parse(issuer).unwrap(), &keys)
    }

    fn sent(line: String) -> HeaderMap {
        let mut headers = HeaderMap::new();
        headers.insert(header::COOKIE, HeaderValue::try_from(line).unwrap());
        headers
    }

    #[test]
    fn a_signature_holds_for_one_name_and_one_value() {
        let cookies = cookies("https://as.test");
        let signed = cookies.sign("a", "value");
        let read = |line: String| cookies.get_signed(&sent(line), "a").map(str::to_owned);
        assert_eq!(
            read(format!("__Host-purlin-a={signed}")).as_deref(),
            Some("value")
        );
        assert_eq!(read(format!("__Host-purlin-a=x{signed}")), None);
        assert_eq!(
            read(format!("__Host-purlin-a={}", cookies.sign("b", "value"))),
            None
        );
        assert_eq!(read("__Host-purlin-a=value".to_owned()), None);
        assert_eq!(read(format!("purlin-a={signed}")), None);
    }

    #[test]
    fn two_cookies_of_a_name_are_none() {
        let cookies = cookies("https://as.test");
        let signed = cookies.sign("a", "value");
        let twice = sent(format!(
            "__Host-purlin-a={signed}; __Host-purlin-a={signed}"
        ));
        assert_eq!(cookies.get_signed(&twice, "a"), None);
    }

    #[test]
    fn cookies_of_a_host_are_closed_to_everybody_else() {
        let cookie = cookies("https://as.test").set("a", "v", Some(Duration::from_secs(600)));
        assert_eq!(
            cookie.to_str().unwrap(),
            "__Host-purlin-a=v; Max-Age=600; Path=/; Secure; HttpOnly; SameSite=Lax"
        );
    }

    #[test]
    fn in_development_browsers_take_them_and_ports_part_them() {
        let cookie = cookies("http://127.0.0.1:8000").set("a", "v", None);
        let cookie = cookie.to_str().unwrap();
        assert!(
            cookie.starts_with("purlin-") && !cookie.contains("Secure"),
            "{cookie}"
        );
        let other = cookies("http://127.0.0.1:8001").set("a", "v", None);
        assert_ne!(cookie, other.to_str().unwrap());
    }
}
