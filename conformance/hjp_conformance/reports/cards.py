"""The text about one case that did not pass, made of its report."""

import shlex
from collections.abc import Iterator

from hjp_conformance.reports.octets import SHOWN, Stream, cited, plain, streams
from hjp_conformance.reports.shape import CaseReport, Conversation, Report, RunReport
from hjp_conformance.reports.summary import words
from hjp_conformance.verdicts import painted
from hjp_spec import dissect

_LINES = 20
_NO_TARGET = "harness"
"""The verdict that says nothing about the target: its octets would mislead."""


def card(
    case: CaseReport,
    report: Report,
    run: RunReport,
    color: bool = False,
    path: str | None = None,
) -> str:
    """What the case is, what was wrong, what went over the wire, how to repeat it.

    Args:
        case: of the run.
        report: the whole, for the words of its requirements.
        run: of the report.
        color: whether escape sequences for a terminal may be used.
        path: where the report is kept, for a command that plays it again.
    """
    lines = [_head(case, color), f"  {plain(case['title'])}", ""]
    lines += [f"  {sentence(id_, report)}" for id_ in cited(case)]
    lines += ["", *_labelled("what happened", case.get("message", ""))]
    lines += _of_client(case)
    if case["verdict"] != _NO_TARGET:
        talks = case.get("conversations", [])
        for number, talk in enumerate(talks, 1):
            name = of_several(number, len(talks), run["mode"])
            lines += _of_conversation(talk, name, run["mode"], color)
    for label, text in commands(case, run, path).items():
        lines += _labelled(label, text)
    return "\n".join(lines)


def sentence(id_: str, report: Report) -> str:
    """A requirement in a line."""
    return f"{id_}: {words(report['requirements'][id_])}"


def commands(case: CaseReport, run: RunReport, path: str | None) -> dict[str, str]:
    """The commands that repeat a case, by what they do."""
    found = {"only this case": f"{command(run)} --case {case['id']}"}
    if path is not None:
        found["again"] = f"hjp-conformance replay {shlex.quote(path)} {case['id']}"
    return found


def command(run: RunReport) -> str:
    """The command that makes a run again, with all its cases."""
    words = ["hjp-conformance", run["target"]["arguments"], run.get("options", "")]
    return " ".join(filter(None, words))


def of_client(case: CaseReport) -> dict[str, str]:
    """What a client was told and what it told, by labels; nothing in other modes."""
    found = {}
    if "arguments" in case:
        found["the client was told"] = shlex.join(case["arguments"])
    if "printed" in case and not _are_told(case["printed"], case.get("message", "")):
        found["the client printed"] = _printed(case["printed"]) or "nothing"
    if "status" in case:
        ended = "none: it was ended" if case["status"] is None else case["status"]
        found["its exit status"] = str(ended)
    return found


def _are_told(lines: list[str], message: str) -> bool:
    """Whether a message is about these lines, and had not to cut them."""
    _, mark, told = message.partition("the client printed: ")
    return bool(mark) and (", ".join(lines) or "nothing") in told


def _printed(lines: list[str]) -> str:
    shown = [line if len(line) <= SHOWN else f"{line[:SHOWN]} …" for line in lines]
    more = len(shown) - _LINES
    return "\n".join(
        [*shown[:_LINES], *([f"… and {more} more lines"] if more > 0 else [])]
    )


def of_codec(talk: Conversation) -> dict[str, str]:
    """What a codec was asked and what it answered, by labels."""
    labels = {"asked": talk.get("asked"), "answered": talk.get("answered")}
    return {label: text for label, text in labels.items() if text is not None}


def of_several(number: int, total: int, mode: str) -> str:
    """Which of several conversations, as a label ends: in codec mode each is a line."""
    if total == 1:
        return ""
    return f" by line {number}" if mode == "codec" else f" on connection {number}"


def _head(case: CaseReport, color: bool) -> str:
    verdict = case["verdict"].upper()
    if color:
        verdict = painted(case["verdict"], verdict)
    return f"{verdict} {case['id']}"


def _of_client(case: CaseReport) -> list[str]:
    lines = []
    for label, text in of_client(case).items():
        lines += _labelled(label, text)
    return lines


def _of_conversation(
    talk: Conversation, name: str, mode: str, color: bool
) -> list[str]:
    accepted = talk["accepted"]
    lines = _labelled(f"accepted{name}", accepted) if accepted else []
    for stream in streams(talk, mode):
        lines.append(f"  {stream.way}{name}: {stream}")
        lines += [f"    {line}".rstrip() for line in _wire(stream, color)]
    for label, text in of_codec(talk).items():
        lines += _labelled(f"{label}{name}", f"{text:.{SHOWN}}")
    notes = "\n".join(talk["notes"])
    return lines + (_labelled(f"then{name}", notes) if notes else [])


def _wire(stream: Stream, color: bool) -> Iterator[str]:
    if stream.octets:
        found = stream.dissected()
        yield from dissect.render(found, color, stream.marks, SHOWN).splitlines()
    if stream.total > len(stream.octets):
        yield f"… {stream.total - len(stream.octets)} octets more, which were not kept"


def _labelled(label: str, text: str) -> list[str]:
    first, *rest = plain(text).splitlines() or [""]
    return [f"  {label}: {first}", *(f"    {line}" for line in rest)]
