"""Addresses: ``hjp://host:port``."""

import re
from typing import Final

__all__ = ["DEFAULT_PORT", "format_url", "parse_url"]

DEFAULT_PORT: Final = 9507
"""The TCP port of a server that says nothing else."""

_URL: Final = re.compile(
    r"hjp://(?:\[(?P<address>[0-9a-f:.]+(?:%\w+)?)\]|(?P<name>[^\s:/?#@\[\]]+))"
    r"(?::(?P<port>[0-9]{1,5}))?/?",
    re.IGNORECASE,
)


def parse_url(url: str) -> tuple[str, int]:
    """Read host and port from ``hjp://host``, ``hjp://host:9507``, ``hjp://[::1]``.

    Raises:
        ValueError: It is no such URL; the message says why.
    """
    if not url.lower().startswith("hjp://"):
        raise ValueError(f"{url!r} does not begin with hjp://")
    match = _URL.fullmatch(url)
    if match is None:
        raise ValueError(f"{url!r} is not hjp://host:port, hjp://host or hjp://[::1]")
    port = int(match["port"] or DEFAULT_PORT)
    if port > 65_535:
        raise ValueError(f"{url!r} has no port from 0 to 65535")
    return match["address"] or match["name"], port


def format_url(host: str, port: int) -> str:
    """Write the URL of an address."""
    return f"hjp://[{host}]:{port}" if ":" in host else f"hjp://{host}:{port}"
