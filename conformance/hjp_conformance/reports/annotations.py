"""Failures as workflow commands of GitHub, which shows them beside a job.

A runner takes every line of the output for a command that begins with two colons,
after any white space, whoever has written it. So what comes of a target is printed
while commands are switched off, by a word that no target can know; and in a command
every character that could end it is escaped.
"""

import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from hjp_conformance.reports import summary
from hjp_conformance.reports.cards import commands, sentence
from hjp_conformance.reports.octets import cited, plain
from hjp_conformance.reports.shape import CaseReport, Report, RunReport

MOST = 10
"""So many of a kind does GitHub show of a step."""

_KINDS = {
    "fail": "error",
    "crash": "error",
    "harness": "error",
    "inconclusive": "error",
    "warn": "warning",
}
_DATA = {"%": "%25", "\r": "%0D", "\n": "%0A"}
_PROPERTY = _DATA | {":": "%3A", ",": "%2C"}
_MESSAGE = 1_000


@contextmanager
def commands_off(say: Callable[[str], None]) -> Iterator[None]:
    """Whatever is printed inside is no command."""
    word = secrets.token_hex(16)
    say(f"::stop-commands::{word}")
    try:
        yield
    finally:
        say(f"::{word}::")


def annotations(report: Report) -> Iterator[str]:
    """The commands, one a line: the worst failures first, at most `MOST` of a kind."""
    lines: dict[str, list[str]] = {"error": [], "warning": []}
    for run in report["runs"]:
        for told in summary.trouble(run):
            lines["error"].append(command("error", summary.name(run), told))
    found = [(case, run) for run in report["runs"] for case in summary.bad(run)]
    for case, run in sorted(found, key=lambda pair: summary.rank(pair[0]["verdict"])):
        kind = _KINDS[case["verdict"]]
        lines[kind].append(command(kind, _title(case, run), _text(case, run, report)))
    for kind, of_kind in lines.items():
        yield from _bounded(kind, of_kind)


def command(kind: str, title: str, text: str) -> str:
    """One workflow command in one line, whatever stands in its words."""
    return f"::{kind} title={_escaped(title, _PROPERTY)}::{_escaped(text, _DATA)}"


def _bounded(kind: str, lines: list[str]) -> Iterator[str]:
    if len(lines) <= MOST:
        yield from lines
        return
    yield from lines[: MOST - 1]
    told = "the other reports have them all"
    yield command(kind, f"and {len(lines) - MOST + 1} more", told)


def _title(case: CaseReport, run: RunReport) -> str:
    of = f" ({run['target']['name']})" if "pair" in run else ""
    return f"{case['verdict']}: {case['id']}{of}"


def _text(case: CaseReport, run: RunReport, report: Report) -> str:
    message = case.get("message", "")
    cut = message if len(message) <= _MESSAGE else f"{message[:_MESSAGE]} …"
    again = next(iter(commands(case, run, None).values()))
    return "\n".join([sentence(cited(case)[0], report), cut, f"again: {again}"])


def _escaped(text: str, signs: dict[str, str]) -> str:
    return "".join(signs.get(one, one) for one in plain(text))
