//! What a browser got.

use form_urlencoded::Serializer;

/// An answer.
#[derive(Clone, Debug)]
pub(crate) struct Page {
    pub(crate) url: String,
    pub(crate) status: u16,
    headers: Vec<(String, String)>,
    pub(crate) body: String,
}

impl Page {
    /// A whole answer; nothing where its end is missing.
    pub(super) fn read(url: &str, answer: &str) -> Option<Self> {
        let (head, body) = answer.split_once("\r\n\r\n")?;
        let mut lines = head.lines();
        let status = lines.next().unwrap().split(' ').nth(1).unwrap();
        let header = |line: &str| {
            let (name, value) = line.split_once(':').unwrap();
            (name.to_ascii_lowercase(), value.trim().to_owned())
        };
        let page = Self {
            url: url.to_owned(),
            status: status.parse().unwrap(),
            headers: lines.map(header).collect(),
            body: body.to_owned(),
        };
        let length = page.header("content-length");
        let is_whole = length.is_none_or(|length| length == page.body.len().to_string());
        is_whole.then_some(page)
    }

    pub(crate) fn all<'a>(&'a self, name: &'static str) -> impl Iterator<Item = &'a str> {
        let named = self.headers.iter().filter(move |(known, _)| known == name);
        named.map(|(_, value)| &**value)
    }

    pub(crate) fn header(&self, name: &'static str) -> Option<&str> {
        self.all(name).next()
    }

    pub(crate) fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.body).unwrap_or_else(|_| panic!("{self:?}"))
    }

    /// Where it sends the browser.
    pub(crate) fn location(&self) -> &str {
        assert_eq!(self.status, 303, "{self:?}");
        self.header("location").unwrap()
    }

    /// The parameters of where it sends the browser.
    pub(crate) fn answer(&self) -> Vec<(String, String)> {
        let (_, query) = self.location().split_once('?').unwrap();
        form_urlencoded::parse(query.as_bytes())
            .into_owned()
            .collect()
    }

    /// The only value of a parameter of where it sends the browser.
    pub(crate) fn parameter(&self, name: &str) -> Option<String> {
        let answer = self.answer();
        let mut values = answer.iter().filter(|(known, _)| known == name);
        let value = values.next().map(|(_, value)| value.clone());
        assert_eq!(values.next(), None, "`{name}` twice: {answer:?}");
        value
    }

    pub(crate) fn origin(&self) -> String {
        let start = self.url.find("://").unwrap() + 3;
        let end = self.url[start..]
            .find('/')
            .map_or(self.url.len(), |at| start + at);
        self.url[..end].to_owned()
    }

    /// Where its form goes.
    pub(crate) fn action(&self) -> String {
        format!(
            "{}{}",
            self.origin(),
            attribute(&self.body, "<form ", "action").expect(&self.body)
        )
    }

    /// The hidden fields of its form.
    pub(crate) fn hidden(&self) -> Vec<(String, String)> {
        let inputs = self.body.split("<input ").skip(1);
        let hidden = inputs.filter(|input| input.starts_with("type=\"hidden\""));
        let pair = |input: &str| {
            let of = |name| attribute(input, "", name).unwrap();
            (of("name"), of("value"))
        };
        hidden.map(pair).collect()
    }

    /// What its form sends with these fields.
    pub(crate) fn form(&self, fields: &[(&str, &str)]) -> String {
        let mut form = Serializer::new(String::new());
        form.extend_pairs(self.hidden());
        form.extend_pairs(fields);
        form.finish()
    }
}

fn attribute(html: &str, tag: &str, name: &str) -> Option<String> {
    let html = &html[html.find(tag)? + tag.len()..];
    let tag = &html[..html.find('>')?];
    let mark = format!("{name}=\"");
    let value = &tag[tag.find(&mark)? + mark.len()..];
    let value = &value[..value.find('"')?];
    Some(
        value
            .replace("&quot;", "\"")
            .replace("&#39;", "'")
            .replace("&lt;", "<")
            .replace("&gt;", ">")
            .replace("&amp;", "&"),
    )
}
