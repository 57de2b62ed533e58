//! Of what media type a file is, by its name: what is in it may be anything all the same.

/// Endings of text files, and their media types.
const TEXTS: [(&str, &str); 14] = [
    ("css", "text/css"),
    ("csv", "text/csv"),
    ("htm", "text/html"),
    ("html", "text/html"),
    ("ics", "text/calendar"),
    ("js", "text/javascript"),
    ("json", "application/json"),
    ("jsonl", "application/jsonl"),
    ("md", "text/markdown"),
    ("svg", "image/svg+xml"),
    ("toml", "application/toml"),
    ("xml", "application/xml"),
    ("yaml", "application/yaml"),
    ("yml", "application/yaml"),
];

/// Endings of other files, and their media types.
const OTHERS: [(&str, &str); 13] = [
    ("avif", "image/avif"),
    ("gif", "image/gif"),
    ("gz", "application/gzip"),
    ("jpeg", "image/jpeg"),
    ("jpg", "image/jpeg"),
    ("mp3", "audio/mpeg"),
    ("mp4", "video/mp4"),
    ("pdf", "application/pdf"),
    ("png", "image/png"),
    ("wasm", "application/wasm"),
    ("wav", "audio/wav"),
    ("webp", "image/webp"),
    ("zip", "application/zip"),
];

/// The type of what is text in UTF-8.
pub(crate) fn of_text(path: &str) -> &'static str {
    known(path, &TEXTS).unwrap_or("text/plain")
}

/// The type of what is none.
pub(crate) fn of_bytes(path: &str) -> &'static str {
    known(path, &OTHERS).unwrap_or("application/octet-stream")
}

fn known(path: &str, among: &[(&str, &'static str)]) -> Option<&'static str> {
    let name = path.rsplit('/').next()?;
    let (_, ending) = name.rsplit_once('.')?;
    let is_it = |known: &&(&str, &str)| ending.eq_ignore_ascii_case(known.0);
    among.iter().find(is_it).map(|(_, media)| *media)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_ending_of_the_name_decides_within_what_the_contents_are() {
        assert_eq!(of_text("a.b/c.MD"), "text/markdown");
        assert_eq!(of_text("a.md/c"), "text/plain");
        assert_eq!(of_text("picture.png"), "text/plain");
        assert_eq!(of_bytes("picture.png"), "image/png");
        assert_eq!(of_bytes("page.html"), "application/octet-stream");
    }
}
