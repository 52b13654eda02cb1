"""The report for continuous integration, as most systems read it."""

import re
import xml.etree.ElementTree as ElementTree

from hjp_conformance.reports import summary
from hjp_conformance.reports.cards import card
from hjp_conformance.reports.octets import in_a_line, plain
from hjp_conformance.reports.shape import CaseReport, Report, RunReport
from hjp_conformance.verdicts import BAD, Verdict

# What XML 1.0 cannot hold, not even as a reference.
_NO_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")

_ELEMENTS = {
    Verdict.FAIL: "failure",
    Verdict.CRASH: "failure",
    Verdict.INCONCLUSIVE: "error",
    Verdict.HARNESS: "error",
    Verdict.SKIP: "skipped",
    Verdict.KNOWN: "skipped",
}
_AT_LENGTH = ("failure", "error")


def junit(report: Report) -> str:
    """The report as XML: a testsuite for each run, a testcase for each case."""
    root = ElementTree.Element("testsuites", name="hjp-conformance")
    for run in report["runs"]:
        root.append(_suite(run, report))
    ElementTree.indent(root, " ")
    return ElementTree.tostring(root, encoding="unicode", xml_declaration=True) + "\n"


def _suite(run: RunReport, report: Report) -> ElementTree.Element:
    cases = [_case(case, run, report) for case in run["cases"]]
    cases += _of_run(run)
    counts = {
        f"{name}{'' if name == 'skipped' else 's'}": str(
            sum(case.find(name) is not None for case in cases)
        )
        for name in ("failure", "error", "skipped")
    }
    told = {
        "name": summary.name(run),
        "tests": str(len(cases)),
        "time": str(run["seconds"]),
        "timestamp": report["began"],
    }
    suite = ElementTree.Element("testsuite", told | counts)
    properties = ElementTree.SubElement(suite, "properties")
    ElementTree.SubElement(
        properties, "property", name="verdict", value=_clean(run["verdict"])
    )
    suite.extend(cases)
    return suite


def _of_run(run: RunReport) -> list[ElementTree.Element]:
    """A testcase for what no case tells: no target, no end, an old list, our faults."""
    told = summary.trouble(run)
    if (
        run["exit"]
        and not told
        and not any(one["verdict"] in BAD for one in run["cases"])
    ):
        told = [run["verdict"]]
    if not told:
        return []
    element = ElementTree.Element(
        "testcase", name="(run)", classname=run["mode"], time=str(run["seconds"])
    )
    message = f"{run['verdict']}: {in_a_line(told[0])}"
    error = ElementTree.SubElement(element, "error", message=_clean(message))
    error.text = _clean("\n".join(map(plain, told)))
    return [element]


def _case(case: CaseReport, run: RunReport, report: Report) -> ElementTree.Element:
    element = ElementTree.Element(
        "testcase",
        name=case["id"],
        classname=f"{run['mode']}.{case['area']}",
        time=str(case["seconds"]),
    )
    properties = ElementTree.SubElement(element, "properties")
    told = [("title", case["title"]), ("verdict", case["verdict"])]
    told += [("requirement", id_) for id_ in case["requirements"]]
    if case["verdict"] == Verdict.WARN:
        told.append(("warning", case.get("message", "")))
    for name, value in told:
        ElementTree.SubElement(properties, "property", name=name, value=_clean(value))
    kind = _ELEMENTS.get(Verdict(case["verdict"]))
    if kind is not None:
        message = _clean(case.get("message", ""))
        found = ElementTree.SubElement(element, kind, message=message)
        if kind in _AT_LENGTH:
            found.text = _clean(card(case, report, run))
    return element


def _clean(text: str) -> str:
    return _NO_XML.sub("\N{REPLACEMENT CHARACTER}", text)
