"""Faults in UTF-8 and in the first octet of the JSON text (MET-2, MET-3)."""

import re

from hjp_conformance.mutants.codec.frames import Refused
from hjp_conformance.mutants.codec.shared import BadJson, Object, Scanner, Value
from hjp_conformance.mutants.codec.table import fault


class Lenient(Scanner):
    """Takes some ill-formed sequences of octets for a question mark."""

    taken: re.Pattern[bytes] = re.compile(rb"(?!)")

    def decode(self, octets: bytes) -> str:
        return super().decode(self.taken.sub(b"?", octets))


@fault("MET-2")
class Utf8OverlongThree(Lenient):
    """Accepts overlong forms of three octets."""

    taken = re.compile(rb"\xe0[\x80-\x9f][\x80-\xbf]")


@fault("MET-2")
class Utf8OverlongFour(Lenient):
    """Accepts overlong forms of four octets."""

    taken = re.compile(rb"\xf0[\x80-\x8f][\x80-\xbf]{2}")


@fault("MET-2")
class Utf8Cesu(Lenient):
    """Accepts pairs of encoded surrogates, as CESU-8 has them."""

    taken = re.compile(rb"\xed[\xa0-\xaf][\x80-\xbf]\xed[\xb0-\xbf][\x80-\xbf]")


@fault("MET-2")
class Utf8LoneSecond(Lenient):
    """Accepts encoded surrogates from U+DC00 on."""

    taken = re.compile(rb"\xed[\xb0-\xbf][\x80-\xbf]")


@fault("MET-2")
class Utf8LastSurrogate(Lenient):
    """Accepts the last surrogate, U+DFFF, encoded."""

    taken = re.compile(rb"\xed\xbf\xbf")


@fault("MET-2")
class Utf8F5(Lenient):
    """Accepts four octets that begin with F5 to F7."""

    taken = re.compile(rb"[\xf5-\xf7][\x80-\xbf]{3}")


@fault("MET-2")
class Utf8FiveOctets(Lenient):
    """Accepts forms of five and six octets."""

    taken = re.compile(rb"[\xf8-\xfb][\x80-\xbf]{4}|[\xfc\xfd][\x80-\xbf]{5}")


@fault("MET-2")
class Utf8Ff(Lenient):
    """Accepts the octets FE and FF."""

    taken = re.compile(rb"[\xfe\xff]")


@fault("MET-2")
class Utf8LoneContinuation(Lenient):
    """Accepts a continuation octet after ASCII."""

    taken = re.compile(rb"(?<=[\x00-\x7f])[\x80-\xbf]")


@fault("MET-2")
class Utf8ContinuationTooMany(Lenient):
    """Accepts a continuation octet too many after a character of two octets."""

    taken = re.compile(rb"(?<=[\xc2-\xdf][\x80-\xbf])[\x80-\xbf]")


@fault("MET-2")
class Utf8CutCharacter(Lenient):
    """Accepts a character that the end of its string has cut."""

    taken = re.compile(rb'([\xc2-\xdf]|[\xe1-\xec][\x80-\xbf]?|\xf1[\x80-\xbf]*)(?=")')


@fault("MET-2")
class Utf8CutFour(Lenient):
    """Accepts three octets of a character of four."""

    taken = re.compile(
        rb"(\xf0[\x90-\xbf]|[\xf1-\xf3][\x80-\xbf])[\x80-\xbf](?=[ -\x7f])"
    )


@fault("MET-2")
class Utf8CutByText(Scanner):
    """Ignores octets at the end of the text that begin a character."""

    def decode(self, octets: bytes) -> str:
        return super().decode(re.sub(rb"[\xc2-\xf4][\x80-\xbf]{0,2}\Z", b"", octets))


@fault("MET-2")
class Utf8FormOnly(Lenient):
    """Counts continuation octets and looks at nothing else."""

    taken = re.compile(
        rb"[\xc0-\xdf][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2}|[\xf0-\xf7][\x80-\xbf]{3}"
    )


@fault("MET-2")
class Utf8Dropped(Scanner):
    """Drops what is ill-formed instead of refusing."""

    def decode(self, octets: bytes) -> str:
        return octets.decode("utf-8", "ignore")


@fault("MET-2")
class Utf8OrGbk(Scanner):
    """Decodes as GBK what is not UTF-8."""

    def decode(self, octets: bytes) -> str:
        try:
            return octets.decode("utf-8")
        except UnicodeDecodeError:
            return self.decode_gbk(octets)

    def decode_gbk(self, octets: bytes) -> str:
        try:
            return octets.decode("gbk")
        except UnicodeDecodeError as error:
            raise BadJson("neither UTF-8 nor GBK") from error


@fault("MET-2")
class Utf8OfBeginning(Scanner):
    """Checks the UTF-8 of the first 4 096 octets only."""

    def decode(self, octets: bytes) -> str:
        try:
            return octets.decode("utf-8")
        except UnicodeDecodeError as error:
            if error.start < 4096:
                raise BadJson("not UTF-8") from error
            return octets.decode("utf-8", "replace")


class Late(Scanner):
    """Looks for ill-formed octets when it has a string."""

    in_name = False

    def decode(self, octets: bytes) -> str:
        return octets.decode("utf-8", "surrogateescape")

    def name(self) -> str:
        self.in_name = True
        name = super().name()
        self.in_name = False
        return name

    def unchecked(self) -> bool:
        return False

    def string(self) -> str:
        text = super().string()
        if re.search("[\udc80-\udcff]", text) and not self.unchecked():
            raise BadJson("not UTF-8")
        return text


@fault("MET-2")
class Utf8NotInNames(Late):
    """Does not check the UTF-8 of names."""

    def unchecked(self) -> bool:
        return self.in_name


@fault("MET-2")
class Utf8NotInValues(Late):
    """Does not check the UTF-8 of strings that are values."""

    def unchecked(self) -> bool:
        return not self.in_name


@fault("MET-2")
class Utf8RefusedBadFrame(Scanner):
    """Refuses ill-formed UTF-8 with bad_frame."""

    def decode(self, octets: bytes) -> str:
        try:
            return octets.decode("utf-8")
        except UnicodeDecodeError:
            raise Refused("bad_frame") from None


@fault("MET-2")
class Utf16Guessed(Scanner):
    """Takes a text that begins with FF FE for UTF-16."""

    def decode(self, octets: bytes) -> str:
        if octets[:2] == b"\xff\xfe" and len(octets) % 2 == 0:
            return octets[2:].decode("utf-16-le", "replace")
        return super().decode(octets)


# MET-3: the first octet


@fault("MET-3")
class NewlineFirstAccepted(Scanner):
    """Skips a line feed before the object, but no other white space."""

    def check_start(self) -> None:
        self.at += self.text.startswith("\n")
        if self.peek() != "{":
            raise BadJson("the first octet is not {")


@fault("MET-3")
class OnlySpaceAccepted(Scanner):
    """Takes a text of white space alone for an empty object."""

    def decode(self, octets: bytes) -> str:
        return super().decode(octets if octets.strip(b" \t\r\n") else b"{}")


class NoObject(Scanner):
    """Accepts some values that are no object."""

    kinds: tuple[type, ...] = ()

    def check_start(self) -> None:
        if self.text[0] in " \t\r\n\ufeff":
            raise BadJson("the first octet is not {")

    def whole(self, value: Value) -> Object:
        return {} if isinstance(value, self.kinds) else super().whole(value)


@fault("MET-3")
class StringAccepted(NoObject):
    """Accepts a string in place of the object."""

    kinds = (str,)


@fault("MET-3")
class NullAccepted(NoObject):
    """Accepts null in place of the object."""

    kinds = (type(None),)


@fault("MET-3")
class ArrayOfObjectAccepted(NoObject):
    """Accepts an array, as a batch of requests."""

    kinds = (list,)


@fault("MET-3")
class FirstOctetBadFrame(Scanner):
    """Refuses a wrong first octet with bad_frame."""

    def check_start(self) -> None:
        if self.text[0] != "{":
            raise Refused("bad_frame")
