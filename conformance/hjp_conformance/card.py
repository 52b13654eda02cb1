"""The text about one case that did not pass."""

from hjp_conformance.run import Result
from hjp_conformance.targets import Target
from hjp_conformance.transcript import Transcript, Way
from hjp_conformance.verdicts import Verdict
from hjp_spec import dissect
from hjp_spec.requirements import REQUIREMENTS

SHOWN = 512
"""Octets of each direction that are shown; the JSON report has more."""

_SENDERS: dict[Way, dissect.Sender] = {Way.SENT: "client", Way.RECEIVED: "server"}


def card(result: Result, target: Target | None) -> str:
    """What the case is, what was wrong, what went over the wire, how to repeat it."""
    case = result.case
    lines = [f"{result.verdict.upper()} {case.id}", f"  {case.title}", ""]
    for id_ in dict.fromkeys((*result.broken, *case.requirements)):
        lines.append(f"  {sentence(id_)}")
    lines += ["", *_labelled("what happened", result.message)]
    if result.verdict is not Verdict.HARNESS:
        for number, transcript in enumerate(result.transcripts, 1):
            name = f" on connection {number}" if len(result.transcripts) > 1 else ""
            lines += _of_connection(transcript, name)
    if target is not None:
        again = f"hjp-conformance {target.arguments} --case {case.id}"
        lines += _labelled("only this case", again)
    return "\n".join(lines)


def sentence(id_: str) -> str:
    """A requirement in a line."""
    return f"{id_}: {REQUIREMENTS[id_].sentence}"


def wire(octets: bytes, way: Way, total: int) -> list[str]:
    """Octets of one direction, field by field."""
    text = dissect.render(dissect.dissect(octets[:SHOWN], sender=_SENDERS[way]))
    lines = text.splitlines()
    if total > SHOWN:
        lines.append(f"… {total - SHOWN} octets more")
    return lines


def _of_connection(transcript: Transcript, name: str) -> list[str]:
    lines = _labelled(f"accepted{name}", transcript.accepted)
    for way in Way:
        total = transcript.totals[way]
        lines.append(f"  {way}{name}: {total} octets")
        if total:
            octets = bytes(transcript.octets[way])
            lines += [f"    {line}".rstrip() for line in wire(octets, way, total)]
    notes = "\n".join(transcript.notes)
    return lines + (_labelled(f"then{name}", notes) if notes else [])


def _labelled(label: str, text: str) -> list[str]:
    first, *rest = text.splitlines() or [""]
    return [f"  {label}: {first}", *(f"    {line}" for line in rest)]
