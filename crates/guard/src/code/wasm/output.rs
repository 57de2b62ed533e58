//! What a script prints, on its way to whoever waits for it.

use bytes::{Bytes, BytesMut};
use tokio::sync::mpsc::Sender;

use super::stop::Stop;
use crate::code::Piece;

/// How large a piece is at most, in bytes.
const PIECE: usize = 16 << 10;

/// A stream of output.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Stream {
    Stdout,
    Stderr,
}

impl Stream {
    fn piece(self, bytes: Bytes) -> Piece {
        match self {
            Self::Stdout => Piece::Stdout(bytes),
            Self::Stderr => Piece::Stderr(bytes),
        }
    }
}

/// Gathers what is printed into pieces, and waits until they are taken.
#[derive(Debug)]
pub(super) struct Output {
    pieces: Sender<Piece>,
    stream: Stream,
    gathered: BytesMut,
}

impl Output {
    pub(super) fn new(pieces: Sender<Piece>) -> Self {
        Self {
            pieces,
            stream: Stream::Stdout,
            gathered: BytesMut::new(),
        }
    }

    /// Whether somebody still waits for the run.
    pub(super) fn is_wanted(&self) -> bool {
        !self.pieces.is_closed()
    }

    /// Takes what is printed. It may block, until enough of it is taken.
    pub(super) fn write(&mut self, stream: Stream, mut bytes: &[u8]) -> Result<(), Stop> {
        if stream != self.stream {
            self.flush()?;
            self.stream = stream;
        }
        while !bytes.is_empty() {
            let room = PIECE - self.gathered.len();
            let (now, later) = bytes.split_at(room.min(bytes.len()));
            self.gathered.extend_from_slice(now);
            bytes = later;
            if self.gathered.len() == PIECE {
                self.flush()?;
            }
        }
        Ok(())
    }

    /// Hands out what was gathered. It may block, until there is room for it.
    pub(super) fn flush(&mut self) -> Result<(), Stop> {
        if self.gathered.is_empty() {
            return Ok(());
        }
        let bytes = self.gathered.split().freeze();
        let piece = self.stream.piece(bytes);
        self.pieces.blocking_send(piece).map_err(|_| Stop::Dropped)
    }
}
