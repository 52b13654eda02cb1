"""Endpoints that are wrong in everything: a verdict that says so, and an end."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from shares import share

from hjp_conformance.settings import MODES

STUBS = "hjp_conformance.mutants.stubs"
ORDINARY = {
    "server": ("rejects-all", "speaks-http"),
    "client": ("claims-ok", "exits-at-once-1"),
    "codec": ("garbage-lines", "exits-at-once"),
}
"""Those of the ordinary run; the others take longer to try."""

NO_TARGET = {
    "server": {"speaks-http", "speaks-first", "garbage"},
    "client": {"unsupported-always", "exits-at-once-0", "exits-at-once-1"},
    "codec": {"garbage-lines", "no-output", "exits-at-once", "echoes-the-line"},
}
"""Those that are not even wrong: no case is run."""


def kinds(mode: str) -> list[str]:
    command = [sys.executable, "-m", f"{STUBS}.{mode}", "--list"]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    return [line.split("\t")[0] for line in done.stdout.splitlines()]


def stubs() -> list[Any]:
    return [
        pytest.param(
            mode,
            kind,
            id=f"{mode}-{kind}",
            marks=() if kind in ORDINARY[mode] else pytest.mark.soak,
        )
        for mode in MODES
        for kind in kinds(mode)
        if kind in ORDINARY[mode] or kind in share(kinds(mode))
    ]


@pytest.mark.timeout(240)
@pytest.mark.parametrize(("mode", "kind"), stubs())
def test_a_stub_is_not_conformant(mode: str, kind: str, tmp_path: Path) -> None:
    report = tmp_path / "report.json"
    target = f"{sys.executable} -m {STUBS}.{mode} {kind}"
    target += " {port}" if mode == "server" else ""
    command = [sys.executable, "-m", "hjp_conformance", mode, "--cmd", target]
    command += ["--deadline", "1", "--json", str(report)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=200)
    found = json.loads(report.read_text(encoding="utf-8"))
    assert done.returncode in (1, 3, 5), done.stdout[-2000:] + done.stderr
    [run] = found["runs"]
    assert run["counts"]["harness"] == 0
    assert run["trouble"] == []
    if kind in NO_TARGET[mode]:
        assert done.returncode == 3, done.stdout[-2000:]


@pytest.mark.parametrize("mode", MODES)
def test_what_is_named_exists(mode: str) -> None:
    assert {*ORDINARY[mode], *NO_TARGET[mode]} <= set(kinds(mode))
