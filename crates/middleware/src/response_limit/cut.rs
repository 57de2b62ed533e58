//! Making a result fit.

use std::borrow::Cow;

use purlin_core::{ToolResult, protocol::Content};
use serde_json::json;

/// What is kept free for the notes about what is missing, in bytes.
const RESERVE: usize = 250;
/// What a block of text takes besides its text.
const FRAME: usize = r#"{"type":"text","text":""},"#.len();

/// The key in `_meta` that says what was cut.
const META: &str = "purlin/cut";

/// The result within `limit` bytes; it has `size` bytes now.
pub(super) fn fit(mut result: ToolResult, size: usize, limit: usize) -> ToolResult {
    let structured = result.structured_json().map_or(0, str::len);
    let Some(room) = limit.checked_sub(structured + RESERVE) else {
        return too_large(size, limit);
    };
    if result.is_mirrored() {
        // Half of an object says less than none, and the whole is beside it.
        result.set_text("[the text is left out here: see the structured content]");
    } else {
        // One plain text stays one: where a schema asks for a text, it is that.
        let plain = matches!(result.content(), Cow::Owned(_));
        let blocks = fit_blocks(std::mem::take(result.content_mut()), room);
        match (plain, blocks.as_slice()) {
            (true, [only]) => result.set_text(only.as_text().unwrap_or_default()),
            _ => *result.content_mut() = blocks,
        }
    }
    let meta = result.meta_mut();
    meta.insert(META, json!({ "bytes": size, "limit": limit }));
    result
}

fn too_large(size: usize, limit: usize) -> ToolResult {
    let mut result = ToolResult::error(format!(
        "the answer has {size} bytes, and {limit} are allowed here. Ask for less: narrow the \
         query, choose fewer fields, or ask for one page after another."
    ));
    let meta = result.meta_mut();
    meta.insert(META, json!({ "bytes": size, "limit": limit }));
    result
}

/// The blocks from the first on, as far as they fit, and a note of what does not.
fn fit_blocks(blocks: Vec<Content>, mut room: usize) -> Vec<Content> {
    let mut kept = Vec::new();
    let mut missing = Missing::default();
    for block in blocks {
        let size = serde_json::to_vec(&block).map_or(usize::MAX, |json| json.len() + 1);
        if missing.is_none() && size <= room {
            room -= size;
            kept.push(block);
            continue;
        }
        let Some(text) = block.as_text() else {
            missing.blocks += 1;
            continue;
        };
        let fits = if missing.is_none() {
            fitting(text, room.saturating_sub(FRAME))
        } else {
            0
        };
        missing.bytes += text.len() - fits;
        if fits > 0 {
            kept.push(Content::text(&text[..fits]));
        }
        room = 0;
    }
    if let Some(note) = missing.note() {
        append(&mut kept, &note);
    }
    kept
}

/// What was left out.
#[derive(Default)]
struct Missing {
    /// Of texts.
    bytes: usize,
    /// That are no texts.
    blocks: usize,
}

impl Missing {
    /// Nothing that ends the text: a picture may be left out before it.
    fn is_none(&self) -> bool {
        self.bytes == 0
    }

    fn note(&self) -> Option<String> {
        match (self.bytes, self.blocks) {
            (0, 0) => None,
            (bytes, 0) => Some(format!("[cut: {bytes} bytes are missing; ask for less]")),
            (0, blocks) => Some(format!("[left out: {blocks} blocks that are too large]")),
            (bytes, blocks) => Some(format!(
                "[cut: {bytes} bytes and {blocks} blocks are missing; ask for less]"
            )),
        }
    }
}

/// Ends the last text with a note, or adds one.
fn append(blocks: &mut Vec<Content>, note: &str) {
    match blocks.last().and_then(Content::as_text) {
        Some(text) => {
            let text = format!("{text}\n\n{note}");
            blocks.pop();
            blocks.push(Content::text(text));
        }
        None => blocks.push(Content::text(note)),
    }
}

/// How many bytes of a text fit into `room` bytes of JSON, up to the end of a
/// character.
fn fitting(text: &str, room: usize) -> usize {
    let mut taken = 0;
    for (at, c) in text.char_indices() {
        taken += escaped_len(c);
        if taken > room {
            return at;
        }
    }
    text.len()
}

fn escaped_len(c: char) -> usize {
    match c {
        '"' | '\\' | '\n' | '\r' | '\t' | '\u{8}' | '\u{c}' => 2,
        '\0'..='\u{1f}' => 6,
        c => c.len_utf8(),
    }
}
