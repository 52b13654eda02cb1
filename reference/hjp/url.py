"""Addresses: ``hjp://host:port``."""

from typing import Final
from urllib.parse import urlsplit

__all__ = ["DEFAULT_PORT", "format_url", "parse_url"]

DEFAULT_PORT: Final = 9507
"""The TCP port of a server that says nothing else."""


def parse_url(url: str) -> tuple[str, int]:
    """Read host and port from ``hjp://host``, ``hjp://host:9507``, ``hjp://[::1]``.

    Raises:
        ValueError: It is no such URL; the message says why.
    """
    parts = urlsplit(url)
    if parts.scheme != "hjp" or not url.lower().startswith("hjp://"):
        raise ValueError(f"{url!r} does not begin with hjp://")
    try:
        port = parts.port
    except ValueError:
        raise ValueError(f"{url!r} has no port from 0 to 65535") from None
    if not parts.hostname:
        raise ValueError(f"{url!r} names no host")
    if "@" in parts.netloc or parts.path not in ("", "/") or parts.query:
        raise ValueError(f"{url!r} has more than host and port")
    return parts.hostname, DEFAULT_PORT if port is None else port


def format_url(host: str, port: int) -> str:
    """Write the URL of an address."""
    return f"hjp://[{host}]:{port}" if ":" in host else f"hjp://{host}:{port}"
