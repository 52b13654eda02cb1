"""Which cases are meant: words, requirements, ids, tiers."""

import re

import pytest

from hjp_conformance.catalogue import Case
from hjp_conformance.expression import predicate
from hjp_conformance.selection import Selection, SelectionError, near, requirement_of


def case(id_: str, *requirements: str, area: str = "FRM", tier: str = "core") -> Case:
    cited = requirements or ("HJP-FRM-2",)
    return Case(id_, "t", cited, "MUST", area, "server", tier, None)


CASES = [
    case("server-frm-magic", "HJP-FRM-2"),
    case("server-frm-magic-later", "HJP-FRM-2", "HJP-FRM-18"),
    case("server-msg-order", "HJP-MSG-2", area="MSG"),
    case("server-prv-more", "HJP-MSG-20", area="PRV", tier="soak"),
]


def ids(selection: Selection) -> list[str]:
    return [one.id.removeprefix("server-") for one in selection.of(CASES)]


@pytest.mark.parametrize(
    ("text", "truth"),
    [
        ("a", True),
        ("z", False),
        ("A or z", True),
        ("z or z", False),
        ("a and z", False),
        ("a and b-c", True),
        ("b_c", True),
        ("not a", False),
        ("not not a", True),
        ("z and z or a", True),
        ("z and (z or a)", False),
        ("not (z or z)", True),
        ("not z and not z", True),
    ],
)
def test_what_an_expression_asks(text: str, truth: bool) -> None:
    assert predicate(text)(["xax", "b-c"]) is truth


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "after the beginning a word is missing"),
        ("and a", "after the beginning a word is missing"),
        ("a and", "after 'and' a word is missing"),
        ("a not b", "'a' cannot be followed by 'not'"),
        ("a b", "'a' cannot be followed by 'b'"),
        ("(a", "a bracket is not closed"),
        ("a)", "'a' cannot be followed by ')'"),
    ],
)
def test_what_is_no_expression(text: str, told: str) -> None:
    with pytest.raises(ValueError, match=re.escape(told)):
        predicate(text)


def test_words_are_parts_of_ids_requirements_and_chapters() -> None:
    assert ids(Selection("FRM-2")) == ["frm-magic", "frm-magic-later"]
    assert ids(Selection("magic and not frm-18")) == ["frm-magic"]
    assert ids(Selection("MESSAGES")) == ["msg-order"]
    assert ids(Selection("private-names", tier="soak")) == ["prv-more"]


def test_a_requirement_is_just_this_one() -> None:
    both = Selection(requirements=("msg-2", "HJP-FRM-18"))
    assert ids(both) == ["frm-magic-later", "msg-order"]
    assert ids(Selection("later", ("FRM-2",))) == ["frm-magic-later"]


def test_a_case_is_run_in_any_tier() -> None:
    assert ids(Selection(ids=("server-prv-more",))) == ["prv-more"]
    assert ids(Selection(tier="full")) == [one.id[7:] for one in CASES[:3]]
    assert not Selection(tier="smoke").is_narrow
    assert Selection(ids=("x",)).is_narrow


@pytest.mark.parametrize(
    ("selection", "told"),
    [
        (Selection("zzz"), "no case is selected by -k 'zzz'; see hjp-conformance list"),
        (Selection("private-names"), "-k 'private-names' --tier full: try --tier soak"),
        (Selection("a b"), "-k 'a b': 'a' cannot be followed by 'b'"),
        (Selection(requirements=("FRM-4",)), "selected by --requirement FRM-4; see"),
        (Selection(requirements=("X-4",)), "no requirement is named X-4"),
        (Selection(ids=("zzz",)), "no case has the id zzz; see hjp-conf"),
        (Selection("magic", ids=("server-prv-more",)), "--case server-prv-more; see"),
        (Selection(ids=("server-msg-oder",)), "did you mean server-msg-order?"),
    ],
)
def test_nothing_is_selected(selection: Selection, told: str) -> None:
    with pytest.raises(SelectionError) as caught:
        selection.of(CASES)
    assert told in str(caught.value)


def test_a_requirement_may_be_written_short() -> None:
    assert {requirement_of(one) for one in ("MSG-2", "msg-2", " HJP-MSG-2")} == {
        "HJP-MSG-2"
    }
    with pytest.raises(SelectionError, match="did you mean HJP-MSG-9 or"):
        requirement_of("MSG-99")


def test_what_is_near_begins_the_same() -> None:
    names = ["server-a-wrong-one", "server-a-wrong-two", "client-a-wrong-one"]
    assert near("server-a-wr", names) == (
        ": did you mean server-a-wrong-one or server-a-wrong-two?"
    )
    assert near("server-a-worng-one", names).startswith(
        ": did you mean server-a-wrong-one or server-a-wrong-two"
    )
    assert near("server-c", names) == ""
