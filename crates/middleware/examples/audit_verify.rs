//! Verifies an audit log: `cargo run -p purlin-middleware --example audit_verify -- audit.jsonl`.
//!
//! A head that was kept elsewhere can be given as the second argument, the key of
//! a keyed chain in the variable `AUDIT_KEY`. The exit code is 1 when the chain
//! does not hold.

use std::{fs::File, io::Write as _, process::ExitCode};

use purlin_middleware::audit::{Head, Tampered, verify, verify_file};

fn main() -> ExitCode {
    let mut arguments = std::env::args().skip(1);
    let Some(path) = arguments.next() else {
        return say("usage: audit_verify <file> [<head>]", 2);
    };
    let key = std::env::var("AUDIT_KEY").ok();
    let key = key.as_deref().map(str::as_bytes);
    let found = match arguments.next().map(|head| head.parse::<Head>()) {
        None => verify_file(&path, key),
        Some(Ok(head)) => File::open(&path)
            .map_err(Tampered::Io)
            .and_then(|file| verify(file, key, Some(&head))),
        Some(Err(error)) => return say(&format!("the second argument is no head: {error}"), 2),
    };
    match found {
        Ok(found) => say(
            &format!("{path}: {} records, the chain holds", found.records),
            0,
        ),
        Err(tampered) => say(&format!("{path}: {tampered}"), 1),
    }
}

/// Says a sentence on standard output, or gives up quietly when nobody reads it.
fn say(text: &str, code: u8) -> ExitCode {
    let _ = writeln!(std::io::stdout(), "{text}");
    ExitCode::from(code)
}
