"""A decoder of HJP/1 frames: octets in, in any cuts; metadata and payloads out.

    parser = Parser()
    for chunk in chunks:
        for metadata, payload in parser.feed(chunk):
            ...
    parser.close()
"""

import re
import struct

MAX_JSON = 65_536
MAX_PAYLOAD = 65_536
MAX_DEPTH = 32
HEADER = 16
MAGIC = b"HJP\xff"
VERSION = 1


class Refused(ValueError):
    """A frame was refused; `frames` are those that the same feed has read before it."""

    def __init__(self, code, message):
        super().__init__(f"{code}: {message}")
        self.code = code
        self.message = message
        self.frames = []


class Metadata(dict):
    """The members, and `text`, the JSON text as it stood in the frame."""

    text = ""


# ---- metadata -------------------------------------------------------------------------

SPACE = re.compile(r"[ \t\n\r]*")
PLAIN = re.compile(r'[^"\\\x00-\x1f]*')
HEX4 = re.compile(r"[0-9a-fA-F]{4}")
NUMBER = re.compile(r"-?(?:0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?")
LITERALS = {"t": ("true", True), "f": ("false", False), "n": ("null", None)}
ESCAPES = {
    '"': '"',
    "\\": "\\",
    "/": "/",
    "b": "\b",
    "f": "\f",
    "n": "\n",
    "r": "\r",
    "t": "\t",
}


class Scanner:
    """Reads one JSON text by the appendix of the core; refuses it with bad_json."""

    def __init__(self, octets):
        if octets[:1] != b"{":
            raise self.wrong("the first octet is not {")
        try:
            self.text = octets.decode("utf-8")
        except UnicodeDecodeError as fault:
            raise self.wrong(str(fault)) from None
        self.at = 0

    def wrong(self, why):
        return Refused("bad_json", why)

    def scan(self):
        metadata = Metadata(self.value(0))
        self.space()
        if self.at != len(self.text):
            raise self.wrong(f"something follows the object at {self.at}")
        metadata.text = self.text
        return metadata

    def peek(self):
        return self.text[self.at : self.at + 1]  # empty at the end

    def space(self):
        self.at = SPACE.match(self.text, self.at).end()

    def step(self, wanted):
        if self.peek() != wanted:
            raise self.wrong(f"{wanted} expected at {self.at}")
        self.at += 1

    def value(self, depth):
        """Reads a value around which `depth` objects and arrays are open."""
        first = self.peek()
        if first == "{":
            return self.object(depth + 1)
        if first == "[":
            return self.array(depth + 1)
        if first == '"':
            return self.string()
        if first in LITERALS:
            word, meaning = LITERALS[first]
            if not self.text.startswith(word, self.at):
                raise self.wrong(f"no value at {self.at}")
            self.at += len(word)
            return meaning
        return self.number()

    def empty(self, close, depth):
        """Steps into an object or array; true if it ends at once."""
        if depth > MAX_DEPTH:
            raise self.wrong("nested too deeply")
        self.at += 1
        self.space()
        if self.peek() == close:
            self.at += 1
            return True
        return False

    def more(self, close):
        """Steps behind a member or an element; true if another one follows."""
        self.space()
        if self.peek() == close:
            self.at += 1
            return False
        self.step(",")
        self.space()
        return True

    def object(self, depth):
        members = {}
        if self.empty("}", depth):
            return members
        while True:
            if self.peek() != '"':
                raise self.wrong(f"a name expected at {self.at}")
            name = self.string()
            if name in members:
                raise self.wrong(f"the name {name!r} comes twice")
            self.space()
            self.step(":")
            self.space()
            members[name] = self.value(depth)
            if not self.more("}"):
                return members

    def array(self, depth):
        elements = []
        if self.empty("]", depth):
            return elements
        while True:
            elements.append(self.value(depth))
            if not self.more("]"):
                return elements

    def string(self):
        self.at += 1
        pieces = []
        while True:
            plain = PLAIN.match(self.text, self.at)
            pieces.append(plain.group())
            self.at = plain.end()
            if self.peek() == '"':
                self.at += 1
                return "".join(pieces)
            if self.peek() != "\\":
                raise self.wrong(f"control character or no end of a string at {self.at}")
            self.at += 1
            pieces.append(self.escape())

    def escape(self):
        letter = self.peek()
        self.at += 1
        if letter in ESCAPES:
            return ESCAPES[letter]
        if letter != "u":
            raise self.wrong(f"no such escape at {self.at}")
        unit = self.unit()
        if 0xDC00 <= unit <= 0xDFFF:
            raise self.wrong(f"half of a surrogate pair at {self.at}")
        if 0xD800 <= unit <= 0xDBFF:
            self.step("\\")
            self.step("u")
            low = self.unit()
            if not 0xDC00 <= low <= 0xDFFF:
                raise self.wrong(f"half of a surrogate pair at {self.at}")
            unit = 0x10000 + ((unit - 0xD800) << 10) + (low - 0xDC00)
        return chr(unit)

    def unit(self):
        digits = HEX4.match(self.text, self.at)
        if not digits:
            raise self.wrong(f"four hexadecimal digits expected at {self.at}")
        self.at = digits.end()
        return int(digits.group(), 16)

    def number(self):
        found = NUMBER.match(self.text, self.at)
        if not found:
            raise self.wrong(f"no value at {self.at}")
        self.at = found.end()
        number = float(found.group())
        if number in (float("inf"), float("-inf")):
            raise self.wrong("a number is too large")
        fraction, exponent = found.groups()
        return number if fraction or exponent else int(found.group())


# ---- frames ---------------------------------------------------------------------------


class Parser:
    def __init__(self, max_payload=MAX_PAYLOAD):
        self.max_payload = max_payload
        self._buffer = bytearray()  # what has come of the part that is being read
        self._read = self._magic  # the part: each returns None if it needs more octets
        self._json_length = 0
        self._payload_length = 0
        self._metadata = None
        self._fault = None

    def feed(self, chunk):
        """Takes some octets and returns the frames that they complete."""
        self._check_fault()
        self._buffer += chunk
        frames = []
        try:
            while True:
                part = self._read
                frame = part()
                if frame is not None:
                    frames.append(frame)
                elif self._read == part:
                    return frames
        except Refused as fault:
            self._fault = fault
            self._buffer.clear()
            fault.frames = frames
            raise

    def close(self):
        """Tells that the input has ended; EOFError if that was inside a frame."""
        self._check_fault()
        if self._buffer or self._read != self._magic:
            raise EOFError("the input ended inside a frame")

    def _check_fault(self):
        if self._fault is not None:
            raise Refused(self._fault.code, self._fault.message)

    def _take(self, count):
        octets = bytes(self._buffer[:count])
        del self._buffer[:count]
        return octets

    def _magic(self):
        if len(self._buffer) < 5:
            return None
        if self._buffer[:4] != MAGIC:
            raise Refused("bad_magic", "this is not HJP")
        if self._buffer[4] != VERSION:
            raise Refused("bad_version", f"version {self._buffer[4]}")
        self._read = self._header
        return None

    def _header(self):
        if len(self._buffer) < HEADER:
            return None
        reserved, json, payload = struct.unpack("<5x3sII", self._take(HEADER))
        if any(reserved):
            raise Refused("bad_frame", "a reserved octet is not 0")
        if json < 2:
            raise Refused("bad_frame", f"json_length is {json}")
        if json > MAX_JSON:
            raise Refused("too_large", f"json_length is {json}")
        if payload > self.max_payload:
            raise Refused("too_large", f"payload_length is {payload}")
        self._json_length, self._payload_length = json, payload
        self._read = self._json
        return None

    def _json(self):
        if len(self._buffer) < self._json_length:
            return None
        self._metadata = Scanner(self._take(self._json_length)).scan()
        self._read = self._payload
        return None

    def _payload(self):
        if len(self._buffer) < self._payload_length:
            return None
        self._read = self._magic
        return self._metadata, self._take(self._payload_length)
