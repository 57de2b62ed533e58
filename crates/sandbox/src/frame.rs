//! Messages between server and helper, as bytes.
//!
//! A frame is a length (`u32`, big-endian) and a body of that length. The body is the length of a
//! head (`u32`, big-endian), the head as JSON, and the contents that the head leaves out (standard
//! input, files), one after the other. The head lists their lengths, so they are neither escaped
//! nor searched.

use std::error::Error;
use std::fmt;
use std::io::{self, Read, Write};

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::plan::{File, Plan, Tier};
use crate::report::Report;

/// The largest body in bytes that is read or written.
pub const MAX_FRAME: usize = 256 << 20;

/// What a server asks of a helper.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Request<P = Plan> {
    /// To run this.
    Run(P),
    /// To say what is missing for a tier.
    Probe(Tier),
}

/// Bytes that are no message.
#[derive(Debug)]
#[non_exhaustive]
pub enum FrameError {
    /// The stream failed, or ended within a frame.
    Io(io::Error),
    /// The stream ended before a frame.
    Closed,
    /// The body is larger than [`MAX_FRAME`].
    TooLarge,
    /// The body is no message; what is wrong about it.
    Malformed(&'static str),
}

impl fmt::Display for FrameError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Io(error) => write!(f, "cannot exchange messages with the helper: {error}"),
            Self::Closed => f.write_str("the other side has closed the connection"),
            Self::TooLarge => write!(f, "a message is larger than {MAX_FRAME} bytes"),
            Self::Malformed(what) => write!(f, "a message cannot be read: {what}"),
        }
    }
}

impl Error for FrameError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match self {
            Self::Io(error) => Some(error),
            _ => None,
        }
    }
}

impl From<io::Error> for FrameError {
    fn from(error: io::Error) -> Self {
        Self::Io(error)
    }
}

impl Plan {
    /// The frame that asks a helper to run this plan.
    ///
    /// # Errors
    ///
    /// [`FrameError::TooLarge`] where files and input are larger than a frame may be,
    /// [`FrameError::Malformed`] where a path is no UTF-8.
    pub fn to_frame(&self) -> Result<Vec<u8>, FrameError> {
        let files = self.files.iter().map(|file| file.bytes.as_slice());
        let contents: Vec<&[u8]> = std::iter::once(self.stdin.as_slice())
            .chain(files)
            .collect();
        encode(&Request::Run(self), &contents)
    }
}

impl Report {
    /// Reads the body of a frame (what follows its length).
    ///
    /// # Errors
    ///
    /// [`FrameError::Malformed`] where it is no report.
    ///
    /// ```
    /// use purlin_sandbox::Report;
    ///
    /// let frame = Report::Started.to_frame()?;
    /// assert_eq!(Report::from_body(&frame[4..])?, Report::Started);
    /// # Ok::<(), purlin_sandbox::FrameError>(())
    /// ```
    pub fn from_body(body: &[u8]) -> Result<Self, FrameError> {
        let (mut report, contents) = decode::<Self>(body)?;
        let mut slots = report.contents();
        fill(&mut slots, contents)?;
        Ok(report)
    }

    /// The frame of this report.
    ///
    /// # Errors
    ///
    /// [`FrameError::TooLarge`] where the files are larger than a frame may be.
    pub fn to_frame(&self) -> Result<Vec<u8>, FrameError> {
        let files = match self {
            Self::Ended(ended) => ended.files.as_slice(),
            _ => &[],
        };
        let contents: Vec<&[u8]> = files.iter().map(|file| file.bytes.as_slice()).collect();
        encode(self, &contents)
    }

    /// Reads one frame.
    ///
    /// # Errors
    ///
    /// As [`FrameError`] says; [`FrameError::Closed`] at the end of the stream.
    pub fn read(stream: &mut impl Read) -> Result<Self, FrameError> {
        Self::from_body(&body(stream)?)
    }

    #[cfg_attr(
        not(target_os = "linux"),
        allow(dead_code, reason = "there is no helper")
    )]
    pub(crate) fn write(&self, stream: &mut impl Write) -> Result<(), FrameError> {
        stream.write_all(&self.to_frame()?)?;
        Ok(stream.flush()?)
    }

    fn contents(&mut self) -> Vec<&mut Vec<u8>> {
        match self {
            Self::Ended(ended) => slots(&mut ended.files).collect(),
            _ => Vec::new(),
        }
    }
}

impl Request {
    #[cfg_attr(
        not(target_os = "linux"),
        allow(dead_code, reason = "there is no helper")
    )]
    pub(crate) fn to_frame(&self) -> Result<Vec<u8>, FrameError> {
        match self {
            Self::Run(plan) => plan.to_frame(),
            Self::Probe(_) => encode(self, &[]),
        }
    }

    #[cfg_attr(
        not(target_os = "linux"),
        allow(dead_code, reason = "there is no helper")
    )]
    pub(crate) fn from_body(body: &[u8]) -> Result<Self, FrameError> {
        let (mut request, contents) = decode::<Self>(body)?;
        let mut slots = match &mut request {
            Self::Run(plan) => std::iter::once(&mut plan.stdin)
                .chain(slots(&mut plan.files))
                .collect(),
            Self::Probe(_) => Vec::new(),
        };
        fill(&mut slots, contents)?;
        Ok(request)
    }

    #[cfg_attr(
        not(target_os = "linux"),
        allow(dead_code, reason = "there is no helper")
    )]
    pub(crate) fn read(stream: &mut impl Read) -> Result<Self, FrameError> {
        Self::from_body(&body(stream)?)
    }
}

fn slots(files: &mut [File]) -> impl Iterator<Item = &mut Vec<u8>> {
    files.iter_mut().map(|file| &mut file.bytes)
}

/// A head: the message, and how long each of its contents is.
#[derive(Serialize, Deserialize)]
struct Head<M> {
    message: M,
    lengths: Vec<u32>,
}

fn encode(message: &impl Serialize, contents: &[&[u8]]) -> Result<Vec<u8>, FrameError> {
    let length = |bytes: &&[u8]| u32::try_from(bytes.len()).map_err(|_| FrameError::TooLarge);
    let lengths = contents.iter().map(length).collect::<Result<_, _>>()?;
    let head = serde_json::to_vec(&Head { message, lengths });
    let head = head.map_err(|_| FrameError::Malformed("a path is no UTF-8"))?;
    let body = contents
        .iter()
        .fold(4 + head.len(), |sum, bytes| sum.saturating_add(bytes.len()));
    if body > MAX_FRAME {
        return Err(FrameError::TooLarge);
    }
    let mut frame = Vec::with_capacity(4 + body);
    frame.extend(number(body));
    frame.extend(number(head.len()));
    frame.extend(head);
    for bytes in contents {
        frame.extend_from_slice(bytes);
    }
    Ok(frame)
}

/// What fits into [`MAX_FRAME`] fits into 32 bits.
fn number(length: usize) -> [u8; 4] {
    u32::try_from(length).unwrap_or(u32::MAX).to_be_bytes()
}

/// The message, and its contents still to be put into it.
fn decode<M: DeserializeOwned>(body: &[u8]) -> Result<(M, Vec<&[u8]>), FrameError> {
    let short = FrameError::Malformed("it is too short");
    let Some((length, rest)) = body.split_first_chunk::<4>() else {
        return Err(short);
    };
    let length = u32::from_be_bytes(*length) as usize;
    let Some((head, mut rest)) = rest.split_at_checked(length) else {
        return Err(short);
    };
    let head: Head<M> =
        serde_json::from_slice(head).map_err(|_| FrameError::Malformed("its head is none"))?;
    let mut contents = Vec::new();
    for length in head.lengths {
        let Some((content, others)) = rest.split_at_checked(length as usize) else {
            return Err(short);
        };
        contents.push(content);
        rest = others;
    }
    match rest {
        [] => Ok((head.message, contents)),
        _ => Err(FrameError::Malformed("there is more than its head says")),
    }
}

fn fill(slots: &mut [&mut Vec<u8>], contents: Vec<&[u8]>) -> Result<(), FrameError> {
    if slots.len() != contents.len() {
        return Err(FrameError::Malformed(
            "its contents are not those of its head",
        ));
    }
    for (slot, content) in slots.iter_mut().zip(contents) {
        content.clone_into(slot);
    }
    Ok(())
}

/// Reads the body of one frame. Memory grows with what arrives, not with what is announced.
fn body(stream: &mut impl Read) -> Result<Vec<u8>, FrameError> {
    let mut length = Vec::new();
    stream.take(4).read_to_end(&mut length)?;
    let length = match <[u8; 4]>::try_from(length.as_slice()) {
        Ok(length) => u32::from_be_bytes(length) as usize,
        Err(_) if length.is_empty() => return Err(FrameError::Closed),
        Err(_) => return Err(io::Error::from(io::ErrorKind::UnexpectedEof).into()),
    };
    if length > MAX_FRAME {
        return Err(FrameError::TooLarge);
    }
    let mut body = Vec::new();
    stream.take(length as u64).read_to_end(&mut body)?;
    match body.len() == length {
        true => Ok(body),
        false => Err(io::Error::from(io::ErrorKind::UnexpectedEof).into()),
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::{Bind, Ended, How, Usage};

    fn plan() -> Plan {
        let mut plan = Plan::new(Tier::Strict, "/usr/bin/python3");
        plan.args = vec!["main.py".into(), "\u{1F980}".into()];
        plan.environment = vec![("LANG".into(), "C.UTF-8".into())];
        plan.stdin = vec![0, 255, 10];
        plan.read_only = vec![Bind::same("/usr")];
        plan.files = vec![File::new("main.py", "print(1)"), File::new("empty", "")];
        plan
    }

    fn ended() -> Report {
        let mut ended = Ended::new(How::Exited(3), Usage::new(Duration::from_millis(5), 7));
        ended.files = vec![File::new("out/a", [1, 2, 3]), File::new("b", "")];
        ended.files_left_out = 2;
        Report::Ended(ended)
    }

    #[test]
    fn a_plan_arrives_as_it_was_sent() {
        let frame = plan().to_frame().unwrap();
        let request = Request::read(&mut frame.as_slice()).unwrap();
        assert_eq!(request, Request::Run(plan()));
        let frame = Request::Probe(Tier::Confined).to_frame().unwrap();
        let request = Request::read(&mut frame.as_slice()).unwrap();
        assert_eq!(request, Request::Probe(Tier::Confined));
    }

    #[test]
    fn reports_arrive_one_after_the_other() {
        let mut stream = Vec::new();
        let mut failure = crate::Failure::new(crate::Stage::Landlock);
        failure.missing = Some(crate::Feature::Landlock);
        failure.errno = Some(38);
        let reports = [Report::Started, ended(), Report::Failed(failure)];
        for report in &reports {
            report.write(&mut stream).unwrap();
        }
        let mut stream = stream.as_slice();
        for report in &reports {
            assert_eq!(&Report::read(&mut stream).unwrap(), report);
        }
        assert!(matches!(Report::read(&mut stream), Err(FrameError::Closed)));
    }

    #[test]
    fn a_frame_that_breaks_off_is_an_error_wherever_it_does() {
        let frame = ended().to_frame().unwrap();
        for end in 1..frame.len() {
            let read = Report::read(&mut &frame[..end]);
            assert!(matches!(read, Err(FrameError::Io(_))), "{end}: {read:?}");
        }
    }

    #[test]
    fn what_is_announced_is_not_believed() {
        let huge = u32::MAX.to_be_bytes();
        assert!(matches!(
            Report::read(&mut huge.as_slice()),
            Err(FrameError::TooLarge)
        ));
        // As much as is allowed is announced, nothing follows, nothing is set aside for it.
        let large = number(MAX_FRAME);
        assert!(matches!(
            Report::read(&mut large.as_slice()),
            Err(FrameError::Io(_))
        ));
    }

    #[test]
    fn a_changed_byte_never_panics() {
        let frame = ended().to_frame().unwrap();
        for place in 4..frame.len() {
            let mut changed = frame.clone();
            changed[place] ^= 0x55;
            let _ = Report::from_body(&changed[4..]);
            let _ = Request::from_body(&changed[4..]);
        }
    }

    #[test]
    fn contents_have_to_be_those_of_the_head() {
        let frame = ended().to_frame().unwrap();
        let more = [&frame[4..], &[0]].concat();
        assert!(matches!(
            Report::from_body(&more),
            Err(FrameError::Malformed(_))
        ));
        assert!(matches!(
            Report::from_body(&frame[4..frame.len() - 1]),
            Err(FrameError::Malformed(_))
        ));
        assert!(matches!(
            Report::from_body(b"\0\0"),
            Err(FrameError::Malformed(_))
        ));
        let none = encode(&Report::Started, &[b"x"]).unwrap();
        assert!(matches!(
            Report::from_body(&none[4..]),
            Err(FrameError::Malformed(_))
        ));
    }
}
