//! What the pages look like.

use std::fmt;

/// The longest name of a service, in characters.
const MAX_NAME: usize = 100;
/// The longest URL of a logo, in bytes. An image within it (`data:`) may be a small one.
const MAX_LOGO: usize = 16 * 1024;

/// A colour: red, green, blue.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Colour(
    /// Red.
    pub u8,
    /// Green.
    pub u8,
    /// Blue.
    pub u8,
);

impl Colour {
    /// Whether white letters are easier to read on it than black ones (WCAG 2.2, contrast ratio).
    pub(super) fn is_dark(self) -> bool {
        let luminance = self.luminance();
        // The contrast with white, and with black.
        1.05 / (luminance + 0.05) > (luminance + 0.05) / 0.05
    }

    /// Relative luminance (WCAG 2.2).
    fn luminance(self) -> f64 {
        let linear = |channel: u8| {
            let value = f64::from(channel) / 255.0;
            if value <= 0.04045 {
                value / 12.92
            } else {
                ((value + 0.055) / 1.055).powf(2.4)
            }
        };
        0.2126 * linear(self.0) + 0.7152 * linear(self.1) + 0.0722 * linear(self.2)
    }
}

impl fmt::Display for Colour {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "#{:02x}{:02x}{:02x}", self.0, self.1, self.2)
    }
}

/// What the pages of an authorization server look like: a name, two colours, a logo.
///
/// Letters on the accent are black or white, whichever can be read, so no theme makes a button
/// that cannot.
///
/// ```
/// use purlin_auth::authorization_server::{Colour, Theme};
///
/// let theme = Theme::new("Acme Tools")
///     .accent(Colour(0x7a, 0x1f, 0xa2), Colour(0xd0, 0x9f, 0xe8))
///     .logo("https://acme.example/logo.svg", "Acme")?;
/// # Ok::<(), purlin_auth::authorization_server::InvalidTheme>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Theme {
    pub(super) name: Option<String>,
    pub(super) light: Colour,
    pub(super) dark: Colour,
    pub(super) logo: Option<Logo>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Logo {
    pub(super) url: String,
    pub(super) text: String,
}

impl Default for Theme {
    fn default() -> Self {
        Self {
            name: None,
            light: Colour(0x1d, 0x4e, 0xd8),
            dark: Colour(0x93, 0xb4, 0xff),
            logo: None,
        }
    }
}

impl Theme {
    /// The default colours, with the name of the service that applications ask for: what users know
    /// it by. Longer than 100 characters it is cut. Without a name, pages show the host of the
    /// resource.
    pub fn new(name: &str) -> Self {
        Self {
            name: Some(name.chars().take(MAX_NAME).collect()),
            ..Self::default()
        }
    }

    /// The colour of what matters, on a light ground and on a dark one.
    #[must_use]
    pub fn accent(mut self, light: Colour, dark: Colour) -> Self {
        self.light = light;
        self.dark = dark;
        self
    }

    /// A picture above the heading, loaded by the browser of the user, and the text that stands
    /// for it.
    ///
    /// # Errors
    /// When the URL is neither `https:` nor `data:image/`, is longer than 16 KiB, or holds
    /// anything that no URL holds.
    pub fn logo(mut self, url: &str, text: &str) -> Result<Self, InvalidTheme> {
        let known = url.starts_with("https://") || url.starts_with("data:image/");
        let plain = |byte: u8| byte.is_ascii_graphic() && !b"\"'<>\\".contains(&byte);
        if !known || url.len() > MAX_LOGO || !url.bytes().all(plain) {
            return Err(InvalidTheme);
        }
        self.logo = Some(Logo {
            url: url.to_owned(),
            text: text.to_owned(),
        });
        Ok(self)
    }
}

impl Logo {
    /// Where pictures may come from, for the policy: the origin alone.
    pub(super) fn source(&self) -> &str {
        if self.url.starts_with("data:") {
            return "data:";
        }
        let origin = "https://".len();
        let host = self.url[origin..].find(['/', '?', '#', ';', ',']);
        host.map_or(&self.url, |end| &self.url[..origin + end])
    }
}

/// A logo that pages cannot show.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct InvalidTheme;

impl fmt::Display for InvalidTheme {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(
            "the URL of a logo is `https://…` or `data:image/…`, up to 16 KiB, percent-encoded",
        )
    }
}

impl std::error::Error for InvalidTheme {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn letters_can_be_read_on_every_accent() {
        for (colour, dark) in [
            (Colour(0, 0, 0), true),
            (Colour(255, 255, 255), false),
            (Colour(0x1d, 0x4e, 0xd8), true),
            (Colour(0xff, 0xd4, 0x00), false),
        ] {
            assert_eq!(colour.is_dark(), dark, "{colour}");
        }
    }

    #[test]
    fn a_logo_is_a_picture_and_no_way_into_the_policy() {
        for url in [
            "http://acme.example/logo.png",
            "javascript:alert(1)",
            "https://acme.example/a\"onerror=x",
            "https://acme.example; script-src *",
        ] {
            assert_eq!(
                Theme::default().logo(url, "").unwrap_err(),
                InvalidTheme,
                "{url}"
            );
        }
        let theme = Theme::default()
            .logo("https://acme.example;x/logo.svg", "")
            .unwrap();
        assert_eq!(theme.logo.unwrap().source(), "https://acme.example");
    }
}
