"""The report as one page, which needs nothing but itself.

What a target says may be anything: the templates escape it, the script only makes
text of it, and a policy in the page keeps everything else from running. The cases
that need a look stand in the page as they are; the others are data, from which the
script makes the rows that are asked for.
"""

import base64
import hashlib
import re
import shlex
from collections.abc import Iterable, Iterator
from functools import cache, partial
from importlib.resources import files
from itertools import zip_longest
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from jinja2.utils import htmlsafe_json_dumps
from markupsafe import Markup, escape

from hjp_conformance.reports import cards, octets, packing, summary
from hjp_conformance.reports.octets import SHOWN, Stream, in_a_line, plain
from hjp_conformance.reports.shape import (
    CaseReport,
    Report,
    RequirementReport,
    RunReport,
)
from hjp_spec import dissect

MAX_PAGE = 2_800_000
"""Characters of data and cards; the cases that have no room for one are only listed."""
_MAX_TEXT = 4_000
"""Characters of one text of a target."""
_BAR = 1_000
_SLICE = 6
"""A slice of a bar is at least so wide, of `_BAR`: one failure in thousands is seen."""
_CODE = re.compile("`(.+?)`")


def html(report: Report) -> str:
    """The page."""
    data = htmlsafe_json_dumps(packing.packed(report), separators=(",", ":"))
    # A case that failed several times has one card, that of the worst time.
    found: dict[str, tuple[CaseReport, RunReport, str]] = {}
    for case, run in bad(report):  # one that failed several times has one card
        found.setdefault(case["id"], (case, run, case["id"]))
    made = cards_of(report, found.values(), MAX_PAGE - len(data))
    return page(
        "report",
        report,
        "HJP/1 conformance",
        tables=_tables(report),
        cards=list(made.values()),
        left_out=len(found) - len(made),
        data=data,
    )


def page(name: str, report: Report, subject: str, **more: Any) -> str:
    """A page of a template, with a style and a script of the same name.

    Args:
        name: of the files in `templates`.
        report: what it tells.
        subject: what it is about, in a few words.
        more: what else the template knows.
    """
    style = _file("page.css") + _file(f"{name}.css")
    script = _file("page.js") + _file(f"{name}.js")
    return (
        _environment()
        .get_template(f"{name}.html.j2")
        .render(
            report=report,
            subject=subject,
            style=Markup(style),
            script=Markup(script),
            style_hash=_hash(style),
            script_hash=_hash(script),
            **more,
        )
    )


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("hjp_conformance"),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=StrictUndefined,
        finalize=_final,
    )
    environment.filters.update(
        in_a_line=in_a_line, cut=_cut, count=_count, sentence=_sentence
    )
    environment.globals.update(
        summary=summary,
        streams=octets.streams,
        cited=octets.cited,
        of_client=cards.of_client,
        of_codec=cards.of_codec,
        of_several=cards.of_several,
        command=cards.command,
        commands=partial(cards.commands, path=None),
        join=shlex.join,
        lines=_lines,
        slices=_slices,
        told=_told,
        shown=SHOWN,
    )
    return environment


def _final(value: Any) -> Any:
    """Whatever a template prints, if it is not markup: see `plain`."""
    return plain(value) if type(value) is str else value


def _file(name: str) -> str:
    return (files("hjp_conformance") / "templates" / name).read_text("utf-8")


def _hash(text: str) -> str:
    digest = hashlib.sha256(text.encode()).digest()
    return f"'sha256-{base64.b64encode(digest).decode()}'"


def cards_of(
    report: Report, found: Iterable[tuple[CaseReport, RunReport, str]], left: int
) -> dict[str, Markup]:
    """The cards of cases, as far as there is room.

    Args:
        report: that has them.
        found: cases, their runs, and what names each on its page.
        left: how many characters there is room for.

    Returns:
        The cards by these names.
    """
    template = _environment().get_template("card.html.j2")
    made: dict[str, Markup] = {}
    for case, run, anchor in found:
        card = template.render(case=case, run=run, report=report, anchor=anchor)
        left -= len(card)
        if left < 0:
            break
        made[anchor] = Markup(card)
    return made


def bad(report: Report) -> list[tuple[CaseReport, RunReport]]:
    """The cases that need a look, the worst first, whatever their mode."""
    found = [(case, run) for run in report["runs"] for case in summary.bad(run)]
    return sorted(found, key=lambda pair: summary.rank(pair[0]["verdict"]))


def _tables(report: Report) -> list[dict[str, Any]]:
    """The tables of the summary: label, member of the filter, rows by their titles."""
    tables: list[dict[str, Any]] = []
    for label, order, of in (
        ("Chapter", report["areas"], summary.by_area),
        ("Level", dict.fromkeys(summary.LEVELS, ""), summary.by_level),
        ("Feature", {}, summary.by_feature),
    ):
        counts = summary.by_mode(report, of)
        found = {key for of_mode in counts.values() for key in of_mode}
        keys = [*(key for key in order if key in found), *sorted(found - order.keys())]
        titles = {key: order.get(key, "") for key in keys}
        member = label.lower().replace("chapter", "area")
        row = {"label": label, "member": member, "titles": titles, "counts": counts}
        tables.append(row)
    return tables


def _slices(counts: summary.Counts) -> Iterator[tuple[str, int, int]]:
    """Verdict, start and width of each slice of a bar, what passes first."""
    found = {one: counts[one] for one in reversed(summary.WORST_FIRST) if counts[one]}
    total = max(sum(found.values()), 1)
    widths = {one: max(_SLICE, _BAR * found[one] // total) for one in found}
    at = 0
    for verdict, width in widths.items():
        scaled = width * _BAR // sum(widths.values())
        yield verdict, at, scaled
        at += scaled


def _told(counts: summary.Counts) -> str:
    """The same in words."""
    found = [one for one in reversed(summary.WORST_FIRST) if counts[one]]
    return ", ".join(f"{counts[one]} {one}" for one in found)


def _lines(
    stream: Stream, dissection: dissect.Dissection
) -> Iterator[tuple[int, dissect.Row | None, Markup]]:
    """Octets left out before it, a row, and its octets marked up; no row at the end."""
    rows = list(dissect.rows(dissection, stream.marks, SHOWN))
    ends = [0, *(row.offset + len(row.octets) for row in rows)]
    for end, row in zip_longest(ends, rows):
        start = len(stream.octets) if row is None else row.offset
        yield start - end, row, _marked(row, stream) if row else Markup()


def _marked(row: dissect.Row, stream: Stream) -> Markup:
    """The digits of a row: the wrong octet, and those at which a receiver stops."""
    made = []
    for offset, octet in enumerate(row.octets, row.offset):
        digits = f"{octet:02X}"
        if offset == stream.wrong:
            digits = f"<mark>{digits}</mark>"
        elif offset in row.marked:
            digits = f"<u>{digits}</u>"
        made.append(digits)
    return Markup(" ".join(made))


def _sentence(requirement: RequirementReport) -> Markup:
    """Its words, marked up: what stands between backticks is code."""
    words = str(escape(plain(summary.words(requirement))))
    return Markup(_CODE.sub(r"<code>\1</code>", words))


def _cut(text: str) -> str:
    return text if len(text) <= _MAX_TEXT else f"{text[:_MAX_TEXT]} …"


def _count(count: int) -> Markup:
    """Thousands apart by narrow spaces that do not break."""
    return Markup(f"{count:,}".replace(",", "&#8239;"))
