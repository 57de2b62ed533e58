//! The front matter of a `SKILL.md`: the part of YAML that such files are written in.
//!
//! Known are mappings, lists, plain and quoted scalars, and block texts (`|`, `>`). Whatever else
//! YAML has (anchors, tags, plain texts over several lines) is refused: what is not understood
//! cannot be compared.

use serde_json::{Map, Value};

type Lines<'a> = std::iter::Peekable<std::vec::IntoIter<(usize, &'a str)>>;

/// Reads what stands between the first two `---` lines.
///
/// # Errors
/// Says what is wrong, or not understood.
pub(super) fn read(text: &str) -> Result<Map<String, Value>, String> {
    let mut lines = text.lines();
    if lines.next().map(str::trim_end) != Some("---") {
        return Err("it does not begin with front matter".to_owned());
    }
    let mut inside = Vec::new();
    loop {
        match lines.next() {
            Some(line) if line.trim_end() == "---" => break,
            Some(line) => inside.push((indentation(line), line.trim())),
            None => return Err("its front matter does not end".to_owned()),
        }
    }
    let mut lines = inside.into_iter().peekable();
    let members = mapping(&mut lines, 0)?;
    match lines.next() {
        Some((_, line)) => Err(not_understood(line)),
        None => Ok(members),
    }
}

fn indentation(line: &str) -> usize {
    line.len() - line.trim_start_matches(' ').len()
}

fn is_nothing(line: &str) -> bool {
    line.is_empty() || line.starts_with('#')
}

/// The next line that says something, if it is indented as deep as this.
fn next_at<'a>(lines: &mut Lines<'a>, depth: usize) -> Option<&'a str> {
    while lines.next_if(|(_, line)| is_nothing(line)).is_some() {}
    lines.next_if(|(at, _)| *at == depth).map(|(_, line)| line)
}

fn mapping(lines: &mut Lines<'_>, depth: usize) -> Result<Map<String, Value>, String> {
    let mut members = Map::new();
    while let Some(line) = next_at(lines, depth) {
        let (name, rest) = line
            .split_once(": ")
            .or_else(|| Some((line.strip_suffix(':')?, "")))
            .ok_or_else(|| not_understood(line))?;
        let Value::String(name) = scalar(name.trim())? else {
            return Err(not_understood(line));
        };
        let value = value(rest.trim(), lines, depth)?;
        if members.insert(name, value).is_some() {
            return Err(format!("its front matter says twice what begins `{line}`"));
        }
    }
    Ok(members)
}

/// What follows a name: on its line, or deeper below.
fn value(text: &str, lines: &mut Lines<'_>, depth: usize) -> Result<Value, String> {
    if let Some(style) = text.strip_prefix(['|', '>']) {
        return block(text.starts_with('>'), style, lines, depth);
    }
    if !without_comment(text).is_empty() {
        return scalar(text);
    }
    while lines.next_if(|(_, line)| is_nothing(line)).is_some() {}
    match lines.peek() {
        Some(&(at, line)) if line.starts_with("- ") && at >= depth => list(lines, at),
        Some(&(at, _)) if at > depth => mapping(lines, at).map(Value::Object),
        _ => Ok(Value::Null),
    }
}

fn list(lines: &mut Lines<'_>, depth: usize) -> Result<Value, String> {
    let mut items = Vec::new();
    loop {
        while lines.next_if(|(_, line)| is_nothing(line)).is_some() {}
        let item = lines.next_if(|(at, line)| *at == depth && line.starts_with("- "));
        let Some((_, line)) = item else {
            return Ok(items.into());
        };
        items.push(scalar(line[2..].trim())?);
    }
}

/// A text over several lines; kept as it is, or folded into paragraphs.
fn block(folded: bool, style: &str, lines: &mut Lines<'_>, depth: usize) -> Result<Value, String> {
    let clipped = match style {
        "" => false,
        "-" => true,
        _ => return Err(not_understood(style)),
    };
    let mut deepest = None;
    let mut text: Vec<String> = Vec::new();
    while let Some((at, line)) = lines.next_if(|(at, line)| line.is_empty() || *at > depth) {
        let from = *deepest.get_or_insert(at);
        if !line.is_empty() && (at < from || (folded && at > from)) {
            return Err(not_understood(line));
        }
        text.push(" ".repeat(at.saturating_sub(from)) + line);
    }
    while text.last().is_some_and(String::is_empty) {
        text.pop();
    }
    let mut joined = if folded { fold(&text) } else { text.join("\n") };
    if !clipped && !joined.is_empty() {
        joined.push('\n');
    }
    Ok(joined.into())
}

/// A line end is a blank, an empty line is a line end.
fn fold(lines: &[String]) -> String {
    let mut joined = String::new();
    for line in lines {
        if line.is_empty() {
            joined.push('\n');
            continue;
        }
        if !joined.is_empty() && !joined.ends_with('\n') {
            joined.push(' ');
        }
        joined.push_str(line);
    }
    joined
}

fn scalar(text: &str) -> Result<Value, String> {
    if let Some(inside) = text.strip_prefix('\'') {
        let inside = inside
            .strip_suffix('\'')
            .filter(|it| !it.replace("''", "").contains('\''));
        let inside = inside.ok_or_else(|| not_understood(text))?;
        return Ok(inside.replace("''", "'").into());
    }
    if text.starts_with(['"', '[', '{']) {
        // What JSON and YAML have in common.
        return serde_json::from_str(text).map_err(|_| not_understood(text));
    }
    let text = without_comment(text);
    if text.starts_with(['&', '*', '!', '%', '@', '`', '|', '>', '?', ',', ']', '}'])
        || text.contains(": ")
        || text.starts_with("- ")
    {
        return Err(not_understood(text));
    }
    Ok(match text {
        "" | "~" | "null" | "Null" | "NULL" => Value::Null,
        "true" | "True" | "TRUE" => true.into(),
        "false" | "False" | "FALSE" => false.into(),
        _ => number(text).unwrap_or_else(|| text.into()),
    })
}

fn number(text: &str) -> Option<Value> {
    let value: Value = serde_json::from_str(text).ok()?;
    value.is_number().then_some(value)
}

fn without_comment(text: &str) -> &str {
    if text.starts_with('#') {
        return "";
    }
    text.split_once(" #")
        .map_or(text, |(before, _)| before)
        .trim_end()
}

fn not_understood(text: &str) -> String {
    format!("its front matter has `{text}`, which is not understood")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn check(inside: &str, expected: &Value) {
        let text = format!("---\n{inside}\n---\n\nBody: of the skill\n");
        assert_eq!(
            read(&text).map(Value::Object).as_ref(),
            Ok(expected),
            "{inside}"
        );
    }

    #[test]
    fn scalars_have_their_types() {
        check(
            "# what it is\nname: pdf # called\non: true\noff: ~\nsize: 12\nurl: http://a.test/#b\nempty:",
            &json!({"name": "pdf", "on": true, "off": null, "size": 12, "url": "http://a.test/#b", "empty": null}),
        );
    }

    #[test]
    fn texts_over_several_lines_are_kept_or_folded() {
        check(
            "kept: |\n  one\n    two\n\n  three\nfolded: >-\n  one\n  two\n\n  three\nname: x",
            &json!({"kept": "one\n  two\n\nthree\n", "folded": "one two\nthree", "name": "x"}),
        );
    }

    #[test]
    fn what_is_not_understood_is_refused() {
        for inside in [
            "name",
            "name: &anchor x",
            "name: *anchor",
            "name: a: b",
            "name: one\n  two",
            "name: a\nname: b",
            "name: 'a",
            "tags:\n- a: b",
        ] {
            let text = format!("---\n{inside}\n---\n");
            assert!(read(&text).is_err(), "{inside}");
        }
        assert!(read("# No front matter").is_err());
        assert!(read("---\nname: endless\n").is_err());
    }

    #[test]
    fn nested_mappings_and_lists_are_read() {
        check(
            "name: pdf\nmetadata:\n  author: \"Ada: the first\"\n  version: 1.5\n\ntags:\n- a\n- 'it''s'\ntools: [\"x\", 1]",
            &json!({
                "name": "pdf",
                "metadata": {"author": "Ada: the first", "version": 1.5},
                "tags": ["a", "it's"],
                "tools": ["x", 1],
            }),
        );
    }
}
