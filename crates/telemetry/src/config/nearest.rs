//! "Did you mean": the known word closest to a misspelt one.

/// The candidate nearest to `word`, if one is near enough to be meant.
pub(crate) fn nearest<'a>(
    word: &str,
    candidates: impl IntoIterator<Item = &'a str>,
) -> Option<&'a str> {
    // What is longer is no misspelt name of ours.
    if word.len() > 80 {
        return None;
    }
    let reach = (word.chars().count() / 3).max(1) + 1;
    candidates
        .into_iter()
        .map(|candidate| (distance(word, candidate), candidate))
        .filter(|(distance, candidate)| *distance <= reach.min(candidate.chars().count() / 2 + 1))
        .min()
        .map(|(_, candidate)| candidate)
}

/// How many letters must be put in, taken out or changed (Levenshtein).
fn distance(left: &str, right: &str) -> usize {
    let right: Vec<char> = right.chars().collect();
    let mut row: Vec<usize> = (0..=right.len()).collect();
    for (i, from) in left.chars().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, to) in right.iter().enumerate() {
            let changed = diagonal + usize::from(from != *to);
            diagonal = row[j + 1];
            row[j + 1] = changed.min(row[j] + 1).min(diagonal + 1);
        }
    }
    row[right.len()]
}

#[cfg(test)]
mod tests {
    use super::nearest;

    #[test]
    fn finds_the_misspelt_word() {
        let known = ["port", "host", "pool_size", "database"];
        assert_eq!(nearest("prot", known), Some("port"));
        assert_eq!(nearest("poolsize", known), Some("pool_size"));
        assert_eq!(nearest("databse", known), Some("database"));
        assert_eq!(nearest("elephant", known), None);
        assert_eq!(nearest("x", known), None);
    }
}
