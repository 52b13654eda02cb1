"""Hypothesis's database on a server that may go away."""

import warnings
from collections.abc import Callable, Iterable

from hypothesis.database import ExampleDatabase
from hypothesis.extra.redis import RedisExampleDatabase

from hjp_fuzz.fleet import EXPIRES, FleetWarning, Link, shown


class TolerantDatabase(ExampleDatabase):
    """Hypothesis's `RedisExampleDatabase`, which does nothing while the server is away.

    Without it an error in the thread of a `BackgroundWriteDatabase` ends that thread,
    and whoever waits for the thread, as every `fetch` does, waits for ever.

    Args:
        link: the connection to the server.
    """

    def __init__(self, link: Link) -> None:
        super().__init__()
        self._link = link
        self._database = RedisExampleDatabase(link.client, expire_after=EXPIRES)
        self._warned = False

    def __repr__(self) -> str:
        return f"TolerantDatabase({shown(self._link.url)!r})"

    def __eq__(self, other: object) -> bool:
        # HypoFuzz leaves out tests whose database is not equal to the profile's, and
        # makes both by running one conftest.py twice.
        return isinstance(other, TolerantDatabase) and self._link.url == other._link.url

    def __hash__(self) -> int:
        return hash(self._link.url)

    def fetch(self, key: bytes) -> Iterable[bytes]:
        """Return the examples of a test; none while the server is away."""
        none: list[bytes] = []
        found = self._link.tried(lambda _: list(self._database.fetch(key)), none)
        # Here and not in `save`, which runs in a thread where nobody sees it.
        if self._link.lost and not self._warned:
            self._warned = True
            message = f"the shared examples are out of reach: {self._link.lost}"
            warnings.warn(message, FleetWarning, stacklevel=2)
        return found

    def save(self, key: bytes, value: bytes) -> None:
        """Keep an example."""
        self._do(lambda: self._database.save(key, value))

    def delete(self, key: bytes, value: bytes) -> None:
        """Drop an example."""
        self._do(lambda: self._database.delete(key, value))

    def move(self, src: bytes, dest: bytes, value: bytes) -> None:
        """Keep an example under another key."""
        self._do(lambda: self._database.move(src, dest, value))

    def _start_listening(self) -> None:
        self._do(lambda: self._database.add_listener(self._broadcast_change))

    def _stop_listening(self) -> None:
        self._do(lambda: self._database.remove_listener(self._broadcast_change))

    def _do(self, call: Callable[[], None]) -> None:
        self._link.tried(lambda _: call(), None)
