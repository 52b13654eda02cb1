"""The command, run in this process: one of its own takes long only to begin."""

import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from io import StringIO
from subprocess import CompletedProcess
from unittest.mock import patch

from hjp_conformance.cli import main

_ENDING = (signal.SIGTERM, signal.SIGHUP)


def run(*words: str) -> CompletedProcess[str]:
    """What comes of these words: the exit status and what is printed, as of a process.

    What no process of its own would survive, a traceback, fails the test.
    """
    out, err, status = StringIO(), StringIO(), 0
    argv = ["hjp-conformance", *words]
    with (
        patch.object(sys, "argv", argv),
        _handlers_kept(),
        redirect_stdout(out),
        redirect_stderr(err),
    ):
        try:
            main()
        except SystemExit as end:
            status = int(end.code or 0)
    return CompletedProcess(argv, status, out.getvalue(), err.getvalue())


@contextmanager
def _handlers_kept() -> Iterator[None]:
    before = {number: signal.getsignal(number) for number in _ENDING}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
