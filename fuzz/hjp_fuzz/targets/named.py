"""Opening a target by the name that a user gives it.

``module:callable`` is a parser in Python; ``cmd:…``, ``spawn:…`` and ``server:…`` are
a testee, a program for every input, and a live server.
"""

import shlex
from collections.abc import Callable
from pathlib import Path

from hjp_fuzz.targets.base import LIMITS, Contract, Limits, NotFound, Target
from hjp_fuzz.targets.callables import load
from hjp_fuzz.targets.pipe import PipeTarget
from hjp_fuzz.targets.server import ServerTarget
from hjp_fuzz.targets.spawn import SpawnTarget

_KINDS: dict[str, Callable[[str, Contract, Limits], Target]] = {
    "cmd": lambda rest, contract, limits: PipeTarget(rest, limits),
    "spawn": SpawnTarget,
    "server": lambda rest, contract, limits: ServerTarget(rest, limits),
}


def opened(
    name: str,
    contract: Contract | None = None,
    limits: Limits = LIMITS,
    folder: Path | None = None,
) -> Target:
    """Open a target.

    Args:
        name: how the user names it.
        contract: by what it tells its verdict.
        limits: what an answer may cost.
        folder: where to look for modules first, if not in the current directory.

    Raises:
        NotFound: there is nothing of that name.
        TargetError: it cannot be used.
    """
    contract = contract or Contract()
    kind, _, rest = name.partition(":")
    if kind not in _KINDS:
        names = contract.error, contract.incomplete
        return load(name, *names, folder, contract.dialect)
    if contract.dialect:
        raise NotFound(f"a dialect needs a callable of Python, not {kind}:")
    try:
        words = shlex.split(rest)
    except ValueError as error:
        raise NotFound(f"{name}: {error}") from None
    if not words:
        raise NotFound(f"{name!r} names no command")
    return _KINDS[kind](rest, contract, limits)
