"""The official Python client against one example server.

Usage: client.py {quickstart|platform} {auto|legacy} {http URL|stdio COMMAND [ARGUMENT...]}

Each check is one line on stdout: `ok NAME` or `not ok NAME: REASON`.
"""

import json
import sys

import anyio
from mcp import Client, StdioServerParameters
from mcp.shared.exceptions import MCPError

VERSIONS = {"auto": "2026-07-28", "legacy": "2025-11-25"}


class Checks:
    """Runs checks one by one; a failing one does not stop the next."""

    def __init__(self, client, mode, logs):
        self.client = client
        self.mode = mode
        self.logs = logs

    async def run(self, checks):
        for check in checks:
            name = check.__name__.replace("_", " ")
            try:
                await check(self)
                print(f"ok {name}", flush=True)
            except Exception as error:  # Whatever goes wrong is what the line reports.
                print(f"not ok {name}: {error!r}".replace("\n", " "), flush=True)


def expect(condition, found):
    if not condition:
        raise AssertionError(f"found {found}")


def text(result):
    return "".join(block.text for block in result.content if block.type == "text")


async def the_era_is_negotiated(self):
    expect(self.client.protocol_version == VERSIONS[self.mode], self.client.protocol_version)


async def tools_are_listed(self):
    names = {tool.name for tool in (await self.client.list_tools()).tools}
    expect({"add", "slow", "boom"} <= names, names)


async def add_returns_the_sum(self):
    result = await self.client.call_tool("add", {"a": 19, "b": 23})
    expect(not result.is_error and text(result) == "42", result)


async def wrong_arguments_are_an_error_result(self):
    result = await self.client.call_tool("add", {"a": "many", "b": 23})
    expect(result.is_error, result)


async def slow_reports_progress_and_logs(self):
    seen = []

    async def on_progress(progress, total, message):
        seen.append(progress)

    if self.mode == "legacy":
        await self.client.set_logging_level("debug")
    self.logs.clear()
    result = await self.client.call_tool("slow", {"n": 3}, progress_callback=on_progress)
    expect(not result.is_error, result)
    expect(len(seen) >= 3 and seen == sorted(seen), seen)
    expect(len(self.logs) >= 3, self.logs)


async def boom_is_an_error_result(self):
    result = await self.client.call_tool("boom", {})
    expect(result.is_error and text(result), result)


async def an_unknown_tool_is_refused(self):
    try:
        result = await self.client.call_tool("no-such-tool", {})
    except MCPError:
        return
    raise AssertionError(f"found {result}")


async def the_resource_is_listed_and_read(self):
    listed = {str(resource.uri) for resource in (await self.client.list_resources()).resources}
    expect("data://stats" in listed, listed)
    contents = (await self.client.read_resource("data://stats")).contents
    expect(contents and contents[0].text, contents)


async def the_template_is_listed_and_read(self):
    templates = (await self.client.list_resource_templates()).resource_templates
    listed = {template.uri_template for template in templates}
    expect("greet://{name}" in listed, listed)
    contents = (await self.client.read_resource("greet://Ada")).contents
    expect("Ada" in contents[0].text, contents)


async def the_prompt_is_listed_and_filled_in(self):
    listed = {prompt.name for prompt in (await self.client.list_prompts()).prompts}
    expect("ask" in listed, listed)
    messages = (await self.client.get_prompt("ask", {"topic": "purlins"})).messages
    expect("purlins" in messages[0].content.text, messages)


async def the_mounted_tools_are_listed(self):
    names = {tool.name for tool in (await self.client.list_tools()).tools}
    prefixes = {name.split("_")[0] for name in names}
    expect(len(prefixes) >= 4 and "weather_current" in names, names)


async def a_mounted_tool_answers(self):
    result = await self.client.call_tool("weather_current", {"city": "Paris"})
    expect(not result.is_error and "Paris" in json.dumps(result.model_dump(mode="json")), result)


CHECKS = {
    "quickstart": [
        the_era_is_negotiated,
        tools_are_listed,
        add_returns_the_sum,
        wrong_arguments_are_an_error_result,
        slow_reports_progress_and_logs,
        boom_is_an_error_result,
        an_unknown_tool_is_refused,
        the_resource_is_listed_and_read,
        the_template_is_listed_and_read,
        the_prompt_is_listed_and_filled_in,
    ],
    "platform": [the_era_is_negotiated, the_mounted_tools_are_listed, a_mounted_tool_answers],
}


async def main(example, mode, transport, target):
    server = target[0]
    if transport == "stdio":
        server = StdioServerParameters(command=target[0], args=target[1:])
    logs = []

    async def on_log(params):
        logs.append(params)

    # The stateless era sends logs only to a client that asks for them.
    level = "debug" if mode == "auto" else None
    connection = Client(
        server, mode=mode, logging_callback=on_log, log_level=level, read_timeout_seconds=20
    )
    async with connection as client:
        await Checks(client, mode, logs).run(CHECKS[example])


anyio.run(main, sys.argv[1], sys.argv[2], sys.argv[3], sys.argv[4:])
