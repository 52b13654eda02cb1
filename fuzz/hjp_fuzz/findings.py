"""Findings: what failed, on paper and in a file that can be replayed.

The octets and the cuts are the finding.  Everything else, the choices of the grammar
included, changes its meaning when the fuzzer is changed.
"""

import hashlib
import json
import re
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from hjp_fuzz.cases import Case, Cuts
from hjp_fuzz.failures import MEANING, NO_ANSWER, Check, Failure
from hjp_fuzz.targets import Contract, Limits, Target, type_name
from hjp_spec.requirements import REQUIREMENTS


class NoFinding(Exception):  # noqa: N818
    """There is no such finding, or the file does not hold one."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One way in which a target breaks one requirement.

    Attributes:
        id: names it, such as F-3c1e05; made of check, octets and cuts.
        target: the target's name, which opens it again.
        contract: by what it tells its verdict.
        limits: what an answer was allowed to cost.
        check: id of the check that fails.
        requirement: identifier of the requirement that is broken.
        expected: what the specification says.
        got: what the target did.
        exception: class and place, if one escaped.
        message: its text.
        octets: the input, in hexadecimal digits.
        cuts: offsets at which the reads end; none if it fails in one read.
        frames: of how many frames it was written.
        found_at: octets of the input as it was found, before shrinking.
        calls: how often the target was run to shrink it.
        seed: of the run that found it.
        confirmations: in how many fresh processes it happened again; none if there
            was no way to start the target again.
        rule: of a dialect, the sentence that is broken; empty of HJP.
    """

    id: str
    target: str
    contract: Contract
    limits: Limits
    check: str
    requirement: str
    expected: str
    got: str
    exception: str
    message: str
    octets: str
    cuts: Cuts
    frames: int
    found_at: int
    calls: int
    seed: str
    confirmations: int
    rule: str = ""

    @property
    def stream(self) -> bytes:
        """The input."""
        return bytes.fromhex(self.octets)

    @property
    def case(self) -> Case:
        """The input as a case."""
        return Case((), self.stream, (self.cuts,))

    @property
    def sentence(self) -> str:
        """What is broken, in the words of the specification or of the dialect."""
        return self.rule or REQUIREMENTS[self.requirement].sentence

    @property
    def meaning(self) -> str:
        """What the check is about."""
        return MEANING[Check(self.check)]


@dataclass(frozen=True, slots=True)
class Trial:
    """How a finding was come by; see `Finding`."""

    found_at: int
    calls: int = 1
    seed: str = ""
    confirmations: int = 1


def finding(
    target: Target, failure: Failure, small: Case, limits: Limits, trial: Trial
) -> Finding:
    """Write a failure down."""
    cuts = failure.cuts
    if failure.check in NO_ANSWER and not cuts and small.cuttings:
        cuts = small.cuttings[0]  # it ended before it could tell
    # What a target says may be anything: reports and terminals get it as one line.
    got, error, message = map(printable, (failure.got, failure.error, failure.message))
    named = f"{failure.check}/{small.stream.hex()}/{cuts}"
    digest = hashlib.sha256(named.encode()).hexdigest()[:6]
    return Finding(
        id=f"F-{digest}",
        target=target.name,
        contract=target.contract,
        limits=limits,
        check=failure.check.value,
        requirement=failure.requirement,
        expected=failure.expected,
        got=got,
        exception=error,
        message=message,
        octets=small.stream.hex(),
        cuts=cuts,
        frames=len(small.drafts),
        **asdict(trial),
        rule=target.dialect.sentence(failure.requirement) if target.dialect else "",
    )


def save(found: Finding, folder: Path) -> Path:
    """Write a finding into a folder, as <id>.json."""
    return keep(as_json(found), folder)


def keep(content: dict[str, Any], folder: Path) -> Path:
    """Write what has an `id` into a folder, as <id>.json."""
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / f"{content['id']}.json"
    text = json.dumps(content, indent=1, ensure_ascii=False)
    file.write_text(text + "\n", "utf-8")
    return file


def kept(name: str, folder: Path) -> Path:
    """Return the file of what is named by its file or by its id in a folder."""
    return Path(name) if Path(name).is_file() else folder / f"{name}.json"


def as_json(found: Finding) -> dict[str, Any]:
    """Return a finding as JSON has it, the requirement's sentence added."""
    return {**asdict(found), "sentence": found.sentence}


def read(name: str, folder: Path) -> Finding:
    """Read a finding, given its file or its id in a folder.

    Raises:
        NoFinding: there is none, or the file holds something else.
    """
    file = kept(name, folder)
    try:
        found = from_json(json.loads(file.read_text("utf-8")))
    except FileNotFoundError:
        hint = f": hjp-fuzz session --replay {name}" if name.startswith("S-") else ""
        raise NoFinding(f"there is no finding {name} in {folder}{hint}") from None
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        message = f"{file} holds no finding: {type_name(error)}: {error}"
        raise NoFinding(message) from None
    return found


def from_json(content: dict[str, Any]) -> Finding:
    """Read a finding as `as_json` writes it; raises what a wrong one happens to."""
    told = {
        **content,
        "cuts": tuple(map(int, content["cuts"])),
        "contract": Contract(**content["contract"]),
        "limits": Limits(**content["limits"]),
    }
    told.pop("sentence", None)
    found = Finding(**told)
    _ = found.stream, found.sentence, found.meaning
    return found


def read_all(folder: Path) -> list[Finding]:
    """Read every finding of a folder.

    Raises:
        NoFinding: there is none, or a file holds something else.
    """
    names = sorted(str(file) for file in folder.glob("F-*.json"))
    if not names:
        raise NoFinding(f"there are no findings in {folder}")
    return [read(name, folder) for name in names]


def lines(found: Finding) -> Iterator[str]:
    """Yield what a finding says, without the octets."""
    yield f"{found.id}  {found.requirement}  {plain(found.sentence)}"
    yield from account(found)
    size = len(found.stream)
    yield f"  size      {size} octets, from {found.found_at} in {found.calls} runs"
    if not found.confirmations:
        yield "  seen      once: the target could not be started again"


def account(found: Finding) -> Iterator[str]:
    """Yield what was checked, what was expected, and what came of it."""
    yield f"  check     {found.check}: {found.meaning}"
    yield f"  expected  {found.expected}"
    yield f"  got       {found.got}" + (f"  {found.message}" if found.message else "")
    if found.exception and found.exception != found.got:
        yield f"  raised    {found.exception}"
    yield f"  reads     {_reads(found)}"


def printable(text: str) -> str:
    """Return a text with everything escaped that is no character to be looked at."""
    return "".join(char if char.isprintable() else ascii(char)[1:-1] for char in text)


def plain(sentence: str) -> str:
    """Return a sentence of the specification without its links and code marks."""
    return re.sub(r"\[([^]]*)\]\([^)]*\)", r"\1", sentence).replace("`", "")


def _reads(found: Finding) -> str:
    if not found.cuts:
        return "one"
    shown = ", ".join(map(str, found.cuts[:12]))
    more = ", …" if len(found.cuts) > 12 else ""
    return f"{len(found.cuts) + 1}, ending at {shown}{more} and the end"
