"""What has changed between two reports: in the target, and in the suite."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from hjp_conformance.reports.octets import in_a_line
from hjp_conformance.reports.shape import FORMAT, CaseReport, Report, RunReport
from hjp_conformance.reports.summary import counted, name, rank
from hjp_conformance.verdicts import (
    BAD,
    FAILED,
    NAMES,
    UNDECIDED,
    Exit,
    Verdict,
    is_worse,
    worst,
)

_GOOD = ("pass", "warn")
_BAD_BEFORE = BAD | {Verdict.KNOWN}
"""A known failure is one; that it fails now means that the list is another, or old. Of
what nobody knew anything before, nobody knows that it was better."""
_EXPLAINED = (Exit.FAILURES, Exit.INCONCLUSIVE)
"""Statuses that follow from the verdicts of cases, which are told one by one."""
_OPTIONS = ("tier", "strict", "shuffle")


@dataclass(frozen=True, slots=True)
class Change:
    """A case that both reports have and that ended otherwise.

    Attributes:
        id: of the case.
        old: its verdict then.
        new: its verdict now.
        message: what is wrong now.
    """

    id: str
    old: str
    new: str
    message: str

    @property
    def is_regression(self) -> bool:
        """Whether the target fails now and did not, or nobody knows and it was good."""
        if self.new in UNDECIDED:
            return self.old in _GOOD
        return self.new in FAILED and self.old not in _BAD_BEFORE

    @property
    def is_fix(self) -> bool:
        """Whether the target failed then and is right now."""
        return self.old in FAILED and self.new in _GOOD

    def __str__(self) -> str:
        message = f": {in_a_line(self.message):.300}" if self.message else ""
        return f"{self.id}: {self.old}, now {self.new}{message}"


@dataclass(frozen=True, slots=True)
class ModeDifference:
    """What has changed in the cases of one mode.

    Attributes:
        mode: server, client or codec, or who took part in a pair.
        changes: cases that ended otherwise, in the order of the new report.
        still: how many cases fail now as they did then.
        edited: cases whose title or requirements the suite has changed, each with
            what.
        added: cases that only the new report has, with their verdicts.
        removed: cases that only the old report has, with their verdicts.
        settings: what else differs: target and options.
        worse: why the run as a whole is worse, whatever its cases say.
    """

    mode: str
    changes: tuple[Change, ...]
    still: int
    edited: tuple[str, ...]
    added: tuple[str, ...]
    removed: tuple[str, ...]
    settings: tuple[str, ...]
    worse: tuple[str, ...]

    @property
    def regressions(self) -> tuple[Change, ...]:
        """See `Change.is_regression`."""
        return tuple(change for change in self.changes if change.is_regression)

    @property
    def fixes(self) -> tuple[Change, ...]:
        """See `Change.is_fix`."""
        return tuple(change for change in self.changes if change.is_fix)

    @property
    def others(self) -> tuple[Change, ...]:
        """Changes that are neither."""
        return tuple(
            change
            for change in self.changes
            if not change.is_regression and not change.is_fix
        )


@dataclass(frozen=True, slots=True)
class Difference:
    """What has changed.

    Attributes:
        notes: what differs between the reports as a whole.
        modes: what differs in each mode that both have.
    """

    notes: tuple[str, ...]
    modes: tuple[ModeDifference, ...]

    @property
    def exit(self) -> int:
        """The status of the command: 1 if something has become worse, 0 if not."""
        return int(any(mode.regressions or mode.worse for mode in self.modes))

    def __str__(self) -> str:
        lines = [*self.notes]
        for mode in self.modes:
            lines += _told(mode)
        lines.append(", ".join(self._counts()))
        return "\n".join(lines)

    def _counts(self) -> Iterator[str]:
        """Regressions and fixes in any case, of the rest what there is."""
        modes = self.modes
        regressions = sum(len(mode.regressions) for mode in modes)
        yield counted(regressions, "regression", "regressions")
        yield counted(sum(len(mode.fixes) for mode in modes), "fix", "fixes")
        others = sum(len(mode.others) for mode in modes)
        still = sum(mode.still for mode in modes)
        added = sum(len(mode.added) for mode in modes)
        removed = sum(len(mode.removed) for mode in modes)
        worse = sum(bool(mode.worse) for mode in modes)
        for count, told in (
            (others, counted(others, "other change", "other changes")),
            (still, f"{counted(still, 'case fails', 'cases fail')} as before"),
            (added, f"{counted(added, 'case is', 'cases are')} new"),
            (removed, f"{counted(removed, 'case is', 'cases are')} gone"),
            (worse, f"{counted(worse, 'run', 'runs')} worse as a whole"),
        ):
            if count:
                yield told


def diff(old: Report, new: Report) -> Difference:
    """Hold two reports against each other, mode by mode.

    Raises:
        ValueError: one of them has a format that is not known here.
    """
    for which, report in (("old", old), ("new", new)):
        _check_format(which, report)
    before, after = _by_name(old), _by_name(new)
    notes = [
        *_changed("suite", old["suite"], new["suite"]),
        *(f"{mode}: only in the old report" for mode in before if mode not in after),
        *(f"{mode}: only in the new report" for mode in after if mode not in before),
    ]
    modes = [_mode(before[mode], after[mode]) for mode in after if mode in before]
    return Difference(tuple(notes), tuple(modes))


def _check_format(which: str, report: Any) -> None:
    """Before anything else is looked at: it may have none of the members."""
    found = report.get("format") if isinstance(report, dict) else None
    if found == FORMAT and isinstance(report.get("runs"), list):
        return
    told = f"of format {found!r}" if found != FORMAT else "without runs"
    raise ValueError(
        f"the {which} report is {told}, and this suite reads format {FORMAT}: write it "
        "again with the --json of the same version of hjp-conformance as the other"
    )


def _by_name(report: Report) -> dict[str, RunReport]:
    """One run for each mode or pair; of several times the worst, case by case."""
    found: dict[str, RunReport] = {}
    for run in report["runs"]:
        before = found.get(name(run))
        found[name(run)] = run if before is None else _worse_of(before, run)
    return found


def _worse_of(one: RunReport, two: RunReport) -> RunReport:
    cases = {case["id"]: case for case in one["cases"]}
    for case in two["cases"]:
        before = cases.get(case["id"])
        if before is None or rank(case["verdict"]) < rank(before["verdict"]):
            cases[case["id"]] = case
    first = one if worst((Exit(one["exit"]), Exit(two["exit"]))) == one["exit"] else two
    cut = next((run for run in (one, two) if not run["complete"]), first)
    return first | {
        "cases": list(cases.values()),
        "shuffle": one["shuffle"],
        "complete": cut["complete"],
        "stopped": cut["stopped"],
    }


def _mode(old: RunReport, new: RunReport) -> ModeDifference:
    before = {case["id"]: case for case in old["cases"]}
    after = {case["id"]: case for case in new["cases"]}
    pairs = [(before[id_], case) for id_, case in after.items() if id_ in before]
    return ModeDifference(
        name(new),
        tuple(_changes(pairs)),
        sum(_fails(one) and _fails(two) for one, two in pairs),
        tuple(line for one, two in pairs for line in _edits(one, two)),
        tuple(_verdicts(after, before)),
        tuple(_verdicts(before, after)),
        tuple(_settings(old, new)),
        tuple(_worse(old, new)),
    )


def _worse(old: RunReport, new: RunReport) -> Iterator[str]:
    """What no case tells: that there was no target, or no end, or a list is old."""
    was, now = Exit(old["exit"]), Exit(new["exit"])
    is_explained = now in _EXPLAINED and any(
        case["verdict"] in BAD for case in new["cases"]
    )
    if is_worse(now, was) and not is_explained:
        yield f"{NAMES[was]}, now {NAMES[now]}"
    if old["complete"] and not new["complete"]:
        yield "it was stopped before its last case, and the old run was not"


def _changes(pairs: Iterable[tuple[CaseReport, CaseReport]]) -> Iterator[Change]:
    for old, new in pairs:
        if old["verdict"] != new["verdict"]:
            message = new.get("message", "")
            yield Change(new["id"], old["verdict"], new["verdict"], message)


def _fails(case: CaseReport) -> bool:
    return case["verdict"] in FAILED


def _edits(old: CaseReport, new: CaseReport) -> Iterator[str]:
    for line in (
        *_changed("title", old["title"], new["title"]),
        *_changed("requirements", old["requirements"], new["requirements"]),
    ):
        yield f"{new['id']}: {line}"


def _verdicts(ones: dict[str, CaseReport], others: dict[str, Any]) -> Iterator[str]:
    for id_, case in ones.items():
        if id_ not in others:
            yield f"{id_}: {case['verdict']}"


def _settings(old: RunReport, new: RunReport) -> Iterator[str]:
    for member in old["target"]:
        was: Any = old["target"].get(member)
        yield from _changed(f"target {member}", was, new["target"].get(member))
    for option in _OPTIONS:
        yield from _changed(option, old.get(option), new.get(option))
    for told, run in (("old", old), ("new", new)):
        if not run["complete"]:
            yield f"the {told} run was stopped before its last case: {run['stopped']}"


def _changed(what: str, old: object, new: object) -> Iterator[str]:
    if old != new:
        yield f"{what}: {_value(old)}, now {_value(new)}"


def _value(value: object) -> str:
    """A value in a line; a list without its brackets."""
    text = " ".join(map(str, value)) if isinstance(value, list) else str(value)
    return f"{in_a_line(text):.300}" or "none"


_SECTIONS: tuple[tuple[str, Callable[[ModeDifference], Iterable[object]]], ...] = (
    ("worse", lambda mode: mode.worse),
    ("regressions", lambda mode: mode.regressions),
    ("fixes", lambda mode: mode.fixes),
    ("other changes", lambda mode: mode.others),
    ("cases that are new", lambda mode: mode.added),
    ("cases that are gone", lambda mode: mode.removed),
    ("cases that the suite has changed", lambda mode: mode.edited),
    ("target and options", lambda mode: mode.settings),
)


def _told(mode: ModeDifference) -> Iterator[str]:
    for title, of in _SECTIONS:
        lines = [*of(mode)]
        if lines:
            yield f"{mode.mode}, {title}: {len(lines)}"
            yield from (f"  {line}" for line in lines)
