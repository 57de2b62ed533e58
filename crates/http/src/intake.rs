//! Reading a request body: bounded in size and in time.
//!
//! A body that is already there costs no timer: one is armed only when the
//! first poll finds nothing to read.

use std::{
    future::poll_fn,
    pin::{Pin, pin},
    task::{Context, Poll, ready},
    time::Duration,
};

use bytes::Buf;
use http::StatusCode;
use http_body::Body;
use tokio::time::{Instant, Sleep};

use crate::guard::Rejection;

/// How much a request body may hold and how long it may take.
#[derive(Clone, Copy, Debug)]
pub(crate) struct BodyLimits {
    /// Bytes.
    pub(crate) size: usize,
    /// The longest wait for the next piece.
    pub(crate) idle: Duration,
    /// The longest wait for the whole.
    pub(crate) total: Duration,
}

const TOO_LARGE: Rejection =
    Rejection::new(StatusCode::PAYLOAD_TOO_LARGE, "the body is too large").closing();
const TOO_SLOW: Rejection = Rejection::new(
    StatusCode::REQUEST_TIMEOUT,
    "the body did not arrive in time",
)
.closing();
const BROKEN: Rejection = Rejection::new(StatusCode::BAD_REQUEST, "the body is broken").closing();

/// Reads the whole body.
///
/// A declared length above the limit is refused before anything is read, so a
/// client that waits for `100 Continue` never sends it.
///
/// # Cancellation
/// Dropping the future drops what was read.
pub(crate) async fn read<B>(body: B, limits: &BodyLimits) -> Result<Vec<u8>, Rejection>
where
    B: Body,
    B::Data: Buf,
{
    let mut body = pin!(body);
    let declared = body.size_hint();
    if declared.lower() > limits.size as u64 {
        return Err(TOO_LARGE);
    }
    // Room only for what is promised, and only up to a point: promises are free.
    let room = declared.exact().map_or(0, |exact| exact.min(64 * 1024));
    let mut text = Vec::with_capacity(usize::try_from(room).unwrap_or_default());
    let mut clock = Clock::new(limits);
    while !body.is_end_stream() {
        let frame = poll_fn(|cx| match body.as_mut().poll_frame(cx) {
            Poll::Ready(frame) => Poll::Ready(Ok(frame)),
            Poll::Pending => {
                ready!(clock.poll_expired(cx));
                Poll::Ready(Err(TOO_SLOW))
            }
        })
        .await?;
        let Some(frame) = frame else { break };
        let frame = frame.map_err(|_| BROKEN)?;
        // Trailers say nothing to us.
        let Ok(mut data) = frame.into_data() else {
            continue;
        };
        if text.len() + data.remaining() > limits.size {
            return Err(TOO_LARGE);
        }
        while data.has_remaining() {
            let piece = data.chunk();
            text.extend_from_slice(piece);
            let length = piece.len();
            data.advance(length);
        }
        clock.progress();
    }
    Ok(text)
}

/// The timer of one body, armed on the first wait.
struct Clock<'a> {
    limits: &'a BodyLimits,
    armed: Option<Armed>,
}

struct Armed {
    sleep: Pin<Box<Sleep>>,
    end: Instant,
}

impl<'a> Clock<'a> {
    fn new(limits: &'a BodyLimits) -> Self {
        Self {
            limits,
            armed: None,
        }
    }

    fn poll_expired(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        let Self { limits, armed } = self;
        let armed = armed.get_or_insert_with(|| {
            let now = Instant::now();
            let end = now + limits.total;
            let first = end.min(now + limits.idle);
            Armed {
                sleep: Box::pin(tokio::time::sleep_until(first)),
                end,
            }
        });
        armed.sleep.as_mut().poll(cx)
    }

    /// Something arrived: the idle limit starts anew, the total one does not.
    fn progress(&mut self) {
        if let Some(Armed { sleep, end }) = &mut self.armed {
            sleep
                .as_mut()
                .reset((*end).min(Instant::now() + self.limits.idle));
        }
    }
}

#[cfg(test)]
mod tests {
    use std::{
        collections::VecDeque,
        convert::Infallible,
        pin::Pin,
        task::{Context, Poll},
        time::Duration,
    };

    use bytes::Bytes;
    use http_body::{Body, Frame, SizeHint};
    use tokio::time::{Sleep, sleep};

    use super::{BROKEN, BodyLimits, Rejection, TOO_LARGE, TOO_SLOW, read};

    const LIMITS: BodyLimits = BodyLimits {
        size: 8,
        idle: Duration::from_secs(10),
        total: Duration::from_secs(60),
    };

    /// A body whose pieces arrive after the given waits.
    struct Pieces {
        pieces: VecDeque<(Duration, Result<&'static [u8], Infallible>)>,
        wait: Option<Pin<Box<Sleep>>>,
        declared: u64,
    }

    impl Pieces {
        fn new(pieces: &[(u64, &'static [u8])]) -> Self {
            let pieces = pieces.iter();
            Self {
                pieces: pieces
                    .map(|&(s, piece)| (Duration::from_secs(s), Ok(piece)))
                    .collect(),
                wait: None,
                declared: 0,
            }
        }
    }

    impl Body for Pieces {
        type Data = Bytes;
        type Error = Infallible;

        fn poll_frame(
            mut self: Pin<&mut Self>,
            cx: &mut Context<'_>,
        ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
            let Some(&(after, _)) = self.pieces.front() else {
                return Poll::Ready(None);
            };
            if !after.is_zero() {
                let wait = self.wait.get_or_insert_with(|| Box::pin(sleep(after)));
                if wait.as_mut().poll(cx).is_pending() {
                    return Poll::Pending;
                }
                self.wait = None;
            }
            let piece = self.pieces.pop_front().map(|(_, piece)| piece);
            Poll::Ready(piece.map(|piece| piece.map(|p| Frame::data(Bytes::from_static(p)))))
        }

        fn size_hint(&self) -> SizeHint {
            let mut hint = SizeHint::new();
            hint.set_lower(self.declared);
            hint
        }
    }

    async fn check(body: Pieces, expected: Result<&[u8], Rejection>) {
        assert_eq!(
            read(body, &LIMITS).await.as_deref(),
            expected.as_ref().copied()
        );
    }

    #[tokio::test(start_paused = true)]
    async fn pieces_are_joined() {
        check(Pieces::new(&[]), Ok(b"")).await;
        check(
            Pieces::new(&[(0, b"ab"), (9, b"cd"), (9, b"ef")]),
            Ok(b"abcdef"),
        )
        .await;
        check(Pieces::new(&[(0, b"12345678")]), Ok(b"12345678")).await;
    }

    #[tokio::test(start_paused = true)]
    async fn a_body_above_the_limit_is_refused() {
        check(Pieces::new(&[(0, b"12345"), (0, b"6789")]), Err(TOO_LARGE)).await;
        let mut declared = Pieces::new(&[(3600, b"never read")]);
        declared.declared = 9;
        check(declared, Err(TOO_LARGE)).await;
    }

    #[tokio::test(start_paused = true)]
    async fn a_stalled_body_is_given_up() {
        check(Pieces::new(&[(0, b"a"), (11, b"b")]), Err(TOO_SLOW)).await;
        let drip: Vec<(u64, &'static [u8])> = vec![(9, b"a"); 7];
        check(Pieces::new(&drip), Err(TOO_SLOW)).await;
    }

    #[test]
    fn every_refusal_ends_the_connection() {
        for rejection in [TOO_LARGE, TOO_SLOW, BROKEN] {
            assert!(rejection.close, "{rejection:?}");
        }
    }
}
