"""The action as a runner of GitHub would do it: its YAML, and its steps in a shell."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).parents[2]
ACTION: dict[str, Any] = yaml.safe_load((ROOT / "action.yml").read_text("utf-8"))
STEPS = {step["name"]: step for step in ACTION["runs"]["steps"]}
RUN = STEPS["Run"]

Done = subprocess.CompletedProcess[str]


class Runner:
    """What GitHub gives to a step: folders, files, inputs as environment variables."""

    def __init__(self, folder: Path):
        self.temp = folder / "temp"
        self.summary = folder / "summary.md"
        self.output = folder / "output"
        self.work = folder / "work"
        for made in (self.temp, self.work):
            made.mkdir()
        self.output.touch()

    def install_ours(self) -> None:
        """What the step Install would leave, of the environment of these tests."""
        bin_ = self.temp / "hjp-conformance" / "bin"
        bin_.mkdir(parents=True)
        for name in ("python", "hjp-conformance"):
            script = f'#!/bin/sh\nexec "{sys.executable}" "$@"\n'
            if name != "python":
                script = script.replace('"$@"', '-m hjp_conformance "$@"')
            (bin_ / name).write_text(script)
            (bin_ / name).chmod(0o755)

    def run(self, name: str, **inputs: str) -> Done:
        """Do a step with these inputs; the others have their defaults."""
        step = STEPS[name]
        given = {key: one["default"] for key, one in ACTION["inputs"].items()} | {
            key.replace("_", "-"): value for key, value in inputs.items()
        }
        env = {
            key: given[expression.removeprefix("${{ inputs.").removesuffix(" }}")]
            for key, expression in step.get("env", {}).items()
        }
        told = {
            "RUNNER_TEMP": str(self.temp),
            "GITHUB_ACTION_PATH": str(ROOT),
            "GITHUB_STEP_SUMMARY": str(self.summary),
            "GITHUB_OUTPUT": str(self.output),
            "GITHUB_ACTIONS": "true",
        }
        script = self.temp / "step.sh"
        script.write_text(step["run"])
        return subprocess.run(
            ["bash", "--noprofile", "--norc", "-eo", "pipefail", str(script)],
            env=os.environ | told | env,
            cwd=self.work,
            capture_output=True,
            text=True,
            timeout=170,
        )

    @property
    def outputs(self) -> dict[str, str]:
        lines = self.output.read_text().splitlines()
        return dict(line.split("=", 1) for line in lines)


@pytest.fixture
def runner(tmp_path: Path) -> Runner:
    if shutil.which("bash") is None:
        pytest.skip("bash is not installed")
    found = Runner(tmp_path)
    found.install_ours()
    return found


def test_the_action_is_one_that_github_takes() -> None:
    assert ACTION["runs"]["using"] == "composite"
    assert ACTION["name"]
    assert ACTION["description"]
    for step in STEPS.values():
        assert ("shell" in step) == ("run" in step)
        assert ("uses" in step) != ("run" in step)
    for one in ACTION["inputs"].values():
        assert one["description"]
        assert isinstance(one["default"], str)


def test_no_input_is_read_by_a_shell() -> None:
    for step in STEPS.values():
        assert "${{" not in step.get("run", "")


def test_every_input_and_every_output_is_used() -> None:
    text = json.dumps(ACTION["runs"])
    for name in ACTION["inputs"]:
        assert f"inputs.{name} " in text
    written = RUN["run"]
    for name, output in ACTION["outputs"].items():
        assert output["value"] == f"${{{{ steps.suite.outputs.{name} }}}}"
        assert name in written
    assert RUN["id"] == "suite"


@pytest.mark.timeout(180)
def test_the_embedded_server(runner: Runner) -> None:
    done = runner.run("Run", tier="smoke", strict="true")
    assert done.returncode == 0, done.stdout + done.stderr
    assert runner.summary.read_text("utf-8").startswith(
        "## ✅ HJP/1: CONFORMANT as far as "
    )
    assert "::error" not in done.stdout
    outputs = runner.outputs
    assert outputs["verdict"].startswith("CONFORMANT as far as ")
    assert set(outputs) == set(ACTION["outputs"])
    report = json.loads(Path(outputs["json"]).read_text())
    assert (report["runs"][0]["tier"], report["runs"][0]["strict"]) == ("smoke", True)
    for name in ("html", "junit", "sarif", "badge"):
        assert Path(outputs[name]).stat().st_size > 0


def test_failures_are_annotated_and_end_the_step(runner: Runner) -> None:
    broken = f"{sys.executable} -m hjp_conformance.mutants.server.broken echo-cut"
    arguments = "-k\nserver-cor\n--deadline\n3"
    command = f"{broken} {{port}}"
    done = runner.run("Run", command=command, arguments=arguments)
    assert done.returncode == 1, done.stdout + done.stderr
    assert "::error title=fail%3A server-cor-" in done.stdout
    assert "NOT CONFORMANT" in runner.summary.read_text("utf-8")
    assert runner.outputs["verdict"] == "NOT CONFORMANT"
    cases = json.loads(Path(runner.outputs["json"]).read_text())["runs"][0]["cases"]
    failed = [case["id"] for case in cases if case["verdict"] == "fail"]
    known = runner.work / "known failures.toml"
    reasons = "".join(f'{id_} = "cut"\n' for id_ in failed)
    known.write_text(f"[known-failures]\n{reasons}")
    done = runner.run(
        "Run", command=command, arguments=arguments, known_failures=known.name
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "::error" not in done.stdout


def test_a_file_that_declares(runner: Runner) -> None:
    (runner.work / "my sut.toml").write_text(
        f'[server]\ncmd = "{sys.executable} -m hjp serve --port {{port}}"\n'
    )
    arguments = "--case\nserver-cor-ping"
    done = runner.run("Run", mode="run", sut="my sut.toml\n", arguments=arguments)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "1 of 1" in runner.summary.read_text("utf-8")


def test_a_matrix(runner: Runner) -> None:
    done = runner.run("Run", mode="matrix", arguments="--case\npair-cor-ping")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "| **reference** | ✅ 1/1 |" in runner.summary.read_text("utf-8")


@pytest.mark.parametrize("word", ["$(touch evil)", "`touch evil`", "; touch evil", "'"])
def test_nothing_of_an_input_is_run(runner: Runner, word: str) -> None:
    done = runner.run("Run", tier=word, command=word, url=word, sut=word, mode=word)
    assert done.returncode == 2, done.stdout + done.stderr
    assert list(runner.work.iterdir()) == []
    assert not runner.summary.exists()


@pytest.mark.soak
@pytest.mark.timeout(240)
def test_it_installs_from_its_own_checkout(tmp_path: Path) -> None:
    runner = Runner(tmp_path)
    done = runner.run("Install")
    assert done.returncode == 0, done.stdout + done.stderr
    done = runner.run("Run", arguments="--case\nserver-cor-ping")
    assert done.returncode == 0, done.stdout + done.stderr
