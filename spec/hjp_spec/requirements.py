"""The requirements, sections and precedence rows, read from the text itself.

Every ``text/*.md`` is read; what stands there once is nowhere repeated.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from itertools import takewhile

from hjp_spec.registry import Code

LEVELS = ("MUST NOT", "MUST", "SHOULD NOT", "SHOULD", "MAY")
"""The key words of BCP 14 that the text uses, longer ones first."""
ACTORS = ("sender", "receiver", "client", "server", "endpoint", "operator", "testee")
"""Who may be the subject of a requirement."""

_ID = re.compile(r"HJP-([A-Z][A-Z0-9]+)-([1-9][0-9]*)")
_REQUIREMENT = re.compile(rf"\*\*({_ID.pattern})\.\*\* (.+)", re.DOTALL)
_KEYWORD = re.compile(rf"\b({'|'.join(LEVELS)})\b")
_ACTOR = re.compile(rf"An? ({'|'.join(ACTORS)})\b")
_ANSWER = re.compile(r"\b(?:refuse|answer) with `(\w+)`")
_HEADING = re.compile(r"(#{1,6}) (.+)")
_WITHDRAWN = "*Withdrawn"


@dataclass(frozen=True, slots=True)
class Requirement:
    """One sentence of the text that an actor can break.

    Attributes:
        id: permanent name, such as ``HJP-FRM-2``.
        area: the letters of the id, such as ``FRM``.
        level: the sentence's one key word; empty when withdrawn.
        actor: the sentence's subject; empty when withdrawn.
        sentence: the wording, Markdown as in the text.
        document: the file it stands in, without ``.md``.
        section: the title of the nearest heading above it.
        withdrawn: whether the id is kept only so that nothing else gets it.
    """

    id: str
    area: str
    level: str
    actor: str
    sentence: str
    document: str
    section: str
    withdrawn: bool

    @property
    def code(self) -> Code | None:
        """The code that the sentence says to refuse or answer with, if it does."""
        found = _ANSWER.search(self.sentence)
        return None if found is None else Code(found[1])


@dataclass(frozen=True, slots=True)
class Section:
    """A heading of a document and what stands below it, up to the next heading.

    Attributes:
        document: the file it stands in, without ``.md``.
        title: the heading's words.
        anchor: the heading as a link names it.
        level: 1 for the document's title, 2 for a chapter, and so on.
        text: the Markdown below the heading.
    """

    document: str
    title: str
    anchor: str
    level: int
    text: str


@dataclass(frozen=True, slots=True)
class Row:
    """A row of the table *Precedence*: one fault and the code that it gets.

    Attributes:
        number: its place; the lowest of a frame's faults is reported.
        what: the part of the frame that is looked at.
        fault: what is wrong with it.
        code: the code; None where the operation says which.
        limit: the limit that was exceeded, for ``too_large``.
        due: when a receiver has to know.
    """

    number: int
    what: str
    fault: str
    code: Code | None
    limit: str | None
    due: str


@cache
def documents() -> tuple[str, ...]:
    """The names of the texts, ``core`` first."""
    texts = (files("hjp_spec") / "text").iterdir()
    names = sorted(text.name[:-3] for text in texts if text.name.endswith(".md"))
    return tuple(sorted(names, key=lambda name: name != "core"))


@cache
def text(document: str) -> str:
    """The Markdown of a document, such as ``text("core")``.

    Raises:
        KeyError: there is no such document.
    """
    if document not in documents():
        raise KeyError(document)
    return (files("hjp_spec") / "text" / f"{document}.md").read_text("utf-8")


@cache
def sections() -> tuple[Section, ...]:
    """Every section of every document, in the order of the text."""
    return tuple(section for document in documents() for section in _sections(document))


def _sections(document: str) -> Iterator[Section]:
    for heading, body in _split(text(document)):
        marks, title = heading
        anchor = re.sub(r"[^\w -]", "", title.lower()).replace(" ", "-")
        yield Section(document, title, anchor, len(marks), body.strip("\n"))


def _split(markdown: str) -> Iterator[tuple[tuple[str, str], str]]:
    """Headings and what is below them; a ``#`` inside a fence is no heading."""
    found: list[tuple[tuple[str, str], list[str]]] = []
    fenced = False
    for line in markdown.splitlines():
        fenced ^= line.startswith("```")
        heading = None if fenced else _HEADING.fullmatch(line)
        if heading is not None:
            found.append(((heading[1], heading[2]), []))
        else:
            found[-1][1].append(line)
    for heading_found, body in found:
        yield heading_found, "\n".join(body)


def parse(section: Section) -> Iterator[Requirement]:
    """The requirements of one section.

    Raises:
        ValueError: a requirement has no actor, or not exactly one key word.
    """
    for paragraph in re.split(r"\n\s*\n", section.text):
        found = _REQUIREMENT.fullmatch(paragraph.strip())
        if found is not None:
            sentence = " ".join(found[4].split())
            yield _requirement(found[1], found[2], sentence, section)


def _requirement(id_: str, area: str, sentence: str, section: Section) -> Requirement:
    withdrawn = sentence.startswith(_WITHDRAWN)
    level = actor = ""
    if not withdrawn:
        keywords, subject = _KEYWORD.findall(sentence), _ACTOR.match(sentence)
        if len(keywords) != 1 or subject is None:
            raise ValueError(f"{id_}: one key word, one actor: {sentence}")
        level, actor = keywords[0], subject[1]
    return Requirement(
        id_, area, level, actor, sentence, section.document, section.title, withdrawn
    )


def index(requirements: Iterable[Requirement]) -> dict[str, Requirement]:
    """Requirements by their ids.

    Raises:
        ValueError: an id is given twice.
    """
    found: dict[str, Requirement] = {}
    for requirement in requirements:
        if requirement.id in found:
            raise ValueError(f"{requirement.id} is given twice")
        found[requirement.id] = requirement
    return found


def table(markdown: str, *columns: str) -> list[list[str]]:
    """The rows of the table that has exactly these column titles.

    Raises:
        KeyError: there is no such table.
    """
    lines = markdown.splitlines()
    for number, line in enumerate(lines):
        if _cells(line) == list(columns):
            rows = takewhile(lambda row: row.startswith("|"), lines[number + 2 :])
            return [_cells(row) for row in rows]
    raise KeyError(columns)


def _cells(line: str) -> list[str]:
    return [cell.strip() for cell in line.strip().strip("|").split("|")]


def _row(cells: list[str]) -> Row:
    number, what, fault, code, due = cells
    names = re.findall(r"`(\w+)`", code)
    return Row(
        int(number),
        what,
        fault,
        Code(names[0]) if names else None,
        names[1] if len(names) > 1 else None,
        due,
    )


REQUIREMENTS: dict[str, Requirement] = index(
    requirement for section in sections() for requirement in parse(section)
)
"""Every requirement by its id, in the order of the text."""

PRECEDENCE: tuple[Row, ...] = tuple(
    _row(cells) for cells in table(text("core"), "row", "what", "fault", "code", "due")
)
"""The rows of the table *Precedence*, first row first (HJP-ERR-15)."""
