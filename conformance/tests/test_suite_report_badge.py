import json
import xml.etree.ElementTree as ElementTree
from pathlib import Path
from subprocess import CompletedProcess

import commanded
import pytest
from report_samples import case, conformant, known, partial, report, run, small

from hjp_conformance.reports.badge import as_json, as_svg, badge_of
from hjp_conformance.reports.shape import Report
from hjp_conformance.verdicts import NAMES, Exit

SVG = "{http://www.w3.org/2000/svg}"


def with_status(status: Exit) -> Report:
    whole = conformant()
    whole["exit"], whole["verdict"] = int(status), NAMES[status]
    return whole


def passing(count: int) -> Report:
    cases = [case(f"server-cor-x{n}", "pass", "HJP-COR-8") for n in range(count)]
    return report(run("server", cases))


@pytest.mark.parametrize(
    ("whole", "message"),
    [
        (passing(777), "conformant, 777 cases"),
        (passing(1), "conformant, 1 case"),
        (partial(), "conformant as far as 41 of 777 cases go"),
        (known(), "as expected, not conformant"),
        (small(), None),
        (with_status(Exit.UNREACHABLE), "no target"),
        (with_status(Exit.INCONCLUSIVE), "inconclusive"),
        (with_status(Exit.FAILURES), "not conformant"),
    ],
)
def test_what_it_says(whole: Report, message: str | None) -> None:
    found = badge_of(whole)
    assert found.label == "HJP/1 core"
    assert message in (found.message, None)


def test_failures_are_counted() -> None:
    cases = [
        case(f"server-cor-{one}", one, "HJP-COR-8") for one in ("pass", "fail", "crash")
    ]
    assert badge_of(report(run("server", cases))).message == "2 of 3 cases fail"


def test_colours_tell_the_verdicts_apart() -> None:
    statuses = (Exit.CONFORMANT, Exit.FAILURES, Exit.INCONCLUSIVE, Exit.HARNESS)
    assert len({badge_of(with_status(one)).color for one in statuses}) == len(statuses)


def test_only_all_cases_are_green() -> None:
    assert badge_of(passing(777)).color == badge_of(conformant()).color
    less = {badge_of(partial()).color, badge_of(known()).color}
    assert badge_of(passing(777)).color not in less


def test_white_is_read_well_on_every_colour() -> None:
    for status in NAMES:
        color = badge_of(with_status(status)).color
        channels = [int(color[at : at + 2], 16) / 255 for at in (1, 3, 5)]
        linear = [
            one / 12.92 if one <= 0.03928 else ((one + 0.055) / 1.055) ** 2.4
            for one in channels
        ]
        luminance = sum(
            a * b for a, b in zip((0.2126, 0.7152, 0.0722), linear, strict=True)
        )
        assert 1.05 / (luminance + 0.05) >= 4.5, color


@pytest.mark.parametrize("whole", [passing(777), small(), with_status(Exit.HARNESS)])
def test_the_picture_tells_itself(whole: Report) -> None:
    text = as_svg(whole)
    root = ElementTree.fromstring(text)
    label, message, color = badge_of(whole)
    assert root.tag == f"{SVG}svg"
    assert root.get("role") == "img"
    assert (
        root.get("aria-label") == root.findtext(f"{SVG}title") == f"{label}: {message}"
    )
    assert [one.text for one in root.iter(f"{SVG}text")] == [label, message]
    assert color in text
    assert len(text) < 2_000
    width = int(root.get("width", "0"))
    rects = [one for one in root.iter(f"{SVG}rect") if one.get("fill")]
    assert sum(int(one.get("width", "0")) for one in rects) == width


def test_for_a_service_that_draws() -> None:
    assert json.loads(as_json(passing(777))) == {
        "schemaVersion": 1,
        "label": "HJP/1 core",
        "message": "conformant, 777 cases",
        "color": "#2f7d55",
        "isError": False,
    }


def _run(*words: str) -> CompletedProcess[str]:
    return commanded.run("--case", "server-cor-ping", *words)


def test_the_command_writes_both_kinds(tmp_path: Path) -> None:
    for name in ("badge.svg", "badge.json"):
        done = _run(
            "--badge", str(tmp_path / name), "--sarif", str(tmp_path / "x.sarif")
        )
        assert done.returncode == 0, done.stdout + done.stderr
    assert "conformant as far as 1 of " in (tmp_path / "badge.svg").read_text()
    assert json.loads((tmp_path / "badge.json").read_text())["isError"] is False
    assert json.loads((tmp_path / "x.sarif").read_text())["runs"][0]["results"] == []


def test_another_kind_is_none(tmp_path: Path) -> None:
    done = _run("--badge", str(tmp_path / "badge.png"))
    assert done.returncode == 2
    assert "badge.png" in done.stderr
    assert not list(tmp_path.iterdir())
