//! Compressed bodies: gzip, Brotli and Zstandard.

use std::io::{self, Cursor, Read};

use brotli_decompressor::{BrotliDecompressStream, BrotliResult, BrotliState, StandardAlloc};
use bytes::Bytes;
use flate2::read::MultiGzDecoder;
use http::HeaderMap;
use http::header::CONTENT_ENCODING;
use ruzstd::decoding::{FrameDecoder, StreamingDecoder};

use super::{FetchError, Limits, Part};

/// What is told to be understood.
pub(super) const ACCEPTED: &str = "gzip, br, zstd";

/// How many bytes are decompressed at once, before others get their turn.
const PIECE: usize = 64 << 10;

/// The largest window of Zstandard in HTTP (RFC 9659): a larger one is memory for the asking.
const WINDOW: u64 = 8 << 20;

/// How a body is compressed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Encoding {
    Gzip,
    Brotli,
    Zstd,
}

/// The encoding of a body, if it has one.
///
/// # Errors
/// `unsupported_encoding` for others, and for several.
pub(super) fn encoding(headers: &HeaderMap) -> Result<Option<Encoding>, FetchError> {
    let mut values = headers.get_all(CONTENT_ENCODING).iter();
    let Some(value) = values.next() else {
        return Ok(None);
    };
    if values.next().is_some() {
        return Err(FetchError::UnsupportedEncoding);
    }
    match &*value
        .to_str()
        .unwrap_or_default()
        .trim()
        .to_ascii_lowercase()
    {
        "identity" => Ok(None),
        "gzip" | "x-gzip" => Ok(Some(Encoding::Gzip)),
        "br" => Ok(Some(Encoding::Brotli)),
        "zstd" => Ok(Some(Encoding::Zstd)),
        _ => Err(FetchError::UnsupportedEncoding),
    }
}

/// Decompresses a whole body, of which `limit` bytes are taken.
///
/// # Errors
/// `decode`, `too_large` and `decompression_ratio`.
pub(super) async fn decode(
    encoding: Encoding,
    body: Bytes,
    limit: usize,
    limits: &Limits,
) -> Result<Bytes, FetchError> {
    let size = body.len();
    let mut decoder = Decoder::new(encoding, Cursor::new(body))?;
    let mut decoded = Vec::new();
    let mut piece = vec![0; PIECE];
    loop {
        let read = decoder.read(&mut piece).map_err(broken)?;
        if read == 0 {
            break;
        }
        if decoded.len() + read > limit {
            return Err(FetchError::TooLarge(Part::Body));
        }
        decoded.extend_from_slice(&piece[..read]);
        let taken = decoder.taken();
        if decoded.len() > limits.ratio_from && decoded.len() / limits.ratio.max(1) > taken {
            return Err(FetchError::DecompressionRatio);
        }
        tokio::task::yield_now().await;
    }
    if decoder.taken() < size {
        let after = io::Error::new(io::ErrorKind::InvalidData, "there is more after the end");
        return Err(broken(after));
    }
    Ok(decoded.into())
}

type Source = Cursor<Bytes>;

/// One of the decoders, which all take their input by themselves.
enum Decoder {
    Gzip(Box<MultiGzDecoder<Source>>),
    Brotli(Box<Brotli>),
    Zstd(Box<Zstd>),
}

impl Decoder {
    fn new(encoding: Encoding, source: Source) -> Result<Self, FetchError> {
        Ok(match encoding {
            Encoding::Gzip => Self::Gzip(Box::new(MultiGzDecoder::new(source))),
            Encoding::Brotli => Self::Brotli(Box::new(Brotli::new(source))),
            Encoding::Zstd => Self::Zstd(Box::new(Zstd(frame(source).map_err(broken)?))),
        })
    }

    fn read(&mut self, piece: &mut [u8]) -> io::Result<usize> {
        match self {
            Self::Gzip(decoder) => decoder.read(piece),
            Self::Brotli(decoder) => decoder.read(piece),
            Self::Zstd(decoder) => decoder.read(piece),
        }
    }

    /// How many bytes of the body were read.
    fn taken(&self) -> usize {
        let source = match self {
            Self::Gzip(decoder) => decoder.get_ref(),
            Self::Brotli(decoder) => return decoder.taken,
            Self::Zstd(decoder) => decoder.0.get_ref(),
        };
        usize::try_from(source.position()).unwrap_or(usize::MAX)
    }
}

/// A stream of Brotli. The reader that comes with the decoder passes over what follows the end.
struct Brotli {
    state: BrotliState<StandardAlloc, StandardAlloc, StandardAlloc>,
    body: Bytes,
    taken: usize,
    given: usize,
}

impl Brotli {
    fn new(source: Source) -> Self {
        let alloc = StandardAlloc::default;
        Self {
            state: BrotliState::new(alloc(), alloc(), alloc()),
            body: source.into_inner(),
            taken: 0,
            given: 0,
        }
    }

    fn read(&mut self, piece: &mut [u8]) -> io::Result<usize> {
        let (mut left, mut room, mut read) = (self.body.len() - self.taken, piece.len(), 0);
        let result = BrotliDecompressStream(
            &mut left,
            &mut self.taken,
            &self.body,
            &mut room,
            &mut read,
            piece,
            &mut self.given,
            &mut self.state,
        );
        match result {
            BrotliResult::ResultSuccess | BrotliResult::NeedsMoreOutput => Ok(read),
            BrotliResult::NeedsMoreInput => Err(io::ErrorKind::UnexpectedEof.into()),
            BrotliResult::ResultFailure => Err(io::ErrorKind::InvalidData.into()),
        }
    }
}

/// Frames of Zstandard, one after the other; each with its checksum, if it has one.
struct Zstd(StreamingDecoder<Source, FrameDecoder>);

impl Zstd {
    fn read(&mut self, piece: &mut [u8]) -> io::Result<usize> {
        loop {
            let read = self.0.read(piece)?;
            if read > 0 {
                return Ok(read);
            }
            let frame_decoder = &self.0.decoder;
            let sum = frame_decoder.get_checksum_from_data();
            if sum.is_some() && sum != frame_decoder.get_calculated_checksum() {
                return Err(io::Error::new(
                    io::ErrorKind::InvalidData,
                    "the checksum is wrong",
                ));
            }
            let source = self.0.get_ref().clone();
            if source.position() >= source.get_ref().len() as u64 {
                return Ok(0);
            }
            self.0 = frame(source)?;
        }
    }
}

fn frame(source: Source) -> io::Result<StreamingDecoder<Source, FrameDecoder>> {
    StreamingDecoder::new_with_max_window_size(source, WINDOW).map_err(io::Error::other)
}

fn broken(error: io::Error) -> FetchError {
    FetchError::Decode(error.into())
}
