//! A browser as far as a login needs one: it keeps cookies, follows redirects,
//! and fills in the forms of the pages it is shown.

use std::{
    collections::BTreeMap,
    sync::{Mutex, MutexGuard},
};

use form_urlencoded::Serializer;
use http::{Method, Request, Response, header};
use http_body_util::{BodyExt, Full};
use hyper_util::{
    client::legacy::{Client, connect::HttpConnector},
    rt::TokioExecutor,
};

type Web = Client<HttpConnector, Full<&'static [u8]>>;

/// How many pages a login may take.
const MAX_PAGES: usize = 12;

/// Somebody at a browser, who allows what is asked, or not.
pub(crate) struct Browser {
    user: &'static str,
    decision: &'static str,
    seen: Mutex<Seen>,
}

#[derive(Default)]
struct Seen {
    cookies: BTreeMap<String, String>,
    /// The permissions on each consent page.
    consents: Vec<Vec<String>>,
    /// Each page, as it was written.
    pages: Vec<String>,
}

/// Where to go next, and with what.
struct Step {
    url: String,
    form: Option<String>,
}

impl Browser {
    pub(crate) fn of(user: &'static str) -> Self {
        Self {
            user,
            decision: "allow",
            seen: Mutex::default(),
        }
    }

    /// Somebody who says no.
    #[allow(dead_code, reason = "not every suite asks for somebody like that")]
    pub(crate) fn denying(user: &'static str) -> Self {
        Self {
            decision: "deny",
            ..Self::of(user)
        }
    }

    /// The pages that were shown.
    #[allow(dead_code, reason = "not every suite reads them")]
    pub(crate) fn shown(&self) -> Vec<String> {
        self.seen().pages.clone()
    }

    /// What the user was asked to allow, page by page.
    pub(crate) fn consents(&self) -> Vec<Vec<String>> {
        self.seen().consents.clone()
    }

    fn seen(&self) -> MutexGuard<'_, Seen> {
        self.seen.lock().unwrap()
    }

    /// Goes from page to page until there is nothing more to do.
    pub(crate) async fn visit(&self, url: String) {
        let web: Web = Client::builder(TokioExecutor::new()).build_http();
        let mut step = Step { url, form: None };
        for _ in 0..MAX_PAGES {
            let response = web.request(self.request(&step)).await.unwrap();
            self.keep_cookies(&response);
            let location = response.headers().get(header::LOCATION);
            let location = location.map(|location| location.to_str().unwrap().to_owned());
            let page = response.into_body().collect().await.unwrap().to_bytes();
            let page = String::from_utf8_lossy(&page);
            if location.is_none() {
                self.seen().pages.push(page.clone().into_owned());
            }
            step = match location {
                Some(location) => Step {
                    url: resolve(&step.url, &location),
                    form: None,
                },
                None => match self.fill_in(&page) {
                    Some((action, form)) => Step {
                        url: resolve(&step.url, &action),
                        form: Some(form),
                    },
                    None => return,
                },
            };
        }
        panic!(
            "the login took more than {MAX_PAGES} pages, the last of them {}",
            step.url
        );
    }

    fn request(&self, step: &Step) -> Request<Full<&'static [u8]>> {
        let cookies = self.seen().cookies.clone();
        let cookies: Vec<String> = cookies
            .iter()
            .map(|(name, value)| format!("{name}={value}"))
            .collect();
        let request = Request::builder().uri(&step.url);
        let request = match cookies.is_empty() {
            true => request,
            false => request.header(header::COOKIE, cookies.join("; ")),
        };
        match &step.form {
            None => request.body(Full::default()).unwrap(),
            Some(form) => {
                let body: &'static [u8] = form.clone().into_bytes().leak();
                request
                    .method(Method::POST)
                    .header(header::ORIGIN, origin(&step.url))
                    .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
                    .body(Full::new(body))
                    .unwrap()
            }
        }
    }

    fn keep_cookies<B>(&self, response: &Response<B>) {
        for cookie in response.headers().get_all(header::SET_COOKIE) {
            let cookie = cookie.to_str().unwrap();
            let pair = cookie.split(';').next().unwrap();
            let (name, value) = pair.split_once('=').unwrap();
            self.seen()
                .cookies
                .insert(name.to_owned(), value.to_owned());
        }
    }

    /// The form of a page, as this user sends it.
    fn fill_in(&self, page: &str) -> Option<(String, String)> {
        let form = between(page, "<form", "</form>")?;
        let mut fields = Serializer::new(String::new());
        for input in form.split("<input").skip(1) {
            let name = attribute(input, "name")?;
            match &*name {
                "username" | "password" => fields.append_pair(&name, self.user),
                "remember" => continue,
                _ => fields.append_pair(&name, &attribute(input, "value").unwrap_or_default()),
            };
        }
        if form.contains("name=\"decision\"") {
            fields.append_pair("decision", self.decision);
            let scopes = page.split("<code class=\"small\">").skip(1);
            let scopes = scopes.filter_map(|rest| Some(rest.split_once('<')?.0.to_owned()));
            self.seen().consents.push(scopes.collect());
        }
        Some((attribute(form, "action")?, fields.finish()))
    }
}

fn between<'a>(text: &'a str, start: &str, end: &str) -> Option<&'a str> {
    let (_, rest) = text.split_once(start)?;
    Some(rest.split_once(end)?.0)
}

/// The value of an attribute of the first tag.
fn attribute(tag: &str, name: &str) -> Option<String> {
    let tag = tag.split('>').next()?;
    let value = between(tag, &format!("{name}=\""), "\"")?;
    Some(value.replace("&amp;", "&").replace("&#x2F;", "/"))
}

fn origin(url: &str) -> String {
    let (scheme, rest) = url.split_once("://").unwrap();
    let authority = rest.split(['/', '?']).next().unwrap();
    format!("{scheme}://{authority}")
}

fn resolve(base: &str, location: &str) -> String {
    match location.starts_with('/') {
        true => origin(base) + location,
        false => location.to_owned(),
    }
}
