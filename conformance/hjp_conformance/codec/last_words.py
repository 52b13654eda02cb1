"""A testee whose input ends: what it still writes, and its exit status."""

import os
import select
import signal
import subprocess
import threading
from collections.abc import Sequence
from contextlib import suppress
from time import monotonic
from typing import IO

from hjp_conformance.verdicts import Crashed, Inconclusive, Violation

MAX_OCTETS = 1 << 24
"""What a testee may write here; the answers asked for are a few hundred octets."""
_READ = 1 << 16
_SHOWN = 200


def last_words(
    command: Sequence[str], octets: bytes, lines: int, seconds: float
) -> tuple[bytes, int]:
    """Run a process of its own on an input that ends.

    Args:
        command: the program and its arguments.
        octets: its input.
        lines: so many lines it may answer; one more, and it is not waited for.
        seconds: how long it may take.

    Returns:
        All that it wrote, and its exit status.

    Raises:
        Crashed: it cannot be started.
        Violation: it wrote a line too many, or more than `MAX_OCTETS` (HJP-TST-1).
        Inconclusive: it goes on.
    """
    process = _started(command)
    stdin, stdout = process.stdin, process.stdout
    assert stdin is not None, "it was asked for"
    assert stdout is not None, "it was asked for, too"
    writer = threading.Thread(target=_feed, args=(stdin, octets), daemon=True)
    writer.start()
    try:
        written = _read(stdout, lines, monotonic() + seconds)
        status = process.wait(seconds)
    except (subprocess.TimeoutExpired, TimeoutError):
        what = f"it goes on {seconds:g} s after the end of its input"
        raise Inconclusive(what) from None
    finally:
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        writer.join()
        stdout.close()
    return written, status


def _started(command: Sequence[str]) -> subprocess.Popen[bytes]:
    try:
        return subprocess.Popen(
            command,
            bufsize=0,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
    except OSError as error:
        raise Crashed(f"cannot start {command}: {error}") from None


def _feed(stdin: IO[bytes], octets: bytes) -> None:
    with suppress(BrokenPipeError), stdin:
        left = memoryview(octets)
        while left:
            left = left[stdin.write(left) :]


def _read(stdout: IO[bytes], lines: int, expires: float) -> bytes:
    """All that it writes, as long as it may."""
    written, count = bytearray(), 0
    while octets := _more(stdout, expires - monotonic()):
        written += octets
        count += octets.count(b"\n")
        if count > lines:
            line = bytes(written).split(b"\n")[lines][:_SHOWN]
            shown = line.decode(errors="backslashreplace")
            raise Violation(f"line {lines + 1} for {lines}: {shown}", "HJP-TST-1")
        if len(written) > MAX_OCTETS:
            told = f"more than {MAX_OCTETS} octets for {lines} lines"
            raise Violation(told, "HJP-TST-1")
    return bytes(written)


def _more(stdout: IO[bytes], seconds: float) -> bytes:
    # Asked before whether something is there: what writes for ever has no time left.
    if seconds <= 0 or not select.select([stdout], [], [], seconds)[0]:
        raise TimeoutError
    return os.read(stdout.fileno(), _READ)
