"""What the tests of files share: a client by hand that counts its ids."""

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from hjp import Limits
from hjp.durability import Durability
from hjp.files import Files

from .hjp_peer import Address, Peer, frame, serving

ALL = ("files", "resume", "delete")
Answer = tuple[dict[str, Any], bytes]


def digest(octets: bytes) -> str:
    """As HJP writes it."""
    return "sha-256:" + hashlib.sha256(octets).hexdigest()


def token(number: int) -> str:
    """An upload's."""
    return f"{number:032x}"


@contextmanager
def keeping(
    engine: str, root: Path, *, max_payload: int = 65_536, **options: Any
) -> Iterator[Address]:
    """A server that keeps files there."""
    options = {"features": ALL, "durability": Durability.NONE} | options
    limits = Limits(max_payload=max_payload)
    with (
        Files(root, **options) as files,
        serving(engine, files.offer, limits=limits) as (address, _),
    ):
        yield address


class Asker(Peer):
    """A client of one server."""

    id = 0

    def __init__(self, server: Address) -> None:
        super().__init__(server)
        self.server = server

    def frame(self, op: str, payload: bytes = b"", **members: Any) -> None:
        """Send another frame of the present request."""
        self.send(frame({"id": self.id, "op": op, **members}, payload))

    def begin(self, op: str, payload: bytes = b"", **members: Any) -> None:
        """Send the first frame of a request."""
        self.id += 1
        self.frame(op, payload, **members)

    def ask(self, op: str, payload: bytes = b"", **members: Any) -> dict[str, Any]:
        """Send a request of one frame; give what is said to it."""
        self.begin(op, payload, **members)
        return self.answer()

    def answer(self) -> dict[str, Any]:
        """Read a reply without payload; of an error only what is in ``error``."""
        reply, payload = self.reply()
        assert payload == b""
        return self.shown(reply)

    def shown(self, reply: dict[str, Any]) -> dict[str, Any]:
        """What a reply says beside ``id``, ``ok`` and the words for people."""
        assert reply.pop("id") == self.id
        if not reply.pop("ok"):
            reply = reply["error"]
            assert isinstance(reply.pop("message"), str)
        return reply

    def get(self, name: str, **members: Any) -> Answer:
        """Read an object: what the first and the last frame say, and the octets."""
        self.begin("get", name=name, **members)
        first, octets = self.reply()
        said = last = self.shown(first)
        while last.pop("more", False):
            reply, payload = self.reply()
            octets += payload
            last = self.shown(reply)
        return said | last, octets

    def alive(self) -> None:
        """See that the connection goes on."""
        assert self.ask("ping") == {}
