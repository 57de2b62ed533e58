//! The page that asks whether an application may be let in.

use std::fmt::Write as _;

use bytes::Bytes;
use http::{Response, StatusCode};

use super::{Escaped, Pages};

/// What a user decides about.
#[derive(Clone, Copy, Debug)]
pub(in super::super) struct ConsentPage<'a> {
    /// What the application calls itself.
    pub(in super::super) client: &'a str,
    /// The host that published the application's document, if it is known by one.
    pub(in super::super) publisher: Option<&'a str>,
    /// Where the user is sent with a code, as people read it.
    pub(in super::super) destination: &'a str,
    /// Whether that is this computer, whatever the application.
    pub(in super::super) loopback: bool,
    /// Names of scopes, and what they mean.
    pub(in super::super) scopes: &'a [(&'a str, Option<&'a str>)],
    /// Who is going to ask for the login.
    pub(in super::super) provider: &'a str,
    pub(in super::super) action: &'a str,
    pub(in super::super) csrf: &'a str,
    pub(in super::super) ticket: &'a str,
    /// Whether the answer can be remembered.
    pub(in super::super) can_remember: bool,
}

impl ConsentPage<'_> {
    pub(in super::super) fn answer(&self, pages: &Pages) -> Response<Bytes> {
        let service = pages.service();
        let client = Escaped(self.client);
        let title = format!("Allow {client} to use {service}?");
        let main = format!(
            "<h1>Allow <bdi>{client}</bdi> to use <bdi>{service}</bdi>?</h1>\n\
             <p class=\"lead\">If you allow it, you log in with <bdi>{}</bdi> next, and this application acts \
             in your name.</p>\n{}{}{}{}",
            Escaped(self.provider),
            self.facts(),
            self.warning(),
            self.list(),
            self.form(),
        );
        pages.page(StatusCode::OK, &title, &main)
    }

    fn facts(&self) -> String {
        let published = match self.publisher {
            Some(host) => format!("published at <bdi>{}</bdi>", Escaped(host)),
            None => "a name it gave itself, which nobody has checked".to_owned(),
        };
        format!(
            "<dl>\n<div><dt>Application</dt><dd><strong><bdi>{}</bdi></strong>\
             <span class=\"small\">{published}</span></dd></div>\n\
             <div><dt>Sends you back to</dt><dd><strong><bdi>{}</bdi></strong></dd></div>\n</dl>\n",
            Escaped(self.client),
            Escaped(self.destination),
        )
    }

    fn warning(&self) -> &'static str {
        if !self.loopback {
            return "";
        }
        "<div class=\"notice\">\n<p><strong>It runs on your own computer.</strong></p>\n\
         <p>Any program there can pretend to be it. Go on only if you have just started \
         it yourself.</p>\n</div>\n"
    }

    fn list(&self) -> String {
        if self.scopes.is_empty() {
            return "<h2>It asks for</h2>\n<p>Access, without any particular permission.</p>\n"
                .into();
        }
        let mut list = "<h2>It will be able to</h2>\n<ul>\n".to_owned();
        for (name, meaning) in self.scopes {
            let name = Escaped(name);
            // Writing to a text cannot fail.
            let _ = match meaning.filter(|meaning| *meaning != name.0) {
                Some(meaning) => writeln!(
                    list,
                    "<li>{}<code class=\"small\">{name}</code></li>",
                    Escaped(meaning)
                ),
                None => writeln!(list, "<li><code>{name}</code></li>"),
            };
        }
        list + "</ul>\n"
    }

    /// The first button is the one that the Enter key presses, so it is the one that does no harm.
    fn form(&self) -> String {
        let remember = if self.can_remember {
            "<div class=\"check\"><input type=\"checkbox\" id=\"remember\" name=\"remember\" \
             value=\"yes\"><label for=\"remember\">Do not ask again in this browser for 30 \
             days</label></div>\n"
        } else {
            ""
        };
        format!(
            "<form method=\"post\" action=\"{}\">\n\
             <input type=\"hidden\" name=\"csrf\" value=\"{}\">\n\
             <input type=\"hidden\" name=\"ticket\" value=\"{}\">\n{remember}\
             <div class=\"actions\">\n\
             <button type=\"submit\" name=\"decision\" value=\"deny\">Deny</button>\n\
             <button type=\"submit\" name=\"decision\" value=\"allow\" class=\"main\">Allow</button>\n\
             </div>\n</form>\n",
            Escaped(self.action),
            Escaped(self.csrf),
            Escaped(self.ticket),
        )
    }
}
