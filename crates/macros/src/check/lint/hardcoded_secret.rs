//! `hardcoded_secret`: strings that look like credentials.
//!
//! What was found is named by its kind: the string itself is in no message.

use super::code::{Seen, What};
use super::{Code, Lint, Problem};

pub(super) const LINT: Lint = Lint {
    name: "hardcoded_secret",
};

pub(super) fn judge(seen: &Seen<'_>, _: &Code<'_>) -> Option<Problem> {
    let What::Text { value, of } = seen.what else {
        return None;
    };
    let what = match (credential(value), of) {
        (Some(kind), _) => format!("this text looks like {kind}"),
        (None, Some(name)) if names_secret(name) && could_be_secret(value) => {
            format!("`{name}` is a text in the source")
        }
        _ => return None,
    };
    let text = format!(
        "{what}, where everyone with the code or the program can read it: \
         read it from the environment when the server starts, and replace the one that was here",
    );
    Some(Problem::at(seen.span, text))
}

/// What a credential of a known maker looks like.
struct Shape {
    prefix: &'static str,
    /// How long the rest is, at least.
    rest: usize,
    kind: &'static str,
}

const fn shape(prefix: &'static str, rest: usize, kind: &'static str) -> Shape {
    Shape { prefix, rest, kind }
}

const SHAPES: &[Shape] = &[
    shape("sk-", 20, "an API key"),
    shape("sk_live_", 16, "a Stripe key"),
    shape("sk_test_", 16, "a Stripe key"),
    shape("rk_live_", 16, "a Stripe key"),
    shape("ghp_", 30, "a GitHub token"),
    shape("gho_", 30, "a GitHub token"),
    shape("ghu_", 30, "a GitHub token"),
    shape("ghs_", 30, "a GitHub token"),
    shape("ghr_", 30, "a GitHub token"),
    shape("github_pat_", 22, "a GitHub token"),
    shape("glpat-", 20, "a GitLab token"),
    shape("AKIA", 16, "an AWS access key"),
    shape("ASIA", 16, "an AWS access key"),
    shape("xoxb-", 16, "a Slack token"),
    shape("xoxp-", 16, "a Slack token"),
    shape("xapp-", 16, "a Slack token"),
    shape("AIza", 35, "a Google API key"),
    shape("npm_", 30, "an npm token"),
    shape("hf_", 30, "a Hugging Face token"),
    shape("eyJ", 40, "a JSON web token"),
];

fn credential(text: &str) -> Option<&'static str> {
    if text.contains("-----BEGIN ") && text.contains("PRIVATE KEY-----") {
        return Some("a private key");
    }
    if has_password(text) {
        return Some("an address with a password");
    }
    let token = text.strip_prefix("Bearer ").unwrap_or(text);
    let fits = |shape: &&Shape| {
        token
            .strip_prefix(shape.prefix)
            .is_some_and(|rest| rest.len() >= shape.rest && is_random(rest))
    };
    SHAPES.iter().find(fits).map(|shape| shape.kind)
}

/// `scheme://user:password@host`, unless the password is yet to be filled in.
fn has_password(text: &str) -> bool {
    let user_info = text
        .split_once("://")
        .and_then(|(_, rest)| rest.split(['/', '?', '#', ' ']).next())
        .and_then(|authority| authority.rsplit_once('@'));
    let password = user_info.and_then(|(user_info, _)| user_info.split_once(':'));
    password.is_some_and(|(_, password)| could_be_secret(password))
}

/// Whether `rest` reads like made by a machine, and not like a stand-in for it.
fn is_random(rest: &str) -> bool {
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte);
    let has_digit = rest.bytes().any(|byte| byte.is_ascii_digit());
    has_digit && rest.bytes().all(allowed) && distinct(rest) >= 8 && !is_stand_in(rest)
}

fn distinct(text: &str) -> usize {
    let mut bytes: Vec<u8> = text.bytes().collect();
    bytes.sort_unstable();
    bytes.dedup();
    bytes.len()
}

fn is_stand_in(text: &str) -> bool {
    let lower = text.to_ascii_lowercase();
    ["xxxx", "....", "example", "your", "placeholder", "0000"]
        .iter()
        .any(|word| lower.contains(word))
}

/// Whether a variable of that name holds a secret.
fn names_secret(name: &str) -> bool {
    const WORDS: [&str; 12] = [
        "password",
        "passwd",
        "passphrase",
        "secret",
        "secret_key",
        "api_key",
        "apikey",
        "access_token",
        "auth_token",
        "bearer_token",
        "private_key",
        "client_secret",
    ];
    let lower = name.to_ascii_lowercase();
    WORDS.iter().any(|word| {
        lower
            .strip_suffix(word)
            .is_some_and(|front| front.is_empty() || front.ends_with('_'))
    })
}

/// Whether `text` is a value and not a label, a question or the name of a
/// variable: a secret has letters and digits and no gaps.
fn could_be_secret(text: &str) -> bool {
    let has_letter = text.bytes().any(|byte| byte.is_ascii_alphabetic());
    let has_digit = text.bytes().any(|byte| byte.is_ascii_digit());
    let is_template = text.contains(['{', '<', '$', '%']);
    let has_gap = text.contains(char::is_whitespace);
    text.len() >= 6 && has_letter && has_digit && !has_gap && !is_template && !is_stand_in(text)
}
