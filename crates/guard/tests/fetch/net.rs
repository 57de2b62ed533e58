//! A world of names, addresses and answers, none of which leaves this process.

use std::collections::{HashMap, VecDeque};
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, ready};

use purlin_guard::UrlFetcher;
use purlin_guard::fetch::{
    BoxFuture, BoxStream, Builder, Connector, FetchError, Resolver, Stream, UrlRules,
};
use tokio::io::{
    AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, DuplexStream, ReadBuf, duplex,
};
use tokio::sync::watch;
use tokio_rustls::TlsAcceptor;

/// Where names lead if nothing else is said.
pub(crate) const PUBLIC: &str = "93.184.216.34";

/// What somebody at an address does.
pub(crate) enum Reply {
    /// Answers with these bytes and closes.
    Bytes(Vec<u8>),
    /// Stays for several requests.
    Stay(Vec<Act>),
    /// Does so over TLS.
    StaySecure(TlsAcceptor, Vec<Act>),
    /// Does so over TLS.
    Secure(TlsAcceptor, Vec<u8>),
    /// Answers with these bytes, and then neither goes on nor closes.
    Stall(Vec<u8>),
    /// Sends these bytes without being asked.
    Speak(Vec<u8>),
    /// Lets a tunnel through, and then does something else.
    Tunnel(Vec<u8>, Box<Reply>),
    /// Takes no connection.
    Refuse,
    /// Lets the connection wait.
    Hang,
}

/// What somebody does who stays. After the last of it, the connection is held until the other side
/// closes it.
pub(crate) enum Act {
    /// Reads a request, and answers with these bytes.
    Answer(Vec<u8>),
    /// Reads a request, sends these bytes and closes.
    Fail(&'static str),
    /// Sends these bytes without being asked.
    Say(Vec<u8>),
    /// Closes.
    Close,
}

/// Connections, counted.
#[derive(Clone, Copy, Default)]
struct Counted {
    open: usize,
    most: usize,
}

#[derive(Default)]
struct World {
    connections: watch::Sender<Counted>,
    names: HashMap<String, VecDeque<Vec<IpAddr>>>,
    replies: HashMap<IpAddr, VecDeque<Reply>>,
    lookups: Vec<String>,
    dialled: Vec<SocketAddr>,
    requests: Vec<String>,
}

/// The far end of a connection.
trait Peer: AsyncRead + AsyncWrite + Send + Unpin {}

impl<T: AsyncRead + AsyncWrite + Send + Unpin> Peer for T {}

/// The world, as resolver and as connector.
#[derive(Clone, Default)]
pub(crate) struct Net(Arc<Mutex<World>>);

impl Net {
    /// Where a name leads; several answers are given one after the other.
    pub(crate) fn name<const N: usize>(self, name: &str, answers: [&[&str]; N]) -> Self {
        let answer = |texts: &&[&str]| texts.iter().map(|text| text.parse().unwrap()).collect();
        let answers = answers.iter().map(answer).collect();
        self.0
            .lock()
            .unwrap()
            .names
            .insert(name.to_owned(), answers);
        self
    }

    /// What the one at the public address does next.
    pub(crate) fn reply(self, reply: Reply) -> Self {
        self.reply_at(PUBLIC, reply)
    }

    pub(crate) fn reply_at(self, address: &str, reply: Reply) -> Self {
        let address = address.parse().unwrap();
        let mut world = self.0.lock().unwrap();
        world.replies.entry(address).or_default().push_back(reply);
        drop(world);
        self
    }

    /// The same with an answer of the usual sort: a head without the last line, and a body.
    pub(crate) fn answer(self, head: &str, body: impl AsRef<[u8]>) -> Self {
        self.reply(Reply::Bytes(answer(head, body)))
    }

    /// Somebody at the public address who stays for as many requests.
    pub(crate) fn stays(self, requests: usize) -> Self {
        let ok = || Act::Answer(answer("200 OK\r\ncontent-type: text/plain", "ok"));
        self.reply(Reply::Stay((0..requests).map(|_| ok()).collect()))
    }

    pub(crate) fn redirect(self, status: u16, to: &str) -> Self {
        self.answer(&format!("{status} Moved\r\nlocation: {to}"), "")
    }

    pub(crate) fn lookups(&self) -> Vec<String> {
        self.0.lock().unwrap().lookups.clone()
    }

    pub(crate) fn dialled(&self) -> Vec<String> {
        let world = self.0.lock().unwrap();
        world.dialled.iter().map(ToString::to_string).collect()
    }

    /// Ends once no more connections are open than this.
    pub(crate) async fn open(&self, count: usize) {
        let mut connections = self.0.lock().unwrap().connections.subscribe();
        connections.wait_for(|it| it.open <= count).await.unwrap();
    }

    /// How many connections were open at once.
    pub(crate) fn most_open(&self) -> usize {
        self.0.lock().unwrap().connections.borrow().most
    }

    fn count(&self, change: impl FnOnce(&mut Counted)) {
        self.0.lock().unwrap().connections.send_modify(change);
    }

    pub(crate) fn requests(&self) -> Vec<String> {
        self.0.lock().unwrap().requests.clone()
    }

    /// A fetcher that knows nothing but this world.
    pub(crate) fn web(&self) -> Builder {
        self.put_into(UrlFetcher::web())
    }

    pub(crate) fn with(&self, rules: UrlRules) -> Builder {
        self.put_into(UrlFetcher::with(rules))
    }

    pub(crate) fn oauth(&self) -> Builder {
        self.put_into(UrlFetcher::oauth())
    }

    fn put_into(&self, builder: Builder) -> Builder {
        builder.resolver(self.clone()).connector(self.clone())
    }

    /// Fetches with the profile `web`.
    pub(crate) async fn get(&self, url: &str) -> Result<String, FetchError> {
        let fetched = self.web().build().fetch(url).await;
        fetched.map(|it| it.text())
    }

    fn next(&self, to: SocketAddr) -> Reply {
        let mut world = self.0.lock().unwrap();
        world.dialled.push(to);
        let reply = world
            .replies
            .get_mut(&to.ip())
            .and_then(VecDeque::pop_front);
        reply.unwrap_or_else(|| Reply::Bytes(answer("200 OK\r\ncontent-type: text/plain", "ok")))
    }

    fn asked(&self, request: &[u8]) {
        let text = String::from_utf8_lossy(request).into_owned();
        self.0.lock().unwrap().requests.push(text);
    }

    async fn act(self, mut peer: Box<dyn Peer>, reply: Reply) {
        match reply {
            Reply::Bytes(bytes) => {
                self.asked(&read_request(&mut peer).await);
                let _ = peer.write_all(&bytes).await;
                let _ = peer.shutdown().await;
            }
            Reply::Stay(acts) => {
                for act in acts {
                    match act {
                        Act::Answer(bytes) => {
                            let request = read_request(&mut peer).await;
                            if request.is_empty() {
                                return;
                            }
                            self.asked(&request);
                            let _ = peer.write_all(&bytes).await;
                        }
                        Act::Fail(bytes) => {
                            self.asked(&read_request(&mut peer).await);
                            let _ = peer.write_all(bytes.as_bytes()).await;
                            return;
                        }
                        Act::Say(bytes) => drop(peer.write_all(&bytes).await),
                        Act::Close => return,
                    }
                }
                let _ = tokio::io::copy(&mut peer, &mut tokio::io::sink()).await;
            }
            Reply::StaySecure(acceptor, acts) => {
                if let Ok(peer) = acceptor.accept(peer).await {
                    Box::pin(self.act(Box::new(peer), Reply::Stay(acts))).await;
                }
            }
            Reply::Stall(bytes) => {
                self.asked(&read_request(&mut peer).await);
                let _ = peer.write_all(&bytes).await;
                // Until the other side is gone.
                let _ = peer.read_u8().await;
            }
            Reply::Speak(bytes) => {
                let _ = peer.write_all(&bytes).await;
                let _ = peer.read_u8().await;
            }
            Reply::Secure(acceptor, bytes) => {
                if let Ok(peer) = acceptor.accept(peer).await {
                    Box::pin(self.act(Box::new(peer), Reply::Bytes(bytes))).await;
                }
            }
            Reply::Tunnel(bytes, then) => {
                self.asked(&read_request(&mut peer).await);
                let _ = peer.write_all(&bytes).await;
                Box::pin(self.act(peer, *then)).await;
            }
            Reply::Refuse | Reply::Hang => {}
        }
    }
}

impl std::fmt::Debug for Net {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Net")
    }
}

impl Resolver for Net {
    fn resolve<'a>(&'a self, name: &'a str) -> BoxFuture<'a, io::Result<Vec<IpAddr>>> {
        let mut world = self.0.lock().unwrap();
        world.lookups.push(name.to_owned());
        let answer = match world.names.get_mut(name) {
            Some(answers) => answers.pop_front().ok_or(io::ErrorKind::NotFound.into()),
            None => Ok(vec![PUBLIC.parse().unwrap()]),
        };
        drop(world);
        Box::pin(async { answer })
    }
}

impl Connector for Net {
    fn connect(&self, to: SocketAddr) -> BoxFuture<'_, io::Result<BoxStream>> {
        Box::pin(async move {
            let reply = self.next(to);
            match reply {
                Reply::Refuse => Err(io::ErrorKind::ConnectionRefused.into()),
                Reply::Hang => std::future::pending().await,
                reply => {
                    let (ours, theirs) = duplex(1 << 16);
                    self.count(|it| {
                        it.open += 1;
                        it.most = it.most.max(it.open);
                    });
                    tokio::spawn(self.clone().act(Box::new(theirs), reply));
                    let net = self.clone();
                    Ok(Box::new(Pipe { end: ours, net }) as BoxStream)
                }
            }
        })
    }
}

/// A head and a body, with its length.
pub(crate) fn answer(head: &str, body: impl AsRef<[u8]>) -> Vec<u8> {
    let body = body.as_ref();
    let head = format!("HTTP/1.1 {head}\r\ncontent-length: {}\r\n\r\n", body.len());
    [head.as_bytes(), body].concat()
}

/// A head, and a body that is as it is.
pub(crate) fn plain(head: &str, body: impl AsRef<[u8]>) -> Vec<u8> {
    let head = format!("HTTP/1.1 {head}\r\n\r\n");
    [head.as_bytes(), body.as_ref()].concat()
}

/// A head and a body of as many bytes as it says.
async fn read_request<S: AsyncRead + Unpin>(peer: &mut S) -> Vec<u8> {
    let mut request = Vec::new();
    while !request.ends_with(b"\r\n\r\n") {
        match peer.read_u8().await {
            Ok(byte) => request.push(byte),
            Err(_) => return request,
        }
    }
    let head = String::from_utf8_lossy(&request).to_lowercase();
    let length = head
        .lines()
        .find_map(|line| line.strip_prefix("content-length: "));
    let length = length.map_or(0, |length| length.parse().unwrap());
    let mut body = vec![0; length];
    let _ = peer.read_exact(&mut body).await;
    request.extend(body);
    request
}

/// Our end of a connection.
struct Pipe {
    end: DuplexStream,
    net: Net,
}

impl Drop for Pipe {
    fn drop(&mut self) {
        self.net.count(|it| it.open -= 1);
    }
}

impl Stream for Pipe {
    fn poll_read(&mut self, task: &mut Context<'_>, into: &mut [u8]) -> Poll<io::Result<usize>> {
        let mut buffer = ReadBuf::new(into);
        ready!(Pin::new(&mut self.end).poll_read(task, &mut buffer))?;
        Poll::Ready(Ok(buffer.filled().len()))
    }

    fn poll_write(&mut self, task: &mut Context<'_>, from: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.end).poll_write(task, from)
    }

    fn poll_flush(&mut self, task: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.end).poll_flush(task)
    }

    fn poll_close(&mut self, task: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.end).poll_shutdown(task)
    }
}
