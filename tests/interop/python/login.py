"""The official Python client logs in to examples/protected, or comes back with what it kept.

Usage: login.py {first|restarted|later} URL DIRECTORY

Each check is one line on stdout: `ok NAME` or `not ok NAME: REASON`, under a line `group NAME`.
"""

import contextlib
import http.server
import json
import pathlib
import sys
import threading
from urllib.parse import parse_qs, urlsplit

import anyio
import anyio.to_thread
import httpx2
from browser import Browser
from mcp import Client
from mcp.client.auth import AuthorizationCodeResult, OAuthClientProvider
from mcp.client.streamable_http import streamable_http_client
from mcp.shared.auth import OAuthClientInformationFull, OAuthClientMetadata, OAuthToken
from mcp.shared.exceptions import MCPError

ROLES = {"carol": "clerk", "alice": "admin"}
REVISIONS = {"auto": "2026-07-28", "legacy": "2025-11-25"}
DOCUMENT = "https://desk.example/client.json"
NAME = "Order <b>Desk</b> & Co."


def expect(condition, found):
    if not condition:
        raise AssertionError(f"found {found}")


def text(result):
    return "".join(block.text for block in result.content if block.type == "text")


class Callback:
    """Where the browser comes back to."""

    def __init__(self):
        self.answers = answers = []

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                answers.append(parse_qs(urlsplit(self.path).query))
                self.send_response(200)
                self.end_headers()
                self.wfile.write(b"You may close this page.")

            def log_message(self, *_):
                pass

        self.server = http.server.HTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        self.url = f"http://127.0.0.1:{self.server.server_port}/callback"


class Kept:
    """What a client keeps of a login, in a file if there is one."""

    def __init__(self, file=None):
        self.file = file
        kept = json.loads(file.read_text()) if file and file.exists() else {}
        self.tokens = OAuthToken.model_validate(kept["tokens"]) if "tokens" in kept else None
        self.client = OAuthClientInformationFull.model_validate(kept["client"]) if "client" in kept else None

    def write(self):
        kept = {"tokens": self.tokens, "client": self.client}
        kept = {name: value.model_dump(mode="json") for name, value in kept.items() if value}
        if self.file:
            self.file.write_text(json.dumps(kept))

    async def get_tokens(self):
        return self.tokens

    async def set_tokens(self, tokens):
        self.tokens = tokens
        self.write()

    async def get_client_info(self):
        return self.client

    async def set_client_info(self, client):
        self.client = client
        self.write()


class Denied(Exception):
    """What an application makes of an answer without a code."""


class Login:
    """A client, its user, and what the two have seen."""

    def __init__(self, user, url, mode, kept=None, document=None, buttons=("Allow", "Log in")):
        self.user = user
        self.url = url
        self.mode = mode
        self.kept = kept or Kept()
        self.document = document
        self.callback = Callback()
        self.browser = Browser({"User name": user, "Password": user}, buttons)
        self.asked = []
        self.end = None

    def provider(self):
        metadata = OAuthClientMetadata(
            client_name=NAME,
            redirect_uris=[self.callback.url],
            token_endpoint_auth_method="none",
        )
        return OAuthClientProvider(
            self.url, metadata, self.kept, self.show, self.come_back, client_metadata_url=self.document
        )

    async def show(self, page):
        self.asked.append(page)
        self.end = await anyio.to_thread.run_sync(self.browser.visit, page)

    async def come_back(self):
        answer = {name: values[0] for name, values in self.callback.answers[-1].items()}
        if "error" in answer:
            raise Denied(answer["error"], answer.get("error_description"), answer.get("iss"))
        return AuthorizationCodeResult(**answer)

    async def with_client(self, provider, use):
        async with httpx2.AsyncClient(auth=provider, timeout=60, trust_env=False) as web:
            server = streamable_http_client(self.url, http_client=web)
            async with Client(server, mode=self.mode, read_timeout_seconds=60) as client:
                await use(client)

    @property
    def parameters(self):
        return {name: values[0] for name, values in parse_qs(urlsplit(self.asked[0]).query).items()}


class Checks:
    """The checks that need no client, then those of a client that has logged in."""

    def __init__(self, login):
        self.login = login
        self.client = None
        self.provider = login.provider()

    async def nobody_gets_in_without_a_login(self):
        async with httpx2.AsyncClient(trust_env=False) as web:
            refused = await web.post(self.login.url, json={})
        expect(refused.status_code == 401, refused.status_code)
        challenge = refused.headers["www-authenticate"]
        expect("resource_metadata=" in challenge, challenge)

    async def the_era_is_negotiated(self):
        expect(self.client.protocol_version == REVISIONS[self.login.mode], self.client.protocol_version)

    async def a_tool_knows_who_calls(self):
        result = await self.client.call_tool("who_am_i", {})
        user = self.login.user
        expect(text(result) == f"{user} ({ROLES[user]})", result)

    async def the_authorization_server_is_found(self):
        ours, theirs = urlsplit(self.login.url), urlsplit(self.login.asked[0])
        expect(len(self.login.asked) == 1 and ours.netloc == theirs.netloc, self.login.asked)

    async def the_client_registers_itself(self):
        registered = self.login.kept.client
        expect(registered.client_id == self.login.parameters["client_id"], registered)

    async def the_login_is_bound_to_the_client_and_to_this_server(self):
        asked = self.login.parameters
        expect(asked["code_challenge_method"] == "S256", asked)
        expect(len(asked["code_challenge"]) == 43 and asked["state"], asked)
        expect(asked["resource"] == self.login.url, asked)

    async def the_user_allows_it_and_logs_in(self):
        at, status = self.login.end
        expect(status == 200 and at.startswith(self.login.callback.url), self.login.end)
        expect(self.login.browser.answered == 2, self.login.browser.shown)

    async def the_user_is_told_who_asks_for_what(self):
        consent = self.login.browser.shown[0]
        expect(NAME in consent and "See the orders" in consent, consent)

    async def the_browser_comes_back_with_a_code_of_this_issuer(self):
        answers = self.login.callback.answers
        parts = urlsplit(self.login.url)
        expect(len(answers) == 1 and answers[0]["code"], answers)
        expect(answers[0]["iss"] == [f"{parts.scheme}://{parts.netloc}"], answers)
        expect(answers[0]["state"] == [self.login.parameters["state"]], answers)

    async def the_code_becomes_a_token(self):
        tokens = self.login.kept.tokens
        expect(tokens.access_token and tokens.refresh_token, "no tokens")
        expect(tokens.scope == "orders:read", tokens.scope)

    async def the_tool_of_admins_is_not_shown_to_a_clerk(self):
        names = await self.tools()
        expect("orders" in names and "refund" not in names, names)

    async def the_tool_of_admins_is_refused_to_a_clerk(self):
        try:
            result = await self.client.call_tool("refund", {"number": 1})
        except MCPError:
            return
        expect(result.is_error and "paid back" not in text(result), result)

    async def the_tool_of_admins_is_shown_to_an_admin(self):
        names = await self.tools()
        expect("refund" in names, names)

    async def the_tool_of_admins_does_what_an_admin_asks(self):
        result = await self.client.call_tool("refund", {"number": 1})
        expect(not result.is_error and text(result) == "order 1 is paid back", result)

    async def an_expired_token_is_refreshed_without_the_user(self):
        old = self.login.kept.tokens.refresh_token
        # As after its hour, which this client counts by itself.
        self.provider.context.token_expiry_time = 1.0
        result = await self.client.call_tool("orders", {})
        expect(not result.is_error, result)
        expect(self.login.kept.tokens.refresh_token != old, "the old refresh token")
        expect(len(self.login.asked) == 1, self.login.asked)

    async def tools(self):
        return {tool.name for tool in (await self.client.list_tools()).tools}

    async def run(self, names):
        """A failing check does not stop the next."""
        for name in names:
            said = name.replace("_", " ")
            try:
                await getattr(self, name)()
                print(f"ok {said}", flush=True)
            except Exception as error:  # Whatever goes wrong is what the line reports.
                print(f"not ok {said}: {error!r}".replace("\n", " "), flush=True)


LOGGED_IN = [
    "the_era_is_negotiated",
    "the_authorization_server_is_found",
    "the_client_registers_itself",
    "the_login_is_bound_to_the_client_and_to_this_server",
    "the_user_allows_it_and_logs_in",
    "the_user_is_told_who_asks_for_what",
    "the_browser_comes_back_with_a_code_of_this_issuer",
    "the_code_becomes_a_token",
    "a_tool_knows_who_calls",
]
AS = {
    "clerk": [
        "the_tool_of_admins_is_not_shown_to_a_clerk",
        "the_tool_of_admins_is_refused_to_a_clerk",
    ],
    "admin": [
        "the_tool_of_admins_is_shown_to_an_admin",
        "the_tool_of_admins_does_what_an_admin_asks",
    ],
}


async def first(login):
    """A login, from a refused request to a refreshed token."""
    checks = Checks(login)
    await checks.run(["nobody_gets_in_without_a_login"])

    async def use(client):
        checks.client = client
        await checks.run(LOGGED_IN)
        await checks.run(AS[ROLES[login.user]])
        await checks.run(["an_expired_token_is_refreshed_without_the_user"])

    await login.with_client(checks.provider, use)


async def comes_back(login, name, later):
    """A new process with what the last one kept, and nobody at the browser."""
    provider = login.provider()
    before = login.kept.tokens.access_token
    if later:
        # This client forgets with its process when a token ends; an application has to remember.
        provider.context.token_expiry_time = 1.0

    async def use(client):
        checks = Checks(login)
        checks.client = client
        await checks.a_tool_knows_who_calls()

    with told(name):
        await login.with_client(provider, use)
        expect(login.asked == [], login.asked)
        expect((login.kept.tokens.access_token != before) == later, "the wrong token")


async def once(url):
    """What needs to hold once: a document for an id, and users who say no."""
    print("group python, once", flush=True)
    login = Login("carol", url, "auto", document=DOCUMENT)

    async def use(client):
        checks = Checks(login)
        checks.client = client
        await checks.a_tool_knows_who_calls()

    with told("a client with a document logs in without registering"):
        await login.with_client(login.provider(), use)
        expect(login.parameters["client_id"] == DOCUMENT, login.parameters)
        expect("published at desk.example" in login.browser.shown[0], login.browser.shown[0])

    denied = Login("carol", url, "auto", buttons=("Deny",))
    with told("a denial is told for what it is"):
        try:
            await denied.with_client(denied.provider(), use)
        except BaseException as error:
            reasons = [reason.args for reason in leaves(error) if isinstance(reason, Denied)]
            expect(reasons[:1] == [("access_denied", "the user refused", url.removesuffix("/mcp"))], repr(error))
        else:
            raise AssertionError("the client was let in")


def leaves(error):
    """What went wrong, out of the groups that tasks put it into."""
    if isinstance(error, BaseExceptionGroup):
        return [leaf for inner in error.exceptions for leaf in leaves(inner)]
    return [error]


@contextlib.contextmanager
def told(name):
    try:
        yield
        print(f"ok {name}", flush=True)
    except Exception as error:  # Whatever goes wrong is what the line reports.
        print(f"not ok {name}: {error!r}".replace("\n", " "), flush=True)


async def main(phase, url, directory):
    directory = pathlib.Path(directory)
    directory.mkdir(parents=True, exist_ok=True)
    for mode, revision in REVISIONS.items():
        for user in ROLES:
            print(f"group python, {user}, {revision}, {phase}", flush=True)
            login = Login(user, url, mode, Kept(directory / f"{user}-{mode}.json"))
            if phase == "first":
                await first(login)
            elif phase == "restarted":
                await comes_back(login, "stored tokens outlive client and server", False)
            else:
                await comes_back(login, "a token that has run out is refreshed without the user", True)
                again = Login(user, url, mode, Kept(directory / f"{user}-{mode}.json"))
                await comes_back(again, "what was stored anew lets in too", False)
    if phase == "first":
        await once(url)


anyio.run(main, *sys.argv[1:])
