"""The report for the summary of a CI job: GitHub flavoured Markdown.

What a target says may be anything. Outside of cards a punctuation mark of it that could
be markup, or part of an address, is told by its number, which no Markdown renderer takes
for either; cards are raw HTML.
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

SIGNS = {
    "pass": "✅",
    "fail": "❌",
    "crash": "💥",
    "warn": "⚠️",
    "inconclusive": "❔",
    "skip": "⏭️",
    "known": "📌",
    "harness": "🛠️",
}
_MARKS = re.compile(
    r"(?<=\d)[:.+](?=\d)|(?<=[^\W_])_(?=[^\W_])|[:.;](?= |$)|([^\w ,()'\"-]|_)",
    re.ASCII,
)
"""What is kept since it means nothing where it stands, or, as a group, what is not."""
_CODE = re.compile("&#96;(.+?)&#96;")
_EMPTY_LINES = re.compile("\n{3,}")


def markdown(report: Report) -> str:
    """A verdict, tables, the failures with their cards; less than 900 kB."""
    return assembled(
        head(report),
        _runs(report),
        _table(report, "chapter", _areas(report), summary.by_area),
        _table(report, "level", _levels(), summary.by_level),
        *map(_skips, report["runs"]),
        failures(report),
    )


def assembled(*parts: Iterable[str]) -> str:
    """The lines of all parts, nowhere with more than one empty line in a row."""
    lines = [line for part in parts for line in part]
    return _EMPTY_LINES.sub("\n\n", "\n".join(lines) + "\n")


def head(report: Report) -> Iterator[str]:
    """The verdict, and about what."""
    yield f"## {SIGNS[summary.face(report)]} HJP/1: {escaped(report['verdict'])}"
    yield ""
    cases = summary.counted(summary.of_report(report).total(), "case", "cases")
    began, suite = escaped(report["began"]), escaped(report["suite"])
    yield f"{cases}{summary.not_run(report)}, begun {began}, by suite {suite}"


def _runs(report: Report) -> Iterator[str]:
    verdicts = [
        verdict
        for verdict in reversed(summary.WORST_FIRST)
        if any(run["counts"].get(verdict) for run in report["runs"])
    ]
    yield from header("mode", "target", "verdict", *verdicts, "seconds")
    for run in report["runs"]:
        counts = [str(run["counts"].get(verdict, 0)) for verdict in verdicts]
        yield row(
            run["mode"],
            code(run["target"]["name"]),
            escaped(run["verdict"]),
            *counts,
            f"{run['seconds']:.1f}",
        )
    for run in report["runs"]:
        for text in ("", *summary.trouble(run)[:_LINES]):
            yield f"- **{run['mode']}**: {code(text)}" if text else ""


def _areas(report: Report) -> dict[str, str]:
    return {area: f"{area} {title}" for area, title in report["areas"].items()}


def _levels() -> dict[str, str]:
    return {level: level for level in summary.LEVELS}


def _table(
    report: Report,
    label: str,
    titles: dict[str, str],
    of: Callable[[RunReport], dict[str, summary.Counts]],
) -> Iterator[str]:
    """A row for each key that has cases, a column for each mode."""
    counts = summary.by_mode(report, of)
    yield from header(label, *counts)
    for key, title in titles.items():
        cells = [_cell(of_mode.get(key)) for of_mode in counts.values()]
        if any(cells):
            yield row(escaped(title), *cells)


def _cell(counts: summary.Counts | None) -> str:
    if counts is None:
        return ""
    verdicts = [one for one in summary.WORST_FIRST if counts[one] and one != "pass"]
    rest = [f"{counts[one]} {one}" for one in verdicts]
    sign = SIGNS[summary.worst(counts)]
    return ", ".join([f"{sign} {counts['pass']} of {counts.total()}", *rest])


def _skips(run: RunReport) -> Iterator[str]:
    for reason, count in [("", 0), *summary.skipped(run).most_common(_LINES)]:
        cases = summary.counted(count, f"{run['mode']} case", f"{run['mode']} cases")
        yield f"- {cases} skipped: {code(reason)}" if reason else ""


def failures(report: Report) -> Iterator[str]:
    """The cases to look into: the names of many, the cards of some."""
    found = [(case, run) for run in report["runs"] for case in summary.bad(run)]
    found.sort(key=lambda pair: summary.rank(pair[0]["verdict"]))
    if not found:
        return
    yield f"\n### {summary.counted(len(found), 'case', 'cases')} to look into\n"
    for case, run in found[:MAX_NAMED]:
        yield from _named(case, report, run)
    if len(found) > MAX_NAMED:
        yield f"- and {len(found) - MAX_NAMED} more, in the other reports"
    yield ""
    for case, run in found[:MAX_CARDS]:
        yield from _card(case, report, run)


def _named(case: CaseReport, report: Report, run: RunReport) -> Iterator[str]:
    """The case, the sentence that is broken, what happened."""
    id_ = cited(case)[0]
    words = escaped(summary.words(report["requirements"][id_]))
    sentence = _CODE.sub(r"<code>\1</code>", words)
    yield f"- {SIGNS[case['verdict']]} **{case['verdict']}** {code(case['id'])}{_of_pair(run)}  "
    yield f"  {id_}: {sentence}  "
    yield f"  {code(case.get('message', ''))}"


def _of_pair(run: RunReport) -> str:
    return f", {code(run['target']['name'])}" if "pair" in run else ""


def _card(case: CaseReport, report: Report, run: RunReport) -> Iterator[str]:
    name = f"{case['id']}, {run['target']['name']}" if "pair" in run else case["id"]
    title = f"{SIGNS[case['verdict']]} {html.escape(in_a_line(name))}"
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


def header(*titles: str) -> Iterator[str]:
    """The head of a table."""
    yield from ("", row(*titles), row(*["---"] * len(titles)))


def row(*cells: str) -> str:
    """A row of a table."""
    return f"| {' | '.join(cells)} |"


def code(text: str) -> str:
    """As code, in which neither people nor issues are mentioned."""
    found = escaped(text)
    return f"<code>{found}</code>" if found else ""


def escaped(text: str) -> str:
    """As text in which nothing is markup, cut to what a line has room for."""
    cut = text if len(text) <= _MESSAGE else f"{text[:_MESSAGE]}…"
    return _MARKS.sub(
        lambda found: f"&#{ord(found[1])};" if found[1] else found[0], in_a_line(cut)
    )
