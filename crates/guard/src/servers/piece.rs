//! Long texts, handed out piece by piece.

/// So many characters, and where the next piece starts.
pub(super) fn piece(text: &str, start: usize, length: usize) -> (String, Option<usize>) {
    let mut rest = text.chars().skip(start);
    let piece = rest.by_ref().take(length).collect();
    let next = rest.next().map(|_| start + length);
    (piece, next)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_handed_out_piece_by_piece() {
        for (start, length, text, next) in [
            (0, 9, "grün", None),
            (0, 4, "grün", None),
            (0, 3, "grü", Some(3)),
            (2, 1, "ü", Some(3)),
            (3, 1, "n", None),
            (usize::MAX, 1, "", None),
        ] {
            assert_eq!(piece("grün", start, length), (text.to_owned(), next));
        }
    }
}
