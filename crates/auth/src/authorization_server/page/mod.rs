//! What users see: three pages, in HTML alone.
//!
//! No script, nothing loaded from anywhere (but a logo, where the theme has one), one style whose
//! hash is in the policy. They can be read by a screen reader, used with a keyboard, on a screen 320
//! pixels wide, in the dark, and with colours the user has forced.
//!
//! Everything that somebody else chose is escaped ([`Escaped`]), and set apart with `bdi`, so that
//! letters which run from right to left turn nothing around them.

mod consent;
mod error;
mod escaped;
mod frame;
mod login;
mod style;
mod theme;

pub(super) use consent::ConsentPage;
pub(super) use error::ErrorPage;
pub(super) use escaped::Escaped;
pub(super) use frame::Pages;
pub(super) use login::LoginPage;
pub use theme::{Colour, InvalidTheme, Theme};
