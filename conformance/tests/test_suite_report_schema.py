import copy
import inspect
import re
import typing
from typing import Any

import pytest
from report_samples import big, conformant, small

from hjp_conformance.reports import shape
from hjp_conformance.schema_files import problems, schema

DEFINITIONS = {
    "step": shape.Step,
    "wrong": shape.Wrong,
    "conversation": shape.Conversation,
    "case": shape.CaseReport,
    "target": shape.TargetReport,
    "pair": shape.PairReport,
    "run": shape.RunReport,
    "requirement": shape.RequirementReport,
    None: shape.Report,
}


def definition(name: str | None) -> dict[str, Any]:
    whole = schema("report")
    found: dict[str, Any] = whole["$defs"][name] if name else whole
    return found


@pytest.mark.parametrize("name", DEFINITIONS)
def test_shape_and_schema_have_the_same_members(name: str | None) -> None:
    typed: Any = DEFINITIONS[name]
    found = definition(name)
    assert list(found["properties"]) == list(typing.get_type_hints(typed))
    assert set(found["required"]) == typed.__required_keys__
    assert found["additionalProperties"] is False
    assert found["title"]


@pytest.mark.parametrize(
    "name", [name for name in DEFINITIONS if name != "requirement"]
)
def test_every_member_is_documented(name: str | None) -> None:
    typed: Any = DEFINITIONS[name]
    attributes = (inspect.getdoc(typed) or "").partition("Attributes:")[2]
    documented = re.findall(r"^ {4}(\w+): ", attributes, re.MULTILINE)
    told = [
        member
        for member, one in definition(name)["properties"].items()
        if "description" in one or "$ref" in one or "title" in one
    ]
    assert documented == list(typing.get_type_hints(typed))
    assert told == documented


def test_every_typed_dict_is_held_against_a_definition() -> None:
    typed = {one for one in vars(shape).values() if typing.is_typeddict(one)}
    assert typed == set(DEFINITIONS.values())
    assert schema("report")["properties"]["format"]["const"] == shape.FORMAT


@pytest.mark.parametrize("make", [small, conformant, lambda: big(400, 40)])
def test_samples_are_reports(make: Any) -> None:
    assert problems("report", make()) == []


@pytest.mark.parametrize(
    ("path", "value", "told"),
    [
        (("format",), 2, "$.format"),
        (("runs", 0, "cases", 0, "verdict"), "passed", "verdict"),
        (("runs", 0, "cases", 0, "id"), "A b", "id"),
        (("runs", 0, "cases", 1, "conversations", 0, "steps", 0, "hex"), "0", "hex"),
        (("runs", 0, "counts"), {"passed": 1}, "counts"),
        (("runs", 0, "more"), 1, "more"),
        (("requirements",), {"FRM-1": {}}, "requirements"),
    ],
)
def test_what_is_no_report(path: tuple[Any, ...], value: Any, told: str) -> None:
    wrong: Any = copy.deepcopy(small())
    at = wrong
    for key in path[:-1]:
        at = at[key]
    at[path[-1]] = value
    found = problems("report", wrong)
    assert found
    assert told in found[0]


def test_an_unknown_schema() -> None:
    with pytest.raises(OSError, match="nothing"):
        schema("nothing")
