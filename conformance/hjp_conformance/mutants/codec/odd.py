"""Codecs that are correct, but odd in what the specification leaves free.

Usage: python -m hjp_conformance.mutants.codec.odd ODDITY (requests on standard input, a line each)
       python -m hjp_conformance.mutants.codec.odd --list
"""

import json
import os
import sys
import time
from collections.abc import Callable, Iterator
from typing import Any, ClassVar

from hjp_conformance.mutants.codec.frames import (
    MAX_JSON,
    Decoder,
    Encoder,
    Frame,
    Refused,
)
from hjp_conformance.mutants.codec.plain import Reply, Request, Testee
from hjp_conformance.mutants.codec.prefix import EarlyDecoder
from hjp_conformance.mutants.codec.shared import Number, Object, Scanner, Value, Writer
from hjp_conformance.mutants.codec.table import How, kebab, testee_with, words

ODDITIES: dict[str, How] = {}


def odd(how: How) -> How:
    """Enter a class under its name; its docstring is the description."""
    ODDITIES[kebab(how)] = how
    return how


# What it tells and offers


@odd
class NoCodes(Testee):
    """Tells no codes."""

    def describe(self, request: Request) -> Reply:
        return {**super().describe(request), "codes": False}

    def refusal(self, error: Refused) -> Reply:
        return {"status": "reject"}


@odd
class NoEncode(Testee):
    """Offers no encode."""

    def commands(self) -> dict[str, Callable[[Request], Reply]]:
        commands = super().commands()
        del commands["encode"]
        return commands


@odd
class MoreCommands(Testee):
    """Offers commands of its own, and lists them first."""

    def commands(self) -> dict[str, Callable[[Request], Reply]]:
        return {"x-小": self.reset, "x-": self.reset, **super().commands()}


@odd
class LongName(Testee):
    """Has a name of 100 000 characters in Chinese."""

    name = "编解码器\u2028\0" * 16_667


@odd
class EmptyWords(Testee):
    """Has an empty name and says nothing in its messages."""

    name = ""

    def error(self, message: str) -> Reply:
        return super().error("")


@odd
class ManyWords(Testee):
    """Quotes 60 000 characters of nothing in the messages of its errors."""

    def error(self, message: str) -> Reply:
        return super().error(f'{message}:\n"\\' * 3000)


# How it writes its lines


@odd
class CapitalHex(Testee):
    """Writes hexadecimal digits in capitals."""

    def hex(self, octets: bytes) -> str:
        return octets.hex().upper()


@odd
class MixedHex(Testee):
    """Writes the digits of every other octet in capitals."""

    def hex(self, octets: bytes) -> str:
        digits = octets.hex()
        pairs = [digits[at : at + 2] for at in range(0, len(digits), 2)]
        pairs[::2] = [pair.upper() for pair in pairs[::2]]
        return "".join(pairs)


@odd
class ExtraMembers(Testee):
    """Puts members of its own into replies and frames."""

    extra: ClassVar[Reply] = {
        "x-note": [None, {"status": "error"}],
        "limit": "max_json",
        "": 0.5,
    }

    def write(self, reply: Reply) -> None:
        frames = [{**self.extra, **frame} for frame in reply.get("frames", [])]
        dressed = {**self.extra, **reply}
        super().write({**dressed, "frames": frames} if frames else dressed)


@odd
class MembersReversed(Testee):
    """Writes the members of replies and frames in reverse order."""

    def dump(self, reply: Reply) -> bytes:
        return json.dumps(self.reverse(reply)).encode()

    def reverse(self, value: Any) -> Any:
        if isinstance(value, list):
            return [self.reverse(each) for each in value]
        if isinstance(value, dict):
            return {n: self.reverse(v) for n, v in reversed(value.items())}
        return value


@odd
class WhiteSpace(Testee):
    """Writes white space around its replies and between their tokens."""

    def dump(self, reply: Reply) -> bytes:
        text = json.dumps(reply, separators=("\t , \r", " :\t"))
        return b" \t " + text.encode() + b" \t"


@odd
class Escapes(Testee):
    """Writes every character of every string and name as an escape."""

    def dump(self, reply: Reply) -> bytes:
        return EscapingWriter().write(reply).encode()


class EscapingWriter(Writer):
    """Writes strings in escapes only."""

    def string(self, text: str) -> str:
        units = text.encode("utf-16-be").hex()
        return (
            '"'
            + "".join(f"\\u{units[i : i + 4]}" for i in range(0, len(units), 4))
            + '"'
        )


@odd
class RawCharacters(Testee):
    """Writes U+2028, U+0085 and all others as they are, without escapes."""

    def dump(self, reply: Reply) -> bytes:
        return json.dumps(reply, ensure_ascii=False).encode()


@odd
class SmallWrites(Testee):
    """Writes its replies in pieces of 61 octets, each flushed."""

    def put(self, octets: bytes) -> None:
        for start in range(0, len(octets), 61):
            os.write(sys.stdout.fileno(), octets[start : start + 61])


@odd
class SmallReads(Testee):
    """Reads its input in pieces of 7 octets, without a buffer."""

    def lines(self) -> Iterator[bytes]:
        line = bytearray()
        while octets := os.read(sys.stdin.fileno(), 4096 if len(line) > 4096 else 7):
            *ended, rest = octets.split(b"\n")
            for part in ended:
                yield bytes(line) + part
                line.clear()
            line += rest
        if line:
            yield bytes(line)


@odd
class Noisy(Testee):
    """Writes much to standard error, JSON among it."""

    def write(self, reply: Reply) -> None:
        sys.stderr.write('{"status":"reject","code":"bad_magic"}\n' * 100)
        sys.stderr.flush()
        super().write(reply)

    def status(self) -> int:
        sys.stderr.write("Traceback (most recent call last): not really\n" * 2000)
        return super().status()


# How fast it is


@odd
class SlowToStart(Testee):
    """Begins to read after a second and a half."""

    def lines(self) -> Iterator[bytes]:
        time.sleep(1.5)
        yield from super().lines()


@odd
class SlowToEnd(Testee):
    """Ends half a second after its input has ended."""

    def status(self) -> int:
        time.sleep(0.5)
        return super().status()


@odd
class SlowAtTimes(Testee):
    """Thinks for 300 ms before each of its first five answers."""

    thought = 0

    def write(self, reply: Reply) -> None:
        self.thought += 1
        if self.thought <= 5:
            time.sleep(0.3)
        super().write(reply)


# When it refuses


@odd
class EarlyRefusals(EarlyDecoder):
    """Refuses a frame as early as HJP-FRM-18 allows."""


@odd
class EarlyMagic(Decoder):
    """Refuses a wrong magic at its first wrong octet, all else when it is due."""

    def feed(self, chunk: bytes) -> Iterator[Frame]:
        yield from super().feed(chunk)
        if not b"HJP\xff".startswith(bytes(self.buffer[:4])):
            self.refuse("magic")


@odd
class EarlyHeader(EarlyDecoder):
    """Refuses a header as early as it can, a JSON text when it is complete."""

    def look_at_text(self) -> None:
        """It is judged when it is complete."""


@odd
class EarlyText(EarlyDecoder):
    """Refuses a JSON text as early as it can, a header when it is complete."""

    def look_at_head(self) -> None:
        """It is judged when it is complete."""

    def look_at_header(self) -> None:
        """It is judged when it is complete."""


@odd
class LateRefusals(Testee):
    """Looks at nothing before its input has ended."""

    def feed_all(self, decoder: Decoder, chunks: list[bytes], reply: Reply) -> None:
        super().feed_all(decoder, [b"".join(chunks)], reply)


@odd
class OctetByOctet(Decoder):
    """Takes each chunk octet by octet."""

    def feed(self, chunk: bytes) -> Iterator[Frame]:
        for octet in chunk:
            yield from super().feed(bytes([octet]))


# How it encodes


class Anew(Encoder):
    """Parses the text and writes the values anew, if that fits."""

    writer: type[Writer] = Writer

    def pack(self, frame: Frame) -> bytes:
        value = Scanner(frame.text).read()
        text = self.writer().write(value).encode()
        if len(text) > MAX_JSON:
            text = frame.text
        new = Frame(0, b"", len(text), frame.payload_length, text, frame.payload)
        return super().pack(new)


class Reversed(Writer):
    """Writes members in reverse order."""

    def object(self, members: Object) -> str:
        return super().object(dict(reversed(members.items())))


@odd
class EncodesAnew(Anew):
    """Parses the text and writes it without white space, members reversed."""

    writer = Reversed


@odd
class EncodesEscapes(Anew):
    """Parses the text and writes all strings in escapes."""

    writer = EscapingWriter


class Scientific(Writer):
    """Writes numbers with 17 digits and white space between tokens."""

    comma = " ,\r\n\t"
    colon = "\t: \n"

    def number(self, number: Number) -> str:
        return f"{number.value:.16E}"


@odd
class EncodesNumbers(Anew):
    """Parses the text and writes numbers in another form, with white space."""

    writer = Scientific


class Repeated(Writer):
    """Writes true and false as they are, and a zero without a sign."""

    def write(self, value: Value) -> str:
        zero = isinstance(value, Number) and value.value == 0
        return "0" if zero else super().write(value)


@odd
class EncodesZero(Anew):
    """Parses the text and writes 0 for -0, 0.0 and 1e-400."""

    writer = Repeated


@odd
class EncodesLastFault(Encoder):
    """Tells the last of several faults of what it is to encode."""

    def rows(self) -> list[Callable[[Frame], None]]:
        return super().rows()[::-1]


@odd
class EncodesPayloadFirst(Encoder):
    """Looks at the payload before anything else of what it is to encode."""

    def encode(self, text: str, payload: bytes) -> bytes:
        self.check_payload_max(Frame(0, payload_length=len(payload)))
        return super().encode(text, payload)


def main() -> None:
    if sys.argv[1:] == ["--list"]:
        for name, how in ODDITIES.items():
            print(name, words(how), sep="\t")
        return
    (name,) = sys.argv[1:]
    sys.exit(testee_with(ODDITIES[name])().run())


if __name__ == "__main__":
    main()
