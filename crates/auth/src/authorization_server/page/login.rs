//! The page that asks for a name and a password.

use bytes::Bytes;
use http::{Response, StatusCode};

use super::{Escaped, Pages};

/// A login with a password, and what was wrong with the last attempt.
#[derive(Clone, Copy, Debug)]
pub(in super::super) struct LoginPage<'a> {
    /// Whose users log in.
    pub(in super::super) provider: &'a str,
    /// What the application calls itself.
    pub(in super::super) client: &'a str,
    pub(in super::super) action: &'a str,
    pub(in super::super) csrf: &'a str,
    pub(in super::super) state: &'a str,
    /// The name that was typed last.
    pub(in super::super) username: &'a str,
    pub(in super::super) problem: Option<&'a str>,
    pub(in super::super) status: StatusCode,
}

impl LoginPage<'_> {
    pub(in super::super) fn answer(&self, pages: &Pages) -> Response<Bytes> {
        let service = pages.service();
        let failed = if self.problem.is_some() {
            "Failed: "
        } else {
            ""
        };
        let title = format!("{failed}Log in to {service}");
        let main = format!(
            "<h1>Log in to <bdi>{service}</bdi></h1>\n\
             <p class=\"lead\">You have allowed <bdi>{}</bdi> to act in your name. To go on, log in \
             with <bdi>{}</bdi>.</p>\n{}{}",
            Escaped(self.client),
            Escaped(self.provider),
            self.notice(),
            self.form(),
        );
        pages.page(self.status, &title, &main)
    }

    fn notice(&self) -> String {
        let Some(problem) = self.problem else {
            return String::new();
        };
        let problem = Escaped(problem);
        format!(
            "<div class=\"notice error\" role=\"alert\" id=\"problem\">\n<p>{problem}</p>\n</div>\n"
        )
    }

    fn form(&self) -> String {
        let wrong = if self.problem.is_some() {
            " aria-invalid=\"true\" aria-describedby=\"problem\""
        } else {
            ""
        };
        // Where there is something left to type.
        let (name, password) = match self.username {
            "" => (" autofocus", ""),
            _ => ("", " autofocus"),
        };
        format!(
            "<form method=\"post\" action=\"{}\">\n\
             <input type=\"hidden\" name=\"csrf\" value=\"{}\">\n\
             <input type=\"hidden\" name=\"state\" value=\"{}\">\n\
             <div class=\"field\"><label for=\"username\">User name</label>\
             <input id=\"username\" name=\"username\" value=\"{}\" autocomplete=\"username\" \
             autocapitalize=\"none\" spellcheck=\"false\" required{name}{wrong}></div>\n\
             <div class=\"field\"><label for=\"password\">Password</label>\
             <input id=\"password\" name=\"password\" type=\"password\" \
             autocomplete=\"current-password\" required{password}{wrong}></div>\n\
             <div class=\"actions\">\
             <button type=\"submit\" class=\"main\">Log in</button></div>\n</form>\n",
            Escaped(self.action),
            Escaped(self.csrf),
            Escaped(self.state),
            Escaped(self.username),
        )
    }
}
