//! What knowing the caller costs: a token verified by itself, by `jsonwebtoken`
//! and by our verifier with its key at hand, and a call over HTTP, in memory and
//! behind the whole layer.
//!
//! Rounds are interleaved, and what counts is CPU time of the process. Prints a
//! line `NAME NANOSECONDS OF-JSONWEBTOKEN OF-THE-BARE-CALL` for each: the ratios
//! are to the same algorithm in `jsonwebtoken` and to the bare call, in the same
//! round. With `--only NAME --rounds 0` it does it `--calls` times and measures
//! nothing, for callgrind.

use std::collections::BTreeMap;
use std::error::Error;
use std::hint::black_box;
use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use bytes::Bytes;
use clap::Parser;
use http_body_util::{BodyExt as _, Full};
use hyper::{Method, Request, header};
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation, decode, encode};
use nix::time::{ClockId, clock_gettime};
use purlin::auth::protect::Protection;
use purlin::auth::verify::{Jwt, Keys, Presented, Scheme, Verifier as _};
use purlin::http::{HttpConfig, StreamableHttp};
use purlin::prelude::*;
use serde_json::{Value, json};
use tower_service::Service as _;

/// What to measure, and how long.
#[derive(Debug, Parser)]
struct Arguments {
    /// How many rounds; the median counts.
    #[arg(long, default_value_t = 15)]
    rounds: usize,
    /// How often in a round.
    #[arg(long, default_value_t = 2_000)]
    calls: usize,
    /// Only this, and what it is compared with.
    #[arg(long)]
    only: Option<String>,
}

const ISSUER: &str = "https://login.example.com";
const RESOURCE: &str = "http://127.0.0.1:8000/mcp";
/// Keys of our own tests; they open nothing.
const P256: [&str; 2] = [
    include_str!("../../../../crates/auth/tests/client/keys/p256.pem"),
    include_str!("../../../../crates/auth/tests/client/keys/p256.public.pem"),
];
const RSA: [&str; 2] = [
    include_str!("../../../../crates/auth/tests/client/keys/rsa.pem"),
    include_str!("../../../../crates/auth/tests/client/keys/rsa.public.pem"),
];
/// One call, as it comes over a wire.
const CALL: &[u8] = br#"{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"add","arguments":{"a":19,"b":23},"_meta":{"io.modelcontextprotocol/protocolVersion":"2026-07-28","io.modelcontextprotocol/clientCapabilities":{},"io.modelcontextprotocol/clientInfo":{"name":"bench","version":"1"}}}}"#;

#[mcp_server(name = "bench")]
mod tools {
    /// Adds two numbers.
    #[mcp_tool(read_only, idempotent)]
    pub fn add(a: i64, b: i64) -> i64 {
        a + b
    }
}

/// A token, and whoever can judge it.
struct Signed {
    token: String,
    jwt: Arc<Jwt>,
    key: DecodingKey,
    rules: Validation,
}

impl Signed {
    fn new(algorithm: Algorithm, [private, public]: [&str; 2]) -> Result<Self, Box<dyn Error>> {
        // First, for it brings the cryptography that `jsonwebtoken` uses too.
        let keys = Keys::public_key(public)?;
        let jwt = Jwt::builder().issuer(ISSUER, keys).build()?;
        let (private, key) = match algorithm {
            Algorithm::ES256 => (
                EncodingKey::from_ec_pem(private.as_bytes())?,
                DecodingKey::from_ec_pem(public.as_bytes())?,
            ),
            _ => (
                EncodingKey::from_rsa_pem(private.as_bytes())?,
                DecodingKey::from_rsa_pem(public.as_bytes())?,
            ),
        };
        let now = SystemTime::now().duration_since(UNIX_EPOCH)?.as_secs();
        let claims = json!({
            "iss": ISSUER, "aud": RESOURCE, "sub": "alice", "client_id": "bench",
            "iat": now, "exp": now + 86_400, "scope": "orders:read orders:write",
        });
        let mut rules = Validation::new(algorithm);
        rules.set_audience(&[RESOURCE]);
        rules.set_issuer(&[ISSUER]);
        Ok(Self {
            token: encode(&Header::new(algorithm), &claims, &private)?,
            jwt: Arc::new(jwt),
            key,
            rules,
        })
    }

    fn by_jsonwebtoken(&self) -> Result<(), Box<dyn Error>> {
        let claims = decode::<BTreeMap<String, Value>>(&self.token, &self.key, &self.rules)?;
        black_box(claims);
        Ok(())
    }

    async fn by_us(&self) -> Result<(), Box<dyn Error>> {
        let (head, ()) = Request::new(()).into_parts();
        let presented = Presented::new(RESOURCE, &head).with_token(Scheme::Bearer, &self.token);
        black_box(self.jwt.verify(presented).decided().await?);
        Ok(())
    }

    /// A server that lets this token in, and nobody else.
    fn service(&self) -> Result<StreamableHttp, Box<dyn Error>> {
        let protection =
            Protection::new(RESOURCE, Arc::clone(&self.jwt))?.required_scopes(["orders:read"]);
        service(HttpConfig::new().authenticator(protection))
    }
}

fn service(config: HttpConfig) -> Result<StreamableHttp, Box<dyn Error>> {
    Ok(StreamableHttp::with_config(
        tools::Server.into_server(),
        config,
    )?)
}

async fn call(service: &StreamableHttp, token: Option<&str>) -> Result<(), Box<dyn Error>> {
    let mut request = Request::builder()
        .method(Method::POST)
        .uri("/mcp")
        .header(header::HOST, "127.0.0.1:8000")
        .header(header::CONTENT_TYPE, "application/json")
        .header(header::ACCEPT, "application/json, text/event-stream")
        .header("mcp-protocol-version", "2026-07-28")
        .header("mcp-method", "tools/call")
        .header("mcp-name", "add");
    if let Some(token) = token {
        request = request.header(header::AUTHORIZATION, format!("Bearer {token}"));
    }
    let request = request.body(Full::new(Bytes::from_static(CALL)))?;
    let response = service.clone().call(request).await?;
    let status = response.status();
    let answer = response.into_body().collect().await?.to_bytes();
    if !status.is_success() || !answer.windows(2).any(|text| text == b"42") {
        return Err(format!("{status}: {}", String::from_utf8_lossy(&answer)).into());
    }
    Ok(())
}

/// What is done over and over.
enum Work<'a> {
    Jsonwebtoken(&'a Signed),
    Verifier(&'a Signed),
    Call(StreamableHttp, Option<&'a str>),
}

struct Subject<'a> {
    name: &'static str,
    /// The name of the same algorithm in `jsonwebtoken`.
    alone: Option<&'static str>,
    work: Work<'a>,
    /// Nanoseconds each, a figure per round.
    rounds: Vec<f64>,
}

const BARE: &str = "bare";

impl<'a> Subject<'a> {
    fn new(name: &'static str, alone: Option<&'static str>, work: Work<'a>) -> Self {
        Self {
            name,
            alone,
            work,
            rounds: Vec::new(),
        }
    }

    async fn repeat(&self, times: usize) -> Result<(), Box<dyn Error>> {
        for _ in 0..times {
            match &self.work {
                Work::Jsonwebtoken(signed) => signed.by_jsonwebtoken()?,
                Work::Verifier(signed) => signed.by_us().await?,
                Work::Call(service, token) => call(service, *token).await?,
            }
        }
        Ok(())
    }

    async fn round(&mut self, times: usize) -> Result<(), Box<dyn Error>> {
        let before = clock_gettime(ClockId::CLOCK_PROCESS_CPUTIME_ID)?;
        self.repeat(times).await?;
        let spent = clock_gettime(ClockId::CLOCK_PROCESS_CPUTIME_ID)? - before;
        let spent = Duration::from(spent);
        self.rounds.push(spent.as_secs_f64() * 1e9 / times as f64);
        Ok(())
    }
}

/// All subjects, the bare call first.
fn subjects<'a>(es256: &'a Signed, rs256: &'a Signed) -> Result<Vec<Subject<'a>>, Box<dyn Error>> {
    let mut all = vec![Subject::new(
        BARE,
        None,
        Work::Call(service(HttpConfig::new())?, None),
    )];
    for (signed, alone, verifier, layer) in [
        (es256, "jsonwebtoken-es256", "verifier-es256", "layer-es256"),
        (rs256, "jsonwebtoken-rs256", "verifier-rs256", "layer-rs256"),
    ] {
        all.push(Subject::new(alone, Some(alone), Work::Jsonwebtoken(signed)));
        all.push(Subject::new(verifier, Some(alone), Work::Verifier(signed)));
        let work = Work::Call(signed.service()?, Some(&signed.token));
        all.push(Subject::new(layer, Some(alone), work));
    }
    Ok(all)
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    let arguments = Arguments::parse();
    let es256 = Signed::new(Algorithm::ES256, P256)?;
    let rs256 = Signed::new(Algorithm::RS256, RSA)?;
    let mut all = subjects(&es256, &rs256)?;
    if let Some(only) = &arguments.only {
        let alone = all
            .iter()
            .find(|one| one.name == only)
            .and_then(|one| one.alone);
        all.retain(|one| {
            one.name == only
                || (arguments.rounds > 0 && (one.name == BARE || Some(one.name) == alone))
        });
    }
    if arguments.rounds == 0 {
        for subject in &all {
            subject.repeat(arguments.calls).await?;
        }
        return Ok(());
    }
    for subject in &all {
        subject.repeat(arguments.calls / 4).await?;
    }
    for _ in 0..arguments.rounds {
        for subject in &mut all {
            subject.round(arguments.calls).await?;
        }
    }
    print(&all);
    Ok(())
}

fn print(all: &[Subject<'_>]) {
    let ratio = |own: &Subject<'_>, name: Option<&str>| {
        let other = all.iter().find(|other| Some(other.name) == name);
        other.map_or_else(
            || "-".to_owned(),
            |other| {
                let pairs = own.rounds.iter().zip(&other.rounds);
                format!(
                    "{:.3}",
                    median(pairs.map(|(own, other)| own / other).collect())
                )
            },
        )
    };
    for one in all {
        let (alone, bare) = (ratio(one, one.alone), ratio(one, Some(BARE)));
        println!(
            "{} {:.0} {alone} {bare}",
            one.name,
            median(one.rounds.clone())
        );
    }
}

fn median(mut figures: Vec<f64>) -> f64 {
    figures.sort_by(f64::total_cmp);
    figures.get(figures.len() / 2).copied().unwrap_or(f64::NAN)
}
