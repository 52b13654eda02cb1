"""Faults in the lines of a testee (TST-1, TST-5)."""

import json
import os
import signal
import sys
import time
from collections.abc import Callable, Iterator

from hjp_conformance.mutants.codec.plain import Reply, Request, Testee
from hjp_conformance.mutants.codec.table import fault

# TST-1: one line for one line, in order, flushed


@fault("TST-1")
class TwoLinesEach(Testee):
    """Answers each line with the same line twice."""

    def write(self, reply: Reply) -> None:
        super().write(reply)
        super().write(reply)


@fault("TST-1")
class EmptyLineAfter(Testee):
    """Writes an empty line after each answer."""

    def put(self, octets: bytes) -> None:
        super().put(octets + b"\n")


@fault("TST-1")
class ReplyIndented(Testee):
    """Writes an answer on several lines."""

    def dump(self, reply: Reply) -> bytes:
        return json.dumps(reply, indent=1).encode()


@fault("TST-1")
class LineEndMissing(Testee):
    """Writes no LF after an answer, but before the next."""

    first = True

    def put(self, octets: bytes) -> None:
        super().put(octets[:-1] if self.first else b"\n" + octets[:-1])
        self.first = False


@fault("TST-1")
class NotFlushed(Testee):
    """Flushes when its input ends."""

    def flush(self) -> None:
        """Left to the end."""

    def put(self, octets: bytes) -> None:
        self.held += octets

    def status(self) -> int:
        sys.stdout.buffer.write(self.held)
        return super().status()

    held = b""


@fault("TST-1")
class FlushesEveryFourth(Testee):
    """Flushes after every fourth answer."""

    held = b""
    count = 0

    def put(self, octets: bytes) -> None:
        self.held += octets
        self.count += 1
        if self.count % 4 == 0:
            self.release()

    def release(self) -> None:
        held, self.held = self.held, b""
        super().put(held)

    def status(self) -> int:
        self.release()
        return super().status()


@fault("TST-1")
class OneBehind(Testee):
    """Answers a line when the next one has come."""

    held: tuple[Reply, ...] = ()

    def write(self, reply: Reply) -> None:
        for held in self.held:
            super().write(held)
        self.held = (reply,)

    def status(self) -> int:
        for held in self.held:
            super().write(held)
        return super().status()


class Twice(Testee):
    """Writes the answer of a command twice, but for the first such ones."""

    twice = ""
    first = 0

    def command(self, request: Request) -> Callable[[Request], Reply]:
        answer = super().command(request)
        if request["cmd"] != self.twice:
            return answer
        self.first -= 1
        return answer if self.first >= 0 else lambda asked: self.told(answer(asked))

    def told(self, reply: Reply) -> Reply:
        self.write(reply)
        return reply


@fault("TST-1")
class DescribesTwice(Twice):
    """Answers a describe after the first one with two lines."""

    twice = "describe"
    first = 1


@fault("TST-1")
class ResetsTwice(Twice):
    """Answers a reset with two lines."""

    twice = "reset"


@fault("TST-1")
class BannerFirst(Testee):
    """Writes a greeting before the first answer."""

    def lines(self) -> Iterator[bytes]:
        self.put(b"ready\n")
        self.flush()
        yield from super().lines()


@fault("TST-1")
class DebugOutput(Testee):
    """Writes a line of debug output to standard output with each frame."""

    def hex(self, octets: bytes) -> str:
        self.put(b"octets: %d\n" % len(octets))
        return super().hex(octets)


@fault("TST-1")
class FarewellLine(Testee):
    """Writes a line when its input ends."""

    def status(self) -> int:
        self.put(b"bye\n")
        return super().status()


@fault("TST-1")
class ResetUnanswered(Testee):
    """Does not answer reset."""

    def write(self, reply: Reply) -> None:
        if reply != {"status": "ok"}:
            super().write(reply)


@fault("TST-1")
class ErrorUnanswered(Testee):
    """Does not answer a line that it cannot make sense of."""

    def write(self, reply: Reply) -> None:
        if reply["status"] != "error":
            super().write(reply)


@fault("TST-1")
class LinesSplit(Testee):
    """Splits lines at U+2028, U+2029 and U+0085 too."""

    def lines(self) -> Iterator[bytes]:
        for line in super().lines():
            text = line.decode("utf-8", "replace").removesuffix("\n")
            for part in text.splitlines() or [text]:
                yield part.encode()


@fault("TST-1")
class LongLinesSplit(Testee):
    """Reads no more than 65 536 octets as one line."""

    def lines(self) -> Iterator[bytes]:
        while line := sys.stdin.buffer.readline(65_536):
            yield line


@fault("TST-1")
class LongLinesLost(Testee):
    """Does not answer a line of more than 1 MiB."""

    def lines(self) -> Iterator[bytes]:
        for line in super().lines():
            if len(line) <= 1 << 20:
                yield line


@fault("TST-1")
class LastLineLost(Testee):
    """Does not answer a last line that lacks its LF."""

    def lines(self) -> Iterator[bytes]:
        for line in super().lines():
            if line.endswith(b"\n"):
                yield line


@fault("TST-1")
class EmptyLinesSkipped(Testee):
    """Does not answer an empty line."""

    def lines(self) -> Iterator[bytes]:
        for line in super().lines():
            if line.strip():
                yield line


@fault("TST-1")
class ResetLast(Testee):
    """Ends after reset."""

    def reset(self, request: Request) -> Reply:
        self.write(super().reset(request))
        sys.exit(0)


@fault("TST-1")
class HundredLines(Testee):
    """Ends after a hundred lines."""

    def lines(self) -> Iterator[bytes]:
        for count, line in enumerate(super().lines()):
            if count == 100:
                return
            yield line


@fault("TST-1")
class ManyFramesCut(Testee):
    """Cuts an answer at 65 536 octets."""

    def dump(self, reply: Reply) -> bytes:
        return super().dump(reply)[:65_536]


# TST-5: the end


@fault("TST-5")
class EndsWithOne(Testee):
    """Ends with exit status 1."""

    def status(self) -> int:
        return 1


@fault("TST-5")
class EndsWithErrors(Testee):
    """Ends with exit status 1 when there was a line it could not make sense of."""

    errors = 0

    def error(self, message: str) -> Reply:
        self.errors = 1
        return super().error(message)

    def status(self) -> int:
        return self.errors


@fault("TST-5")
class EndsWithRefusals(Testee):
    """Ends with the number of refused frames as its exit status."""

    refusals = 0

    def decode(self, request: Request) -> Reply:
        reply = super().decode(request)
        self.refusals += reply["status"] == "reject"
        return reply

    def status(self) -> int:
        return min(self.refusals, 100)


@fault("TST-5")
class EndsBySignal(Testee):
    """Ends by a signal."""

    def status(self) -> int:
        os.kill(os.getpid(), signal.SIGTERM)
        return super().status()


@fault("TST-5")
class EndsByException(Testee):
    """Takes the end of the input for an error that nobody catches."""

    def status(self) -> int:
        raise EOFError


@fault("TST-5")
class NeverEnds(Testee):
    """Waits for more when its input has ended."""

    def status(self) -> int:
        time.sleep(600)
        return super().status()


@fault("TST-5")
class WaitsForSignal(Testee):
    """Ends by a signal only, once it has refused a frame."""

    refused = False

    def decode(self, request: Request) -> Reply:
        reply = super().decode(request)
        self.refused = self.refused or reply["status"] == "reject"
        return reply

    def status(self) -> int:
        if self.refused:
            time.sleep(600)
        return super().status()
