"""The reports that a command can be asked for."""

from collections.abc import Callable
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Annotated

import typer

from hjp_conformance.reports import write
from hjp_conformance.reports.html import html
from hjp_conformance.reports.junit import junit
from hjp_conformance.reports.markdown import markdown
from hjp_conformance.reports.shape import Report

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

    def check_folders(self) -> None:
        """Before hours of work are lost.

        Raises:
            typer.BadParameter: a file cannot be written, since its folder is missing.
        """
        for path in self._paths().values():
            if not path.absolute().parent.is_dir():
                raise typer.BadParameter(f"there is no folder {path.absolute().parent}")

    def write(self, report: Report, **instead: Writer) -> None:
        """All that were asked for.

        Args:
            report: what they tell.
            instead: what writes those that are another one for this report.
        """
        writers = _WRITERS | instead
        for name, path in self._paths().items():
            path.write_text(writers[name](report), encoding="utf-8")

    def _paths(self) -> dict[str, Path]:
        told = {field.name: getattr(self, field.name) for field in fields(Outputs)}
        return {name: told[name] for name in _WRITERS if told[name] is not None}


_WRITERS: dict[str, Writer] = {
    "json_path": write.to_json,
    "junit": junit,
    "markdown": markdown,
    "html": html,
}
