"""The official Python client against several processes behind a round robin.

Usage: client.py {auto|legacy} URL CALLS

Each call is one line of JSON on stdout: what was asked, and what was answered or the error.
"""

import json
import sys

import anyio
from mcp import Client


def text(result):
    return "".join(block.text for block in result.content if block.type == "text")


async def call(client, name, arguments):
    line = {"tool": name, "arguments": arguments}
    try:
        result = await client.call_tool(name, arguments)
        line["error" if result.is_error else "answer"] = text(result)
    except Exception as error:  # Whatever goes wrong is what the line reports.
        line["error"] = repr(error)
    print(json.dumps(line), flush=True)
    return line.get("answer")


async def main(mode, url, calls):
    async with Client(url, mode=mode, read_timeout_seconds=60) as client:
        trip = await call(client, "start", {}) if mode == "auto" else None
        for n in range(int(calls)):
            if n % 3 < 2:
                await call(client, "work", {"token": f"token {n}"})
            else:
                await call(client, "count", {"trip": trip} if trip else {})


anyio.run(main, *sys.argv[1:4])
