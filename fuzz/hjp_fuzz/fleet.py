"""A fleet: runs on many machines that share what they find by a Redis server.

Two things are shared, each in its own way:

* `hjp_fuzz.fleet_store` holds what `hjp-fuzz run --redis` finds, as octets and cuts,
  which mean the same to every version of the fuzzer, and without expiry;
* `database` is what Hypothesis keeps of tests: sequences of choices, a cache, which
  expires when nobody has asked for it in a year.

A server that is lost ends neither a run nor a test: what they find is on disk too.
"""

import os
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar
from urllib.parse import urlsplit

if TYPE_CHECKING:  # a run that shares nothing needs neither
    from hypothesis.database import ExampleDatabase
    from redis import Redis

ENVIRONMENT = "HJP_FUZZ_REDIS"
"""The variable that names the server where no argument does."""
EXPIRES = timedelta(days=366)
"""Hypothesis's own 8 days lose what a monthly run has found."""
_PATIENCE = 2.0
_RETRY_AFTER = 5.0

T = TypeVar("T")


class FleetError(Exception):
    """The server cannot be used; the text says what to do."""


class FleetWarning(UserWarning):
    """Hypothesis goes on without the shared database."""


@dataclass(slots=True)
class Link:
    """A connection to a server that may go away, and come back.

    Attributes:
        url: where the server is.
        client: the connection.
        lost: what went wrong at the last attempt; empty if nothing did.
    """

    url: str
    client: "Redis"
    lost: str = ""
    _asleep_until: float = 0.0

    def tried(self, call: "Callable[[Redis], T]", otherwise: T) -> T:
        """Return what a call gives, or something else while the server is away."""
        from redis.exceptions import RedisError

        if time.monotonic() < self._asleep_until:
            return otherwise
        try:
            given = call(self.client)
        except (RedisError, OSError) as error:
            # Not at once again: each attempt may take as long as the patience lasts.
            self._asleep_until = time.monotonic() + _RETRY_AFTER
            self.lost = str(error) or type(error).__name__
            return otherwise
        self.lost = ""
        return given

    def wake(self) -> None:
        """Let the next call be tried, however short ago the last one failed."""
        self._asleep_until = 0.0


def linked(url: str) -> Link:
    """Return a connection that has not been tried.

    Args:
        url: such as ``redis://127.0.0.1:6379/0``, ``rediss://…`` for TLS, or
            ``unix:///run/redis.sock``; with a password ``redis://:secret@…``.

    Raises:
        FleetError: redis-py is not installed, or the address is none.
    """
    try:
        from redis import Redis
        from redis.backoff import NoBackoff
        from redis.retry import Retry
    except ImportError:
        message = "a fleet needs redis-py: pip install 'hjp[fleet]'"
        raise FleetError(message) from None
    try:
        client = Redis.from_url(
            url,
            socket_timeout=_PATIENCE,
            socket_connect_timeout=_PATIENCE,
            retry=Retry(NoBackoff(), 1),  # else it waits for seconds by itself
        )
    except ValueError:
        message = f"{shown(url)!r} is no address such as redis://127.0.0.1:6379"
        raise FleetError(message) from None
    return Link(url, client)


def shown(url: str) -> str:
    """Return an address without its password."""
    credentials, at, _ = urlsplit(url).netloc.rpartition("@")
    return url.replace(credentials + at, "", 1)


def database(
    url: str | None = None, folder: str | Path = ".hypothesis/examples"
) -> "ExampleDatabase":
    """Return a database for Hypothesis: a folder, and a server behind it.

    Use it as ``settings(database=database())``.  Tests go on when the server is
    away, with a `FleetWarning`.

    Args:
        url: the server, as `linked` takes it; that of the environment variable
            HJP_FUZZ_REDIS if None.  The folder alone if neither is given.
        folder: where the examples are kept on this machine.

    Raises:
        FleetError: redis-py is not installed, or the address is none.
    """
    from hypothesis.database import (
        BackgroundWriteDatabase,
        DirectoryBasedExampleDatabase,
        MultiplexedDatabase,
    )

    local = DirectoryBasedExampleDatabase(folder)
    url = url or os.environ.get(ENVIRONMENT, "")
    if not url:
        return local
    link = linked(url)
    from hjp_fuzz.fleet_examples import TolerantDatabase

    return MultiplexedDatabase(local, BackgroundWriteDatabase(TolerantDatabase(link)))
