import re
import subprocess
import sys
from pathlib import Path

import pytest
from report_samples import HOSTILE, case, conformant, report, run, small

from hjp_conformance.reports.annotations import MOST, annotations, command

COMMAND = re.compile(r"::(error|warning) title=([^:,\r\n]*)::([^\r\n]*)")
EVIL = "x\n::error::y\r::stop-commands::z,title=a::b%0A ##[error]c" + HOSTILE


def parsed(line: str) -> tuple[str, str, str]:
    """As a runner reads it."""
    found = COMMAND.fullmatch(line)
    assert found, line
    kind, title, text = found.groups()
    return kind, _unescaped(title), _unescaped(text)


def _unescaped(text: str) -> str:
    for sign, escaped in (("\n", "%0A"), ("\r", "%0D"), (":", "%3A"), (",", "%2C")):
        text = text.replace(escaped, sign)
    return text.replace("%25", "%")


def test_nobody_who_is_right_is_annotated() -> None:
    assert list(annotations(conformant())) == []


def test_failures_and_warnings() -> None:
    found = [parsed(line) for line in annotations(small())]
    kinds = [kind for kind, _, _ in found]
    assert kinds == sorted(kinds)  # errors, then warnings
    titles = [title for _, title, _ in found]
    assert "fail: server-frm-magic-wrong-lower-case" in titles
    text = next(
        text for _, title, text in found if title.startswith("fail: server-frm-magic")
    )
    assert text.startswith("HJP-FRM-2: A receiver MUST refuse")
    assert "--case server-frm-magic-wrong-lower-case" in text
    assert any("a fault of the suite" in text for _, _, text in found)


def test_a_warning_is_one() -> None:
    whole = report(run("server", [case("server-cor-x", "warn", "HJP-COR-8")]))
    assert [parsed(line)[0] for line in annotations(whole)] == ["warning"]


def test_no_word_of_a_target_is_a_command() -> None:
    one = run("server", [case("server-cor-x", "fail", "HJP-COR-8", message=EVIL)])
    one["target"]["arguments"] = f"server --cmd '{EVIL}'"
    one["trouble"] = [EVIL]
    one["pair"] = {"client": "a", "server": "b"}
    one["target"]["name"] = EVIL
    lines = list(annotations(report(one)))
    assert len(lines) == 2
    for line in lines:
        assert len(line.splitlines()) == 1
        assert "\x1b" not in line
        _, title, text = parsed(line)
        assert "::stop-commands::z,title=a::b" in title + text


def test_what_is_escaped_comes_back() -> None:
    kind, title, text = parsed(command("error", "a:b,c%d%3A", "1\n2%0A:,"))
    assert (kind, title, text) == ("error", "a:b,c%d%3A", "1\n2%0A:,")


@pytest.mark.parametrize("bad", [MOST, MOST + 1, 400])
def test_they_are_bounded(bad: int) -> None:
    cases = [case(f"server-cor-x{n}", "fail", "HJP-COR-8") for n in range(bad)]
    lines = list(annotations(report(run("server", cases))))
    assert len(lines) == MOST
    last = parsed(lines[-1])[1]
    assert (last == f"and {bad - MOST + 1} more") == (bad > MOST)


def _output(tmp_path: Path, *words: str, github: str) -> list[str]:
    """Of a run against something that ends at once with a command as its last word."""
    script = tmp_path / "talker.py"
    script.write_text("import sys\nsys.exit('x\\n  ::error::from the target')\n")
    target = f"{sys.executable} {script} {{port}}"
    done = subprocess.run(
        [sys.executable, "-m", "hjp_conformance", "server", "--cmd", target, *words],
        env={"PATH": "/usr/bin:/bin", "GITHUB_ACTIONS": github},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=55,
    )
    assert done.returncode == 3, done.stdout
    return done.stdout.splitlines()


@pytest.mark.parametrize(
    ("words", "github"), [([], "true"), (["--annotations", "github"], "")]
)
def test_commands_are_off_while_a_target_speaks(
    tmp_path: Path, words: list[str], github: str
) -> None:
    lines = _output(tmp_path, *words, github=github)
    word = lines[0].removeprefix("::stop-commands::")
    assert re.fullmatch("[0-9a-f]{32}", word)
    off = lines.index(f"::{word}::")
    assert any(line.strip() == "::error::from the target" for line in lines[:off])
    assert all(COMMAND.fullmatch(line) for line in lines[off + 1 :])


@pytest.mark.parametrize(
    ("words", "github"), [([], ""), (["--annotations", "none"], "true")]
)
def test_nowhere_else(tmp_path: Path, words: list[str], github: str) -> None:
    lines = _output(tmp_path, *words, github=github)
    assert not any(line.startswith("::") for line in lines)
