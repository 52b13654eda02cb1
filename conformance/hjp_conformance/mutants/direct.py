"""One mutant against the cases about what it breaks, up to the first that minds.

In this process and without pytest: a run of the command costs a second before its first
case, which is more than most mutants need.
"""

import inspect
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from functools import cache
from typing import Any

import pytest

from hjp_conformance.catalogue import Case
from hjp_conformance.clients import Action, Client, Visit
from hjp_conformance.codec.case import Record
from hjp_conformance.codecs import CodecTarget
from hjp_conformance.collected import cases_of
from hjp_conformance.modes import target_of
from hjp_conformance.mutants.trial import Mutant, survivors, tried
from hjp_conformance.objects import Store
from hjp_conformance.patience import Patience
from hjp_conformance.preflight import Facts
from hjp_conformance.probe import Probe
from hjp_conformance.process import Process
from hjp_conformance.servers import Server
from hjp_conformance.settings import Settings
from hjp_conformance.target import Target
from hjp_conformance.verdicts import (
    Crashed,
    Inconclusive,
    Skipped,
    TargetGoneError,
    Violation,
)

_DEADLINE = 2.0
_MOST_WAITED = 5
_UNSEEN = (Skipped, TargetGoneError, pytest.skip.Exception)


@dataclass(frozen=True, slots=True)
class Finding:
    """How a mutant fared.

    Attributes:
        case: the id of the first case that saw broken what is broken; None if none did.
        is_silent: whether a case about it only waited in vain.
        gone: why no case could be run, if none could.
    """

    case: str | None = None
    is_silent: bool = False
    gone: str | None = None


def found_on(mutant: Mutant) -> Finding:
    """Try the cases about what it breaks, up to the first that sees it broken."""
    settings = Settings(mutant.mode, cmd=mutant.command, deadline=_DEADLINE)
    try:
        target = target_of(settings)
    except TargetGoneError as error:
        return Finding(gone=str(error))
    try:
        return _tried(target, mutant.requirement)
    except TargetGoneError as error:
        return Finding(gone=str(error))
    finally:
        target.stop()


@dataclass(frozen=True, slots=True)
class Fared:
    """How a mutant fared, by whichever way that tells it.

    Attributes:
        mutant: which.
        kills: cases that caught it for what it breaks.
        complaints: cases that an odd one did not pass.
    """

    mutant: Mutant
    kills: tuple[str, ...] = ()
    complaints: tuple[str, ...] = ()


def fared(mutant: Mutant) -> Fared:
    """Try a mutant: a broken one directly if that suffices, else by whole runs."""
    if mutant.kind == "broken":
        found = found_on(mutant)
        if found.case is not None:
            return Fared(mutant, kills=(found.case,))
        if mutant.name in survivors().get(mutant.mode, {}):
            return Fared(mutant)
    trial = tried(mutant)
    if mutant.kind == "odd":
        return Fared(mutant, complaints=tuple(trial.complaints))
    return Fared(mutant, kills=tuple(trial.kills))


def failed_by(mutant: Mutant, cases: Iterable[Case]) -> Iterator[str]:
    """Try the cases on a mutant; yield the ids of those that it fails.

    Ends early when too many only wait, or when the mutant does not run any more.
    """
    settings = Settings(mutant.mode, cmd=mutant.command, deadline=_DEADLINE)
    try:
        target = target_of(settings)
    except TargetGoneError:
        return
    patience, waited = Patience(_DEADLINE), 0
    try:
        facts = target.meet(patience)
        for case in cases:
            try:
                if _broken(case, target, patience, facts):
                    yield case.id
            except Inconclusive:
                waited += 1
                if waited == _MOST_WAITED:
                    return
    except TargetGoneError:
        return
    finally:
        target.stop()


def _tried(target: Target, requirement: str) -> Finding:
    patience, is_silent = Patience(_DEADLINE), False
    facts = target.meet(patience)
    for case in cases_about(_mode(target), requirement):
        try:
            if requirement in _broken(case, target, patience, facts):
                return Finding(case.id)
        except Inconclusive:
            is_silent = is_silent or requirement in case.requirements
    return Finding(is_silent=is_silent)


def _mode(target: Target) -> str:
    return target.arguments.split(" ")[0]


def cases_about(mode: str, requirement: str) -> Iterator[Case]:
    """The cases that cite it, those first that are mainly about it; then the others.

    Those that do not cite it can name it all the same. Of clients these are few, and a
    process for each would take long.
    """
    cases = cases_of(mode)
    citing = [one for one in cases if requirement in one.requirements]
    yield from sorted(citing, key=lambda one: one.requirements.index(requirement))
    if mode != "client":
        yield from (one for one in cases if requirement not in one.requirements)


def _broken(case: Case, target: Target, patience: Patience, facts: Facts) -> set[str]:
    """What the case is about, and has seen broken; nothing where it has not."""
    try:
        _do(case, target, patience, facts)
    except Violation as violation:
        return {*case.requirements, violation.requirement or case.requirements[0]}
    except Crashed:
        return set(case.requirements)
    except _UNSEEN:
        return set()
    return set()


def _do(case: Case, target: Target, patience: Patience, facts: Facts) -> None:
    if isinstance(target, CodecTarget):
        case.code.check(target.codec, Record())
        return
    with ExitStack() as stack:
        given = _given(case, target, patience, facts, stack)
        wanted = inspect.signature(case.code).parameters.keys() - case.code.keywords
        if not wanted <= given.keys():
            raise Skipped("it needs another instance of the target")
        case.code(**{name: given[name]() for name in wanted})


def _given(
    case: Case, target: Target, patience: Patience, facts: Facts, stack: ExitStack
) -> dict[str, Callable[[], Any]]:
    """What a case may use, by the names of the fixtures."""

    def start(*actions: Action) -> Visit:
        assert isinstance(target, Client)
        return stack.enter_context(Visit(target.command, patience, case.id, actions))

    def connect(**options: Any) -> Probe:
        assert isinstance(target, Server)
        return stack.enter_context(Probe(target.address, patience, **options))

    def doomed() -> Callable[..., Probe]:
        process = process_of()
        return lambda **more: stack.enter_context(
            Probe(process.address, patience, **more)
        )

    def store() -> Store:
        return Store(connect, facts, case.feature)

    @cache
    def process_of() -> Process:
        assert isinstance(target, Server)
        process = target.spare({})
        assert process is not None, "a mutant is started by a command"
        stack.callback(process.stop)
        return process

    if isinstance(target, Client):
        return {"start": lambda: start}
    return {
        "facts": lambda: facts,
        "store": store,
        "connect": lambda: connect,
        "probe": connect,
        "doomed": doomed,
        "doomed_process": process_of,
    }
