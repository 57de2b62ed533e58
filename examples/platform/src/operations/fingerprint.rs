//! A slow fingerprint: work for a processor, nothing to wait for.

/// How often it is asked whether anybody still wants to know.
const CHECK_EVERY: u32 = 10_000;

/// The fingerprint of a text; `None` when it was cancelled on the way.
///
/// It shows how blocking work is done and is no cryptography (FNV-1a).
pub(super) fn compute(text: &str, rounds: u32, is_cancelled: impl Fn() -> bool) -> Option<String> {
    let mut hash = 0xcbf2_9ce4_8422_2325_u64;
    for round in 0..rounds {
        if round % CHECK_EVERY == 0 && is_cancelled() {
            return None;
        }
        let bytes = text.bytes().chain(round.to_le_bytes());
        hash = bytes.fold(hash, |hash, byte| {
            (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
        });
    }
    Some(format!("{hash:016x}"))
}
