"""Odd ways to write and to read the octets of frames."""

import socket
import time

from hjp_conformance.mutants.client.client import Client, Request
from hjp_conformance.mutants.client.oddities import odd
from hjp_conformance.mutants.client.receiver import MAX_JSON
from hjp_conformance.mutants.client.shared import BadJson, Cut, Number

# Writing


@odd
class SingleOctets(Client):
    """Writes the first 300 octets of every frame one by one."""

    left = 300

    def send(self, octets: bytes) -> None:
        self.left = 300
        super().send(octets)

    def put(self, octets: memoryview) -> int:
        self.left -= 1
        return super().put(octets[:1] if self.left >= 0 else octets)


@odd
class SlowPieces(Client):
    """Writes the first octets of a frame in pieces, some milliseconds apart."""

    def send(self, octets: bytes) -> None:
        for start, end in ((0, 3), (3, 11), (11, 17), (17, 30)):
            super().send(octets[start:end])
            if self.sent < 20:
                time.sleep(0.002)
        super().send(octets[30:])


@odd
class PayloadLater(Client):
    """Lets 30 ms pass between JSON text and payload."""

    def frame_octets(self, header: bytes, text: bytes, payload: bytes) -> bytes:
        self.payload_at = len(header) + len(text)
        return super().frame_octets(header, text, payload)

    def send(self, octets: bytes) -> None:
        super().send(octets[: self.payload_at])
        if octets[self.payload_at :] and self.sent < 20:
            time.sleep(0.03)
        super().send(octets[self.payload_at :])


@odd
class BigWrites(Client):
    """Gathers the requests of ahead, and writes them at once."""

    gathering = False

    def start_all(self, count: int, op: str, payload: bytes) -> list[Request]:
        self.gathered = bytearray()
        self.gathering = True
        requests = super().start_all(count, op, payload)
        self.gathering = False
        self.send(bytes(self.gathered))
        return requests

    def send(self, octets: bytes) -> None:
        if self.gathering:
            self.gathered += octets
        else:
            super().send(octets)


# Reading


@odd
class TinyReads(Client):
    """Has a small receive buffer and reads it by the octet, later by 61."""

    taken = 0

    def make_socket(self) -> socket.socket:
        made = super().make_socket()
        made.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        return made

    def receive(self) -> bytes:
        self.taken += 1
        self.chunk = 1 if self.taken < 500 else 61 if self.taken < 3000 else 2999
        return super().receive()


@odd
class SlowReader(Client):
    """Thinks 20 ms before each of its first 50 reads."""

    reads = 0

    def receive(self) -> bytes:
        self.reads += 1
        if self.reads <= 50:
            time.sleep(0.02)
        return super().receive()


@odd
class LateReader(Client):
    """Lets 200 ms pass between a request and its first look at the reply."""

    def settle(self, request: Request) -> None:
        if request.id in self.waiting and self.sent < 20:
            time.sleep(0.2)
        super().settle(request)


@odd
class EarlyRefusals(Client):
    """Refuses a frame as soon as no further octets can make it good (HJP-FRM-18)."""

    def head_ready(self) -> bool:
        begun = bytes(self.buffer[:4])
        if begun != b"HJP\xff"[: len(begun)]:
            self.refuse("bad_magic")
        return super().head_ready()

    def header_ready(self) -> bool:
        begun = bytes(self.buffer[:16])
        if any(begun[5:8]):
            self.refuse("bad_frame")
        if int.from_bytes(begun[8:12], "little") > MAX_JSON:
            self.refuse("too_large")
        least = int.from_bytes(begun[8:12], "little") if len(begun) >= 12 else 2
        if least >= 2 and int.from_bytes(begun[12:], "little") > self.payload_max():
            self.refuse("too_large")
        return super().header_ready()

    def json_ready(self) -> bool:
        ready = super().json_ready()
        if not ready:
            self.judge(bytes(self.buffer))
        return ready

    def judge(self, begun: bytes) -> None:
        """Judge what ends with a comma: no token of it can change any more."""
        whole = begun[: begun.rfind(b",") + 1] or begun[:1]
        try:
            self.scanner(whole).read()
        except Cut:
            return
        except BadJson:
            if whole:
                self.refuse("bad_json")


@odd
class PointsAccepted(Client):
    """Takes 1.0, 1e0 and -0 for the integers that they are (HJP-MET-19)."""

    def plain(self, number: Number) -> bool:
        return True


@odd
class Capitals(Client):
    """Prints payloads in capital digits."""

    def digits(self, octets: bytes) -> str:
        return octets.hex().upper()
