"""The report for the summary of a CI job: GitHub flavoured Markdown.

What a target says may be anything. Outside of cards every punctuation mark of it is
told by its number, which no Markdown renderer takes for markup; cards are raw HTML.
"""

import html
import re
from collections.abc import Callable, Iterable, Iterator

from hjp_conformance.reports import summary
from hjp_conformance.reports.cards import card
from hjp_conformance.reports.octets import cited, in_a_line
from hjp_conformance.reports.shape import CaseReport, Report, RunReport

MAX_CARDS = 20
MAX_NAMED = 100
"""Failures that are named; the platforms cut a summary that is too long."""
_CARD = 24_000
"""Octets of one card, marked up."""
_MESSAGE = 300
_LINES = 20

_SIGNS = {
    "pass": "✅",
    "fail": "❌",
    "crash": "💥",
    "warn": "⚠️",
    "inconclusive": "❔",
    "skip": "⏭️",
    "known": "📌",
    "harness": "🛠️",
}
_SPECIAL = re.compile(r"[^\w ,-]|_", re.ASCII)
_CODE = re.compile("&#96;(.+?)&#96;")
_EMPTY_LINES = re.compile("\n{3,}")


def markdown(report: Report) -> str:
    """A verdict, tables, the failures with their cards; less than 900 kB."""
    lines = [*_head(report), *_runs(report)]
    lines += _table(report, "chapter", _areas(report), summary.by_area)
    lines += _table(report, "level", _levels(), summary.by_level)
    for run in report["runs"]:
        lines += _skips(run)
    lines += _failures(report)
    return _EMPTY_LINES.sub("\n\n", "\n".join(lines) + "\n")


def _head(report: Report) -> Iterator[str]:
    sign = _SIGNS["fail" if report["exit"] else "pass"]
    yield f"## {sign} HJP/1: {_escaped(report['verdict'])}"
    yield ""
    cases = _count(summary.of_report(report).total(), "case", "cases")
    began, suite = _escaped(report["began"]), _escaped(report["suite"])
    yield f"{cases}, begun {began}, by suite {suite}"


def _runs(report: Report) -> Iterator[str]:
    verdicts = [
        verdict
        for verdict in reversed(summary.WORST_FIRST)
        if any(run["counts"].get(verdict) for run in report["runs"])
    ]
    yield from _header("mode", "target", "verdict", *verdicts, "seconds")
    for run in report["runs"]:
        counts = [str(run["counts"].get(verdict, 0)) for verdict in verdicts]
        yield _row(
            run["mode"],
            _code(run["target"]["name"]),
            _escaped(run["verdict"]),
            *counts,
            f"{run['seconds']:.1f}",
        )
    for run in report["runs"]:
        for text in ("", *summary.trouble(run)[:_LINES]):
            yield f"- **{run['mode']}**: {_code(text)}" if text else ""


def _areas(report: Report) -> dict[str, str]:
    return {area: f"{area} {title}" for area, title in report["areas"].items()}


def _levels() -> dict[str, str]:
    return {level: level for level in summary.LEVELS}


def _table(
    report: Report,
    label: str,
    titles: dict[str, str],
    counted: Callable[[RunReport], dict[str, summary.Counts]],
) -> Iterator[str]:
    """A row for each key that has cases, a column for each mode."""
    counts = {run["mode"]: counted(run) for run in report["runs"]}
    yield from _header(label, *counts)
    for key, title in titles.items():
        cells = [_cell(of_mode.get(key)) for of_mode in counts.values()]
        if any(cells):
            yield _row(_escaped(title), *cells)


def _cell(counts: summary.Counts | None) -> str:
    if counts is None:
        return ""
    verdicts = [one for one in summary.WORST_FIRST if counts[one] and one != "pass"]
    rest = [f"{counts[one]} {one}" for one in verdicts]
    sign = _SIGNS[summary.worst(counts)]
    return ", ".join([f"{sign} {counts['pass']} of {counts.total()}", *rest])


def _skips(run: RunReport) -> Iterator[str]:
    for reason, count in [("", 0), *summary.skipped(run).most_common(_LINES)]:
        cases = _count(count, f"{run['mode']} case", f"{run['mode']} cases")
        yield f"- {cases} skipped: {_code(reason)}" if reason else ""


def _failures(report: Report) -> Iterator[str]:
    found = [(case, run) for run in report["runs"] for case in summary.bad(run)]
    found.sort(key=lambda pair: summary.rank(pair[0]["verdict"]))
    if not found:
        return
    yield f"\n### {_count(len(found), 'case', 'cases')} to look into\n"
    for case, _ in found[:MAX_NAMED]:
        yield from _named(case, report)
    if len(found) > MAX_NAMED:
        yield f"- and {len(found) - MAX_NAMED} more, in the other reports"
    yield ""
    for case, run in found[:MAX_CARDS]:
        yield from _card(case, report, run)


def _named(case: CaseReport, report: Report) -> Iterator[str]:
    """The case, the sentence that is broken, what happened."""
    id_ = cited(case)[0]
    words = _escaped(summary.words(report["requirements"][id_]))
    sentence = _CODE.sub(r"<code>\1</code>", words)
    yield f"- {_SIGNS[case['verdict']]} **{case['verdict']}** {_code(case['id'])}  "
    yield f"  {id_}: {sentence}  "
    yield f"  {_code(case.get('message', ''))}"


def _card(case: CaseReport, report: Report, run: RunReport) -> Iterator[str]:
    title = f"{_SIGNS[case['verdict']]} {html.escape(case['id'])}"
    text = "\n".join(_fitting(card(case, report, run).splitlines()))
    yield f"<details><summary>{title}</summary>\n\n<pre>{text}</pre>\n\n</details>\n"


def _fitting(lines: Iterable[str]) -> Iterator[str]:
    """The lines, marked up, as far as there is room."""
    left = _CARD
    for line in lines:
        escaped = html.escape(line)
        left -= len(escaped.encode()) + 1
        if left < 0:
            yield "… and more, in the other reports"
            return
        yield escaped


def _header(*titles: str) -> Iterator[str]:
    yield from ("", _row(*titles), _row(*["---"] * len(titles)))


def _row(*cells: str) -> str:
    return f"| {' | '.join(cells)} |"


def _code(text: str) -> str:
    """As code, in which neither people nor issues are mentioned."""
    escaped = _escaped(text)
    return f"<code>{escaped}</code>" if escaped else ""


def _escaped(text: str) -> str:
    cut = text if len(text) <= _MESSAGE else f"{text[:_MESSAGE]}…"
    return _SPECIAL.sub(lambda found: f"&#{ord(found[0])};", in_a_line(cut))


def _count(count: int, one: str, many: str) -> str:
    return f"{count} {one if count == 1 else many}"
