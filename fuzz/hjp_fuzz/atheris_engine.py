"""The engine atheris: libFuzzer chooses, by what its inputs reach in the parser.

libFuzzer mutates octets and keeps those that run something new.  Here the octets
are choices of the grammar, read by a `BytesSource`, so that most of them make frames.
Everything else is as with the other engines: a worker is a forked child, the target
in it is instrumented after the fork, and what fails goes to the parent, which
confirms it where nothing is instrumented.

The folder of inputs is only a cache: its octets mean something else to another
version of the grammar.
"""

import functools
import hashlib
import importlib
import importlib.util
import os
import random
import sys
import sysconfig
import time
import zlib
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from types import FunctionType, ModuleType
from typing import TYPE_CHECKING, Any

from hjp_fuzz.sources import BytesSource
from hjp_fuzz.targets import Target

if TYPE_CHECKING:
    from hjp_fuzz.engines import Bulk

_DAY = 86_400
_SIGNALS = ("segv", "abrt", "bus", "ill", "fpe", "int", "term", "xfsz")
_FLAGS = (
    # Signals, time and memory are the parent's affair: it has to see how it ended.
    *(f"-handle_{signal}=0" for signal in _SIGNALS),
    # Not 0: to atheris that is a timeout of one second.
    f"-timeout={_DAY}",
    f"-report_slow_units={_DAY}",
    "-rss_limit_mb=0",
    # Choices of several frames; what takes long reaches nothing more by that.
    "-max_len=4096",
    "-len_control=0",
    "-entropic_scale_per_exec_time=1",
)
_FRESH = 1 / 3
"""How often an input is drawn anew: mutation alone stays near what it began with."""
_LONGEST_FRESH = 300
_LOOK_EVERY = 1.0
_MOST_LAYERS = 50


def missing(target: Target) -> str:
    """Return what the engine lacks to drive a target; empty if nothing."""
    if next(functions(target), None) is None:
        return f"the engine atheris needs a parser written in Python: {target.name}"
    if importlib.util.find_spec("atheris") is None:
        return "the engine atheris is not installed: pip install 'hjp[atheris]'"
    return ""


def drive(bulk: "Bulk") -> None:
    """Let libFuzzer choose; it never returns, so the process ends here."""
    atheris: Any = importlib.import_module("atheris")
    for function in functions(bulk.plan.target):
        with suppress(Exception):  # what it cannot patch it does not see, no more
            function.__code__ = atheris.patch_code(function.__code__, True)

    def mutated(octets: bytes, longest: int, seed: int) -> bytes:
        chance = random.Random(seed)
        if chance.random() < _FRESH:
            return chance.randbytes(chance.randint(1, _LONGEST_FRESH))
        changed: bytes = atheris.Mutate(octets, longest)
        return changed

    arguments = ["hjp-fuzz", *_FLAGS, f"-seed={_number(bulk.plan.seed)}"]
    if bulk.plan.cache:
        Path(bulk.plan.cache).mkdir(parents=True, exist_ok=True)
        arguments.append(bulk.plan.cache)
    atheris.Setup(arguments, _Driver(bulk), custom_mutator=mutated)
    atheris.Fuzz()


def _number(seed: str) -> int:
    return zlib.crc32(seed.encode()) or 1  # 0 has libFuzzer choose by itself


class _Driver:
    """What libFuzzer calls with every input."""

    def __init__(self, bulk: "Bulk") -> None:
        self._bulk = bulk
        self._cache = Path(bulk.plan.cache) if bulk.plan.cache else None
        self._looked_at = time.monotonic()
        self._seen: set[str] = set()
        self._ended = False

    def __call__(self, octets: bytes) -> None:
        if not self._bulk.told(lambda: self._try(octets)) or self._ended:
            os._exit(0)

    def _try(self, octets: bytes) -> None:
        if not self._bulk.more():
            self._keep_new()
            self._bulk.end()
            self._ended = True
            return
        if self._bulk.plan.keep and time.monotonic() > self._looked_at + _LOOK_EVERY:
            self._keep_new()
        source = BytesSource(octets)
        self._bulk.judge(self._bulk.case(source), source)
        self._bulk.flush()  # what this input reaches counts as its own

    def _keep_new(self) -> None:
        """Send what libFuzzer has kept, since it reaches something, as wire octets."""
        self._looked_at = time.monotonic()
        if self._cache is None or not self._bulk.plan.keep:
            return
        for name in sorted(set(os.listdir(self._cache)) - self._seen):
            self._seen.add(name)
            try:
                octets = (self._cache / name).read_bytes()
            except OSError:
                continue  # libFuzzer has found a smaller one
            tried = self._bulk.case(BytesSource(octets))
            named = f"{tried.stream.hex()}/{tried.cuttings[:1]}"
            self._bulk.keep(tried, hashlib.sha256(named.encode()).hexdigest()[:16])


def functions(target: Target) -> Iterator[FunctionType]:
    """Yield the functions of the modules that a target is made of.

    Only these are instrumented: what others have written is reached by any input.
    """
    owners: list[ModuleType | type] = list(_modules(target))
    names = {owner.__name__ for owner in owners}
    seen: set[int] = set()
    while owners:
        for value in list(vars(owners.pop()).values()):
            if id(value) in seen:
                continue
            seen.add(id(value))
            if isinstance(value, type) and value.__module__ in names:
                owners.append(value)
            for function in map(_unwrapped, _callables(value)):
                if isinstance(function, FunctionType) and function.__module__ in names:
                    yield function


def _unwrapped(value: Any) -> Any:
    """Return what a decorator was given, as far as it tells."""
    for _ in range(_MOST_LAYERS):
        # By its dictionary: there are objects that have every attribute one asks for.
        inner = getattr(value, "__dict__", None)
        if not isinstance(inner, dict) or "__wrapped__" not in inner:
            return value
        value = inner["__wrapped__"]
    return None  # it wraps itself


def _modules(target: Target) -> Iterator[ModuleType]:
    """Yield the package of a target, or the module and those that lie beside it."""
    entry = getattr(target, "parse", None) or getattr(target, "factory", None)
    while isinstance(entry, functools.partial):
        entry = entry.func
    name = str(getattr(entry, "__module__", None) or "")
    package = name.partition(".")[0]
    folder = _folder(sys.modules.get(name)) if name == package else None
    for other, module in list(sys.modules.items()):
        if not isinstance(module, ModuleType):
            continue  # anything may stand there
        beside = folder is not None and folder == _folder(module)
        if beside or other.partition(".")[0] == package:
            yield module


def _folder(module: ModuleType | None) -> Path | None:
    """Return where a module lies, unless it is where everything is installed."""
    file = vars(module).get("__file__") if module else None
    folder = Path(file).parent if file else None
    return folder if folder not in _INSTALLED else None


_INSTALLED = {Path(path) for path in sysconfig.get_paths().values()}


def _callables(value: Any) -> Iterator[Any]:
    """Yield what may be functions in what a module or a class has by some name."""
    if isinstance(value, staticmethod | classmethod):
        yield value.__func__
    elif isinstance(value, functools.cached_property):
        yield value.func
    elif isinstance(value, property):
        yield from filter(None, (value.fget, value.fset))
    else:
        yield value
