//! `/health`, `/ready`, and paths of one's own.

use std::{
    convert::Infallible,
    future::Ready,
    io::{Read, Write},
    net::TcpStream,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
        mpsc,
    },
    task::{Context, Poll},
};

use http::{Request, Response};
use purlin_core::{
    BoxFuture, DynamicTool, Error, ErrorKind, Result, Server, health::HealthCheck, protocol::Tool,
    tool::ToolResult,
};
use purlin_http::{Body, HttpConfig};
use serde_json::{Value, json};

use crate::fixture::{Fixture, modern_call};

fn get(path: &str) -> String {
    format!("GET {path} HTTP/1.1\r\nHost: localhost\r\n\r\n")
}

#[tokio::test]
async fn health_tells_version_time_memory_and_work() {
    let hosted = Fixture::new().host().await;
    let health = async || -> Value {
        let (head, body) = hosted.exchange(get("/health")).await;
        assert_eq!(head.status, 200);
        serde_json::from_str(&body).unwrap()
    };
    let first = health().await;
    assert_eq!(first["status"], "ok");
    assert_eq!(
        (&first["name"], &first["version"]),
        (&json!("fixture"), &json!("1.0.0"))
    );
    assert!(
        first["residentBytes"].as_u64().unwrap() > 1 << 20,
        "{first}"
    );
    let second = health().await;
    for figure in ["uptimeSeconds", "cpuSeconds"] {
        assert!(
            second[figure].as_f64() >= first[figure].as_f64(),
            "{figure}"
        );
    }
}

/// A dependency with a cause that is nobody's business.
struct Database(&'static str, bool);

impl HealthCheck for Database {
    fn name(&self) -> &str {
        self.0
    }

    fn check(&self) -> BoxFuture<'_, Result<()>> {
        let works = self.1;
        Box::pin(async move {
            let cause = "no route to db.internal:5432 as admin:hunter2";
            works
                .then_some(())
                .ok_or_else(|| Error::new(ErrorKind::Io, cause))
        })
    }
}

#[tokio::test]
async fn ready_names_what_failed_and_not_why() {
    let mut fixture = Fixture::new();
    fixture.server = fixture
        .server
        .health_check(Database("database", false))
        .health_check(Database("disk", true));
    let hosted = fixture.host().await;
    let (head, body) = hosted.exchange(get("/ready")).await;
    assert_eq!(head.status, 503);
    let expected = json!({
        "status": "failed",
        "dependencies": { "database": "failed", "disk": "ok" },
    });
    assert_eq!(serde_json::from_str::<Value>(&body).unwrap(), expected);
    assert_eq!(hosted.status(get("/health")).await, 200);
}

/// Tells the path and the body it was given.
#[derive(Clone)]
struct Echo;

impl tower_service::Service<Request<Body>> for Echo {
    type Response = Response<Body>;
    type Error = Infallible;
    type Future = Ready<Result<Response<Body>, Infallible>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<Body>) -> Self::Future {
        let size = http_body::Body::size_hint(request.body()).exact();
        let text = format!("{} {}", request.uri().path(), size.unwrap_or_default());
        std::future::ready(Ok(Response::new(text.into_bytes().into())))
    }
}

#[tokio::test]
async fn a_route_answers_beside_the_endpoint_under_the_same_host_check() {
    let config = HttpConfig::new().route("/hello", Echo);
    let hosted = Fixture::new().host_config(config).await;
    let post = "POST /hello HTTP/1.1\r\nHost: localhost\r\nContent-Length: 3\r\n\r\nabc";
    let (head, body) = hosted.exchange(post.to_owned()).await;
    assert_eq!((head.status, body.as_str()), (200, "/hello 3"));
    let foreign = get("/hello").replace("localhost", "evil.example");
    assert_eq!(hosted.status(foreign).await, 403);
    assert_eq!(hosted.status(get("/hello/more")).await, 404);
    assert_eq!(hosted.status(modern_call("echo")).await, 200);
}

/// One runtime with one thread, which the tool `spin` takes for itself.
#[cfg(unix)]
#[test]
fn health_is_answered_while_a_tool_spins_and_nobody_else_is_lost() {
    let free = Arc::new(AtomicBool::new(false));
    let (tell, spinning) = mpsc::channel();
    let server = spinner(Arc::clone(&free), tell);
    let (tell, bound) = mpsc::channel();
    let runtime = std::thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread();
        let runtime = { runtime }.enable_all().build().unwrap();
        runtime.block_on(async move {
            let http = purlin_http::HttpServer::builder(server)
                .bind("127.0.0.1:0")
                .signals(false);
            let http = http.listen().await.unwrap();
            tell.send((http.local_addr(), http.endpoint().clone()))
                .unwrap();
            http.serve().await.unwrap();
        });
    });
    let (address, _endpoint) = bound.recv().unwrap();
    let send = |text: &str| {
        let mut stream = TcpStream::connect(address).unwrap();
        stream.write_all(text.as_bytes()).unwrap();
        stream
    };
    let mut caller = send(&modern_call("spin"));
    spinning.recv().unwrap();
    let mut late = send(&modern_call("quick").replacen("\r\n", "\r\nConnection: close\r\n", 1));
    let mut health = String::new();
    send(&get("/health")).read_to_string(&mut health).unwrap();
    assert!(health.starts_with("HTTP/1.1 200 OK\r\n"), "{health}");
    assert!(health.contains(r#""version":"2.0.0""#), "{health}");
    free.store(true, Ordering::Release);
    let mut answer = String::new();
    late.read_to_string(&mut answer).unwrap();
    assert!(
        answer.starts_with("HTTP/1.1 200 OK") && answer.contains("at once"),
        "{answer}"
    );
    let mut first = [0; 15];
    caller.read_exact(&mut first).unwrap();
    assert_eq!(&first, b"HTTP/1.1 200 OK");
    drop(caller);
    let mut end = String::new();
    send(&modern_call("end")).read_to_string(&mut end).unwrap();
    runtime.join().unwrap();
}

/// A server whose tool `spin` never awaits until it is let go.
#[cfg(unix)]
fn spinner(free: Arc<AtomicBool>, tell: mpsc::Sender<()>) -> Server {
    let server = Server::builder("spinner", "2.0.0");
    let tool = |name: &'static str, run: Arc<dyn Fn(&Server) + Send + Sync>| {
        let tool = Tool::new(name, json!({ "type": "object" }).into());
        let tool = DynamicTool::new(tool, move |cx: purlin_core::Context, _| {
            run(cx.server());
            async { Ok(ToolResult::text("at once")) }
        });
        server.add_tool(tool).unwrap();
    };
    tool(
        "spin",
        Arc::new(move |_| {
            tell.send(()).unwrap();
            while !free.load(Ordering::Acquire) {
                std::hint::spin_loop();
            }
        }),
    );
    tool("quick", Arc::new(|_| {}));
    tool("end", Arc::new(Server::shutdown));
    server
}
