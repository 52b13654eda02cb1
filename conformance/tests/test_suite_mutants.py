"""The suite under test: what is broken on purpose is caught, what is odd passes.

The endpoints in `hjp_conformance.mutants` were written from the text, without a look at
the cases.
"""

from typing import Any

import pytest
import typer
from shares import share
from typer.testing import CliRunner

from hjp_conformance.cli_mutants import command
from hjp_conformance.mutants.direct import fared, found_on
from hjp_conformance.mutants.trial import (
    Mutant,
    listed_as,
    mutants,
    survivors,
)
from hjp_conformance.mutants.trials import wrong
from hjp_conformance.settings import MODES

QUICK = {
    "server": ("white-space", "early-refusals", "exists-at-each-frame"),
    "client": (),
    "codec": (),
}
"""Odd ones of the ordinary run; the others differ less, or are slow on purpose."""


def test_they_are_found_in_small_letters_or_nothing_is_told() -> None:
    runner, app = CliRunner(), typer.Typer()
    app.command()(command)
    found = runner.invoke(app, ["codec", "-k", "hjp-frm-5"])
    assert found.output.startswith("codec: ")
    assert "HJP-FRM-5" in found.output
    nothing = runner.invoke(app, ["-k", "nothing is named so"])
    assert (nothing.exit_code, nothing.stdout) == (2, "")
    assert "no endpoint has 'nothing is named so'" in nothing.stderr


def ordinary(mode: str) -> set[str]:
    """The broken ones of the ordinary run: one for each eighth requirement."""
    first: dict[str, str] = {}
    for mutant in mutants(mode, "broken"):
        if mutant.name not in survivors().get(mode, {}):
            first.setdefault(mutant.requirement, mutant.name)
    return set(list(first.values())[::8])


def broken() -> list[Any]:
    """All that are run, most of them in the long run only."""
    return [
        pytest.param(
            mutant,
            id=f"{mode}-{mutant.name}",
            marks=() if mutant.name in ordinary(mode) else pytest.mark.soak,
        )
        for mode in MODES
        for mutant in chosen(mode)
    ]


def chosen(mode: str) -> list[Mutant]:
    """Those of the ordinary run, and the share of the others that is asked for."""
    every = mutants(mode, "broken")
    lasting = [one for one in every if one.name not in listed_as("times", mode)]
    wanted = {one.name for one in share(lasting)} | ordinary(mode)
    return [one for one in lasting if one.name in wanted]


def odd() -> list[Any]:
    """All, most of them in the long run only."""
    return [
        pytest.param(
            mutant,
            id=f"{mode}-{mutant.name}",
            marks=() if mutant.name in QUICK[mode] else pytest.mark.soak,
        )
        for mode in MODES
        for mutant in mutants(mode, "odd")
        if mutant in share(mutants(mode, "odd")) or mutant.name in QUICK[mode]
    ]


@pytest.mark.timeout(300)
@pytest.mark.parametrize("mutant", broken())
def test_what_is_broken_is_caught_by_a_case_about_what_it_breaks(
    mutant: Mutant,
) -> None:
    found = found_on(mutant)
    if mutant.name in survivors().get(mutant.mode, {}):
        assert found.case is None, "no survivor any more: take it off the list"
        assert found.is_silent == (mutant.name in listed_as("silent", mutant.mode))
    elif found.case is None:
        # A case that does not cite it may name it all the same.
        assert wrong(fared(mutant)) is None, f"{mutant.requirement}: {mutant.text}"


@pytest.mark.timeout(600)
@pytest.mark.parametrize("mutant", odd())
def test_what_is_odd_but_correct_passes(mutant: Mutant) -> None:
    assert wrong(fared(mutant)) is None, mutant.text


@pytest.mark.parametrize("mode", MODES)
def test_what_is_listed_exists(mode: str) -> None:
    names = {mutant.name for mutant in mutants(mode, "broken")}
    assert survivors().get(mode, {}).keys() <= names
    assert set(QUICK[mode]) <= {mutant.name for mutant in mutants(mode, "odd")}


def test_at_least_twenty_five_odd_ones() -> None:
    assert sum(len(mutants(mode, "odd")) for mode in MODES) >= 25
