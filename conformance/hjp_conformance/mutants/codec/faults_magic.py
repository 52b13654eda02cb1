"""Faults in magic and version (FRM-2 to FRM-5)."""

from hjp_conformance.mutants.codec.frames import CODES, HEADER, MAGIC, Decoder, Frame
from hjp_conformance.mutants.codec.table import fault

# FRM-2: the magic


@fault("FRM-2")
class MagicThreeOctets(Decoder):
    """Compares only three octets of the magic."""

    def wrong_magic(self, magic: bytes) -> bool:
        return magic[:3] != MAGIC[:3]


@fault("FRM-2")
class MagicLetterOnly(Decoder):
    """Compares only the first octet of the magic."""

    def wrong_magic(self, magic: bytes) -> bool:
        return magic[:1] != MAGIC[:1]


@fault("FRM-2")
class MagicAnyCase(Decoder):
    """Takes the letters of the magic in lower case too."""

    def wrong_magic(self, magic: bytes) -> bool:
        return magic.upper() != MAGIC


@fault("FRM-2")
class MagicSevenBits(Decoder):
    """Ignores the highest bit of the magic's octets."""

    def wrong_magic(self, magic: bytes) -> bool:
        return [octet & 0x7F for octet in magic] != [octet & 0x7F for octet in MAGIC]


@fault("FRM-2")
class MagicAnyByteOrder(Decoder):
    """Takes the magic in the other byte order too."""

    def wrong_magic(self, magic: bytes) -> bool:
        return magic not in (MAGIC, MAGIC[::-1])


@fault("FRM-2")
class MagicAnyOrder(Decoder):
    """Compares the sum of the magic's octets."""

    def wrong_magic(self, magic: bytes) -> bool:
        return sum(magic) != sum(MAGIC)


@fault("FRM-2")
class MagicPartly(Decoder):
    """Refuses a magic only if each of its octets is wrong."""

    def wrong_magic(self, magic: bytes) -> bool:
        return all(left != right for left, right in zip(magic, MAGIC, strict=True))


@fault("FRM-2")
class MagicOnce(Decoder):
    """Checks the magic of the first frame only."""

    def wrong_magic(self, magic: bytes) -> bool:
        return self.frame.number == 0 and super().wrong_magic(magic)


@fault("FRM-2")
class MagicTwice(Decoder):
    """Checks the magic of the first two frames only."""

    def wrong_magic(self, magic: bytes) -> bool:
        return self.frame.number < 2 and super().wrong_magic(magic)


@fault("FRM-2")
class MagicBadFrame(Decoder):
    """Refuses a wrong magic with bad_frame."""

    codes = CODES | {"magic": "bad_frame"}


@fault("FRM-2")
class MagicBadVersion(Decoder):
    """Refuses a wrong magic with bad_version."""

    codes = CODES | {"magic": "bad_version"}


# FRM-3: no later magic


@fault("FRM-3")
class MagicResync(Decoder):
    """Looks for the next magic to the end of the stream before it refuses."""

    hunting = False

    def ready(self) -> bool:
        while self.stage == 0 and len(self.buffer) >= 4:
            self.hunting = self.wrong_magic(bytes(self.buffer[:4]))
            if not self.hunting:
                break
            del self.buffer[0]
        return super().ready()

    def end(self) -> str:
        if self.hunting:
            self.refuse("magic")
        return super().end()


class Hunter(Decoder):
    """Goes on with a later magic under some condition."""

    def may_hunt(self, skipped: bytes) -> bool:
        return True

    def ready(self) -> bool:
        found = self.buffer.find(MAGIC) if self.stage == 0 else 0
        if found > 0 and self.may_hunt(bytes(self.buffer[:found])):
            del self.buffer[:found]
        return super().ready()


@fault("FRM-3")
class MagicResyncAtStart(Hunter):
    """Skips what precedes the first magic of the stream."""

    def may_hunt(self, skipped: bytes) -> bool:
        return self.frame.number == 0


@fault("FRM-3")
class MagicResyncLater(Hunter):
    """Skips what lies between an accepted frame and a later magic."""

    def may_hunt(self, skipped: bytes) -> bool:
        return self.frame.number > 0


@fault("FRM-3")
class MagicResyncNear(Hunter):
    """Skips up to 15 octets before a magic."""

    def may_hunt(self, skipped: bytes) -> bool:
        return len(skipped) < 16


@fault("FRM-3")
class MagicResyncFar(Hunter):
    """Skips what precedes a magic if it is sixteen octets or more, a bad header."""

    def may_hunt(self, skipped: bytes) -> bool:
        return len(skipped) >= 16


@fault("FRM-3")
class MagicResyncLine(Hunter):
    """Skips lines of text before a magic, such as a greeting."""

    def may_hunt(self, skipped: bytes) -> bool:
        return skipped.endswith(b"\n")


# FRM-4: the version


@fault("FRM-4")
class VersionAny(Decoder):
    """Accepts every version."""

    def wrong_version(self, version: int) -> bool:
        return False


@fault("FRM-4")
class VersionZero(Decoder):
    """Accepts version 0 for version 1."""

    def wrong_version(self, version: int) -> bool:
        return version > 1


@fault("FRM-4")
class VersionNewer(Decoder):
    """Accepts every version from 1 on."""

    def wrong_version(self, version: int) -> bool:
        return version < 1


@fault("FRM-4")
class VersionTwo(Decoder):
    """Accepts version 2 as well."""

    def wrong_version(self, version: int) -> bool:
        return version not in (1, 2)


@fault("FRM-4")
class VersionDigit(Decoder):
    """Accepts the digit 1, 31, as well."""

    def wrong_version(self, version: int) -> bool:
        return version not in (1, 0x31)


@fault("FRM-4")
class VersionLowBits(Decoder):
    """Looks at the low four bits of the version only."""

    def wrong_version(self, version: int) -> bool:
        return version & 0x0F != 1


@fault("FRM-4")
class VersionSigned(Decoder):
    """Reads the version as a signed number and accepts those below 2 but 0."""

    def wrong_version(self, version: int) -> bool:
        return version == 0 or 2 <= version < 0x80


@fault("FRM-4")
class VersionOnce(Decoder):
    """Checks the version of the first frame only."""

    def wrong_version(self, version: int) -> bool:
        return self.frame.number == 0 and version != 1


@fault("FRM-4")
class VersionNewerLater(Decoder):
    """Accepts versions greater than 1 in every frame but the first."""

    def wrong_version(self, version: int) -> bool:
        return version != 1 if self.frame.number == 0 else version < 1


@fault("FRM-4")
class VersionBadFrame(Decoder):
    """Refuses another version with bad_frame."""

    codes = CODES | {"version": "bad_frame"}


@fault("FRM-4")
class VersionBadMagic(Decoder):
    """Takes the version for a part of the magic: bad_magic."""

    codes = CODES | {"version": "bad_magic"}


# FRM-5: five octets are enough


@fault("FRM-5")
class HeadWaitsForSixth(Decoder):
    """Decides on magic and version when a sixth octet has come."""

    def head_end(self) -> int:
        return 6


@fault("FRM-5")
class HeadWaitsForEight(Decoder):
    """Decides on magic and version when eight octets have come."""

    def head_end(self) -> int:
        return 8


@fault("FRM-5")
class HeadWaitsForHeader(Decoder):
    """Decides on magic and version when sixteen octets have come."""

    def head_end(self) -> int:
        return HEADER


@fault("FRM-5")
class LaterHeadWaits(Decoder):
    """Decides on magic and version of a later frame at sixteen octets."""

    def head_end(self) -> int:
        return HEADER if self.frame.number else super().head_end()


@fault("FRM-5")
class VersionWaitsForHeader(Decoder):
    """Decides on the magic at five octets, on the version at sixteen."""

    def check_version(self, head: bytes) -> None:
        """Left to the header."""

    def check_reserved(self, frame: Frame) -> None:
        super().check_version(bytes(self.buffer[:5]))
        super().check_reserved(frame)


@fault("FRM-5")
class MagicWaitsForHeader(Decoder):
    """Decides on the magic at sixteen octets, on the version at five if it is right."""

    def check_magic(self, head: bytes) -> None:
        """Left to the header."""

    def check_version(self, head: bytes) -> None:
        if head[:4] == MAGIC:
            super().check_version(head)

    def check_reserved(self, frame: Frame) -> None:
        super().check_magic(bytes(self.buffer[:4]))
        super().check_reserved(frame)
