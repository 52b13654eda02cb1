"""The reports that a command can be asked for."""

import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Annotated, Literal

import typer

from hjp_conformance.reports.shape import Report
from hjp_conformance.verdicts import Exit

Annotations = Literal["auto", "github", "none"]
Writer = Callable[[Report], str]


@dataclass(frozen=True, slots=True)
class Outputs:
    """What to write about a run, or a matrix of runs."""

    json_path: Annotated[
        Path | None, typer.Option("--json", help="Write a report for programs.")
    ] = None
    junit: Annotated[
        Path | None, typer.Option(help="Write a JUnit report, a testcase a case.")
    ] = None
    markdown: Annotated[
        Path | None, typer.Option(help="Write a summary for a CI page.")
    ] = None
    html: Annotated[Path | None, typer.Option(help="Write a page to look through.")] = (
        None
    )
    sarif: Annotated[
        Path | None,
        typer.Option(help="Write SARIF 2.1.0: rules are requirements."),
    ] = None
    badge: Annotated[
        Path | None,
        typer.Option(help="Write a badge: an .svg, or a .json for shields.io."),
    ] = None
    annotate: Annotated[
        Annotations,
        typer.Option(
            "--annotations",
            help="github: print failures as workflow commands. auto: where "
            "GITHUB_ACTIONS is true.",
        ),
    ] = "auto"

    def check_folders(self) -> None:
        """Before hours of work are lost.

        Raises:
            typer.BadParameter: a file cannot be written.
        """
        for path in self._paths().values():
            if told := _hindrance(path.absolute()):
                raise typer.BadParameter(told)
        if self.badge is None:
            return
        from hjp_conformance.writers import BADGES

        if self.badge.suffix not in BADGES:
            kinds = " or ".join(BADGES)
            raise typer.BadParameter(f"a badge is {kinds}, not {self.badge.name}")

    @contextmanager
    def around(self) -> Iterator[None]:
        """Where annotations are wanted, nothing printed inside is taken for one."""
        if not self._are_annotations_wanted:
            yield
            return
        from hjp_conformance.reports.annotations import commands_off

        with commands_off(typer.echo):
            yield

    @property
    def _are_annotations_wanted(self) -> bool:
        if self.annotate == "auto":
            return os.environ.get("GITHUB_ACTIONS") == "true"
        return self.annotate == "github"

    def write(self, report: Report, **instead: Writer) -> None:
        """All that were asked for.

        Args:
            report: what they tell.
            instead: what writes those that are another one for this report.

        Raises:
            typer.Exit: one could not be written, which is told; the others are.
        """
        wrong = False
        for name, path in self._paths().items():
            try:
                path.write_text(self._writer(name, instead)(report), encoding="utf-8")
            except OSError as error:
                typer.echo(f"{path} is not written: {error.strerror}", err=True)
                wrong = True
        if self._are_annotations_wanted:
            from hjp_conformance.reports.annotations import annotations

            for line in annotations(report):
                typer.echo(line)
        if wrong:
            raise typer.Exit(Exit.HARNESS)

    def _writer(self, name: str, instead: Mapping[str, Writer]) -> Writer:
        from hjp_conformance.writers import BADGES, WRITERS

        if name == "badge":
            assert self.badge is not None, "its path was given"
            return BADGES[self.badge.suffix]
        return {**WRITERS, **instead}[name]

    def _paths(self) -> dict[str, Path]:
        names = (one.name for one in fields(Outputs) if one.name != "annotate")
        told = {name: getattr(self, name) for name in names}
        return {name: path for name, path in told.items() if path is not None}


def _hindrance(path: Path) -> str | None:
    """Why a file cannot be written, as far as it is known before."""
    if path.is_dir():
        return f"{path} is a folder: name a file in it"
    if not path.parent.is_dir():
        return f"there is no folder {path.parent}"
    if not os.access(path if path.exists() else path.parent, os.W_OK):
        return f"{path} cannot be written: permission denied"
    return None
