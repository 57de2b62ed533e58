//! Client certificates that a proxy in front of this server has checked.

use std::fmt;
use std::net::IpAddr;
use std::str::FromStr;
use std::sync::Arc;

use purlin_core::Principal;

use super::{Presented, Scheme, Verification, Verifier, VerifyError};

/// The addresses of proxies whose headers are believed.
///
/// ```
/// use std::net::IpAddr;
/// use purlin_auth::verify::TrustedProxies;
///
/// let proxies: TrustedProxies = "10.0.0.0/8, fd00::/8, 192.0.2.7".parse()?;
/// assert!(proxies.contains(IpAddr::from([10, 1, 2, 3])));
/// assert!(!proxies.contains(IpAddr::from([192, 0, 2, 8])));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TrustedProxies(Vec<(IpAddr, u32)>);

impl TrustedProxies {
    /// Whether a proxy is at this address.
    pub fn contains(&self, address: IpAddr) -> bool {
        let address = address.to_canonical();
        self.0
            .iter()
            .any(|(network, bits)| is_within(address, *network, *bits))
    }
}

fn is_within(address: IpAddr, network: IpAddr, bits: u32) -> bool {
    match (address, network) {
        (IpAddr::V4(address), IpAddr::V4(network)) => {
            let mask = u32::MAX.checked_shl(32 - bits).unwrap_or(0);
            address.to_bits() & mask == network.to_bits() & mask
        }
        (IpAddr::V6(address), IpAddr::V6(network)) => {
            let mask = u128::MAX.checked_shl(128 - bits).unwrap_or(0);
            address.to_bits() & mask == network.to_bits() & mask
        }
        _ => false,
    }
}

impl FromStr for TrustedProxies {
    type Err = InvalidNetwork;

    fn from_str(text: &str) -> Result<Self, InvalidNetwork> {
        let networks = text.split(',').map(str::trim).map(network);
        Ok(Self(networks.collect::<Result<_, _>>()?))
    }
}

fn network(text: &str) -> Result<(IpAddr, u32), InvalidNetwork> {
    let wrong = || InvalidNetwork(text.chars().filter(|c| !c.is_control()).take(100).collect());
    let (address, bits) = match text.split_once('/') {
        Some((address, bits)) => (address, Some(bits)),
        None => (text, None),
    };
    let address: IpAddr = address.parse().map_err(|_| wrong())?;
    let most = if address.is_ipv4() { 32 } else { 128 };
    let bits = bits.map_or(Ok(most), str::parse).map_err(|_| wrong())?;
    match bits <= most {
        true => Ok((address, bits)),
        false => Err(wrong()),
    }
}

/// A text that names no network.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InvalidNetwork(String);

impl fmt::Display for InvalidNetwork {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "`{}` names no network: write `10.0.0.0/8`, or an address",
            self.0
        )
    }
}

impl std::error::Error for InvalidNetwork {}

/// Who vouches for callers with a certificate, where nobody else is named.
const ISSUER: &str = "urn:purlin:client-certificate";

type Map = dyn Fn(&str) -> Option<Principal> + Send + Sync;

/// Knows callers by the certificate that a proxy has checked and tells of in a header.
///
/// The header is believed when the connection comes from one of the proxies, and from nobody
/// else. The proxy has to take it out of what clients send; every proxy that ends TLS can, and
/// few do without being told.
///
/// ```
/// use purlin_auth::verify::ClientCertificates;
/// use purlin_core::Principal;
///
/// let certificates = ClientCertificates::new("10.0.0.0/8".parse()?, "x-client-subject")
///     .principal(|subject| Some(Principal::new(subject).with_roles(["service"])));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone)]
pub struct ClientCertificates {
    proxies: TrustedProxies,
    header: Box<str>,
    form: Form,
    map: Arc<Map>,
}

/// How the header is written.
#[derive(Clone, Copy, Debug)]
enum Form {
    /// The subject and nothing else.
    Subject,
    /// `X-Forwarded-Client-Cert` of Envoy.
    Forwarded,
}

impl fmt::Debug for ClientCertificates {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ClientCertificates")
            .field("proxies", &self.proxies)
            .field("header", &self.header)
            .field("form", &self.form)
            .finish_non_exhaustive()
    }
}

impl ClientCertificates {
    /// Takes the subject of a checked certificate out of this header, such as
    /// `$ssl_client_s_dn` of nginx sends it.
    #[must_use]
    pub fn new(proxies: TrustedProxies, header: &str) -> Self {
        Self {
            proxies,
            header: header.to_ascii_lowercase().into(),
            form: Form::Subject,
            map: Arc::new(|subject| Some(Principal::new(subject).with_issuer(ISSUER))),
        }
    }

    /// Takes it out of `X-Forwarded-Client-Cert`, as Envoy and the meshes on it send it: the URI
    /// (SPIFFE), else the subject. There has to be one certificate.
    #[must_use]
    pub fn forwarded(proxies: TrustedProxies) -> Self {
        Self {
            form: Form::Forwarded,
            ..Self::new(proxies, "x-forwarded-client-cert")
        }
    }

    /// Says who has a certificate with this subject; `None` refuses it. By default it is a
    /// principal of that name, whose issuer is `urn:purlin:client-certificate`, so that it is
    /// nobody whom another verifier calls so.
    #[must_use]
    pub fn principal(
        mut self,
        map: impl Fn(&str) -> Option<Principal> + Send + Sync + 'static,
    ) -> Self {
        self.map = Arc::new(map);
        self
    }

    fn judge(&self, presented: Presented<'_>) -> Result<Principal, VerifyError> {
        let is_proxy = presented
            .peer()
            .is_some_and(|peer| self.proxies.contains(peer));
        let is_told = presented.headers().contains_key(&*self.header);
        if !is_proxy || !is_told || presented.scheme() != Scheme::None {
            return Err(VerifyError::NotMine);
        }
        let text = presented.header(&self.header).map(str::trim);
        let subject = text.and_then(|text| match self.form {
            Form::Subject => Some(text.to_owned()),
            Form::Forwarded => forwarded(text),
        });
        let subject = subject.filter(|subject| !subject.is_empty());
        let subject = subject.ok_or(VerifyError::Invalid(
            "the proxy tells of no one certificate",
        ))?;
        (self.map)(&subject).ok_or(VerifyError::Invalid("nobody has that certificate"))
    }
}

/// Who one element of the header speaks of.
fn forwarded(text: &str) -> Option<String> {
    let pairs = pairs(text)?;
    let named = |name: &str| -> Vec<&String> {
        let found = pairs
            .iter()
            .filter(|(key, _)| key.eq_ignore_ascii_case(name));
        found.map(|(_, value)| value).collect()
    };
    match (&*named("URI"), &*named("Subject")) {
        // Two of them are two names, and which one counts is not for us to choose.
        ([one], _) | ([], [one]) => Some((*one).clone()),
        _ => None,
    }
}

/// What the header of Envoy says under one name, once, of one certificate.
pub(super) fn member(text: &str, name: &str) -> Option<String> {
    let pairs = pairs(text)?;
    let mut found = pairs
        .into_iter()
        .filter(|(key, _)| key.eq_ignore_ascii_case(name));
    let (_, value) = found.next()?;
    found.next().is_none().then_some(value)
}

/// `key=value` and `key="value"`, between semicolons. `None` when there is a second element, or
/// something is left open.
fn pairs(text: &str) -> Option<Vec<(String, String)>> {
    let mut pairs = vec![];
    let (mut pair, mut quoted, mut escaped) = (String::new(), false, false);
    let mut ended = text.chars().chain([';']);
    loop {
        match ended.next() {
            None => break,
            Some(c) if escaped => {
                pair.push(c);
                escaped = false;
            }
            Some('\\') if quoted => escaped = true,
            Some('"') => quoted = !quoted,
            // Another proxy before this one; whom it speaks of is not for us to choose.
            Some(',') if !quoted => return None,
            Some(';') if !quoted => {
                if let Some((key, value)) = pair.split_once('=') {
                    pairs.push((key.trim().to_owned(), value.to_owned()));
                }
                pair.clear();
            }
            Some(c) => pair.push(c),
        }
    }
    (!quoted && !escaped).then_some(pairs)
}

impl Verifier for ClientCertificates {
    fn verify<'a>(&'a self, presented: Presented<'a>) -> Verification<'a> {
        Verification::Ready(self.judge(presented))
    }
}

#[cfg(test)]
mod tests {
    use http::Request;

    use super::*;

    fn ask(
        verifier: &ClientCertificates,
        peer: [u8; 4],
        values: &[(&'static str, &str)],
    ) -> Result<String, VerifyError> {
        let mut request = Request::get("/mcp").body(()).unwrap();
        for (name, value) in values {
            request.headers_mut().append(*name, value.parse().unwrap());
        }
        let (head, ()) = request.into_parts();
        let presented = Presented::new("https://a.example/mcp", &head).with_peer(peer.into());
        verifier
            .judge(presented)
            .map(|who| who.subject().to_owned())
    }

    #[test]
    fn only_a_trusted_proxy_is_believed() {
        let proxies: TrustedProxies = "10.0.0.0/8".parse().unwrap();
        let certificates = ClientCertificates::new(proxies, "X-Subject");
        let named = ("x-subject", "CN=billing");
        assert_eq!(
            ask(&certificates, [10, 0, 0, 1], &[named]),
            Ok("CN=billing".to_owned())
        );
        for (peer, values) in [([192, 0, 2, 1], &[named][..]), ([10, 0, 0, 1], &[])] {
            assert_eq!(ask(&certificates, peer, values), Err(VerifyError::NotMine));
        }
        for values in [&[named, named][..], &[("x-subject", " ")]] {
            let refused = ask(&certificates, [10, 0, 0, 1], values);
            assert!(
                matches!(refused, Err(VerifyError::Invalid(_))),
                "{refused:?}"
            );
        }
        let nobody = certificates.principal(|_| None);
        let refused = ask(&nobody, [10, 0, 0, 1], &[named]);
        assert!(
            matches!(refused, Err(VerifyError::Invalid(_))),
            "{refused:?}"
        );
    }

    #[test]
    fn the_header_of_envoy_names_one_certificate() {
        let certificates = ClientCertificates::forwarded("10.0.0.1".parse().unwrap());
        for (value, expected) in [
            (
                "By=spiffe://a/b;Hash=00;URI=spiffe://a/c",
                Some("spiffe://a/c"),
            ),
            ("Hash=00;Subject=\"CN=a;b,c \\\"d\\\"\";URI=", None),
            (
                "Hash=00;Subject=\"CN=a;b,c \\\"d\\\"\"",
                Some("CN=a;b,c \"d\""),
            ),
            ("URI=spiffe://a/c,URI=spiffe://a/d", None),
            ("URI=spiffe://a/c;URI=spiffe://a/d", None),
            ("URI=spiffe://a/c;URI=spiffe://a/d;Subject=CN=a", None),
            ("Subject=CN=a;Subject=CN=b", None),
            ("Hash=00", None),
            ("Subject=\"CN=a", None),
        ] {
            let found = ask(
                &certificates,
                [10, 0, 0, 1],
                &[("x-forwarded-client-cert", value)],
            );
            assert_eq!(found.ok().as_deref(), expected, "{value}");
        }
    }

    #[test]
    fn networks_are_read_strictly() {
        let all: TrustedProxies = "0.0.0.0/0,::/0".parse().unwrap();
        assert!(all.contains([1, 2, 3, 4].into()));
        let mapped: IpAddr = "::ffff:10.0.0.1".parse().unwrap();
        assert!(
            "10.0.0.0/8"
                .parse::<TrustedProxies>()
                .unwrap()
                .contains(mapped)
        );
        for wrong in [
            "",
            "10.0.0.0/33",
            "::/129",
            "10.0.0/8",
            "10.0.0.0/8,",
            "a/8",
        ] {
            let error = wrong.parse::<TrustedProxies>().unwrap_err().to_string();
            assert!(error.contains("network"), "{error}");
        }
    }
}
