"""Two ways to put up with a frame that has to be refused."""

from hjp_conformance.mutants.client.client import Client
from hjp_conformance.mutants.client.receiver import Frame
from hjp_conformance.mutants.client.shared import Object


class Mended(Client):
    """Puts right what is wrong with a message before it is checked."""

    def parse(self, text: bytes) -> Object:
        message = super().parse(text)
        self.mend(message)
        return message

    def mend(self, message: Object) -> None:
        """Change the message."""


class Skipping(Client):
    """Drops a whole frame instead of refusing it."""

    dropped = False

    def drop(self, frame: Frame) -> None:
        self.dropped = True
        frame.id = 0
        frame.message = {"ok": False, "error": {"code": "internal", "fatal": True}}

    def accept(self, frame: Frame) -> None:
        if not self.dropped:
            super().accept(frame)
        self.dropped = False
