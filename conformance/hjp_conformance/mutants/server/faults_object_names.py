"""Faults in the names of objects."""

import unicodedata
from collections.abc import Callable

from hjp_conformance.mutants.server.depot import Put, Thing
from hjp_conformance.mutants.server.faults import fault
from hjp_conformance.mutants.server.files import Files
from hjp_conformance.mutants.server.object_names import DEVICES, MARKS
from hjp_conformance.mutants.server.transport import Failed, Frame

# NAM-1, row by row


@fault("NAM-1")
class NameEmpty(Files):
    """Takes the empty string for a name."""

    def wrong_length(self, name: str) -> bool:
        return len(name.encode()) > 255


@fault("NAM-1")
class NameOf256(Files):
    """Takes a name of 256 octets."""

    def wrong_length(self, name: str) -> bool:
        return not 1 <= len(name.encode()) <= 256


@fault("NAM-1")
class NameInCharacters(Files):
    """Counts the characters of a name, not its octets."""

    def wrong_length(self, name: str) -> bool:
        return not 1 <= len(name) <= 255


@fault("NAM-1")
class ControlsOfC1(Files):
    """Takes names with U+0080 to U+009F."""

    def has_control(self, name: str) -> bool:
        return any(ord(char) < 0x20 or char == "\x7f" for char in name)


@fault("NAM-1")
class ControlDelete(Files):
    """Takes names with U+007F."""

    def has_control(self, name: str) -> bool:
        return super().has_control(name.replace("\x7f", ""))


@fault("NAM-1")
class ControlTab(Files):
    """Takes names with U+0009."""

    def has_control(self, name: str) -> bool:
        return super().has_control(name.replace("\t", ""))


@fault("NAM-1")
class ControlsAtTheEnds(Files):
    """Strips controls off the ends of a name before it looks."""

    def has_control(self, name: str) -> bool:
        return super().has_control(name.strip("\0\n"))


class MarkTaken(Files):
    """Takes names with one of the marks."""

    taken_mark = ""

    def has_mark(self, name: str) -> bool:
        return bool((MARKS - {self.taken_mark}) & set(name))


@fault("NAM-1")
class MarkColon(MarkTaken):
    """Takes names with a colon."""

    taken_mark = ":"


@fault("NAM-1")
class MarkReverseSolidus(MarkTaken):
    """Takes names with a reverse solidus."""

    taken_mark = "\\"


@fault("NAM-1")
class MarkSolidus(MarkTaken):
    """Takes names with a solidus."""

    taken_mark = "/"


@fault("NAM-1")
class MarkQuestion(MarkTaken):
    """Takes names with a question mark."""

    taken_mark = "?"


@fault("NAM-1")
class MarkLine(MarkTaken):
    """Takes names with a vertical line."""

    taken_mark = "|"


@fault("NAM-1")
class EndSpace(Files):
    """Takes names with a space at the end."""

    def wrong_end(self, name: str) -> bool:
        return name.endswith(".")


@fault("NAM-1")
class EndDot(Files):
    """Takes names with a dot at the end, but for . and .. themselves."""

    def wrong_end(self, name: str) -> bool:
        return name in (".", "..") or name.endswith(" ")


@fault("NAM-1")
class DeviceInCapitals(Files):
    """Knows the names of devices in capitals only."""

    def raised(self, stem: str) -> str:
        return stem


@fault("NAM-1")
class DeviceWithSuffix(Files):
    """Takes the name of a device with a suffix."""

    def is_device(self, name: str) -> bool:
        return self.raised(name) in DEVICES


@fault("NAM-1")
class DeviceOfLastDot(Files):
    """Looks for a device before the last dot, not the first."""

    def is_device(self, name: str) -> bool:
        return self.raised(name.rpartition(".")[0] or name) in DEVICES


@fault("NAM-1")
class DeviceAndSpaces(Files):
    """Takes the name of a device with spaces before the dot."""

    def is_device(self, name: str) -> bool:
        return self.raised(name.split(".")[0]) in DEVICES


class DeviceTaken(Files):
    """Does not know some devices."""

    unknown: frozenset[str] = frozenset()

    def is_device(self, name: str) -> bool:
        stem = self.raised(name.split(".")[0].rstrip(" "))
        return stem in DEVICES - self.unknown


@fault("NAM-1")
class DeviceConsole(DeviceTaken):
    """Does not know CONIN$ and CONOUT$."""

    unknown = frozenset({"CONIN$", "CONOUT$"})


@fault("NAM-1")
class DeviceSuperscript(DeviceTaken):
    """Does not know COM and LPT with a superscript digit."""

    unknown = frozenset(one for one in DEVICES if not one.isascii())


@fault("NAM-1")
class DeviceLpt9(DeviceTaken):
    """Does not know LPT9."""

    unknown = frozenset({"LPT9"})


@fault("NAM-1")
class NameAsBadRequest(Files):
    """Answers bad_request instead of bad_name."""

    def check_name(self, frame: Frame) -> None:
        try:
            super().check_name(frame)
        except Failed:
            raise Failed("bad_request", "that is no name") from None


class NameUnchecked(Files):
    """Looks at the name in some operations only."""

    blind = ""

    def check_name(self, frame: Frame) -> None:
        if frame.op != self.blind or not isinstance(frame.message.get("name"), str):
            super().check_name(frame)


@fault("NAM-1")
class NameUncheckedByGet(NameUnchecked):
    """Answers a get of no name with not_found."""

    blind = "get"


@fault("NAM-1")
class NameUncheckedByStat(NameUnchecked):
    """Answers a stat of no name with not_found."""

    blind = "stat"


@fault("NAM-1")
class NameUncheckedByDelete(NameUnchecked):
    """Answers a delete of no name with not_found."""

    blind = "delete"


@fault("NAM-6")
class DotDotStat(Files):
    """Answers a stat of .. with what it finds outside."""

    def check_name(self, frame: Frame) -> None:
        if frame.message.get("name") != ".." or frame.op != "stat":
            super().check_name(frame)

    def found(self, frame: Frame) -> Thing:
        if frame.message["name"] == "..":
            return Thing(bytes(4096))
        return super().found(frame)


# NAM-2


class NameRefused(Files):
    """Refuses more than the table does."""

    def name_rows(self) -> list[Callable[[str], bool]]:
        return [*super().name_rows(), self.refused]

    def refused(self, name: str) -> bool:
        return False


@fault("NAM-2")
class NameHidden(NameRefused):
    """Refuses names that begin with a dot."""

    def refused(self, name: str) -> bool:
        return name.startswith(".")


@fault("NAM-2")
class NameWithSpaces(NameRefused):
    """Refuses names with spaces."""

    def refused(self, name: str) -> bool:
        return " " in name


@fault("NAM-2")
class NameComZero(NameRefused):
    """Refuses COM0 and LPT0."""

    def refused(self, name: str) -> bool:
        return name.split(".")[0] in ("COM0", "LPT0")


@fault("NAM-2")
class NameDeviceInside(NameRefused):
    """Refuses names that begin as a device does."""

    def refused(self, name: str) -> bool:
        return name.upper().startswith(tuple(DEVICES))


@fault("NAM-2")
class NameDeviceSuffix(NameRefused):
    """Refuses names with a device behind the dot."""

    def refused(self, name: str) -> bool:
        return any(part.upper() in DEVICES for part in name.split(".")[1:])


@fault("NAM-2")
class NameDotsInside(NameRefused):
    """Refuses names with two dots in a row."""

    def refused(self, name: str) -> bool:
        return ".." in name


@fault("NAM-2")
class NamePercent(NameRefused):
    """Refuses names with a percent sign."""

    def refused(self, name: str) -> bool:
        return "%" in name


@fault("NAM-2")
class NameNotAscii(NameRefused):
    """Refuses names that are not ASCII."""

    def refused(self, name: str) -> bool:
        return not name.isascii()


@fault("NAM-2")
class NameOf254(NameRefused):
    """Refuses a name of 255 octets."""

    def refused(self, name: str) -> bool:
        return len(name.encode()) > 254


# NAM-5


class NameChanged(Files):
    """Keeps an object under another name than it was put."""

    def change(self, name: str) -> str:
        return name

    def commit(self, put: Put) -> None:
        put.name = self.change(put.name)
        super().commit(put)

    def found(self, frame: Frame) -> Thing:
        frame.message["name"] = self.change(str(frame.message["name"]))
        return super().found(frame)


@fault("NAM-5")
class NameFolded(NameChanged):
    """Replaces the object of a name that differs in case."""

    def change(self, name: str) -> str:
        return name.casefold()


@fault("NAM-5")
class NameCompatible(NameChanged):
    """Takes names for one that are compatible in Unicode."""

    def change(self, name: str) -> str:
        return unicodedata.normalize("NFKC", name)


@fault("NAM-5")
class NameDecoded(NameChanged):
    """Decodes %2e in names."""

    def change(self, name: str) -> str:
        return name.replace("%2e", ".")


@fault("NAM-5")
class NameCut(NameChanged):
    """Keeps the first 25 characters of a name."""

    def change(self, name: str) -> str:
        return name[:25]


@fault("NAM-5")
class NameByStart(Files):
    """Finds an object whose name begins with that which is asked for."""

    def found(self, frame: Frame) -> Thing:
        name = str(frame.message["name"])
        for one in self.depot.things:
            if one.startswith(name):
                frame.message["name"] = one
        return super().found(frame)
