"""A FastMCP server for our client, with the catalogue that ../ts/server.mjs has too.

Usage: server.py {stdio|http PORT}
"""

import sys
from dataclasses import dataclass

from fastmcp import Context, FastMCP
from mcp_types import PromptReference

mcp = FastMCP("yard", version="1.0.0")


@dataclass
class Weight:
    count: int
    grams: int


@mcp.tool
def weigh(pieces: list[int]) -> Weight:
    """Weighs pieces of wood."""
    return Weight(len(pieces), sum(pieces))


@mcp.tool
async def saw(n: int, context: Context) -> str:
    """Saws in so many steps."""
    for step in range(1, n + 1):
        await context.report_progress(step, n)
    return "sawn"


@mcp.tool
def spoil() -> str:
    """Always fails."""
    raise ValueError("the saw is blunt")


@mcp.resource("yard://stock")
def stock() -> str:
    return "12 purlins"


@mcp.resource("yard://beams/{name}")
def beam(name: str) -> str:
    return f"a beam of {name}"


@mcp.prompt
def order(wood: str) -> str:
    return f"Order some {wood}."


@mcp.completion
def complete(ref, argument, context):
    if isinstance(ref, PromptReference) and ref.name == "order":
        return [wood for wood in ("ash", "oak", "olive") if wood.startswith(argument.value)]
    return None


if sys.argv[1] == "stdio":
    mcp.run(show_banner=False)
else:
    mcp.run(transport="http", host="127.0.0.1", port=int(sys.argv[2]), show_banner=False)
