//! Numbers of bytes: `"512 KiB"`, `"10MB"`, and plain numbers.

use std::fmt;

use super::Setting;
use crate::config::{Node, Reader, Shape};

/// A number of bytes, written like `10 MB` or `4 MiB`.
///
/// ```
/// use purlin_telemetry::config::ByteSize;
///
/// assert_eq!("4 MiB".parse(), Ok(ByteSize::new(4 << 20)));
/// assert_eq!(ByteSize::new(4 << 20).to_string(), "4 MiB");
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct ByteSize(u64);

/// A text that is no number of bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NoByteSize;

impl fmt::Display for NoByteSize {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("not a number of bytes such as `10 MB` or `4 MiB`")
    }
}

impl std::error::Error for NoByteSize {}

impl ByteSize {
    /// So many bytes.
    pub const fn new(bytes: u64) -> Self {
        Self(bytes)
    }

    /// The number of bytes.
    pub const fn bytes(self) -> u64 {
        self.0
    }
}

impl std::str::FromStr for ByteSize {
    type Err = NoByteSize;

    fn from_str(text: &str) -> Result<Self, NoByteSize> {
        read(text.trim()).map(Self).ok_or(NoByteSize)
    }
}

fn read(text: &str) -> Option<u64> {
    let end = text
        .find(|c: char| !c.is_ascii_digit())
        .unwrap_or(text.len());
    let (count, unit) = text.split_at(end);
    let count: u64 = count.parse().ok()?;
    let each: u64 = match unit.trim().to_ascii_lowercase().as_str() {
        "" | "b" => 1,
        "k" | "kb" => 1_000,
        "kib" => 1 << 10,
        "m" | "mb" => 1_000_000,
        "mib" => 1 << 20,
        "g" | "gb" => 1_000_000_000,
        "gib" => 1 << 30,
        _ => return None,
    };
    count.checked_mul(each)
}

impl fmt::Display for ByteSize {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let units: [(u64, &str); 6] = [
            (1 << 30, "GiB"),
            (1 << 20, "MiB"),
            (1 << 10, "KiB"),
            (1_000_000_000, "GB"),
            (1_000_000, "MB"),
            (1_000, "KB"),
        ];
        let whole = units
            .iter()
            .find(|(each, _)| self.0 >= *each && self.0.is_multiple_of(*each));
        match whole {
            Some((each, unit)) => write!(f, "{} {unit}", self.0 / each),
            None => write!(f, "{} B", self.0),
        }
    }
}

impl Setting for ByteSize {
    fn shape() -> Shape {
        Shape::text("a number of bytes such as `512 KiB`, `10 MB` or `1000`")
    }

    fn read(node: &Node, reader: &mut Reader<'_>) -> Option<Self> {
        reader.parse(node, &Self::shape(), |text| text.parse().ok())
    }

    fn show(&self) -> String {
        self.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::ByteSize;

    #[test]
    fn sizes_read_as_they_show() {
        for bytes in [0, 1, 999, 1_000, 1_024, 4 << 20, 10_000_000, u64::MAX] {
            let size = ByteSize::new(bytes);
            assert_eq!(size.to_string().parse(), Ok(size), "{size}");
        }
        for text in ["", "MB", "-1", "1.5 MB", "1 TB?", "99999999999999999999"] {
            assert!(text.parse::<ByteSize>().is_err(), "{text}");
        }
    }
}
