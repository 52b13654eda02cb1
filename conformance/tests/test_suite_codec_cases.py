"""The cases of the codec mode as data: ids, citations, two readings that agree."""

import hashlib
import re
import subprocess
import sys
from collections import Counter
from dataclasses import replace

import pytest

from hjp_conformance.catalogue import expected_of, gaps, ledger
from hjp_conformance.codec.case import CodecCase
from hjp_conformance.codec.cases import all_cases, curated
from hjp_conformance.codec.decoding import DecodeCase
from hjp_conformance.codec.encoding import EncodeCase
from hjp_conformance.codec.expected import Expected, of_outcome
from hjp_spec import requirements
from hjp_spec.oracle import FormatFault, decode, encode

ID = re.compile(r"codec-[a-z0-9]+(-[a-z0-9]+)*")

SAMPLE = {
    "codec-err-faults-json-short-second-when-due": "2259fcc0961c",
    "codec-err-frames-magic-then-payload-long": "680a3af61e14",
    "codec-err-sequence-long-load-load": "7d8c9a0a3a7d",
    "codec-frm-after-frames-magic-two": "2f8cf7f4f51a",
    "codec-frm-before-due-text-no-colon-029": "2880a7c36ea4",
    "codec-frm-before-due-text-space-first-026": "1801153daa3c",
    "codec-frm-cut-bad-number-033": "c19ae6e1ffc2",
    "codec-frm-ends-in-ping-025": "7cc3290f45cb",
    "codec-frm-header-octet-02-as-1f": "59226b6a16d0",
    "codec-frm-header-octet-07-as-06": "5c8444d9008f",
    "codec-frm-header-octet-07-as-47": "1cb19145760f",
    "codec-frm-json-length-254": "811e3d3e2ad6",
    "codec-frm-lengths-000000ff-and-00000000": "5370f763f7e6",
    "codec-frm-lengths-off-by-plus-1-and-plus-3-followed": "d05931201037",
    "codec-frm-limit-7fffffff-payload-01000000": "b5085e086096",
    "codec-frm-magic-octet-2-bit-3": "4d3d275bb7df",
    "codec-frm-max-payload-255-announced-at": "ffc389fbfdb4",
    "codec-frm-payload-length-256": "7a14e26a9529",
    "codec-frm-reads-two-02-21": "fffdb8eabdec",
    "codec-frm-reads-two-04-08": "b91d53df69c1",
    "codec-frm-reads-two-18-32": "c9b2d4a69225",
    "codec-frm-reads-wrong-03-09": "10c857f75f96",
    "codec-frm-reserved-in-header-octet-7-01": "c186fe0ab287",
    "codec-frm-send-not-number-capital-no-digit-in-exponent": "7b319ec2a476",
    "codec-frm-send-object-no-end": "d39999d79aad",
    "codec-frm-send-value-object-single-quoted-name": "21eba83458af",
    "codec-frm-sequence-good-load-good-load-load-load": "2da36c5b5a0c",
    "codec-frm-split-bad-version-at-066": "39515cea5e19",
    "codec-frm-split-two-frames-at-045": "ca82921d26a5",
    "codec-frm-version-in-five-7f": "4ec50c5a45e3",
    "codec-met-after-frames-surrogate-one": "7038846b2e6e",
    "codec-met-ascii-28": "8a537260e00f",
    "codec-met-control-in-name-16": "0c4488281a76",
    "codec-met-depth-objects-34": "de37ee7d8e12",
    "codec-met-different-empty-and-space": "345c76e800ce",
    "codec-met-escape-digit-name-3-67": "18791b146b27",
    "codec-met-escape-in-name-n": "dfc866db12a9",
    "codec-met-infinite-before-space-two-1024": "739da3766c91",
    "codec-met-lone-in-name-first": "7fc72a605edf",
    "codec-met-names-a-escape-and-smile-mixed": "c2482b9cd5f9",
    "codec-met-names-f600-raw-and-e-acute-escape": "7aefb88161cb",
    "codec-met-names-line-feed-escape-and-smile-mixed": "99be1774792d",
    "codec-met-names-quote-short-and-e-acute-capital": "643d7206e8f1",
    "codec-met-nest-o-34-empty": "de37ee7d8e12",
    "codec-met-not-space-before-comma-zero-width-space": "b8f1733e0019",
    "codec-met-number-digits-5000-of-7-e0": "83d7032ea097",
    "codec-met-number-size-0-point-17-e400": "d5fc3f24c9ac",
    "codec-met-number-size-1-point-79-e308": "739cfe3a5b11",
    "codec-met-number-size-minus-1-point-7976931348623157-e307": "8563cf5a3f2a",
    "codec-met-object-brace-and-quote": "042f0068dd95",
    "codec-met-octet-011-as-2e": "b229a2cb348c",
    "codec-met-octet-031-as-7b": "fa04ebb277a3",
    "codec-met-octet-041-as-0a": "a3c659cf5320",
    "codec-met-octet-042-as-20": "9a89b7fd6bf1",
    "codec-met-octet-050-as-75": "74509b4a7dbb",
    "codec-met-octet-062-gone": "ec3a0827d1de",
    "codec-met-pair-d800-dfff": "60093eabb71b",
    "codec-met-point-000801": "d7f6265515ec",
    "codec-met-same-in-array-plain": "7d31a6e7468c",
    "codec-met-same-quote": "e11afe955edc",
    "codec-met-send-grammar-words-in-strings": "63875fb2fffb",
    "codec-met-space-after-word-many": "833f5d8f5306",
    "codec-met-special-twice-true": "8d766e2e4c2c",
    "codec-met-surrogates-pair-second-greatest": "f5d1675f0620",
    "codec-met-tokens-array-0-open-comma-comma": "4bb923c4523f",
    "codec-met-tokens-array-open-open-0-0": "4dc9337d8006",
    "codec-met-units-value-dfff-a-e000": "1b42e624304c",
    "codec-met-utf8-name-f1bf": "bf7cdb990136",
    "codec-met-utf8-name-f48fbf7f": "601d31900a54",
    "codec-met-value-no-start-of-array": "88ceb4f5166a",
    "codec-tst-error-then-describe-decode-minus": "2e15362a2d23",
    "codec-tst-fresh-names-then-frame": "9ab4531d53ea",
    "codec-vector-grammar-vertical-tab-inside": "b248bd100829",
    "codec-vector-header-magic-first-octet": "bd6f5d20d36b",
    "codec-vector-incomplete-json-wrong-first-octet": "a52579ad1639",
    "codec-vector-lengths-json-65536": "9b33db015c4a",
    "codec-vector-numbers-infinite-in-array": "8b502ef9b9a3",
    "codec-vector-strings-surrogate-pair-then-second": "8eda1a2089f9",
    "codec-vector-utf8-three-octets-above-surrogates": "2df542c77c70",
}
"""What some ids stand for. An id is never given to another stimulus: where this fails,
give what is new an id of its own."""


def decodes(cases: tuple[CodecCase, ...]) -> list[DecodeCase]:
    return [case for case in cases if isinstance(case, DecodeCase)]


def test_there_are_enough_of_them() -> None:
    generated = [case for case in all_cases() if case.generated]
    assert len(curated()) >= 1000
    assert len(generated) >= 6000
    assert len(all_cases()) == len(curated()) + len(generated)


def test_ids_are_unique_and_of_one_form() -> None:
    ids = Counter(case.id for case in all_cases())
    assert [id_ for id_, times in ids.items() if times > 1] == []
    assert [id_ for id_ in ids if not ID.fullmatch(id_)] == []


def test_ids_begin_with_the_area() -> None:
    """Vectors keep the names that the specification gives them."""
    odd = [
        case.id
        for case in all_cases()
        if not case.id.startswith((f"codec-{case.area.lower()}-", "codec-vector-"))
    ]
    assert odd == []


def test_every_case_has_a_title_and_cites_what_there_is() -> None:
    for case in all_cases():
        assert case.title
        assert "\n" not in case.title
        assert case.requirements
        assert len(set(case.requirements)) == len(case.requirements)
        assert set(case.requirements) <= set(requirements.REQUIREMENTS)
        assert case.area == case.requirements[0].split("-")[1]


SHARED = {"HJP-TST-15", "HJP-TST-16"}
"""What every answer is about: no case is about these alone."""


def test_every_requirement_of_a_codec_has_a_case_of_its_own() -> None:
    """It is cited first, so that it is what the case is about."""
    about = {case.requirements[0] for case in curated()}
    assert {one.id for one in expected_of("codec")} - about == SHARED
    assert {id_ for case in curated() for id_ in case.requirements} >= SHARED


def test_the_requirements_of_a_codec_are_those_of_the_text() -> None:
    """Frame, Metadata up to MET-14, precedence, and the testee of a codec."""
    found = {
        one.id
        for one in requirements.REQUIREMENTS.values()
        if one.area in ("FRM", "MET") and one.actor in ("receiver", "sender")
    }
    found -= {f"HJP-MET-{number}" for number in range(15, 20)}
    others = {"HJP-ERR-15"} | {f"HJP-TST-{number}" for number in range(1, 7)}
    others |= SHARED
    assert {one.id for one in expected_of("codec")} == found | others


def test_a_new_requirement_of_a_codec_is_missed_until_it_has_a_case(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The next number of a chapter, as CONTRIBUTING tells to take it."""
    for area in ("FRM", "MET"):
        before = requirements.REQUIREMENTS[f"HJP-{area}-2"]
        new = replace(before, id=f"HJP-{area}-77")
        monkeypatch.setitem(requirements.REQUIREMENTS, new.id, new)
        found = gaps(ledger([], "codec"), "codec")
        assert f"{new.id} has no case and is not listed as unobservable" in found


@pytest.mark.parametrize("id_", SAMPLE)
def test_an_id_stands_for_what_it_always_stood_for(id_: str) -> None:
    [case] = [case for case in all_cases() if case.id == id_]
    assert hashlib.sha256(case.stimulus).hexdigest()[:12] == SAMPLE[id_]


def outcome_of(case: DecodeCase) -> Expected:
    return of_outcome(decode(case.octets, case.max_payload))


def test_the_oracle_agrees_with_every_written_outcome() -> None:
    """Two readings: the table was typed, the outcome is computed from the octets."""
    for case in decodes(curated()):
        written, computed = case.expected(), outcome_of(case)
        assert written.verdicts == computed.verdicts, case.id
        assert written.frames == computed.frames, case.id
        assert written.consumed == computed.consumed, case.id
        if not case.id.startswith("codec-vector-"):
            assert written.requirement == computed.requirement, case.id


def test_what_is_broken_is_cited() -> None:
    for case in decodes(curated()):
        assert case.expected().requirement in {None, *case.requirements}, case.id


def code_of(case: EncodeCase) -> str | None:
    """What the oracle refuses to write the frame with."""
    try:
        encode(case.json.encode(), case.payload, case.max_payload)
    except UnicodeEncodeError:
        return "bad_json"
    except FormatFault as fault:
        return str(fault.code)
    return None


def test_the_oracle_agrees_with_what_is_to_be_written() -> None:
    for case in curated():
        if isinstance(case, EncodeCase):
            assert code_of(case) in (case.codes or (None,)), case.id
            assert case.writes or case.codes, case.id


def test_generated_cases_are_of_all_outcomes() -> None:
    found = Counter(
        case.expected().status for case in decodes(all_cases()) if case.generated
    )
    assert found["accept"] > 2000
    assert found["incomplete"] > 500
    assert found["reject"] > 3000
    assert found["reject"] < 2 * (found["accept"] + found["incomplete"])


def test_every_octet_of_every_read_is_fed() -> None:
    for case in decodes(all_cases()):
        assert b"".join(case.chunks) == case.octets, case.id


def test_the_codec_mode_is_free_of_pytest() -> None:
    program = "import sys, hjp_conformance.codec.cases, hjp_conformance.codec.target\n"
    program += "sys.exit('pytest' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", program], check=False)
    assert done.returncode == 0
