//! Bodies: encodings, kinds, text.

use std::io::Write;

use brotli::CompressorWriter;
use flate2::Compression;
use flate2::write::GzEncoder;
use purlin_guard::fetch::{FetchError, FetchRequest, Limits};

use crate::net::{Net, Reply, answer, plain};

const TEXT: &str = "200 OK\r\ncontent-type: text/plain";

fn gzip(body: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(body).unwrap();
    encoder.finish().unwrap()
}

fn brotli(body: &[u8]) -> Vec<u8> {
    let mut encoder = CompressorWriter::new(Vec::new(), 4096, 5, 22);
    encoder.write_all(body).unwrap();
    encoder.into_inner()
}

fn zstd(body: &[u8]) -> Vec<u8> {
    ruzstd::encoding::compress_to_vec(body, ruzstd::encoding::CompressionLevel::Fastest)
}

type Encode = fn(&[u8]) -> Vec<u8>;

/// The three encodings, each with what writes it.
const ENCODINGS: [(&str, Encode); 3] = [("gzip", gzip), ("br", brotli), ("zstd", zstd)];

async fn fetch(encoding: &str, body: &[u8]) -> Result<Vec<u8>, FetchError> {
    let net = Net::default().answer(&format!("{TEXT}\r\ncontent-encoding: {encoding}"), body);
    let fetched = net.web().build().fetch("http://a.example/").await?;
    assert!(!fetched.headers().contains_key("content-encoding"));
    Ok(fetched.into_body().to_vec())
}

/// Something that compresses, but not beyond measure.
fn prose(length: usize) -> Vec<u8> {
    let words = (0_u64..).map(|n| format!("word {} ", n.wrapping_mul(0x9e37_79b9_7f4a_7c15)));
    words.flat_map(String::into_bytes).take(length).collect()
}

#[tokio::test]
async fn gzip_brotli_and_zstandard_are_decompressed() {
    let prose = prose(300 << 10);
    for (name, encode) in ENCODINGS {
        for body in [&b""[..], b"x", &prose] {
            let decoded = fetch(name, &encode(body)).await;
            assert!(decoded.unwrap() == body, "{name} of {} bytes", body.len());
        }
    }
    assert_eq!(fetch("X-GZIP", &gzip(b"x")).await.unwrap(), b"x");
    let net = Net::default().answer(&format!("{TEXT}\r\ncontent-encoding: identity"), "x");
    assert_eq!(net.get("http://a.example/").await.unwrap(), "x");
}

#[tokio::test]
async fn several_members_or_frames_are_one_body() {
    for (name, encode) in [ENCODINGS[0], ENCODINGS[2]] {
        let body = [encode(b"one "), encode(b"two")].concat();
        assert_eq!(fetch(name, &body).await.unwrap(), b"one two", "{name}");
    }
}

#[tokio::test]
async fn other_encodings_and_several_are_refused() {
    for encoding in [
        "deflate",
        "compress",
        "gzip, gzip",
        "gzip, br",
        "br,gzip",
        "x",
        "",
        "gzip\r\ncontent-encoding: gzip",
    ] {
        let error = fetch(encoding, &gzip(b"x")).await.unwrap_err();
        assert_eq!(error.name(), "unsupported_encoding", "{encoding}");
    }
}

#[tokio::test]
async fn truncated_and_broken_streams_are_refused() {
    let prose = prose(100_000);
    for (name, encode) in ENCODINGS {
        let whole = encode(&prose);
        for length in [0, 1, 5, 12, whole.len() / 2, whole.len() - 1] {
            let result = fetch(name, &whole[..length]).await;
            let result = result.map(|body| body.len()).map_err(|error| error.name());
            assert_eq!(result, Err("decode"), "{name} cut at {length}");
        }
        let error = fetch(name, b"this is no such stream, however long one reads it").await;
        assert_eq!(error.unwrap_err().name(), "decode", "{name}");
        let more = [whole.as_slice(), b"and something after it"].concat();
        assert_eq!(
            fetch(name, &more).await.unwrap_err().name(),
            "decode",
            "{name}"
        );
    }
    // A checksum that is wrong.
    let mut broken = gzip(&prose);
    let place = broken.len() - 6;
    broken[place] ^= 1;
    assert_eq!(fetch("gzip", &broken).await.unwrap_err().name(), "decode");
}

#[tokio::test]
async fn whatever_is_flipped_in_a_stream_does_no_harm() {
    let prose = prose(4_000);
    for (name, encode) in ENCODINGS {
        let whole = encode(&prose);
        for place in (0..whole.len()).step_by(7) {
            let mut broken = whole.clone();
            broken[place] ^= 0x41;
            if let Err(error) = fetch(name, &broken).await {
                let expected = ["decode", "too_large", "decompression_ratio"];
                assert!(
                    expected.contains(&error.name()),
                    "{name} at {place}: {error}"
                );
            }
        }
    }
}

#[tokio::test]
async fn a_window_of_zstandard_is_bounded() {
    // A frame that wants a window of 3.75 GiB, and has one empty block.
    let frame = [0x28, 0xb5, 0x2f, 0xfd, 0x00, 0xaf, 0x01, 0x00, 0x00];
    assert_eq!(fetch("zstd", &frame).await.unwrap_err().name(), "decode");
    let mut small = frame;
    small[5] = 0x60;
    assert_eq!(fetch("zstd", &small).await.unwrap(), b"");
}

#[tokio::test]
async fn more_than_10_mib_decompressed_are_refused() {
    let mut body = prose(10 << 20);
    assert_eq!(fetch("gzip", &gzip(&body)).await.unwrap().len(), body.len());
    body.push(b'x');
    assert_eq!(
        fetch("gzip", &gzip(&body)).await.unwrap_err().name(),
        "too_large"
    );
}

#[tokio::test]
async fn a_body_that_swells_beyond_100_to_1_is_refused() {
    let bomb = vec![0; 9 << 20];
    for (name, encode) in ENCODINGS {
        let error = fetch(name, &encode(&bomb)).await.unwrap_err();
        assert_eq!(error.name(), "decompression_ratio", "{name}");
        // What is small stays small.
        let small = vec![0; 1 << 20];
        assert_eq!(
            fetch(name, &encode(&small)).await.unwrap().len(),
            1 << 20,
            "{name}"
        );
    }
}

#[tokio::test]
async fn more_than_10_mib_are_refused_whether_they_are_announced_or_not() {
    let most = 10 << 20;
    for (size, fits) in [(most, true), (most + 1, false)] {
        let body = vec![b'x'; size];
        let chunk = [format!("{size:x}\r\n").as_bytes(), &body, b"\r\n0\r\n\r\n"].concat();
        for reply in [
            answer(TEXT, &body),
            plain(&format!("{TEXT}\r\nconnection: close"), &body),
            plain(&format!("{TEXT}\r\ntransfer-encoding: chunked"), &chunk),
        ] {
            let net = Net::default().reply(Reply::Bytes(reply));
            let result = net.get("http://a.example/").await;
            let name = result.map(|text| text.len()).map_err(|error| error.name());
            assert_eq!(name, if fits { Ok(size) } else { Err("too_large") });
        }
    }
    // What is announced is not waited for.
    let head = format!("{TEXT}\r\ncontent-length: {}", most + 1);
    let net = Net::default().reply(Reply::Stall(plain(&head, "")));
    assert_eq!(
        net.get("http://a.example/").await.unwrap_err().name(),
        "too_large"
    );
}

#[tokio::test]
async fn a_request_may_take_less() {
    let fetch = async |limit, size| {
        let net = Net::default().answer(TEXT, vec![b'x'; size]);
        let mut limits = Limits::default();
        limits.body = 100;
        let request = FetchRequest::get("http://a.example/").limit(limit);
        let fetched = net.web().limits(limits).build().fetch(request).await;
        fetched
            .map(|it| it.body().len())
            .map_err(|error| error.name())
    };
    assert_eq!(fetch(10, 10).await, Ok(10));
    assert_eq!(fetch(10, 11).await, Err("too_large"));
    assert_eq!(fetch(1000, 100).await, Ok(100));
    assert_eq!(fetch(1000, 101).await, Err("too_large"));
}

#[tokio::test]
async fn text_json_and_xml_are_read_and_nothing_else() {
    for (content_type, read) in [
        ("text/html", true),
        ("TEXT/Plain; charset=x", true),
        ("text/event-stream", true),
        ("application/json", true),
        ("application/problem+json", true),
        ("application/jwk-set+json;a=b", true),
        ("application/xml", true),
        ("application/atom+xml", true),
        ("application/xhtml+xml", true),
        ("application/octet-stream", false),
        ("application/pdf", false),
        ("application/jsonx", false),
        ("application/x-json", false),
        ("image/svg+xml", false),
        ("image/png", false),
        ("video/mp4", false),
        ("multipart/mixed", false),
        ("text", false),
        ("", false),
        ("text/plain\r\ncontent-type: image/png", false),
    ] {
        let head = format!("200 OK\r\ncontent-type: {content_type}");
        let net = Net::default().answer(&head, "x").answer(&head, "x");
        let fetcher = net.web().build();
        let result = fetcher
            .fetch("http://a.example/")
            .await
            .map_err(|error| error.name());
        assert_eq!(
            result.map(|_| ()),
            if read { Ok(()) } else { Err("content_type") },
            "{content_type}"
        );
        let request = FetchRequest::get("http://a.example/").any_content_type();
        fetcher.fetch(request).await.unwrap();
    }
    let net = Net::default().answer("200 OK", "x");
    assert_eq!(
        net.get("http://a.example/").await.unwrap_err().name(),
        "content_type"
    );
    // Where there is no body, there is nothing to know about it.
    let net = Net::default().reply(Reply::Bytes(plain("204 No Content", "")));
    assert_eq!(net.get("http://a.example/").await.unwrap(), "");
}

#[tokio::test]
async fn text_is_utf_8_with_replacement_and_never_utf_7() {
    for (charset, body, text) in [
        ("utf-8", &b"\xc3\xbc"[..], "ü"),
        ("utf-8", b"\xef\xbb\xbfx", "x"),
        ("utf-8", b"a\xffb", "a\u{fffd}b"),
        ("iso-8859-1", b"\xfc", "\u{fffd}"),
        ("utf-7", b"+ADw-script+AD4-", "+ADw-script+AD4-"),
        ("utf-16", b"\xff\xfe<\0", "\u{fffd}\u{fffd}<\0"),
    ] {
        let head = format!("200 OK\r\ncontent-type: text/html; charset={charset}");
        let net = Net::default().answer(&head, body);
        assert_eq!(
            net.get("http://a.example/").await.unwrap(),
            text,
            "{charset}"
        );
    }
}

#[tokio::test]
async fn failures_are_errors_unless_they_are_wanted() {
    for status in [400, 401, 404, 500, 503] {
        let head = format!("{status} No\r\ncontent-type: text/plain");
        let net = Net::default().answer(&head, "why").answer(&head, "why");
        let error = net.get("http://a.example/").await.unwrap_err();
        assert!(
            matches!(error, FetchError::Status(it) if it == status),
            "{error}"
        );
        let request = FetchRequest::get("http://a.example/").any_status();
        let fetched = net.web().build().fetch(request).await.unwrap();
        assert_eq!(
            (fetched.status().as_u16(), &*fetched.text()),
            (status, "why")
        );
    }
}

#[tokio::test]
async fn answers_that_break_off_are_refused() {
    for reply in [
        plain(&format!("{TEXT}\r\ncontent-length: 10"), "short"),
        plain(
            &format!("{TEXT}\r\ntransfer-encoding: chunked"),
            "5\r\nshort\r\n",
        ),
        plain(&format!("{TEXT}\r\ntransfer-encoding: chunked"), "x\r\n"),
        b"HTTP/1.1 200 OK\r\ncontent-type: text/plain\r\n".to_vec(),
        b"HTTP/1.1 200".to_vec(),
        b"nothing of HTTP\r\n\r\n".to_vec(),
        b"HTTP/2 200\r\n\r\n".to_vec(),
        Vec::new(),
        plain(
            "101 Switching Protocols\r\nupgrade: websocket\r\nconnection: upgrade",
            "",
        ),
        plain(
            &format!("{TEXT}\r\ncontent-length: 1\r\ncontent-length: 2"),
            "xx",
        ),
        plain(&format!("{TEXT}\r\ncontent-length: -1"), "xx"),
        plain(&format!("{TEXT}\r\n folded: line"), "xx"),
    ] {
        let text = String::from_utf8_lossy(&reply).into_owned();
        let net = Net::default().reply(Reply::Bytes(reply));
        let error = net.get("http://a.example/").await.unwrap_err();
        assert_eq!(error.name(), "protocol", "{text}");
    }
}
