//! What a program prints, told while it runs.

use purlin_core::Context;
use purlin_core::protocol::LogLevel;

use crate::code::Piece;

/// The longest line that is told whole, in bytes. What is longer is told in several.
const LINE: usize = 4_096;
/// How much of a line goes with the progress, in characters.
const SHOWN: usize = 200;

/// Tells a client what is printed, line by line, if it asked for that.
pub(super) struct Printed<'a> {
    cx: &'a Context,
    is_wanted: bool,
    bytes: usize,
    stdout: Vec<u8>,
    stderr: Vec<u8>,
}

impl<'a> Printed<'a> {
    pub(super) fn to(cx: &'a Context) -> Self {
        Self {
            cx,
            is_wanted: cx.wants_progress() || cx.wants_log(LogLevel::Debug),
            bytes: 0,
            stdout: Vec::new(),
            stderr: Vec::new(),
        }
    }

    pub(super) fn tell(&mut self, piece: &Piece) {
        if !self.is_wanted {
            return;
        }
        let (name, begun, bytes) = match piece {
            Piece::Stdout(bytes) => ("stdout", &mut self.stdout, bytes),
            Piece::Stderr(bytes) => ("stderr", &mut self.stderr, bytes),
        };
        for part in bytes.split_inclusive(|byte| *byte == b'\n') {
            self.bytes += part.len();
            begun.extend_from_slice(part);
            if begun.ends_with(b"\n") || begun.len() >= LINE {
                line(self.cx, name, begun, self.bytes);
                begun.clear();
            }
        }
    }

    /// Tells of lines that have no end.
    pub(super) fn end(self) {
        for (name, begun) in [("stdout", self.stdout), ("stderr", self.stderr)] {
            if !begun.is_empty() {
                line(self.cx, name, &begun, self.bytes);
            }
        }
    }
}

fn line(cx: &Context, logger: &str, line: &[u8], printed: usize) {
    let line = String::from_utf8_lossy(line);
    let line = line.trim_end_matches(['\n', '\r']);
    cx.log_as(LogLevel::Debug, Some(logger), line);
    let shown: String = line.chars().take(SHOWN).collect();
    cx.progress_open(printed, Some(&shown));
}
