"""What a run is told; as JSON values, so that worker processes are told the same."""

import shlex
from dataclasses import asdict, dataclass, field
from typing import Any, Self

MODES = ("server", "client", "codec")

TIERS = ("smoke", "core", "full", "soak")
"""Each has all cases of those before it: one case a requirement; every written case;
generated ones as well; those too that wait for the times of the text."""

TIER = "full"
DEADLINE = 5.0
"""Seconds to wait for an answer."""
DEFAULTS = {"pair": ("core", 10.0)}
"""Tier and deadline of `matrix`, which has other ones."""


@dataclass(frozen=True, slots=True)
class Settings:
    """How to run the cases of one mode, and against what.

    Attributes:
        mode: server, client or codec.
        url: of a server that runs.
        cmd: the command that is the target, or starts it.
        function: a codec in Python, `module:callable`.
        limits: how a started server is told a limit: words in which `{name}` and
            `{value}` are replaced, added to `cmd` once for each.
        deadline: seconds to wait for an answer.
        strict: whether a broken SHOULD fails.
        tier: which cases.
        only: the ids of the cases to run; empty for all.
        known: the reasons of failures that are known, by patterns of ids.
        known_files: where these stand.
        shuffle: the seed of the order of the cases; None for that of the text.
    """

    mode: str = "server"
    url: str | None = None
    cmd: str | None = None
    function: str | None = None
    limits: str | None = None
    deadline: float = DEADLINE
    strict: bool = False
    tier: str = TIER
    only: tuple[str, ...] = ()
    known: dict[str, str] = field(default_factory=dict)
    known_files: tuple[str, ...] = ()
    shuffle: int | None = None

    @property
    def widest(self) -> str:
        """The tier of all cases that a run could be asked for without more time."""
        return max(self.tier, TIER, key=TIERS.index)

    @property
    def options(self) -> str:
        """Those of `hjp-conformance` by which a case ends the same way again."""
        tier, deadline = DEFAULTS.get(self.mode, (TIER, DEADLINE))
        words = ["--strict"] * self.strict
        words += ["--tier", self.tier] * (self.tier != tier)
        words += ["--deadline", f"{self.deadline:g}"] * (self.deadline != deadline)
        for path in self.known_files:
            words += ["--known-failures", path]
        return shlex.join(words)

    def as_json(self) -> dict[str, Any]:
        """As JSON values."""
        lists = {"only": list(self.only), "known_files": list(self.known_files)}
        return asdict(self) | lists

    @classmethod
    def of_json(cls, values: dict[str, Any]) -> Self:
        """From what `as_json` gave."""
        tuples = {name: tuple(values[name]) for name in ("only", "known_files")}
        return cls(**(values | tuples))
