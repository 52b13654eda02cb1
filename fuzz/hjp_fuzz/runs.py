"""A run as a document: what was run, and what it came to; written and read as JSON.

The format is described by `schemas/run.schema.json`.
"""

import json
from collections import Counter
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from importlib.metadata import version
from importlib.resources import files
from pathlib import Path
from typing import Any

from jsonschema import Draft202012Validator

from hjp_fuzz.engines import Plan, Tally
from hjp_fuzz.failures import Check, Failure
from hjp_fuzz.findings import Finding, NoFinding, from_json, read_all
from hjp_fuzz.report import summary
from hjp_fuzz.runner import Report


class NoReport(Exception):  # noqa: N818
    """The file is no report of a run, and no folder of findings."""


@dataclass(frozen=True, slots=True)
class Run:
    """A run and what it came to.

    Attributes:
        report: what was tried and found.
        target: the parser, as it was named.
        engine: where the choices came from; empty if only findings are known.
        seed: where they began.
        ways: in how many ways each stream was divided.
        began: when, by RFC 3339.
        fuzzer: the version of this fuzzer.
    """

    report: Report
    target: str
    engine: str = ""
    seed: str = ""
    ways: int = 1
    began: str = ""
    fuzzer: str = ""

    @property
    def whole(self) -> bool:
        """Whether it is known what was tried, and not only what was found."""
        return bool(self.engine)


def now() -> str:
    """Return the time, by RFC 3339."""
    return datetime.now(UTC).isoformat(timespec="seconds")


def run_of(plan: Plan, report: Report, began: str) -> Run:
    """Return a run that has ended."""
    return Run(
        report,
        plan.target.name,
        plan.engine,
        plan.seed,
        plan.ways,
        began,
        version("hjp"),
    )


def as_json(run: Run) -> dict[str, Any]:
    """Return a run as the schema has it."""
    return {
        "report": 1,
        "fuzzer": run.fuzzer,
        "target": run.target,
        "engine": run.engine,
        "ways": run.ways,
        "began": run.began,
        "jobs": run.report.jobs,
        "busy": run.report.tally.seconds,
        **summary(run.report, run.seed),
        **({"rules": dict(run.report.rules)} if run.report.rules else {}),
    }


@cache
def schema() -> dict[str, Any]:
    """Return the JSON Schema of the document."""
    file = files("hjp_fuzz") / "schemas" / "run.schema.json"
    content: dict[str, Any] = json.loads(file.read_text("utf-8"))
    return content


def read_run(path: Path) -> Run:
    """Read a report, or the findings of a folder, of which nothing else is known.

    Raises:
        NoReport: it is neither.
    """
    try:
        if path.is_dir():
            return _of_findings(read_all(path))
        return _of_json(path, json.loads(path.read_text("utf-8")))
    except OSError as error:
        raise NoReport(f"cannot read {path}: {error.strerror}") from None
    except (ValueError, KeyError, TypeError, NoFinding) as error:
        raise NoReport(f"{path} is no report: {error}") from None


def _of_findings(found: list[Finding]) -> Run:
    targets = ", ".join(sorted({one.target for one in found}))
    return Run(Report(findings=found), targets)


def _of_json(path: Path, told: Any) -> Run:
    for error in Draft202012Validator(schema()).iter_errors(told):
        raise NoReport(f"{path} is no report: {error.json_path}: {error.message:.200}")
    tally = Tally(
        told["streams"],
        told["octets"],
        Counter(told["outcomes"]),
        Counter(told["requirements"]),
        told["failed"],
        told["busy"],
    )
    flaky = [Failure(Check(check), "", "", "") for check in told["flaky"]]
    found = [from_json(one) for one in told["findings"]]
    report = Report(
        tally,
        found,
        flaky,
        told["seconds"],
        told["jobs"],
        rules=told.get("rules", {}),
    )
    rest = (told[name] for name in ("engine", "seed", "ways", "began", "fuzzer"))
    return Run(report, told["target"], *rest)
