//! What the type of a setting may be.

mod collection;
mod duration;
mod place;
mod plain;
mod secret;
mod size;

pub use secret::{Secret, Wipe};
pub use size::{ByteSize, NoByteSize};

use super::{Node, Reader, Shape};

/// A type that settings can be of.
///
/// Numbers, `bool`, `char`, `String`, `PathBuf`, `Duration` (`"5s"`),
/// [`ByteSize`] (`"10 MB"`), addresses of `std::net`, [`Rate`](purlin_core::Rate)
/// (`"10/minute"`), [`Secret`], `Option`, `Vec`, maps by `String`, and what
/// derives `Config`. For a type of your own that is written as a text:
///
/// ```
/// use purlin_telemetry::config::{Node, Reader, Setting, Shape};
///
/// struct Colour(u32);
///
/// impl Setting for Colour {
///     fn shape() -> Shape {
///         Shape::text("a colour such as `#ff8800`")
///     }
///
///     fn read(node: &Node, reader: &mut Reader<'_>) -> Option<Self> {
///         let colour = |text: &str| u32::from_str_radix(text.strip_prefix('#')?, 16).ok();
///         reader.parse(node, &Self::shape(), |text| colour(text).map(Colour))
///     }
///
///     fn show(&self) -> String {
///         format!("#{:06x}", self.0)
///     }
/// }
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be read from a configuration",
    label = "not the type of a setting",
    note = "settings are numbers, texts, `bool`, paths, `Duration`, addresses, `Option`, `Vec` and maps of \
            settings, `Secret<…>`, and types that derive `Config`"
)]
pub trait Setting: Sized {
    /// What it is written as.
    fn shape() -> Shape;

    /// Reads it. `None` when a problem was noted.
    fn read(node: &Node, reader: &mut Reader<'_>) -> Option<Self>;

    /// The value as it would be written, for `explain`.
    fn show(&self) -> String;

    /// The value of what is not written anywhere and has no default, if it can
    /// do without.
    #[doc(hidden)]
    fn absent() -> Option<Self> {
        None
    }
}

/// What `range` can be asked of.
#[doc(hidden)]
#[diagnostic::on_unimplemented(
    message = "a `range` is for numbers, and `{Self}` is not one",
    label = "not a number"
)]
pub trait Ranged {
    fn number(&self) -> Option<f64>;
}

impl<T: Ranged> Ranged for Option<T> {
    fn number(&self) -> Option<f64> {
        self.as_ref().and_then(T::number)
    }
}
