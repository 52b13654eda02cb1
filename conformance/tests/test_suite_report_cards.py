import copy

import pytest
import report_samples as samples
from report_samples import HOSTILE, conversation, report, run, small, step

from hjp_conformance.reports.cards import card
from hjp_conformance.reports.octets import in_a_line, plain
from hjp_conformance.reports.shape import CaseReport, Step
from hjp_spec.oracle import raw_frame


def shown(case: CaseReport, mode: str = "server") -> str:
    one = run(mode, [case])
    return card(case, report(one), one)


def test_a_card_has_all_that_is_known() -> None:
    text = shown(samples.MAGIC)
    first, title, _, broken, cited, *_ = text.splitlines()
    assert first == "FAIL server-frm-magic-wrong-lower-case"
    assert title == "  A frame whose magic is wrong is refused: lower case"
    assert broken.startswith("  HJP-FRM-2: A receiver MUST refuse with `bad_magic`")
    assert cited.startswith("  HJP-ERR-10: ")
    assert "\n  what happened: reply to 1, ok\n" in text
    assert "\n  accepted: fatal error bad_magic, then the end of the stream\n" in text
    assert "\n  sent: 36 octets\n" in text
    assert "\n    >      0  68 6A 70 FF              magic           FRM-2" in text
    assert "\n  received: 34 octets, the first wrong one is at 16\n" in text
    assert "\n    >     16  7B 22 69 64 22 3A 31 2C  JSON text" in text
    command = "hjp-conformance server --cmd './srv {port}' --case " + first[5:]
    assert text.endswith(f"\n  only this case: {command}")


def test_broken_requirements_come_first() -> None:
    case = copy.deepcopy(samples.MAGIC)
    case["broken"] = ["HJP-ERR-11"]
    told = [line[2:14] for line in shown(case).splitlines()[3:6]]
    assert told == ["HJP-ERR-11: ", "HJP-FRM-2: A", "HJP-ERR-10: "]


def test_a_report_that_is_kept_can_be_played_again() -> None:
    one = run("server", [samples.MAGIC])
    text = card(samples.MAGIC, report(one), one, path="my report.json")
    again = f"  again: hjp-conformance replay 'my report.json' {samples.MAGIC['id']}"
    assert text.splitlines()[-1] == again


def test_colors_are_for_terminals() -> None:
    one = run("server", [samples.MAGIC])
    text = card(samples.MAGIC, report(one), one, color=True)
    assert text.startswith("\x1b[31mFAIL\x1b[0m server-frm")
    assert "\x1b[31m>     16" in text
    assert "\x1b" not in shown(samples.MAGIC)


def test_connections_are_told_apart() -> None:
    text = shown(samples.TWO)
    for words in ("accepted", "sent", "received"):
        assert f"\n  {words} on connection 1: " in text
        assert f"\n  {words} on connection 2: " in text
    assert "received on connection 2: 34 octets, the first wrong one is at 22" in text


def test_the_wrong_octet_of_a_long_way_is_shown() -> None:
    lines = shown(samples.LONG).splitlines()
    assert len(lines) < 60
    (at,) = [number for number, line in enumerate(lines) if line.startswith("    >")]
    assert lines[at].startswith("    >  40034  42 41")
    assert lines[at - 1].startswith("       40026  41 41")
    assert lines[at - 3] == "           …  39952 octets more"


def test_what_was_not_kept_is_not_shown() -> None:
    text = shown(samples.CUT)
    wrong = "1000000 octets, the first wrong one is at 900000, which was not kept"
    assert f"\n  received: {wrong}\n" in text
    assert "    … 999966 octets more, which were not kept\n" in text


def test_octets_after_a_gap_are_not_shown_as_if_there_were_none() -> None:
    case = copy.deepcopy(samples.CUT)
    case["conversations"][0]["steps"].append(samples.step("received", b"after"))
    text = shown(case)
    assert "received: 1000005 octets" in text
    assert "… 999971 octets more, which were not kept" in text
    assert "after" not in text


def test_an_end_that_came_too_early() -> None:
    case = copy.deepcopy(samples.MAGIC)
    case["conversations"][0]["wrong"] = {"way": "received", "offset": 34}
    text = shown(case)
    assert "received: 34 octets, and then an end that came too early\n" in text


def test_notes_and_no_octets() -> None:
    text = shown(samples.HALF_CLOSED)
    assert "\n  received: 0 octets\n  then: the suite ended its input\n" in text
    assert "\n    received: the end of the stream\n" in text


def test_a_client_is_told_and_tells() -> None:
    text = shown(samples.UPPER, "client")
    assert "\n  the client was told: upper hi.bin\n" in text
    assert text.count("the client printed: ok 484921") == 1, "what happened"
    assert "\n  the client was told: upper hi.bin\n  its exit status: 0\n" in text
    case = copy.deepcopy(samples.UPPER)
    case["printed"], case["status"] = [], None
    assert "\n  the client printed: nothing\n  its exit status: none: it was" in shown(
        case
    )


def test_the_sides_of_a_client_are_not_confused() -> None:
    text = shown(samples.UPPER, "client")
    assert "HJP-MSG" not in text.partition("accepted")[2]  # no faults in either way
    assert "HJP-MSG" in shown(samples.UPPER, "server").partition("accepted")[2]


def test_a_codec_is_fed_and_answers() -> None:
    text = shown(samples.CODEC, "codec")
    assert "\n  sent: 29 octets, the first wrong one is at 23\n" in text
    assert "  received" not in text
    assert '\n  asked: {"cmd":"decode","chunks"' in text
    assert '\n  answered: {"status":"accept"' in text


def test_a_fault_of_the_suite_shows_no_octets() -> None:
    case = copy.deepcopy(samples.MAGIC)
    case["verdict"] = "harness"
    text = shown(case)
    assert text.startswith("HARNESS ")
    assert "octets\n" not in text


def test_every_sample_has_a_card() -> None:
    whole = small()
    for one in whole["runs"]:
        for case in one["cases"]:
            text = card(case, whole, one)
            assert text.replace("\n", "").isprintable()
            assert text.startswith(f"{case['verdict'].upper()} {case['id']}\n")


@pytest.mark.parametrize("text", [HOSTILE, "".join(map(chr, range(0x3000))), "\ud800"])
def test_no_words_of_a_target_reach_the_terminal(text: str) -> None:
    assert plain(text).replace("\n", "").isprintable()
    assert in_a_line(text).isprintable()
    assert plain("né 😀 HI!") == "né 😀 HI!"
    assert "\u202e" not in plain(text)


LONG = raw_frame(b'{"id":2,"op":"echo"}', bytes(65_537))
HELLO = raw_frame(b'{"id":1,"op":"hello","limits":{"max_payload":70000}}')
TOLD = raw_frame(b'{"id":1,"ok":true,"limits":{"max_payload":70000}}')


@pytest.mark.parametrize(
    ("mode", "talk"),
    [
        ("server", [step("sent", LONG)]),
        ("server", [step("sent", HELLO), step("received", LONG)]),
        ("client", [step("sent", TOLD), step("received", LONG)]),
        ("codec", [step("sent", LONG)]),
    ],
)
def test_what_is_too_large_depends_on_the_limit_that_was_told(
    mode: str, talk: list[Step]
) -> None:
    told = "too_large"
    plain_talk = conversation(*(one for one in talk if one["octets"] > 65_537))
    raised = conversation(*talk, step("received", TOLD), asked='{"max_payload":70000}')
    for one, is_told in ((plain_talk, True), (raised, False)):
        text = shown(samples.case(f"{mode}-frm-x", "fail", conversations=[one]), mode)
        assert (told in text) == is_told
