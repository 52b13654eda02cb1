"""A run as GitHub flavoured Markdown, for the summary of a CI job.

What a target says may be anything: outside of cards every punctuation mark of it is
told by its number, which no renderer takes for markup; cards are escaped HTML.
"""

import html
import re
from collections.abc import Iterator

from hjp_fuzz.findings import Finding, plain
from hjp_fuzz.report import card, never_reached, progress, rules_of
from hjp_fuzz.runs import Run

_SPECIAL = re.compile(r"[^\w ,-]|_", re.ASCII)
_LONGEST = 300


def markdown(run: Run) -> str:
    """Return a verdict, the findings with their cards, and what was exercised."""
    lines = [*_head(run), *_findings(run.report.findings)]
    if run.whole:
        lines += _exercised(run)
    return "\n".join(lines) + "\n"


def _head(run: Run) -> Iterator[str]:
    count = len(run.report.findings)
    verdict = f"❌ {count} finding{'s'[: count != 1]}" if count else "✅ no findings"
    yield f"## {verdict}: {_code(run.target)}"
    yield ""
    if run.whole:
        began = f", begun {_escaped(run.began)}"
        yield _escaped(" ".join(progress(run.report).split())) + "  "
        yield f"engine {_escaped(run.engine)}, seed {_code(run.seed)}{began}"
        yield ""
    if run.report.flaky:
        kinds = ", ".join(sorted({failure.check for failure in run.report.flaky}))
        yield f"Did not happen again, so no findings: {_escaped(kinds)}"
        yield ""


def _findings(found: list[Finding]) -> Iterator[str]:
    if not found:
        return
    yield "| finding | requirement | check | expected | got |"
    yield "|---|---|---|---|---|"
    for one in found:
        cells = (one.id, one.requirement, one.check, one.expected)
        yield f"| {' | '.join(map(_escaped, cells))} | {_code(one.got)} |"
    yield ""
    for one in found:
        title = f"{one.id} {one.requirement}: {plain(one.sentence)}"
        yield f"<details><summary>{html.escape(title)}</summary>"
        yield ""
        # No empty line: it would end the HTML, and with it the escape.
        text = "\n".join(line or " " for line in card(one).splitlines())
        yield f"<pre>{html.escape(text)}</pre>"
        yield ""
        yield "</details>"
        yield ""


def _exercised(run: Run) -> Iterator[str]:
    never = list(never_reached(run.report))
    count = len(rules_of(run.report))
    yield (
        f"<details><summary>{count - len(never)} of {count} requirements "
        "exercised</summary>"
    )
    yield ""
    yield "| requirement | exercised | says |"
    yield "|---|---|---|"
    for rule, sentence in rules_of(run.report).items():
        times = run.report.tally.reached[rule] or "never"
        yield f"| {_escaped(rule)} | {times} | {_escaped(plain(sentence))} |"
    yield ""
    yield "</details>"


def _code(text: str) -> str:
    """As code, in which neither people nor issues are mentioned."""
    return f"<code>{_escaped(text)}</code>" if text else ""


def _escaped(text: str) -> str:
    cut = text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"
    return _SPECIAL.sub(lambda found: f"&#{ord(found[0])};", cut)
