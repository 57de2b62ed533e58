"""As much of a browser as a login takes: cookies, redirects, forms.

It goes by what a page shows: fields have labels, buttons say what they do.
"""

import html.parser
import http.cookiejar
import urllib.error
import urllib.parse
import urllib.request

FORMS = 6


class Browser:
    """Somebody with a browser, who types `fields` by their labels and presses `buttons`."""

    def __init__(self, fields, buttons):
        self.fields = fields
        self.buttons = buttons
        self.answered = 0
        # The text of each page that was shown.
        self.shown = []
        jar = urllib.request.HTTPCookieProcessor(http.cookiejar.CookieJar())
        direct = urllib.request.ProxyHandler({})
        self.opener = urllib.request.build_opener(jar, direct)

    def visit(self, url):
        """Goes from page to page; where the first page without a form is, and its status."""
        request = urllib.request.Request(url)
        for _ in range(FORMS):
            with self._open(request) as response:
                at, status = response.geturl(), response.status
                page = Page(response.read().decode())
            self.shown.append(page.text)
            if page.action is None:
                return at, status
            request = self._answer(page, at)
            self.answered += 1
        raise AssertionError(f"the login takes more than {FORMS} forms, the last of them at {at}")

    def _open(self, request):
        try:
            return self.opener.open(request, timeout=10)
        except urllib.error.HTTPError as refused:
            return refused

    def _answer(self, page, at):
        fields = [(field["name"], self._value(page, field)) for field in page.inputs]
        fields = [(name, value) for name, value in fields if value is not None]
        pressed = next(button for button in page.buttons if button["text"] in self.buttons)
        if "name" in pressed:
            fields.append((pressed["name"], pressed["value"]))
        url = urllib.parse.urljoin(at, page.action)
        request = urllib.request.Request(url, urllib.parse.urlencode(fields).encode())
        # What browsers say of a form that its own page sent.
        parts = urllib.parse.urlsplit(at)
        request.add_unredirected_header("Origin", f"{parts.scheme}://{parts.netloc}")
        request.add_unredirected_header("Sec-Fetch-Site", "same-origin")
        return request

    def _value(self, page, field):
        label = page.labels.get(field.get("id"))
        if label in self.fields:
            return self.fields[label]
        return None if field.get("type") == "checkbox" else field.get("value", "")


class Page(html.parser.HTMLParser):
    """A page with at most one form."""

    def __init__(self, text):
        super().__init__()
        self.action = None
        self.inputs = []
        self.buttons = []
        self.labels = {}
        self._words = []
        self._inside = []
        self.feed(text)
        self.text = " ".join(" ".join(self._words).split())

    def handle_starttag(self, tag, attributes):
        attributes = dict(attributes)
        if tag == "form":
            self.action = attributes["action"]
        elif tag == "input":
            self.inputs.append(attributes)
        elif tag in ("button", "label", "style", "title"):
            self._inside.append((tag, attributes))
        if tag == "button":
            self.buttons.append(attributes | {"text": ""})

    def handle_endtag(self, tag):
        if self._inside and self._inside[-1][0] == tag:
            self._inside.pop()

    def handle_data(self, data):
        tag, attributes = self._inside[-1] if self._inside else ("", {})
        if tag in ("style", "title"):
            return
        self._words.append(data)
        if tag == "button":
            self.buttons[-1]["text"] += data
        elif tag == "label":
            self.labels[attributes["for"]] = self.labels.get(attributes["for"], "") + data
