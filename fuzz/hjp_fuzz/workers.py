"""Target processes: forked, watched, and replaceable.

A target may hang, exhaust memory or take its process down.  So it runs in a child,
and what it is about to be given is written into memory shared with the parent
before the call: the input is there even when the child is not any more.
"""

import faulthandler
import gc
import marshal
import mmap
import multiprocessing
import os
import resource
import signal
import struct
import sys
import time
from collections.abc import Callable
from multiprocessing.connection import Connection, wait
from pathlib import Path
from typing import Any

from hjp_fuzz.cases import Case
from hjp_fuzz.checks import judge
from hjp_fuzz.failures import Failure, lost
from hjp_fuzz.formats import checks as formats
from hjp_fuzz.targets import LIMITS, Limits, Lost, Target, TargetError, place, type_name
from hjp_fuzz.targets.memory import too_much
from hjp_spec.oracle import encode

_FORK = multiprocessing.get_context("fork")
_STATE = struct.Struct("<dI")
_SLOT_OCTETS = 1 << 20
_GRACE = 5.0
"""Seconds in which a child ends the processes that it has started."""
_PLAIN = encode(b'{"id":1}', b"plain")


class Slot:
    """What a child is doing, in memory that it shares with its parent."""

    def __init__(self) -> None:
        self._memory = mmap.mmap(-1, _SLOT_OCTETS)

    def begin(self, choices: list[int]) -> None:
        """Note that the target gets, from now on, what these choices make."""
        try:
            plain: bytes | list[int] = bytes(choices)  # nearly all are as small as that
        except ValueError:
            plain = choices
        octets = marshal.dumps(plain)[: _SLOT_OCTETS - _STATE.size]
        self._memory[_STATE.size : _STATE.size + len(octets)] = octets
        self._memory[: _STATE.size] = _STATE.pack(time.monotonic(), len(octets))

    def end(self) -> None:
        """Note that the target is not being run."""
        self._memory[: _STATE.size] = bytes(_STATE.size)

    def busy(self) -> float:
        """Return for how many seconds the target has been running; 0 if it is not."""
        started, _ = _STATE.unpack_from(self._memory)
        return time.monotonic() - started if started else 0.0

    def choices(self) -> list[int]:
        """Return the choices of what the target has got; none if it is not run."""
        _, size = _STATE.unpack_from(self._memory)
        if not size:
            return []
        return list(marshal.loads(self._memory[_STATE.size : _STATE.size + size]))

    def close(self) -> None:
        """Give the memory back."""
        self._memory.close()


class Worker:
    """A forked child that runs one function, and the pipe to it.

    Args:
        body: what it runs.
        target: the parser that it runs it on.
        limits: what the parser may take.
        quiet: whether what the parser prints is dropped.

    Attributes:
        connection: the parent's end of the pipe.
        slot: what the child is doing.
    """

    def __init__(
        self,
        body: Callable[[Connection, Slot], None],
        target: Target,
        limits: Limits,
        *,
        quiet: bool = True,
    ) -> None:
        self.slot = Slot()
        self.connection, theirs = _FORK.Pipe()
        self._gentle = target.apart
        self.process = _FORK.Process(
            target=_child,
            args=(body, self.connection, theirs, self.slot, target, limits, quiet),
            daemon=True,
        )
        self.process.start()
        theirs.close()

    def died(self) -> str:
        """Return how the child ended, such as `signal SIGSEGV` or `exit 1`."""
        self.process.join(1.0)  # the pipe may be closed a moment earlier
        code = self.process.exitcode or 0
        return f"signal {signal.Signals(-code).name}" if code < 0 else f"exit {code}"

    def kill(self) -> None:
        """End the child, whatever it is doing, and what it has started."""
        if self._gentle:
            self.process.terminate()
            self.process.join(_GRACE)
        self.process.kill()
        self.process.join()
        self.process.close()
        self.connection.close()
        self.slot.close()


def _child(
    body: Callable[[Connection, Slot], None],
    parents: Connection,
    connection: Connection,
    slot: Slot,
    target: Target,
    limits: Limits,
    quiet: bool,
) -> None:
    parents.close()  # else the pipe stays whole when the parent dies, and we with it
    if target.apart:
        signal.signal(signal.SIGTERM, _ended)
    elif sys.platform == "linux":  # a target apart would inherit it
        _limit_memory(limits.memory)
    gc.freeze()  # what was loaded before is never garbage
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent decides when to stop
    if quiet:
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, 1)
        os.dup2(nowhere, 2)
        sys.stdout = sys.stderr = os.fdopen(nowhere, "w")
        faulthandler.disable()  # it may keep a descriptor of its own
    try:
        told(connection, lambda: body(connection, slot))
        signal.signal(signal.SIGTERM, signal.SIG_IGN)  # it ends anyway
    except _Ended:
        pass  # the parent has had enough
    finally:
        target.close()


def told(connection: Connection, work: Callable[[], None]) -> bool:
    """Do some work, tell the parent what goes wrong, and whether nothing did."""
    try:
        work()
        return True
    except (BrokenPipeError, EOFError):
        return False  # the parent is gone
    except TargetError as error:
        connection.send(("broken", error))
    except Exception as error:
        connection.send(("fault", f"{type_name(error)}: {error} at {place(error)}"))
    return False


class _Ended(KeyboardInterrupt):
    """The parent wants this child to end; nothing on the way may catch it."""


def _ended(number: int, frame: object) -> None:
    signal.signal(signal.SIGTERM, signal.SIG_IGN)  # once is enough
    raise _Ended


class WorkerFault(Exception):  # noqa: N818
    """A worker failed in code that is not the target's."""


def received(worker: Worker) -> tuple[str, Any]:
    """Return the next message of a worker: its kind and its content.

    Raises:
        TargetError: the target does not keep the contract.
        WorkerFault: the worker failed by itself.
        EOFError: it is gone.
        OSError: it is gone.
    """
    kind, content = worker.connection.recv()
    if kind == "broken":
        raise content
    if kind == "fault":
        raise WorkerFault(content)
    return kind, content


class Judge:
    """A child that judges one case after the other; a new one when it dies.

    Args:
        target: the parser.
        limits: what it may take.
        quiet: whether what the target prints is dropped.
        spare: how much deeper than elsewhere the target may recurse.
    """

    def __init__(
        self,
        target: Target,
        limits: Limits = LIMITS,
        *,
        quiet: bool = True,
        spare: int = 0,
    ) -> None:
        self.target = target.within(limits)
        self.limits = limits
        self._quiet = quiet
        self._spare = spare
        self._worker: Worker | None = None

    def __call__(self, case: Case) -> Failure | None:
        """Return the first check that fails, a crash or a hang included.

        Raises:
            TargetError: the target does not keep the contract.
        """
        if self._worker is None:
            self._worker = Worker(
                self._serve, self.target, self.limits, quiet=self._quiet
            )
        worker = self._worker
        # A target apart is watched by itself, run by run.
        patience = None if self.target.apart else self.limits.patience
        try:
            worker.connection.send(case)
            if not wait([worker.connection, worker.process.sentinel], patience):
                return self._lost(hung(self.target, case, self.limits.patience))
            _, content = received(worker)
        except (EOFError, OSError):
            return self._lost(crashed(self.target, case, worker))
        found: Failure | None = content
        return found

    def _lost(self, failure: Failure) -> Failure:
        self.close()
        return failure

    def _serve(self, connection: Connection, slot: Slot) -> None:
        sys.setrecursionlimit(sys.getrecursionlimit() + self._spare)
        scales = Scales(self.limits.memory)
        while True:
            case = connection.recv()
            failure = judged(self.target, case)
            if failure is None and not self.target.apart and scales.tipped():
                failure = heavy(self.target, case, self.limits.memory)
            connection.send(("judged", failure))

    def close(self) -> None:
        """End the child; the next case gets a new one."""
        if self._worker is not None:
            self._worker.kill()
            self._worker = None


def judged(target: Target, case: Case) -> Failure | None:
    """Return the first check that fails, by the specification or the dialect."""
    if target.dialect is None:
        return judge(target, case)
    verdict = target.dialect.decode(case.stream)
    return formats.judge(target, case, target.dialect, verdict)


def _lost(target: Target, how: Lost, case: Case) -> Failure:
    if target.dialect is None:
        return lost(how, case)
    return formats.lost(how, (), target.dialect.decode(case.stream))


def hung(target: Target, case: Case, patience: float) -> Failure:
    """Return the failure of a target that took too long."""
    return _lost(target, Lost("hang", "none", f"gave up after {patience:g} s"), case)


def crashed(target: Target, case: Case, worker: Worker) -> Failure:
    """Return the failure of a target that took its process down."""
    return _lost(target, Lost("crash", worker.died()), case)


def heavy(target: Target, case: Case, limit: int) -> Failure:
    """Return the failure of a target that took more memory than a limit."""
    return _lost(target, too_much(limit, "resident memory grew by more"), case)


def preflight(target: Target, limits: Limits) -> None:
    """See whether a target can be used at all; what it gets wrong is no matter.

    Raises:
        TargetError: it cannot, or what it answers to a plain frame is no answer.
    """
    target = target.within(limits)
    plain = _PLAIN if target.dialect is None else target.dialect.plain

    def body(connection: Connection, slot: Slot) -> None:
        try:
            target.run((plain,))
        except Lost as lost:
            if lost.check == "garbage":
                message = f"{target.name} gives {lost.got} {lost.message}"
                raise TargetError(message.strip()) from None
        connection.send(("ready", None))

    worker = Worker(body, target, limits)
    try:
        patience = None if target.apart else limits.patience
        if wait([worker.connection, worker.process.sentinel], patience):
            received(worker)
    except (EOFError, OSError):
        return  # it crashes: the streams will show on what
    finally:
        worker.kill()


class Scales:
    """Tells when this process has grown, where its address space has no limit.

    Args:
        limit: octets by which it may grow.
    """

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._before = _resident()

    def tipped(self) -> bool:
        """Return whether it grew by more than the limit; once for every growth."""
        grown = _resident() - self._before > self._limit
        if grown:
            self._before = _resident()
        return grown


def _resident() -> int:
    """Return the most memory that this process ever had, in octets."""
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else peak * 1024


def _limit_memory(memory: int) -> None:
    """Let allocations fail that no frame is worth: a declared length is no reason."""
    pages = int(Path("/proc/self/statm").read_text().split()[0])
    limit = pages * resource.getpagesize() + memory
    resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
