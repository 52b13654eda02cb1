"""The plain server, with one thing changed; imported by right.py."""

import asyncio

from hjp_conformance.mutants.server.core import Connection
from hjp_conformance.mutants.server.metadata import Object
from hjp_conformance.mutants.server.transport import Frame, InputEnded

FEATURES = ["mux", "files", "exec", "x-teleport", "watch", "digest"]


class AnswersLate(Connection):
    """Thinks for four seconds before each frame."""

    async def send(self, message: Object, payload: bytes = b"") -> None:
        await asyncio.sleep(4)
        await super().send(message, payload)


class ClosesAfterHello(Connection):
    """Says nothing after a hello."""

    async def serve_frame(self) -> None:
        if self.greeted:
            raise InputEnded
        await super().serve_frame()


class DeclaresFeatures(Connection):
    """Lists features that it lacks."""

    def hello_members(self, frame: Frame) -> Object:
        return {**super().hello_members(frame), "features": [*FEATURES]}


KINDS: dict[str, type[Connection]] = {
    "answers-late": AnswersLate,
    "closes-after-hello": ClosesAfterHello,
    "declares-features-it-lacks": DeclaresFeatures,
}
