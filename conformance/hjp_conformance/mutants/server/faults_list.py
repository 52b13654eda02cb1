"""Faults in list and delete."""

import asyncio

from hjp_conformance.mutants.server.faults import fault
from hjp_conformance.mutants.server.files import Files
from hjp_conformance.mutants.server.metadata import Object
from hjp_conformance.mutants.server.transport import Failed, Frame

# LST-1


@fault("LST-1")
class ListAsPut(Files):
    """Lists objects in the order in which they were put."""

    def ordered(self, names: list[str]) -> list[str]:
        return names


@fault("LST-1")
class ListByUnits(Files):
    """Orders names by the units of UTF-16."""

    def ordered(self, names: list[str]) -> list[str]:
        return sorted(names, key=lambda name: name.encode("utf-16-be"))


@fault("LST-1")
class ListByLetters(Files):
    """Orders names without regard to case."""

    def ordered(self, names: list[str]) -> list[str]:
        return sorted(names, key=lambda name: (name.casefold(), name))


@fault("LST-1")
class ListWithAfter(Files):
    """Begins with after itself."""

    def behind(self, names: list[str], after: str) -> list[str]:
        return [name for name in names if name.encode() >= after.encode()]


@fault("LST-1")
class AfterMustBeThere(Files):
    """Answers not_found to an after that is no name of an object."""

    def behind(self, names: list[str], after: str) -> list[str]:
        if after and after not in names and not after.startswith("~"):
            raise Failed("not_found", "there is no such object")
        return super().behind(names, after)


@fault("LST-1")
class AfterMustBeName(Files):
    """Answers bad_name to an after that is no name."""

    def behind(self, names: list[str], after: str) -> list[str]:
        if after and any(row(after) for row in self.name_rows()):
            raise Failed("bad_name", "that is no name")
        return super().behind(names, after)


@fault("LST-1")
class ListWithoutSize(Files):
    """Lists names without sizes."""

    def entry(self, name: str) -> Object:
        return {"name": name}


@fault("LST-1")
class ListSizesOfBefore(Files):
    """Lists an object with the size that it had when it was put first."""

    def entry_size(self, name: str) -> int:
        sizes: dict[str, int] = self.__class__.__dict__["sizes"]
        return sizes.setdefault(name, super().entry_size(name))

    sizes: dict[str, int] = {}  # noqa: RUF012  (of the whole process)

    def commit(self, put: "object") -> None:
        super().commit(put)  # type: ignore[arg-type]
        self.entry_size(getattr(put, "name", ""))


@fault("LST-1")
class ListBeginsAtA(Files):
    """Leaves out, without after, what comes before the letters."""

    def do_list(self, frame: Frame) -> tuple[Object, bytes]:
        frame.message.setdefault("after", "~~")
        return super().do_list(frame)


# LST-2 to LST-5


@fault("LST-2")
class LimitIgnored(Files):
    """Sends as many entries as it likes."""

    def count(self, frame: Frame, names: list[str]) -> int:
        return min(len(names), 60)


@fault("LST-2")
class LimitOneMore(Files):
    """Sends an entry too many."""

    def count(self, frame: Frame, names: list[str]) -> int:
        return min(len(names), super().count(frame, names) + 1)


@fault("LST-3")
class NextMissing(Files):
    """Never tells that there is more."""

    def next_of(self, names: list[str], count: int) -> Object:
        return {}


@fault("LST-3")
class NextIsFollowing(Files):
    """Tells the first name that it has left out."""

    def next_of(self, names: list[str], count: int) -> Object:
        return {"next": names[count]} if count < len(names) else {}


@fault("LST-3")
class NextForEver(Files):
    """Tells a next where there are no entries."""

    def next_of(self, names: list[str], count: int) -> Object:
        return {"next": names[count - 1] if names else "\U0010ffff"}


@fault("LST-3")
class NextAlone(Files):
    """Sends a page of no entries and a next."""

    def count(self, frame: Frame, names: list[str]) -> int:
        return 0


@fault("LST-3")
class NextEmpty(Files):
    """Tells an empty next at the end."""

    def next_of(self, names: list[str], count: int) -> Object:
        return {"next": "", **super().next_of(names, count)}


@fault("LST-4")
class ListSkips(Files):
    """Leaves out the first name behind a page."""

    def behind(self, names: list[str], after: str) -> list[str]:
        found = super().behind(names, after)
        return found[1:] if after in names else found


@fault("LST-4")
class ListOnePage(Files):
    """Lists the first sixty objects of a walk and no more."""

    def next_of(self, names: list[str], count: int) -> Object:
        return super().next_of(names, count) if count < 60 else {}


@fault("LST-4")
class ListWithoutEmpty(Files):
    """Leaves out objects of no octets."""

    def visible(self) -> list[str]:
        return [name for name in super().visible() if self.entry_size(name)]


@fault("LST-4")
class ListByNumber(Files):
    """Remembers how many it has sent instead of which."""

    sent = 0

    def behind(self, names: list[str], after: str) -> list[str]:
        where = super().behind(names, after)
        if after not in names:
            self.sent = len(names) - len(where)
        return names[self.sent :]

    def count(self, frame: Frame, names: list[str]) -> int:
        count = super().count(frame, names)
        self.sent += count
        return count


@fault("LST-5")
class ListsForeign(Files):
    """Lists what is no name."""

    def visible(self) -> list[str]:
        return [*super().visible(), "lost+found/"]

    def entry_size(self, name: str) -> int:
        return super().entry_size(name) if name in self.depot.things else 0


# DEL-1


@fault("DEL-1")
class DeletesNothing(Files):
    """Says ok and leaves the object."""

    def remove(self, frame: Frame) -> None:
        """It is left."""


@fault("DEL-1")
class DeletesLater(Files):
    """Removes an object half a second after the reply."""

    def remove(self, frame: Frame) -> None:
        name = str(frame.message["name"])
        loop = asyncio.get_running_loop()
        loop.call_later(0.5, self.depot.things.pop, name, None)


@fault("DEL-1")
class DeletesByStart(Files):
    """Removes all objects whose names begin so."""

    def remove(self, frame: Frame) -> None:
        for name in [*self.depot.things]:
            if name.startswith(str(frame.message["name"])):
                del self.depot.things[name]


@fault("DEL-1")
class DeletesOctets(Files):
    """Removes the octets and keeps the name."""

    def remove(self, frame: Frame) -> None:
        self.depot.things[str(frame.message["name"])].octets = b""


@fault("ERR-19")
class DeletesBeforeItLooks(Files):
    """Removes an object before it looks at the other members."""

    def check_name(self, frame: Frame) -> None:
        super().check_name(frame)
        if frame.op == "delete" and not isinstance(
            frame.message.get("if_tag", ""), str
        ):
            self.depot.things.pop(str(frame.message["name"]), None)
