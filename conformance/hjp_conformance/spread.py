"""One run over several worker processes, each with a target of its own."""

from dataclasses import asdict
from typing import Any

import pytest

from hjp_conformance.modes import target_of
from hjp_conformance.preflight import Facts
from hjp_conformance.run import Run
from hjp_conformance.settings import Settings
from hjp_conformance.verdicts import TargetGoneError

_NAME = "hjp"


class Spreading:
    """The plugin of the process that hands the cases out."""

    def __init__(self, run: Run):
        self._run = run

    def pytest_configure_node(self, node: Any) -> None:
        """Tell a worker what to do."""
        told = {"settings": self._run.settings.as_json()}
        facts = asdict(self._run.facts)
        facts["features"] = list(facts["features"])
        node.workerinput[_NAME] = told | {"facts": facts}

    def pytest_testnodedown(self, node: Any, error: object) -> None:
        """Hear how a worker ended."""
        run, told = self._run, getattr(node, "workeroutput", {}).get(_NAME)
        if told is None:
            run.trouble.append(f"a worker process ended: {error}")
            return
        run.selected, run.total = told["selected"], told["total"]
        run.stopped = run.stopped or told["stopped"]
        run.gone = run.gone or told["gone"]
        run.trouble += told["trouble"]
        run.dead = told["dead"]


def is_worker(config: pytest.Config) -> bool:
    """Whether this process was given its cases by another."""
    return hasattr(config, "workerinput")


def run_of_worker(config: Any) -> Run:
    """The run as the other process wants it."""
    told = config.workerinput[_NAME]
    facts = Facts(**(told["facts"] | {"features": tuple(told["facts"]["features"])}))
    run = Run(Settings.of_json(told["settings"]), facts=facts)
    try:
        run.target = target_of(run.settings)
        run.target.meet(run.patience)
    except TargetGoneError as error:
        run.gone = run.stopped = str(error)
    return run


def end_of_worker(config: Any, run: Run) -> None:
    """Stop the target, and tell what only this process knows."""
    if run.target is not None:
        run.target.stop()
    config.workeroutput[_NAME] = {
        "selected": run.selected,
        "total": run.total,
        "stopped": run.stopped,
        "gone": run.gone,
        "trouble": run.trouble,
        "dead": run.dead,
    }
