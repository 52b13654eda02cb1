"""A run as JUnit XML: a test case for each check of each requirement."""

import re
import xml.etree.ElementTree as ElementTree
from collections.abc import Iterator

from hjp_fuzz.failures import MEANING, Check
from hjp_fuzz.findings import Finding
from hjp_fuzz.report import card, rules_of
from hjp_fuzz.runs import Run

# What XML 1.0 cannot hold, not even as a reference.
_NO_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_UNSEEN = "no stream exercised it"


def junit(run: Run) -> str:
    """Return a run as XML.

    A test case fails if there are findings; it is skipped if no stream exercised the
    requirement.  Of findings alone there are only the test cases that fail.
    """
    cases = list(_cases(run))
    counted = {
        name: str(sum(case.find(element) is not None for case in cases))
        for name, element in (("failures", "failure"), ("skipped", "skipped"))
    }
    told = {
        "name": _clean(f"hjp-fuzz {run.target}"),
        "tests": str(len(cases)),
        "errors": "0",
        **counted,
        "time": f"{run.report.seconds:.3f}",
    }
    suite = ElementTree.Element("testsuite", told)
    if run.began:
        suite.set("timestamp", _clean(run.began))
    suite.append(_properties(run))
    suite.extend(cases)
    root = ElementTree.Element("testsuites", name="hjp-fuzz")
    root.append(suite)
    ElementTree.indent(root, " ")
    text: bytes = ElementTree.tostring(root, "utf-8", xml_declaration=True)
    return text.decode() + "\n"


def _properties(run: Run) -> ElementTree.Element:
    told = {"engine": run.engine, "seed": run.seed, "fuzzer": run.fuzzer}
    told["streams"] = str(run.report.tally.streams)
    properties = ElementTree.Element("properties")
    for name, value in told.items():
        ElementTree.SubElement(properties, "property", name=name, value=_clean(value))
    return properties


def _cases(run: Run) -> Iterator[ElementTree.Element]:
    found: dict[tuple[str, str], list[Finding]] = {}
    for one in run.report.findings:
        found.setdefault((one.requirement, one.check), []).append(one)
    known = list(rules_of(run.report)) if run.whole else []
    wanted = [(id_, check.value) for id_ in known for check in Check]
    for requirement, check in dict.fromkeys((*wanted, *found)):
        failures = found.get((requirement, check), [])
        yield _case(run, requirement, check, failures)


def _case(
    run: Run, requirement: str, check: str, failures: list[Finding]
) -> ElementTree.Element:
    name = f"{check}: {MEANING[Check(check)]}"
    case = ElementTree.Element("testcase", classname=requirement, name=name)
    if failures:
        message = "; ".join(f"{one.id}: got {one.got}" for one in failures)
        failure = ElementTree.SubElement(
            case, "failure", type=check, message=_clean(message)
        )
        failure.text = _clean("\n\n".join(map(card, failures)))
    elif not run.report.tally.reached[requirement]:
        ElementTree.SubElement(case, "skipped", message=_UNSEEN)
    return case


def _clean(text: str) -> str:
    return _NO_XML.sub("\N{REPLACEMENT CHARACTER}", text)
