//! Which addresses requests may go to.
//!
//! A URL that somebody else names (a document of OAuth, a server that a user typed) can lead into
//! the network of whoever follows it. The decision falls on addresses, not on names: a name is
//! looked up once, every address of the answer has to be admitted, and the connection goes to one
//! of those and no other, so that a second answer cannot lead elsewhere.

use std::error::Error;
use std::fmt;
use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::task::{Context, Poll};
use std::vec;

use hyper::Uri;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::client::legacy::connect::dns::{GaiResolver, Name};
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;
use tower_service::Service;

use crate::BoxFuture;

/// Which addresses requests may go to.
///
/// ```
/// use std::net::IpAddr;
/// use purlin_client::http::{HttpEndpoint, Reach};
///
/// let metadata: IpAddr = "169.254.169.254".parse()?;
/// assert!(Reach::Anywhere.admits(metadata) && !Reach::Public.admits(metadata));
/// // A URL from somebody who is not trusted:
/// let endpoint = HttpEndpoint::new("http://weather.example/mcp")?.reach(Reach::Public);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Reach {
    /// Every address.
    #[default]
    Anywhere,
    /// Addresses of the public internet alone: none that is private, loopback, link-local (where
    /// clouds keep their metadata), reserved, or that translates to another one (NAT64, 6to4,
    /// Teredo, mapped addresses). A name with both sorts of addresses is refused.
    Public,
}

impl Reach {
    /// How far a server at this address may send its client: one that is private itself is in the
    /// client's own network; a public one, one behind a translation (NAT64) and one that is not
    /// known have no business there.
    pub fn granted_by(server: Option<IpAddr>) -> Self {
        match server {
            Some(address) if is_internal(address) => Self::Anywhere,
            _ => Self::Public,
        }
    }

    /// Whether requests may go to this address.
    pub fn admits(self, address: IpAddr) -> bool {
        match self {
            Self::Anywhere => true,
            Self::Public => is_public(address),
        }
    }
}

fn is_public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => is_public_v4(address),
        IpAddr::V6(address) => is_public_v6(address),
    }
}

/// Whether an address is that of this machine, of its network, or of the network around that.
fn is_internal(address: IpAddr) -> bool {
    match address.to_canonical() {
        IpAddr::V4(address) => {
            let shared = address.octets()[0] == 100 && address.octets()[1] & 0xc0 == 64;
            address.is_loopback() || address.is_private() || address.is_link_local() || shared
        }
        IpAddr::V6(address) => {
            address.is_loopback() || address.is_unique_local() || address.is_unicast_link_local()
        }
    }
}

/// IPv4 ranges that are no part of the public internet (IANA special-purpose registry), and the
/// address at which one cloud keeps its metadata outside of them.
const NOT_PUBLIC_V4: [([u8; 4], u32); 20] = [
    ([0, 0, 0, 0], 8),
    ([10, 0, 0, 0], 8),
    ([100, 64, 0, 0], 10),
    ([127, 0, 0, 0], 8),
    ([168, 63, 129, 16], 32),
    ([169, 254, 0, 0], 16),
    ([172, 16, 0, 0], 12),
    ([192, 0, 0, 0], 24),
    ([192, 0, 2, 0], 24),
    ([192, 31, 196, 0], 24),
    ([192, 52, 193, 0], 24),
    ([192, 88, 99, 0], 24),
    ([192, 168, 0, 0], 16),
    ([192, 175, 48, 0], 24),
    ([198, 18, 0, 0], 15),
    ([198, 51, 100, 0], 24),
    ([203, 0, 113, 0], 24),
    ([224, 0, 0, 0], 4),
    ([240, 0, 0, 0], 4),
    ([255, 255, 255, 255], 32),
];

/// IPv6 ranges inside of 2000::/3 that are no part of the public internet, or lead to another one.
const NOT_PUBLIC_V6: [([u16; 3], u32); 5] = [
    ([0x2001, 0, 0], 23),
    ([0x2001, 0x0db8, 0], 32),
    ([0x2002, 0, 0], 16),
    ([0x2620, 0x004f, 0x8000], 48),
    ([0x3fff, 0, 0], 20),
];

fn is_public_v4(address: Ipv4Addr) -> bool {
    let bits = address.to_bits();
    !NOT_PUBLIC_V4.iter().any(|(range, length)| {
        let mask = u32::MAX << (32 - length);
        bits & mask == u32::from_be_bytes(*range)
    })
}

fn is_public_v6(address: Ipv6Addr) -> bool {
    let segments = address.segments();
    let bits = address.to_bits();
    let within = |range: &[u16; 3], length: u32| {
        let [one, two, three] = *range;
        let range = Ipv6Addr::new(one, two, three, 0, 0, 0, 0, 0).to_bits();
        bits & (u128::MAX << (128 - length)) == range
    };
    // ISATAP (RFC 5214) embeds an IPv4 address.
    if segments[4] & !0x0200 == 0 && segments[5] == 0x5efe {
        let [.., a, b, c, d] = address.octets();
        if !is_public_v4(Ipv4Addr::new(a, b, c, d)) {
            return false;
        }
    }
    let special = NOT_PUBLIC_V6
        .iter()
        .any(|(range, length)| within(range, *length));
    within(&[0x2000, 0, 0], 3) && !special
}

/// Connections to addresses within reach.
#[derive(Clone, Debug)]
pub(super) struct Tcp<R = GaiResolver> {
    http: HttpConnector<Names<R>>,
    reach: Reach,
}

impl Tcp {
    pub(super) fn new(reach: Reach) -> Self {
        Self::with(reach, GaiResolver::new())
    }
}

impl<R> Tcp<R> {
    fn with(reach: Reach, resolver: R) -> Self {
        let mut http = HttpConnector::new_with_resolver(Names { reach, resolver });
        http.set_nodelay(true);
        // Which schemes there are is checked where URLs are read.
        http.enforce_http(false);
        Self { http, reach }
    }
}

impl<R: Resolver> Service<Uri> for Tcp<R> {
    type Response = TokioIo<TcpStream>;
    type Error = Box<dyn Error + Send + Sync>;
    type Future = BoxFuture<'static, Result<Self::Response, Self::Error>>;

    fn poll_ready(&mut self, task: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        self.http.poll_ready(task).map_err(Into::into)
    }

    fn call(&mut self, to: Uri) -> Self::Future {
        // An address is not looked up, so nobody else would check it.
        if let Some(address) = literal(&to)
            && !self.reach.admits(address)
        {
            return Box::pin(async move { Err(out_of_reach(&address, address).into()) });
        }
        let connecting = self.http.call(to);
        Box::pin(async { Ok(connecting.await?) })
    }
}

/// The address that a URL has in the place of a name.
fn literal(url: &Uri) -> Option<IpAddr> {
    let host = url.host()?;
    host.trim_start_matches('[')
        .trim_end_matches(']')
        .parse()
        .ok()
}

/// Whoever knows the addresses of names.
pub(super) trait Resolver:
    Service<Name, Response: Iterator<Item = SocketAddr>, Error = io::Error, Future: Send + 'static>
    + Clone
    + Send
    + Sync
    + 'static
{
}

impl<R> Resolver for R where
    R: Service<
            Name,
            Response: Iterator<Item = SocketAddr>,
            Error = io::Error,
            Future: Send + 'static,
        > + Clone
        + Send
        + Sync
        + 'static
{
}

/// Looks names up, and gives no answer that is out of reach.
#[derive(Clone, Debug)]
struct Names<R> {
    reach: Reach,
    resolver: R,
}

impl<R: Resolver> Service<Name> for Names<R> {
    type Response = vec::IntoIter<SocketAddr>;
    type Error = io::Error;
    type Future = BoxFuture<'static, io::Result<Self::Response>>;

    fn poll_ready(&mut self, task: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.resolver.poll_ready(task)
    }

    fn call(&mut self, name: Name) -> Self::Future {
        let reach = self.reach;
        let found = self.resolver.call(name.clone());
        Box::pin(async move {
            let found: Vec<SocketAddr> = found.await?.collect();
            match found.iter().find(|found| !reach.admits(found.ip())) {
                Some(refused) => Err(out_of_reach(&name, refused.ip())),
                None => Ok(found.into_iter()),
            }
        })
    }
}

fn out_of_reach(name: &dyn fmt::Display, address: IpAddr) -> io::Error {
    io::Error::new(
        io::ErrorKind::PermissionDenied,
        format!("`{name}` is at {address}, which is no public address and therefore not asked"),
    )
}

#[cfg(test)]
mod tests {
    use std::collections::VecDeque;
    use std::future::{Ready, ready};
    use std::sync::{Arc, Mutex};

    use tokio::net::TcpListener;

    use super::*;

    #[test]
    fn only_public_addresses_are_public() {
        for (address, public) in [
            ("1.1.1.1", true),
            ("9.255.255.255", true),
            ("10.0.0.1", false),
            ("100.63.255.255", true),
            ("100.64.0.1", false),
            ("127.0.0.1", false),
            ("168.63.129.16", false),
            ("169.254.169.254", false),
            ("172.15.0.1", true),
            ("172.31.255.255", false),
            ("192.168.1.1", false),
            ("198.19.0.1", false),
            ("223.255.255.255", true),
            ("224.0.0.1", false),
            ("255.255.255.255", false),
            ("0.0.0.0", false),
            ("2606:4700::1111", true),
            ("2001:200::1", true),
            ("2001:1ff::1", false),
            ("2001:db8::1", false),
            ("2002:101:101::1", false),
            ("3fff:fff::1", false),
            ("2620:4f:8000::1", false),
            ("::1", false),
            ("::", false),
            ("fc00::1", false),
            ("fe80::1", false),
            ("::ffff:1.1.1.1", false),
            ("64:ff9b::101:101", false),
            ("2606:4700::5efe:10.0.0.1", false),
            ("2606:4700::200:5efe:1.1.1.1", true),
        ] {
            let parsed: IpAddr = address.parse().unwrap();
            assert_eq!(is_public(parsed), public, "{address}");
        }
    }

    /// Gives the next answer each time it is asked, and then none.
    #[derive(Clone)]
    struct Answers(Arc<Mutex<VecDeque<Vec<SocketAddr>>>>);

    impl Answers {
        fn new<const N: usize>(answers: [Vec<SocketAddr>; N]) -> Self {
            Self(Arc::new(Mutex::new(answers.into())))
        }

        fn left(&self) -> usize {
            self.0.lock().unwrap().len()
        }
    }

    impl Service<Name> for Answers {
        type Response = vec::IntoIter<SocketAddr>;
        type Error = io::Error;
        type Future = Ready<io::Result<Self::Response>>;

        fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<io::Result<()>> {
            Poll::Ready(Ok(()))
        }

        fn call(&mut self, _: Name) -> Self::Future {
            let answer = self.0.lock().unwrap().pop_front();
            ready(Ok(answer.unwrap().into_iter()))
        }
    }

    async fn connect(reach: Reach, answers: &Answers, port: u16) -> io::Result<SocketAddr> {
        let to = format!("http://mcp.test:{port}/").parse().unwrap();
        let connected = Tcp::with(reach, answers.clone()).call(to).await;
        connected
            .map_err(io::Error::other)?
            .into_inner()
            .peer_addr()
    }

    #[tokio::test]
    async fn a_name_is_asked_once_and_its_answer_is_connected_to() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let here = listener.local_addr().unwrap();
        let metadata = "169.254.169.254:80".parse().unwrap();
        let answers = Answers::new([vec![here], vec![metadata]]);
        let peer = connect(Reach::Anywhere, &answers, here.port()).await;
        assert_eq!((peer.unwrap(), answers.left()), (here, 1));
    }

    #[tokio::test]
    async fn a_name_that_also_leads_inside_is_not_connected_to() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let here = listener.local_addr().unwrap();
        let public = "1.1.1.1:80".parse().unwrap();
        // The second answer is what a name gives that was rebound.
        for answer in [vec![public, here], vec![here]] {
            let answers = Answers::new([answer]);
            let refused = connect(Reach::Public, &answers, here.port()).await;
            assert!(refused.is_err() && answers.left() == 0);
        }
        tokio::select! {
            biased;
            _ = listener.accept() => panic!("somebody came"),
            () = tokio::task::yield_now() => {}
        }
    }

    #[test]
    fn a_server_sends_its_client_no_further_than_its_own_network() {
        let of = |text: &str| Reach::granted_by(Some(text.parse().unwrap()));
        assert_eq!(of("127.0.0.1"), Reach::Anywhere);
        for internal in [
            "192.168.0.7",
            "::ffff:10.0.0.1",
            "100.127.0.1",
            "fd00::1",
            "fe80::1",
        ] {
            assert_eq!(of(internal), Reach::Anywhere, "{internal}");
        }
        for elsewhere in [
            "64:ff9b::101:101",
            "64:ff9b::a00:1",
            "2002:a00:1::1",
            "100.128.0.1",
        ] {
            assert_eq!(of(elsewhere), Reach::Public, "{elsewhere}");
        }
        assert_eq!(of("1.1.1.1"), Reach::Public);
        assert_eq!(Reach::granted_by(None), Reach::Public);
    }
}
