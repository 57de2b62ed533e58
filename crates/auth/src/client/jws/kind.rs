//! What sort of key somebody gave, so that an error can say it.

use super::Algorithm;

/// The start of a PKCS #8 key, which names its algorithm and its curve, in bytes.
const HEAD: usize = 40;

/// Object identifiers of keys, as they are encoded.
const KINDS: [(&[u8], &str); 9] = [
    (b"\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x01\x01", "RSA"),
    (b"\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x01\x0a", "RSA-PSS"),
    (b"\x06\x08\x2a\x86\x48\xce\x3d\x03\x01\x07", "P-256"),
    (b"\x06\x05\x2b\x81\x04\x00\x22", "P-384"),
    (b"\x06\x05\x2b\x81\x04\x00\x23", "P-521"),
    (b"\x06\x05\x2b\x81\x04\x00\x0a", "secp256k1"),
    (b"\x06\x03\x2b\x65\x70", "Ed25519"),
    (b"\x06\x03\x2b\x65\x71", "Ed448"),
    (b"\x06\x03\x2b\x65\x6e", "X25519"),
];

/// What is wrong with a PEM text in which no PKCS #8 key was found. Nothing of it is shown but
/// labels that are known.
pub(super) fn problem_of_pem(pem: &str) -> &'static str {
    let holds = |label| pem.contains(&format!("-----BEGIN {label}-----"));
    let problems = [
        (
            "ENCRYPTED PRIVATE KEY",
            "is encrypted: decrypt it with `openssl pkcs8 -in KEY.pem`",
        ),
        (
            "RSA PRIVATE KEY",
            "is in the form of PKCS #1: convert it with `openssl pkcs8 -topk8 -nodes -in KEY.pem`",
        ),
        (
            "EC PRIVATE KEY",
            "is in the form of SEC 1: convert it with `openssl pkcs8 -topk8 -nodes -in KEY.pem`",
        ),
        (
            "OPENSSH PRIVATE KEY",
            "is in the form of OpenSSH: convert it with `ssh-keygen -p -m PKCS8 -f KEY`",
        ),
        ("PRIVATE KEY", "is damaged"),
        ("PUBLIC KEY", "is missing: this is the public one"),
        ("CERTIFICATE", "is missing: this is a certificate"),
    ];
    let mut problems = problems.into_iter();
    problems.find(|(label, _)| holds(*label)).map_or(
        "is missing: PEM text with `BEGIN PRIVATE KEY` is expected",
        |(_, problem)| problem,
    )
}

/// What is wrong with a PKCS #8 key that was refused.
pub(super) fn problem_of_pkcs8(der: &[u8], algorithm: Algorithm) -> String {
    let head = &der[..der.len().min(HEAD)];
    let has = |oid: &[u8]| head.windows(oid.len()).any(|window| window == oid);
    let kind = KINDS
        .iter()
        .find(|(oid, _)| has(oid))
        .map(|(_, kind)| *kind);
    let (name, wanted) = (algorithm.as_str(), wanted(algorithm));
    match kind {
        Some("RSA") if wanted == "RSA" => {
            format!("cannot be used: {name} takes intact RSA keys of 2,048 to 4,096 bits")
        }
        Some(kind) if kind == wanted => format!("is a damaged {kind} key"),
        Some(kind) => format!("is for {kind}, and {name} takes one for {wanted}"),
        None => format!("is of no known kind, and {name} takes one for {wanted}"),
    }
}

fn wanted(algorithm: Algorithm) -> &'static str {
    match algorithm {
        Algorithm::Es256 => "P-256",
        Algorithm::Es384 => "P-384",
        Algorithm::EdDsa => "Ed25519",
        Algorithm::Rs256 | Algorithm::Ps256 => "RSA",
    }
}
