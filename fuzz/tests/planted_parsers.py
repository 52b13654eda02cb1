"""A strict parser of HJP frames with bugs that can be switched on.

It shares no code with the specification or the reference: json does the reading,
and a pass over the octets does what json does not.
"""

import json
import os
import re
import signal
import struct
import time
import unicodedata
from collections.abc import Callable, Iterator
from typing import Any

BUGS: dict[str, str] = {
    "signed_length": "json_length is read as a signed number",
    "short_payload_length": "payload_length is cut to 16 bits",
    "dup_names": "the last of two members of one name wins",
    "dup_escaped": "names are compared before escapes are resolved",
    "dup_nested": "duplicates are looked for in the outermost object only",
    "case_folded": "names that differ in case are taken for one",
    "normalised": "names that differ in normalisation are taken for one",
    "nan": "NaN and Infinity are numbers",
    "infinite": "1e400 is a number",
    "big_integer": "integers beyond binary64 are numbers",
    "digit_limit": "numbers of more than 1000 digits are refused",
    "bom": "a byte order mark before the object is dropped",
    "utf8_replace": "what is not UTF-8 is replaced",
    "surrogate_pass": "encoded surrogates are UTF-8",
    "lone_surrogate": "an escape of a lone surrogate is a character",
    "no_nul": "U+0000 in a string is refused",
    "no_nonchar": "noncharacters are refused",
    "control_raw": "control characters may stand in a string as they are",
    "strip": "white space of Unicode around the object is dropped",
    "trailing": "what follows the object is dropped",
    "any_root": "the metadata may be any value",
    "depth_33": "one level too deep is accepted",
    "depth_31": "the deepest level allowed is refused",
    "depth_none": "the limit of depth is another one",
    "depth_brackets": "brackets in strings count as depth",
    "chunk_edge": "one octet is lost when a read ends with the JSON text",
    "lost_tail": "a second frame of one read waits for the next read",
    "cut_lost": "a frame that was cut is lost if the read that ends it is refused",
    "late": "a frame without payload waits for one octet more",
    "stale_payload": "a frame without payload has that of the one before",
    "payload_stripped": "zeros at the end of a payload are dropped",
    "resync": "after a wrong magic the next one is looked for",
    "version_late": "the version is looked at with the whole header only",
    "reserved_ignored": "reserved octets are not looked at",
    "precedence": "lengths are checked before reserved octets",
    "payload_first": "the payload is awaited before JSON is decided on",
    "empty_json": "json_length 0 means no metadata",
    "max_json_exclusive": "a JSON text of 65 536 octets is too large",
    "max_payload_plus": "a payload of 65 537 octets is accepted",
    "early_accept": "an end inside a payload is no error",
    "goes_on": "after a reject the next read begins anew",
    "wrong_code": "a text that is not UTF-8 gets the code bad_frame",
    "key_error": "metadata without id lets a KeyError out",
    "recursion": "values five levels deep let a RecursionError out",
    "crash": "an empty name takes the process down",
    "hang": "a payload of 256 octets is read for ever",
}

MAGIC = b"HJP\xff"
LIMIT = 65_536
_STRINGS = re.compile(rb'"(?:[^"\\]|\\.)*"?', re.DOTALL)


class RefusedError(ValueError):
    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class Parser:
    """Feed and close, as the contract of a target has it."""

    bugs: frozenset[str] = frozenset()

    def __init__(self) -> None:
        self.buffer = b""
        self.payload = b""
        self.failed: RefusedError | None = None

    def feed(self, chunk: bytes) -> Iterator[tuple[Any, bytes]]:
        if self.failed is not None and "goes_on" not in self.bugs:
            raise self.failed
        cut = "cut_lost" in self.bugs and self.buffer
        self.buffer += chunk
        try:
            yield from list(self._frames()) if cut else self._frames()
        except RefusedError as error:
            self.failed = error
            self.buffer = b""
            raise

    def close(self) -> None:
        if self.failed is not None:
            raise self.failed
        if not self.buffer:
            return
        if "early_accept" not in self.bugs or len(self.buffer) < 20:
            raise EOFError("inside a frame")

    def _frames(self) -> Iterator[tuple[Any, bytes]]:
        while True:
            frame = self._next()
            if frame is None:
                return
            yield frame
            if "lost_tail" in self.bugs:
                return

    def _next(self) -> tuple[Any, bytes] | None:
        self._fixed()
        if len(self.buffer) < 16:
            return None
        json_length, payload_length = self._lengths()
        json_end = 16 + json_length
        end = json_end + payload_length
        if "payload_first" in self.bugs and len(self.buffer) < end:
            return None
        if len(self.buffer) < json_end:
            return None
        metadata = self._metadata(self.buffer[16:json_end])
        if "chunk_edge" in self.bugs and len(self.buffer) == json_end < end:
            self.buffer = self.buffer[:-1]
            return None
        late = "late" in self.bugs and not payload_length
        if len(self.buffer) < end + late:
            return None
        payload = self._taken(self.buffer[json_end:end])
        self.buffer = self.buffer[end:]
        return metadata, payload

    def _fixed(self) -> None:
        needed = 16 if "version_late" in self.bugs else 5
        if "resync" in self.bugs and len(self.buffer) >= 5:
            found = self.buffer.find(MAGIC)
            self.buffer = self.buffer[found:] if found > 0 else self.buffer
        if len(self.buffer) >= needed:
            self._need(self.buffer[:4] == MAGIC, "bad_magic")
            self._need(self.buffer[4] == 1, "bad_version")

    def _lengths(self) -> tuple[int, int]:
        form = "<iI" if "signed_length" in self.bugs else "<II"
        json_length, payload_length = struct.unpack_from(form, self.buffer, 8)
        if "short_payload_length" in self.bugs:
            payload_length &= 0xFFFF
        checks: list[Callable[[], None]] = [
            lambda: self._need(self._reserved(), "bad_frame"),
            lambda: self._need_json_length(json_length),
            lambda: self._need(
                payload_length <= LIMIT + ("max_payload_plus" in self.bugs),
                "too_large",
            ),
        ]
        if "precedence" in self.bugs:
            checks.reverse()
        for check in checks:
            check()
        return max(json_length, 0), payload_length

    def _reserved(self) -> bool:
        return self.buffer[5:8] == bytes(3) or "reserved_ignored" in self.bugs

    def _need_json_length(self, length: int) -> None:
        if "signed_length" in self.bugs and length < 0:
            length = 2
        if not (length == 0 and "empty_json" in self.bugs):
            self._need(length >= 2, "bad_frame")
        self._need(length <= LIMIT - ("max_json_exclusive" in self.bugs), "too_large")

    def _need(self, good: bool, code: str) -> None:
        if not good:
            raise RefusedError(code)

    def _taken(self, payload: bytes) -> bytes:
        if "hang" in self.bugs and len(payload) == 256:
            time.sleep(3600)
        if "stale_payload" in self.bugs and not payload:
            return self.payload
        if "payload_stripped" in self.bugs:
            payload = payload.rstrip(b"\x00")
        self.payload = payload
        return payload

    def _metadata(self, octets: bytes) -> Any:
        if not octets and "empty_json" in self.bugs:
            return {}
        if "bom" in self.bugs:
            octets = octets.removeprefix(b"\xef\xbb\xbf")
        text = self._text(octets)
        if "any_root" not in self.bugs and "strip" not in self.bugs:
            self._need(octets[:1] == b"{", "bad_json")
        self._need_depth(octets)
        if "strip" in self.bugs:
            text = text.strip()
        metadata = self._value(text)
        if "any_root" not in self.bugs:
            self._need(isinstance(metadata, dict), "bad_json")
        self._need_strings(metadata)
        if "key_error" in self.bugs:
            metadata["id"]
        return metadata

    def _text(self, octets: bytes) -> str:
        mode = "replace" if "utf8_replace" in self.bugs else "strict"
        if "surrogate_pass" in self.bugs:
            mode = "surrogatepass"
        try:
            return octets.decode("utf-8", mode)
        except UnicodeDecodeError:
            wrong = "wrong_code" in self.bugs
            raise RefusedError("bad_frame" if wrong else "bad_json") from None

    def _need_depth(self, octets: bytes) -> None:
        if "depth_brackets" not in self.bugs:
            octets = _STRINGS.sub(b"", octets)
        depth = deepest = 0
        for octet in octets:
            depth += (octet in b"[{") - (octet in b"]}")
            deepest = max(deepest, depth)
        if "recursion" in self.bugs and deepest >= 5:
            raise RecursionError("too deep for me")
        allowed = 32 + ("depth_33" in self.bugs) - ("depth_31" in self.bugs)
        allowed = 300 if "depth_none" in self.bugs else allowed
        self._need(deepest <= allowed, "bad_json")

    def _value(self, text: str) -> Any:
        decoder = json.JSONDecoder(
            object_pairs_hook=self._object,
            parse_float=self._float,
            parse_int=self._int,
            parse_constant=self._constant,
            strict="control_raw" not in self.bugs,
        )
        if "dup_escaped" in self.bugs:
            text = re.sub(r"\\u(0[0-9a-fA-F]{3})(?=\w*\":)", "\\\\\\\\u\\1", text)
        try:
            if "trailing" in self.bugs:
                return decoder.raw_decode(text)[0]
            return decoder.decode(text)
        except RefusedError:
            raise
        except ValueError:
            raise RefusedError("bad_json") from None

    def _object(self, pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        members = dict(pairs)
        if "dup_escaped" in self.bugs:
            return {json.loads(f'"{_quoted(name)}"'): v for name, v in pairs}
        names = {self._name(name) for name, _ in pairs}
        if "crash" in self.bugs and "" in names:
            os.kill(os.getpid(), signal.SIGSEGV)
        nested = "dup_nested" in self.bugs and "id" not in names
        if "dup_names" not in self.bugs and not nested:
            self._need(len(names) == len(pairs), "bad_json")
        return members

    def _name(self, name: str) -> str:
        if "case_folded" in self.bugs:
            name = name.casefold()
        if "normalised" in self.bugs:
            name = unicodedata.normalize("NFC", name)
        return name

    def _float(self, digits: str) -> float:
        self._need(len(digits) <= 1000 or "digit_limit" not in self.bugs, "bad_json")
        value = float(digits)
        infinite = value in (float("inf"), float("-inf"))
        self._need(not infinite or "infinite" in self.bugs, "bad_json")
        return value

    def _int(self, digits: str) -> float:
        if "big_integer" not in self.bugs:
            self._float(digits)
        return int(digits)

    def _constant(self, name: str) -> float:
        self._need("nan" in self.bugs, "bad_json")
        return float(name)

    def _need_strings(self, value: Any) -> None:
        for text in _strings(value):
            lone = any("\ud800" <= char <= "\udfff" for char in text)
            if lone and not {"lone_surrogate", "surrogate_pass"} & self.bugs:
                raise RefusedError("bad_json")
            self._need("no_nul" not in self.bugs or "\0" not in text, "bad_json")
            nonchar = any(ord(char) & 0xFFFE == 0xFFFE for char in text)
            self._need("no_nonchar" not in self.bugs or not nonchar, "bad_json")


def _quoted(name: str) -> str:
    return json.dumps(name)[1:-1].replace("\\\\u", "\\u")


def _strings(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for name, member in value.items():
            yield name
            yield from _strings(member)
    elif isinstance(value, list):
        for element in value:
            yield from _strings(element)


def planted(*bugs: str) -> type[Parser]:
    """Return the parser with some bugs in it."""
    assert BUGS.keys() >= set(bugs)
    return type("Parser", (Parser,), {"bugs": frozenset(bugs)})


def parse(data: bytes) -> Iterator[tuple[Any, bytes]]:
    """Parse a whole input, as the contract of a function has it."""
    parser = Parser()
    yield from parser.feed(data)
    parser.close()
