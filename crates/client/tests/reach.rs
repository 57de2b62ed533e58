//! Where requests may go.

use std::net::IpAddr;

use purlin_client::http::{
    Authorize, HttpEndpoint, HttpRequest, Reach, Refusal, Verdict, Web, header,
};
use purlin_client::{BoxFuture, Client, ErrorKind, Result};
use tokio::net::TcpListener;
use tokio::sync::mpsc;

use crate::peer::http::HttpPeer;

/// Nobody may come here.
async fn private() -> TcpListener {
    TcpListener::bind("127.0.0.1:0").await.unwrap()
}

#[tokio::test]
async fn addresses_and_names_out_of_reach_are_not_connected_to() {
    let listener = private().await;
    let port = listener.local_addr().unwrap().port();
    for host in ["127.0.0.1", "localhost", "[::ffff:127.0.0.1]"] {
        let url = format!("http://{host}:{port}/keys");
        let request = hyper::Request::get(&url).body(Vec::new()).unwrap();
        let refused = Web::default().send_within(Reach::Public, request).await;
        let endpoint = HttpEndpoint::new(&url).unwrap().reach(Reach::Public);
        let not_connected = Client::connect(endpoint).await;
        for failure in [refused.unwrap_err(), not_connected.unwrap_err()] {
            assert_eq!(failure.kind(), ErrorKind::Transport);
            assert!(
                failure.to_string().contains("no public address"),
                "{failure}"
            );
        }
    }
    let waiting = listener.accept();
    tokio::select! {
        biased;
        _ = waiting => panic!("somebody came"),
        () = tokio::task::yield_now() => {}
    }
}

#[tokio::test]
async fn connections_within_a_wider_reach_are_not_used_for_a_narrower_one() {
    let peer = HttpPeer::start().await;
    let web = Web::default();
    let request = || hyper::Request::get(peer.url()).body(Vec::new()).unwrap();
    let (answer, ()) = tokio::join!(web.send(request()), async {
        peer.next().await.status(200, "", "").await;
    });
    assert!(answer.unwrap().status().is_success());
    let refused = web.send_within(Reach::Public, request()).await;
    assert_eq!(refused.unwrap_err().kind(), ErrorKind::Transport);
}

/// Tells where refusals come from.
struct Peers(mpsc::UnboundedSender<Option<IpAddr>>);

impl Authorize for Peers {
    fn authorize<'a>(&'a self, _: HttpRequest<'a>) -> BoxFuture<'a, Result<header::HeaderMap>> {
        Box::pin(async { Ok(header::HeaderMap::new()) })
    }

    fn refused<'a>(&'a self, refusal: Refusal<'a>) -> BoxFuture<'a, Result<Verdict>> {
        self.0.send(refusal.peer).unwrap();
        Box::pin(async { Ok(Verdict::GiveUp) })
    }
}

#[tokio::test]
async fn a_refusal_says_which_address_it_came_from() {
    let peer = HttpPeer::start().await;
    let (told, mut peers) = mpsc::unbounded_channel();
    let endpoint = HttpEndpoint::new(&peer.url())
        .unwrap()
        .authorize(Peers(told));
    let (client, ()) = tokio::join!(Client::connect(endpoint), async {
        peer.next().await.status(401, "", "").await;
    });
    assert_eq!(client.unwrap_err().kind(), ErrorKind::Unauthorized);
    assert_eq!(peers.recv().await, Some(Some([127, 0, 0, 1].into())));
}
