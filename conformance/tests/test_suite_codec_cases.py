"""The cases of the codec mode as data: ids, citations, two readings that agree."""

import hashlib
import re
import subprocess
import sys
from collections import Counter

import pytest

from hjp_conformance.codec.case import CodecCase
from hjp_conformance.codec.cases import REQUIREMENTS, all_cases, curated
from hjp_conformance.codec.decoding import DecodeCase
from hjp_conformance.codec.encoding import EncodeCase
from hjp_conformance.codec.expected import Expected, of_outcome
from hjp_spec import requirements
from hjp_spec.oracle import FormatFault, decode, encode

ID = re.compile(r"codec-[a-z0-9]+(-[a-z0-9]+)*")

SAMPLE = {}
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
        assert set(case.requirements) <= set(requirements.REQUIREMENTS)
        assert case.area == case.requirements[0].split("-")[1]


def test_every_requirement_of_a_codec_has_a_case_of_its_own() -> None:
    """It is cited first, so that it is what the case is about."""
    about = {case.requirements[0] for case in curated()}
    assert set(REQUIREMENTS) - about == set()


def test_the_requirements_of_a_codec_are_those_of_the_text() -> None:
    """Frame, Metadata up to MET-14, precedence, and the testee of a codec."""
    found = {
        one.id
        for one in requirements.REQUIREMENTS.values()
        if one.area in ("FRM", "MET") and one.actor in ("receiver", "sender")
    }
    found -= {f"HJP-MET-{number}" for number in range(15, 20)}
    others = {"HJP-ERR-15"} | {f"HJP-TST-{number}" for number in range(1, 7)}
    assert set(REQUIREMENTS) == found | others


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


def test_the_oracle_agrees_with_what_is_to_be_written() -> None:
    for case in curated():
        if not isinstance(case, EncodeCase):
            continue
        try:
            octets = encode(case.json.encode(), case.payload, case.max_payload)
        except UnicodeEncodeError:
            assert case.codes == ("bad_json",), case.id
        except FormatFault as fault:
            assert fault.code in case.codes, case.id
        else:
            assert not case.codes, case.id
            assert case.writes, case.id
            assert octets


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
