"""Stubs of servers that are the plain server but for one thing."""

import asyncio
import importlib

RIGHT = {
    "answers-late": "Answers everything right, but each frame after four seconds.",
    "closes-after-hello": "Answers hello right and closes the connection after it.",
    "declares-features-it-lacks": "Answers hello with features that it does not have.",
}


def run_right(name: str, port: int) -> None:
    """Import the server only where it is needed, since it starts slowly."""
    kinds = importlib.import_module("hjp_conformance.mutants.stubs.late").KINDS
    core = importlib.import_module("hjp_conformance.mutants.server.core")
    asyncio.run(core.Server(kinds[name]).run(port))
