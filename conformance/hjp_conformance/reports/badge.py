"""A badge: the verdict in two words, as a picture or for a service that draws it."""

import json
from html import escape
from typing import NamedTuple

from hjp_conformance.reports import summary
from hjp_conformance.reports.octets import in_a_line
from hjp_conformance.reports.shape import Report
from hjp_conformance.verdicts import NAMES, Exit

_COLORS = {
    Exit.CONFORMANT: "#2f7d55",
    Exit.FAILURES: "#b3372f",
    Exit.INCONCLUSIVE: "#6a4fa3",
}
"""Those of the page; white is well read on all of them."""
_OTHER = "#5b636b"
_LABEL_COLOR = "#33383d"

_HEIGHT, _SIZE, _PADDING, _GAP = 20, 11, 7, 3
_NARROW, _WIDE = frozenset("fijlrt1.,:;!|'()[]/ "), frozenset("mwMWHJP%@")


class Badge(NamedTuple):
    """What a badge says."""

    label: str
    message: str
    color: str


def badge_of(report: Report) -> Badge:
    """What the badge of a report says."""
    runs = report["runs"]
    label = "HJP/1 pairs" if any("pair" in run for run in runs) else "HJP/1 core"
    return Badge(label, _message(report), _color(report))


def _color(report: Report) -> str:
    """That of the status; green for nothing less than all cases."""
    status = Exit(report["exit"])
    is_less = status is Exit.CONFORMANT and report["verdict"] != NAMES[status]
    return _OTHER if is_less else _COLORS.get(status, _OTHER)


def _message(report: Report) -> str:
    counts, verdict = summary.of_report(report), report["verdict"]
    total = summary.counted(counts.total(), "case", "cases")
    failed = counts["fail"] + counts["crash"]
    if report["exit"] == Exit.FAILURES and failed:
        return f"{failed} of {total} fail"
    is_whole = verdict == NAMES[Exit.CONFORMANT]
    return verdict.lower() + (f", {total}" if is_whole else "")


def as_json(report: Report) -> str:
    """For shields.io, whose `endpoint` badge reads such a file."""
    label, message, color = badge_of(report)
    told = {"schemaVersion": 1, "label": label, "message": message, "color": color}
    return json.dumps(told | {"isError": report["exit"] != 0}) + "\n"


def as_svg(report: Report) -> str:
    """A picture that needs nothing else, and tells itself to those who do not see."""
    badge = badge_of(report)
    label, message = (escape(in_a_line(text)) for text in badge[:2])
    left, right = (_width(text) for text in badge[:2])
    middle = left + right / 2
    return f"""\
<svg xmlns="http://www.w3.org/2000/svg" width="{left + right}" height="{_HEIGHT}" role="img" aria-label="{label}: {message}">
<title>{label}: {message}</title>
<clipPath id="r"><rect width="{left + right}" height="{_HEIGHT}" rx="{_GAP}"/></clipPath>
<g clip-path="url(#r)">
<rect width="{left}" height="{_HEIGHT}" fill="{_LABEL_COLOR}"/>
<rect x="{left}" width="{right}" height="{_HEIGHT}" fill="{badge.color}"/>
</g>
<g fill="#fff" text-anchor="middle" font-family="Verdana,Geneva,DejaVu Sans,sans-serif" font-size="{_SIZE}" aria-hidden="true">
<text x="{left / 2:g}" y="14" textLength="{left - 2 * _PADDING}">{label}</text>
<text x="{middle:g}" y="14" textLength="{right - 2 * _PADDING}">{message}</text>
</g>
</svg>
"""


def _width(text: str) -> int:
    """About as wide as fonts of that kind make it, in pixels; `textLength` holds it."""
    return 2 * _PADDING + round(sum(map(_advance, text)))


def _advance(sign: str) -> float:
    if sign in _NARROW:
        return 4.2
    return 8.6 if sign in _WIDE else 6.9
