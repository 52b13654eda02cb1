"""A case as a Python file that plays it again and needs nothing of this project.

The octets stand in it as literals, a row for each field, with their meaning. What a
target has said comes in as string literals and comments of printable characters only.
"""

import json
import textwrap
from collections.abc import Iterator
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined

from hjp_conformance.reports.cards import of_several, sentence
from hjp_conformance.reports.octets import Stream, cited, in_a_line, plain, streams
from hjp_conformance.reports.shape import (
    CaseReport,
    Conversation,
    Report,
    RunReport,
    Step,
)
from hjp_spec import dissect

_WIDTH = 88
_PIECE = 64
_ROW = 8
_RUN = 32
"""Equal octets in a row from which on they are told as one octet so many times."""
_CONTENTS = ("JSON text", "payload", "rest")

Row = tuple[str, str]


def script(case: CaseReport, run: RunReport, report: Report) -> str:
    """The source of the file.

    Raises:
        ValueError: the report has not kept what would be needed.
    """
    talks = _checked(case)
    environment = Environment(
        loader=PackageLoader("hjp_conformance", "templates/scripts"),
        autoescape=False,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        undefined=StrictUndefined,
    )
    environment.filters["literal"] = _literal
    return environment.get_template(f"{run['mode']}.py.j2").render(
        case=case,
        head=list(_head(case, report, run["mode"])),
        happened=_lines(case.get("message", "")),
        accepted=[line for talk in talks for line in _lines(talk["accepted"])],
        steps=list(_steps(case, talks, run["mode"])),
        is_silent=case["verdict"] == "inconclusive",
        files=_files(case),
        lines=[_pieces(_asked(talk)) for talk in talks],
        answers=_answers(talks),
    )


def _checked(case: CaseReport) -> list[Conversation]:
    """What went over the wire, if all of it was kept."""
    talks = case.get("conversations", [])
    if not talks:
        raise ValueError(f"{case['id']}: the report has no octets of this case")
    for step in (step for talk in talks for step in talk["steps"]):
        if len(step["hex"]) != 2 * step["octets"]:
            raise ValueError(
                f"{case['id']}: of {step['octets']} octets that were {step['way']} "
                f"the report has kept {len(step['hex']) // 2}"
            )
    return talks


def _head(case: CaseReport, report: Report, mode: str) -> Iterator[str]:
    """Comments: what the case is, and where something is wrong."""
    yield f"# {case['verdict'].upper()} {case['id']}"
    told = [case["title"], *(sentence(id_, report) for id_ in cited(case))]
    for number, talk in enumerate(case.get("conversations", []), 1):
        if "wrong" in talk:
            way, at = talk["wrong"]["way"], talk["wrong"]["offset"]
            told.append(
                f"Of what was {way}{of_several(number, 2, mode)}, octet {at} is wrong."
            )
    for text in told:
        yield "#"
        lines = textwrap.wrap(in_a_line(text), _WIDTH - 2)
        yield from (f"# {line}" for line in lines)


def _lines(text: str) -> list[str]:
    """A text in lines that fit into the file."""
    return [one for line in plain(text).splitlines() for one in textwrap.wrap(line, 72)]


def _literal(value: Any, indent: int = 0) -> str:
    """A value as the formatter writes it: rows on a line, other lists over several."""
    if isinstance(value, str):
        return _string(value)
    if isinstance(value, tuple) and all(isinstance(one, str) for one in value):
        return f"({', '.join(map(_string, value))})"
    if not isinstance(value, list | tuple | dict) or not value:
        return repr(value)
    pad = "\n" + " " * (indent + 4)
    items = [_literal(one, indent + 4) for one in value]
    if isinstance(value, dict):
        of = (_literal(one, indent + 4) for one in value.values())
        items = [f"{key}: {one}" for key, one in zip(items, of, strict=True)]
    around = {list: "[]", tuple: "()", dict: "{}"}[type(value)]
    inner = "".join(f"{pad}{item}," for item in items)
    return f"{around[0]}{inner}{pad[:-4]}{around[1]}"


def _string(text: str) -> str:
    """In double quotes, unless single ones need fewer escapes; all of it prints."""
    quote = "'" if text.count('"') > text.count("'") else '"'
    text = text.replace("\\", "\\\\").replace(quote, f"\\{quote}")
    return quote + plain(text).replace("\n", "\\n") + quote


def _steps(
    case: CaseReport, talks: list[Conversation], mode: str
) -> Iterator[tuple[Any, ...]]:
    """The steps of all connections, in their order."""
    found: list[tuple[Any, Any]] = []
    for number, talk in enumerate(talks, 1):
        ways = {one.way: one for one in streams(talk, mode)}
        starts = dict.fromkeys(ways, 0)
        for place, step in enumerate(talk["steps"]):
            way = step["way"]
            if way not in ways:  # a codec sends nothing
                continue
            rows = list(_rows(ways[way], starts[way], starts[way] + step["octets"]))
            starts[way] += step["octets"]
            turn, then = (step.get("turn", 0), number, place), _then(step, case)
            if rows or then:
                found.append((turn, (number, way, rows, then)))
            if "input" in step:
                found.append((turn, (number, "told", step["input"], "")))
    yield from (row for _, row in sorted(found, key=lambda pair: pair[0]))


def _then(step: Step, case: CaseReport) -> str:
    """What came after the octets; how a target that has crashed goes is chance."""
    then = step.get("then", "")
    is_gone = then and step["way"] == "received" and case["verdict"] == "crash"
    return "gone" if is_gone else then


def _rows(stream: Stream, start: int, end: int) -> Iterator[Row]:
    """Octets and their meaning, field by field."""
    for field in stream.dissected().fields:
        at, to = max(field.offset, start), min(field.offset + field.length, end)
        yield from _rows_of(stream.octets, field, at, to)


def _rows_of(octets: bytes, field: dissect.Field, at: int, end: int) -> Iterator[Row]:
    while at < end:
        digits, count = _digits(octets, at, end)
        yield digits, _meaning(field, octets[at : at + min(count, _ROW)], at)
        at += count


def _digits(octets: bytes, at: int, end: int) -> tuple[str, int]:
    """The digits of the next row, and how many octets it has."""
    first, found = octets[at : at + 1], octets[at : min(at + _RUN, end)]
    if found == first * _RUN:
        count = end - at - len(octets[at:end].lstrip(first))
        return f"{first.hex().upper()} * {count}", count
    return found[:_ROW].hex(" ").upper(), len(found[:_ROW])


def _meaning(field: dissect.Field, found: bytes, at: int) -> str:
    text = "".join(chr(one) if 0x20 <= one < 0x7F else "." for one in found)
    if field.name not in _CONTENTS:
        return f"{field.name}: {field.text}"
    return f"{field.name}: {text}" if at == field.offset else text


def _files(case: CaseReport) -> dict[str, list[Row]]:
    """The files of a client, as rows."""
    files = {}
    for name, digits in case.get("files", {}).items():
        octets = bytes.fromhex(digits)
        field = dissect.Field(0, len(octets), "payload", "", ())
        files[name] = list(_rows_of(octets, field, 0, len(octets)))
    return files


def _asked(talk: Conversation) -> str:
    """The line that a codec was given; a decode of the steps if none was kept."""
    if "asked" in talk:
        return talk["asked"]
    chunks = [step["hex"] for step in talk["steps"] if step["way"] == "sent"]
    return json.dumps({"cmd": "decode", "chunks": chunks}, separators=(",", ":"))


def _pieces(line: str) -> list[str]:
    return [line[at : at + _PIECE] for at in range(0, len(line), _PIECE)]


def _answers(talks: list[Conversation]) -> list[str | None] | None:
    """What a codec answered, None where nothing came; None if it was not kept."""
    if not all(map(_is_kept, talks)):
        return None
    return [talk.get("answered") for talk in talks]


def _is_kept(talk: Conversation) -> bool:
    return "asked" in talk and talk.get("answered", "") is not None
