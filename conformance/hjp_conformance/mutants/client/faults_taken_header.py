"""Faults in what a client makes of a header."""

from hjp_conformance.mutants.client.catalogue import fault
from hjp_conformance.mutants.client.client import Client
from hjp_conformance.mutants.client.receiver import MAGIC, Fatal, Refused, Row, Stage

# FRM-2 and FRM-3: the magic


@fault("FRM-2")
class MagicUnchecked(Client):
    """Does not look at the magic."""

    def wrong_magic(self, magic: bytes) -> bool:
        return False


@fault("FRM-2")
class MagicThreeOctets(Client):
    """Compares only three octets of the magic."""

    def wrong_magic(self, magic: bytes) -> bool:
        return magic[:3] != MAGIC[:3]


@fault("FRM-2")
class MagicAnyCase(Client):
    """Takes the letters of the magic in lower case too."""

    def wrong_magic(self, magic: bytes) -> bool:
        return magic.upper() != MAGIC


@fault("FRM-2")
class MagicSevenBits(Client):
    """Ignores the highest bit of the magic's octets."""

    def wrong_magic(self, magic: bytes) -> bool:
        return [octet & 0x7F for octet in magic] != [octet & 0x7F for octet in MAGIC]


@fault("FRM-2")
class MagicOnce(Client):
    """Checks the magic of the first frame only."""

    def wrong_magic(self, magic: bytes) -> bool:
        return self.frames == 1 and super().wrong_magic(magic)


@fault("FRM-2")
class MagicBadFrame(Client):
    """Refuses a wrong magic with bad_frame."""

    magic_code = "bad_frame"


@fault("FRM-2")
class MagicLost(Client):
    """Reports a wrong magic as a lost connection."""

    def refused(self, error: Refused) -> None:
        self.say("lost" if error.code == "bad_magic" else f"refused {error.code}")


@fault("FRM-3")
class MagicResync(Client):
    """Looks for the next magic in the stream and goes on from there."""

    def head_ready(self) -> bool:
        while self.have(4) and self.wrong_magic(bytes(self.buffer[:4])):
            del self.buffer[0]
        return super().head_ready()


@fault("FRM-3")
class MagicResyncInRead(Client):
    """Goes on with a later magic if it has come with the wrong one."""

    def head_ready(self) -> bool:
        del self.buffer[: max(self.buffer.find(MAGIC), 0)]
        return super().head_ready()


# FRM-4 and FRM-5: the version


@fault("FRM-4")
class VersionAny(Client):
    """Accepts every version."""

    def wrong_version(self, version: int) -> bool:
        return False


@fault("FRM-4")
class VersionZero(Client):
    """Accepts version 0 for version 1."""

    def wrong_version(self, version: int) -> bool:
        return version > 1


@fault("FRM-4")
class VersionNewer(Client):
    """Accepts every version from 1 on."""

    def wrong_version(self, version: int) -> bool:
        return version < 1


@fault("FRM-4")
class VersionLowBits(Client):
    """Looks at the low four bits of the version only."""

    def wrong_version(self, version: int) -> bool:
        return version & 0x0F != 1


@fault("FRM-4")
class VersionOnce(Client):
    """Checks the version of the first frame only."""

    def wrong_version(self, version: int) -> bool:
        return self.frames == 1 and version != 1


@fault("FRM-4")
class VersionBadFrame(Client):
    """Refuses another version with bad_frame."""

    version_code = "bad_frame"


@fault("FRM-4")
class VersionFatal(Client):
    """Reports another version as if the server had sent the fatal error."""

    def check_version(self, version: int) -> None:
        if self.wrong_version(version):
            raise Fatal("bad_version")


@fault("FRM-5")
class HeadWaitsForSixth(Client):
    """Decides on magic and version when a sixth octet has come."""

    def head_ready(self) -> bool:
        return self.have(6)


@fault("FRM-5")
class HeadWaitsForHeader(Client):
    """Decides on magic and version when sixteen octets have come."""

    def head_ready(self) -> bool:
        return self.have(16)


@fault("FRM-5")
class VersionWaitsForHeader(Client):
    """Decides on the magic at five octets, on the version at sixteen."""

    def check_head(self, head: bytes) -> None:
        self.check_magic(head[:4])

    def read_header(self) -> None:
        self.check_version(self.buffer[4])
        super().read_header()


# FRM-7: the reserved octets


@fault("FRM-7")
class ReservedIgnored(Client):
    """Does not look at the reserved octets."""

    def watched(self, reserved: bytes) -> bytes:
        return b""


@fault("FRM-7")
class ReservedFirst(Client):
    """Looks at the first reserved octet only."""

    def watched(self, reserved: bytes) -> bytes:
        return reserved[:1]


@fault("FRM-7")
class ReservedSixteenBits(Client):
    """Looks at the last two reserved octets only."""

    def watched(self, reserved: bytes) -> bytes:
        return reserved[1:]


@fault("FRM-7")
class ReservedTwoOfThree(Client):
    """Looks at the first two reserved octets only."""

    def watched(self, reserved: bytes) -> bytes:
        return reserved[:2]


@fault("FRM-7")
class ReservedSum(Client):
    """Looks at the sum of the reserved octets, and that in eight bits."""

    def watched(self, reserved: bytes) -> bytes:
        return bytes([sum(reserved) & 0xFF])


@fault("FRM-7")
class ReservedBadVersion(Client):
    """Refuses a reserved octet with bad_version."""

    reserved_code = "bad_version"


# FRM-11: too late


@fault("FRM-11")
class HeaderWaitsForMore(Client):
    """Decides on the header when a seventeenth octet has come."""

    def header_ready(self) -> bool:
        return self.have(17)


class RowWaits(Client):
    """Decides on one row of the header when the JSON text has come."""

    late = "check_reserved"

    def header_rows(self) -> list[Row]:
        return [row for row in super().header_rows() if row.__name__ != self.late]

    def read_json(self) -> None:
        getattr(self, self.late)(self.frame)
        super().read_json()


@fault("FRM-11")
class ReservedWaits(RowWaits):
    """Decides on the reserved octets when the JSON text has come."""

    late = "check_reserved"


@fault("FRM-11")
class JsonMaxWaits(RowWaits):
    """Decides on json_length when the JSON text has come."""

    late = "check_json_max"


@fault("FRM-11")
class PayloadMaxWaits(RowWaits):
    """Decides on payload_length when the JSON text has come."""

    late = "check_payload_max"


# FRM-18: too early


@fault("FRM-18")
class EarlyJsonLength(Client):
    """Refuses a json_length for its first octet, before the others can mend it."""

    def stages(self) -> list[Stage]:
        head, *others = super().stages()
        return [head, (self.length_begun, self.read_length), *others]

    def length_begun(self) -> bool:
        return self.have(9)

    def read_length(self) -> None:
        if self.buffer[8] < self.json_min():
            self.refuse(self.json_min_code)


@fault("FRM-18")
class EarlyOp(Client):
    """Refuses a frame for its op before the JSON text has ended and could be bad."""

    def json_ready(self) -> bool:
        ready = super().json_ready()
        if not ready and b',"op":' in self.buffer:
            self.refuse("bad_frame")
        return ready


@fault("FRM-18")
class EarlyBadId(Client):
    """Refuses an id before the JSON text has ended and could still be bad."""

    def json_ready(self) -> bool:
        ready = super().json_ready()
        start, comma, _ = bytes(self.buffer).partition(b",")
        word, _, digits = start.partition(b":")
        known = comma and word == b'{"id"' and digits.isdigit()
        if not ready and known and not self.waits_for(int(digits)):
            self.refuse("bad_id")
        return ready
