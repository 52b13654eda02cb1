"""Faults in the reserved octets (FRM-7)."""

from hjp_conformance.mutants.codec.frames import CODES, Decoder
from hjp_conformance.mutants.codec.table import fault


@fault("FRM-7")
class ReservedIgnored(Decoder):
    """Does not look at the reserved octets."""

    def wrong_reserved(self, reserved: bytes) -> bool:
        return False


@fault("FRM-7")
class ReservedFirst(Decoder):
    """Looks at the first reserved octet only."""

    def wrong_reserved(self, reserved: bytes) -> bool:
        return reserved[0] != 0


@fault("FRM-7")
class ReservedSixteenBits(Decoder):
    """Looks at the last two reserved octets only."""

    def wrong_reserved(self, reserved: bytes) -> bool:
        return any(reserved[1:])


@fault("FRM-7")
class ReservedTwo(Decoder):
    """Looks at the first two reserved octets only."""

    def wrong_reserved(self, reserved: bytes) -> bool:
        return any(reserved[:2])


@fault("FRM-7")
class ReservedAll(Decoder):
    """Refuses reserved octets only if none of them is 0."""

    def wrong_reserved(self, reserved: bytes) -> bool:
        return all(reserved)


@fault("FRM-7")
class ReservedFlag(Decoder):
    """Takes the highest bit of the first reserved octet for a flag."""

    def wrong_reserved(self, reserved: bytes) -> bool:
        return any((reserved[0] & 0x7F, *reserved[1:]))


@fault("FRM-7")
class ReservedSum(Decoder):
    """Adds the reserved octets up in eight bits."""

    def wrong_reserved(self, reserved: bytes) -> bool:
        return sum(reserved) & 0xFF != 0


@fault("FRM-7")
class ReservedText(Decoder):
    """Accepts spaces as well as zeros."""

    def wrong_reserved(self, reserved: bytes) -> bool:
        return reserved.strip(b"\0 ") != b""


@fault("FRM-7")
class ReservedOnce(Decoder):
    """Checks the reserved octets of the first frame only."""

    def wrong_reserved(self, reserved: bytes) -> bool:
        return self.frame.number == 0 and any(reserved)


@fault("FRM-7")
class ReservedBadVersion(Decoder):
    """Refuses a reserved octet with bad_version."""

    codes = CODES | {"reserved": "bad_version"}


@fault("FRM-7")
class ReservedBadMagic(Decoder):
    """Refuses a reserved octet with bad_magic."""

    codes = CODES | {"reserved": "bad_magic"}
