"""Every case can be explained without a target: it sends, and says what it accepts."""

import pytest

from hjp_conformance.catalogue import Case
from hjp_conformance.rehearsal import rehearse
from hjp_conformance.run import Run, run_pytest
from hjp_conformance.transcript import Way
from hjp_conformance.verdicts import Exit


@pytest.fixture(scope="module")
def cases(tmp_path_factory: pytest.TempPathFactory) -> list[Case]:
    run = Run()
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(tmp_path_factory.mktemp("elsewhere"))
        assert run_pytest(run, ["--collect-only"]) is Exit.CONFORMANT
    return run.cases


def test_every_case_says_what_it_accepts(cases: list[Case]) -> None:
    silent = [case.id for case in cases if not rehearse(case).accepted]
    assert silent == []


def test_rehearsal_shows_what_is_sent_first(cases: list[Case]) -> None:
    by_id = {case.id: case for case in cases}
    transcript = rehearse(by_id["server-frm-version-wrong-two"])
    assert bytes(transcript.octets[Way.SENT])[:5] == b"HJP\xff\x02"
    assert "bad_version" in transcript.accepted
