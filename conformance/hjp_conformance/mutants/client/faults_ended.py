"""Faults in what a client does with fatal errors, order of faults, and ends."""

import socket
import struct
import time

from hjp_conformance.mutants.client.catalogue import fault
from hjp_conformance.mutants.client.client import Client, Request
from hjp_conformance.mutants.client.link import Lost
from hjp_conformance.mutants.client.receiver import MAGIC, Fatal, Frame, Refused, Row
from hjp_conformance.mutants.client.shared import Number, Object

# ERR-14: after a fatal error


class AfterFatal(Client):
    """Sends something after a fatal error."""

    def fatal(self, error: Fatal) -> None:
        super().fatal(error)
        # What the socket was told is all that counts: nothing is read any more.
        self.socket.setblocking(True)
        try:
            self.farewell()
        except OSError:
            self.writable = False

    def farewell(self) -> None:
        """Send something."""

    def message(self, **members: str) -> Object:
        return {"id": Number(str(self.last_id + 1)), **members}


@fault("ERR-14")
class FatalGoodbye(AfterFatal):
    """Sends a last frame with the op x-goodbye after a fatal error."""

    def farewell(self) -> None:
        self.socket.sendall(self.pack(self.message(op="x-goodbye"), b""))


@fault("ERR-14")
class FatalRetried(AfterFatal):
    """Sends the request that was waiting again after a fatal error."""

    def farewell(self) -> None:
        for request in list(self.waiting.values())[:1]:
            self.socket.sendall(self.pack(self.message(op=request.op), b""))


@fault("ERR-14")
class FatalEndsRequest(AfterFatal):
    """Ends its open request by an empty frame after a fatal error."""

    def farewell(self) -> None:
        for request in self.waiting.values():
            if not request.ended:
                self.socket.sendall(self.pack(self.end_message(request), b""))


@fault("ERR-14")
class FatalGoesOn(AfterFatal):
    """Goes on with its next action after a fatal error, as if one request failed."""

    def opened(self, actions: list[list[str]]) -> None:
        self.actions = actions
        self.done = 0

    def act(self, action: list[str]) -> None:
        self.done += 1
        super().act(action)

    def farewell(self) -> None:
        for action in self.actions[self.done : self.done + 1]:
            self.socket.sendall(self.pack(self.message(op=action[0]), b""))


@fault("ERR-14")
class FatalPingFirst(AfterFatal):
    """Sends a ping to see whether a fatal error was one."""

    def farewell(self) -> None:
        self.socket.sendall(self.pack(self.message(op="ping"), b""))


@fault("ERR-14")
class CallUnderFatal(Client):
    """Sends the frame of a line before it looks for a fatal error that has come."""

    def call_frame(self, request: Request, payload: bytes, more: bool) -> None:
        if self.held is not None:
            self.send_frame(request, payload, more)
            raise self.held
        super().call_frame(request, payload, more)

    held: Fatal | None = None

    def accept_fatal(self, frame: Frame) -> None:
        error = Fatal(self.code(frame))
        if all(request.ended for request in self.waiting.values()):
            raise error
        self.held = error

    def input_ended(self) -> None:
        if self.held is None:
            super().input_ended()
        time.sleep(0.02)  # the end of the input stays readable


# ERR-15: the order of faults


class RowsInOrder(Client):
    """Checks the rows of a header in an order of its own."""

    first = "check_reserved"

    def header_rows(self) -> list[Row]:
        return sorted(super().header_rows(), key=lambda row: row.__name__ != self.first)


@fault("ERR-15")
class PayloadMaxFirst(RowsInOrder):
    """Checks payload_length before the other fields of the header."""

    first = "check_payload_max"


@fault("ERR-15")
class JsonMaxFirst(RowsInOrder):
    """Checks the upper bound of json_length before the reserved octets."""

    first = "check_json_max"


@fault("ERR-15")
class ReservedLast(Client):
    """Checks the reserved octets after the lengths."""

    def header_rows(self) -> list[Row]:
        reserved, *others = super().header_rows()
        return [*others, reserved]


@fault("ERR-15")
class VersionBeforeMagic(Client):
    """Checks the version before the magic."""

    def check_head(self, head: bytes) -> None:
        self.check_version(head[4])
        self.check_magic(head[:4])


@fault("ERR-15")
class OkBeforeId(Client):
    """Checks ok, op and more before the id."""

    def frame_rows(self) -> list[Row]:
        number, waited, *others = super().frame_rows()
        ok, op, more, *last = others
        return [ok, op, more, number, waited, *last]


@fault("ERR-15")
class OkBeforeWaited(Client):
    """Checks ok before it looks whether it waits for the id."""

    def frame_rows(self) -> list[Row]:
        number, waited, ok, *others = super().frame_rows()
        return [number, ok, waited, *others]


@fault("ERR-15")
class ErrorBeforeId(Client):
    """Checks the error of a failed reply before the id."""

    def frame_rows(self) -> list[Row]:
        *others, error = super().frame_rows()
        return [error, *others]


@fault("ERR-15")
class HeadsFirst(Client):
    """Checks the heads of all frames of a read before it acts on the first."""

    def digest(self) -> None:
        at = 0
        while self.stage == 0 and len(self.buffer) >= at + 16:
            head = bytes(self.buffer[at : at + 16])
            self.check_head(head[:5])
            at += 16 + sum(struct.unpack_from("<II", head, 8))
        super().digest()


@fault("ERR-15")
class LaterMagicFirst(Client):
    """Refuses a frame with bad_magic if what follows it is no frame."""

    def read_json(self) -> None:
        at = self.frame.json_length + self.frame.payload_length
        following = bytes(self.buffer[at : at + 4])
        if len(following) == 4 and following != MAGIC:
            self.refuse("bad_magic")
        super().read_json()


@fault("ERR-15")
class EndBeforeFault(Client):
    """Reports a lost connection if the input has ended after the wrong frame."""

    def refused(self, error: Refused) -> None:
        if self.select_input(0.05) and not self.socket.recv(1, socket.MSG_PEEK):
            self.lost()
        else:
            super().refused(error)


# LIF-4: reading while writing


class WritesBlindly(Client):
    """Writes without reading."""

    def send(self, octets: bytes) -> None:
        self.socket.setblocking(True)
        try:
            self.socket.sendall(octets)
        except OSError:
            self.writable = False
        self.socket.setblocking(False)


@fault("LIF-4")
class FrameBeforeReading(WritesBlindly):
    """Does not read while it writes a frame."""


@fault("LIF-4")
class AllBeforeReading(WritesBlindly):
    """Writes all requests before it reads the first reply."""

    def catch_up(self) -> None:
        """Later."""


@fault("LIF-4")
class ReadsLittleWhileWriting(Client):
    """Reads at most 64 KiB while it writes the requests of an action."""

    room = 65_536

    def wait(self, output: bool = False, lines: bool = False) -> list[bool]:
        found = super().wait(output, lines)
        if output and self.room <= 0:
            self.pause(found)
            found[0] = False
        return found

    def pause(self, found: list[bool]) -> None:
        if not found[1]:
            time.sleep(0.05)

    def receive(self) -> bytes:
        octets = super().receive()
        self.room -= len(octets)
        return octets

    def catch_up(self) -> None:
        if self.room > 0:
            super().catch_up()

    def settle(self, request: Request) -> None:
        super().settle(request)
        self.room = 65_536


# LIF-10: a lost connection


@fault("LIF-10")
class EndInFrameRefused(Client):
    """Refuses a frame with bad_frame when the input ends inside it."""

    def input_ended(self) -> None:
        if self.buffer or self.stage:
            self.refuse("bad_frame")
        super().input_ended()


@fault("LIF-10")
class EndInJsonRefused(Client):
    """Refuses a JSON text that the end of the input has cut with bad_json."""

    def input_ended(self) -> None:
        if self.stage == 2:
            self.refuse("bad_json")
        super().input_ended()


@fault("LIF-10")
class EndIsOk(Client):
    """Takes the end of the input for a good reply."""

    def lost(self) -> None:
        self.say("ok")


@fault("LIF-10")
class EndInPayloadIsOk(Client):
    """Takes what has come of a payload for all of it when the input ends."""

    def input_ended(self) -> None:
        if self.stage == 3 and self.buffer:
            self.frame.payload_length = len(self.buffer)
            self.digest()
        else:
            super().input_ended()


@fault("LIF-10")
class EndSilent(Client):
    """Says nothing of a lost connection, and ends as if all were well."""

    def lost(self) -> None:
        """Nothing to say."""


@fault("LIF-10")
class EndInternal(Client):
    """Reports a lost connection as an error internal of the request."""

    def lost(self) -> None:
        self.say("error internal")


@fault("LIF-10")
class EndFatal(Client):
    """Reports a lost connection as a fatal error going_away."""

    def lost(self) -> None:
        self.say("fatal going_away")


@fault("LIF-10")
class EndUnseen(Client):
    """Waits on when the input has ended."""

    def input_ended(self) -> None:
        time.sleep(0.05)


@fault("LIF-10")
class EndReconnects(Client):
    """Connects again when the connection is lost, and goes on waiting there."""

    again = False

    def input_ended(self) -> None:
        if self.again:
            raise Lost
        self.again = True
        self.socket.close()
        self.connect()


@fault("LIF-10")
class ResetCrashes(Client):
    """Dies without a word when the connection is reset."""

    def broken(self, error: OSError) -> bytes:
        raise SystemExit(3) from error
