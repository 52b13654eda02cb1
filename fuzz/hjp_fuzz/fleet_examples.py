"""Hypothesis's database on a server that may go away."""

import warnings
from collections.abc import Callable, Iterable

from hypothesis.database import ExampleDatabase
from hypothesis.extra.redis import RedisExampleDatabase

from hjp_fuzz.fleet import EXPIRES, FleetWarning, Link


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
        return f"TolerantDatabase({self._database!r})"

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

    def _do(self, call: Callable[[], None]) -> None:
        self._link.tried(lambda _: call(), None)
