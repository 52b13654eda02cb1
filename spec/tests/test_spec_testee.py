import json
import os
import sys
from pathlib import Path
from select import select
from subprocess import run
from typing import Any

import pytest

from hjp_spec.examples import EXAMPLES
from hjp_spec.jsonschemas import problems
from hjp_spec.oracle import raw_frame
from hjp_spec.testee import (
    Decoded,
    Encoded,
    Testee,
    TesteeError,
    _Process,
    decode_line,
    decoded,
)
from hjp_spec.vectors import VECTORS

HERE = Path(__file__).parent
GOOD = [sys.executable, str(HERE / "oracle_testee.py")]
BAD = [sys.executable, str(HERE / "bad_testee.py")]
PING = b'{"id":1,"op":"ping"}'


def test_describe() -> None:
    with Testee(" ".join(GOOD)) as testee:
        described = testee.describe()
        assert described.name == "hjp_spec.oracle"
        assert described.commands == ("describe", "decode", "encode", "reset")
        assert described.codes


def test_decode_in_every_split() -> None:
    octets = raw_frame(PING, b"\x00\xff")
    expected = Decoded("accept", None, ((PING.decode(), b"\x00\xff"),), len(octets))
    with Testee(GOOD) as testee:
        for cut in range(len(octets) + 1):
            assert testee.decode([octets[:cut], octets[cut:]]) == expected
        assert testee.decode(octets[i : i + 1] for i in range(len(octets))) == expected
        assert testee.decode([]) == Decoded("accept", None, (), 0)


def test_examples_through_a_process() -> None:
    with Testee(GOOD) as testee:
        for example in EXAMPLES.values():
            found = testee.decode([example.octets])
            status, _, code = example.expected.partition(":")
            assert (found.status, found.code or "") == (status, code)


def test_vectors_through_a_process() -> None:
    with Testee(GOOD) as testee:
        for vector in VECTORS:
            found = testee.decode([vector.octets], vector.max_payload)
            permitted = [(p.status, p.code, p.consumed) for p in vector.outcomes]
            assert (found.status, found.code, found.consumed) in permitted


def test_encode() -> None:
    with Testee(GOOD) as testee:
        octets = raw_frame(PING, b"hi")
        assert testee.encode(PING.decode(), b"hi") == Encoded("ok", octets, None)
        refused = Encoded("reject", b"", "too_large")
        assert testee.encode(PING.decode(), b"hi", max_payload=1) == refused


def test_one_process_serves_all_and_ends_with_its_input() -> None:
    testee = Testee(GOOD)
    assert testee.pid is None
    testee.reset()
    pid = testee.pid
    testee.decode([raw_frame(PING)])
    assert testee.pid == pid
    assert testee.close() == 0
    assert testee.pid is None
    assert testee.close() is None


def test_a_long_line_both_ways() -> None:
    octets = raw_frame(b"{}", bytes(65_536)) * 40
    with Testee(GOOD) as testee:
        assert testee.decode([octets]).consumed == len(octets)


@pytest.mark.parametrize(
    ("way", "kind", "message"),
    [
        ("crash", "crash", "exit status 3.*fault of mine"),
        ("signalled", "crash", "SIGSEGV"),
        ("half-a-line", "crash", "exit status 0"),
        ("deaf-crash", "crash", "exit status 0$"),
        ("not-json", "garbage", "not JSON.*it wrote: hello"),
        ("not-utf8", "garbage", "not JSON"),
        ("not-object", "garbage", "not by the schema"),
        ("two-lines", "garbage", "more than one line"),
        ("line-and-a-half", "garbage", "more than one line"),
        ("error", "refused", "what?"),
        ("error-without-message", "garbage", "'message' is a required property"),
    ],
)
def test_misbehaviour(way: str, kind: str, message: str) -> None:
    with Testee([*BAD, way], timeout=30) as testee:
        with pytest.raises(TesteeError, match=f"(?s)^{kind}: .*{message}") as caught:
            testee.reset()
        assert caught.value.kind == kind
        assert (testee.pid is not None) == (kind == "refused")


@pytest.mark.parametrize(
    ("way", "kind", "message"),
    [
        ("closes-output", "crash", "closed its output but went on"),
        ("hang", "hang", "no answer in 0.5 s; standard error ends: thinking"),
    ],
)
def test_a_process_that_goes_on_is_ended(way: str, kind: str, message: str) -> None:
    with Testee([*BAD, way], timeout=30) as testee:
        testee.reset()
        pid = testee.pid
        testee.timeout = 0.5
        with pytest.raises(TesteeError, match=f"^{kind}: .*{message}"):
            testee.reset()
        assert pid is not None
        with pytest.raises(ProcessLookupError):
            os.kill(pid, 0)


def test_a_crash_loses_only_itself() -> None:
    with Testee([*BAD, "crash"]) as testee:
        for _ in range(2):
            with pytest.raises(TesteeError, match="exit status 3"):
                testee.reset()


def test_a_full_pipe_is_a_hang_not_a_wait_for_ever() -> None:
    with Testee([*BAD, "never-reads"], timeout=1) as testee:
        with pytest.raises(TesteeError) as caught:
            testee.decode([bytes(1 << 20)])
        assert caught.value.kind == "hang"


def test_input_to_a_process_that_has_ended_is_a_crash() -> None:
    script = "import sys; sys.stderr.write('bye'); sys.exit(4)"
    process = _Process([sys.executable, "-c", script])
    process.popen.wait(30)
    with pytest.raises(TesteeError, match=r"crash: it ended with exit status 4.*bye$"):
        list(process.converse([b"{}\n"], 30))
    assert process.kill() == 4


def test_a_second_line_for_the_second_question() -> None:
    with Testee([*BAD, "unasked"], timeout=30) as testee:
        testee.reset()
        with pytest.raises(TesteeError, match="garbage: more than one line"):
            testee.reset()


def test_lines_of_any_kind_are_answered_one_by_one() -> None:
    lines = [b"hello\n", b'{"cmd":"reset"}\n', b"\n"]
    with Testee(GOOD) as testee:
        testee.reset()
        pid = testee.pid
        statuses = [json.loads(answer)["status"] for answer in testee.converse(lines)]
        assert statuses == ["error", "ok", "error"]
        assert testee.pid == pid


def test_a_process_whose_answers_are_not_all_taken_is_ended() -> None:
    with Testee(GOOD) as testee:
        answers = testee.converse([b"hello\n", b"hello\n"])
        next(answers)
        answers.close()
        assert testee.pid is None
        testee.reset()


def test_an_answer_too_many_to_a_conversation() -> None:
    with Testee([*BAD, "two-lines"], timeout=30) as testee:
        with pytest.raises(TesteeError, match="garbage: more than one line"):
            list(testee.converse([b"hello\n"]))
        assert testee.pid is None


def test_a_line_that_was_there_before_we_asked() -> None:
    process = _Process([*BAD, "early"])
    assert process.popen.stdout is not None
    assert select([process.popen.stdout], [], [], 30)[0]
    with pytest.raises(TesteeError, match="garbage: a line that nobody asked for"):
        list(process.converse([b"{}\n"], 30))
    assert process.kill() == -9


def test_an_answer_before_the_question_was_read() -> None:
    hasty = Testee([*BAD, "hasty"], timeout=30)
    with hasty, pytest.raises(TesteeError, match="garbage: an answer before the line"):
        hasty.decode([bytes(1 << 20)])


def test_a_pipe_that_is_full_for_a_moment(monkeypatch: pytest.MonkeyPatch) -> None:
    writes = iter([BlockingIOError(), BlockingIOError()])
    write = os.write

    def slow(file: int, octets: bytes) -> int:
        for error in writes:
            raise error
        return write(file, octets)

    monkeypatch.setattr("os.write", slow)
    with Testee([*BAD, "good"], timeout=30) as testee:
        testee.reset()


def test_much_standard_error_does_not_block() -> None:
    with Testee([*BAD, "noisy"], timeout=30) as testee:
        for _ in range(5):
            testee.reset()


def test_closed_standard_error_does_not_matter() -> None:
    with Testee([*BAD, "deaf"], timeout=30) as testee:
        for _ in range(3):
            testee.reset()


def test_the_exit_status_is_told() -> None:
    testee = Testee([*BAD, "exits-with-7"])
    testee.reset()
    assert testee.close() == 7


def test_a_process_that_ignores_the_end_is_killed() -> None:
    testee = Testee([*BAD, "ignores-end"], timeout=30)
    testee.reset()
    pid = testee.pid
    testee.timeout = 0.5
    assert pid is not None
    assert testee.close() == -9
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)


def test_a_program_that_is_not_there() -> None:
    with Testee("/no/such/program --please") as testee:
        with pytest.raises(TesteeError, match="cannot start") as caught:
            testee.reset()
        assert caught.value.kind == "crash"


def test_a_line_without_an_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("hjp_spec.testee._LONGEST_LINE", 1_000)
    endless = "import sys\nsys.stdin.readline()\nwhile True: sys.stdout.write('x')"
    with Testee([sys.executable, "-c", endless], timeout=30) as testee:
        with pytest.raises(TesteeError, match="without an end") as caught:
            testee.reset()
        assert caught.value.kind == "garbage"


ACCEPT: dict[str, Any] = {"status": "accept", "frames": [], "consumed": 0}
FRAME = {"json": "{}", "payload": "00"}


@pytest.mark.parametrize(
    ("reply", "right"),
    [
        (ACCEPT, True),
        (ACCEPT | {"more": "members"}, True),
        (ACCEPT | {"frames": [FRAME]}, True),
        (ACCEPT | {"status": "reject"}, True),
        (ACCEPT | {"status": "reject", "code": "bad_json"}, True),
        (ACCEPT | {"status": "reject", "code": "too_large"}, True),
        (ACCEPT | {"consumed": 1.0}, True),
        (ACCEPT | {"status": "reject", "code": "internal"}, False),
        (ACCEPT | {"code": "bad_json"}, False),
        (ACCEPT | {"status": "fine"}, False),
        (ACCEPT | {"consumed": -1}, False),
        (ACCEPT | {"consumed": True}, False),
        (ACCEPT | {"frames": None}, False),
        (ACCEPT | {"frames": [[]]}, False),
        (ACCEPT | {"frames": [FRAME | {"json": {}}]}, False),
        (ACCEPT | {"frames": [FRAME | {"payload": 0}]}, False),
        (ACCEPT | {"frames": [FRAME | {"payload": "0"}]}, False),
        (ACCEPT | {"frames": [FRAME | {"payload": "0g"}]}, False),
        (ACCEPT | {"frames": [FRAME | {"payload": "00 00"}]}, False),
        ({"status": "accept"}, False),
        ([], False),
    ],
)
def test_replies_are_judged_as_the_schema_does(reply: Any, right: bool) -> None:
    assert (problems("testee/reply", reply, "decode") == []) == right
    with Testee([*BAD, "literal", json.dumps(reply)]) as testee:
        if right:
            assert testee.decode([]).consumed == 0 or reply["consumed"] == 1
        else:
            with pytest.raises(TesteeError, match="not by the schema"):
                testee.decode([])


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("{}", "KeyError"),
        ("nonsense", "JSONDecodeError"),
        ('{"cmd":"fly"}', "fly"),
        ('{"cmd":"decode","chunks":["0"]}', "non-hexadecimal"),
        ("[]", "TypeError"),
    ],
)
def test_the_testee_of_these_tests_answers_nonsense(line: str, message: str) -> None:
    done = run(GOOD, input=f"{line}\n", capture_output=True, text=True, check=True)
    reply = json.loads(done.stdout)
    assert problems("testee/reply", reply, "error") == []
    assert message in reply["message"]


def test_many_lines_at_once_and_their_answers() -> None:
    chunks = [raw_frame(PING)[:7], raw_frame(PING)[7:], raw_frame(b"{}", b"\x01" * 999)]
    lines = [decode_line(chunks), decode_line([]), decode_line([b"", b"G"], 7)] * 50
    with Testee(GOOD) as testee:
        answers = [decoded(answer) for answer in testee.converse(lines)]
        assert answers[:3] == [
            testee.decode(chunks),
            testee.decode([]),
            testee.decode([b"", b"G"], 7),
        ]
        assert answers == answers[:3] * 50


def test_a_line_that_asks_for_a_decode() -> None:
    assert json.loads(decode_line([b"", b"\x00\xff"], 5)) == {
        **{"cmd": "decode", "chunks": ["", "00ff"], "max_payload": 5},
    }


@pytest.mark.parametrize(
    ("line", "kind"),
    [
        (b'{"status":"error","message":"no"}\n', "refused"),
        (b'{"status":"accept"}\n', "garbage"),
        (b"accept\n", "garbage"),
    ],
)
def test_an_answer_that_is_none(line: bytes, kind: str) -> None:
    with pytest.raises(TesteeError) as caught:
        decoded(line)
    assert caught.value.kind == kind


class TooMuch(Exception):  # noqa: N818
    pass


def test_what_a_watch_raises_ends_the_process_and_comes_out() -> None:
    seen: list[int] = []
    ready = False

    def watch(pid: int) -> None:
        seen.append(pid)
        if ready and len(seen) > 2:
            raise TooMuch

    with Testee([*BAD, "hang"], timeout=30, watch=watch) as testee:
        testee.reset()
        pid, ready = testee.pid, True
        assert pid is not None
        with pytest.raises(TooMuch):
            testee.reset()
        assert set(seen) == {pid}
        with pytest.raises(ProcessLookupError):
            os.kill(pid, 0)


def test_a_watch_does_not_make_anybody_wait_longer() -> None:
    with Testee([*BAD, "hang"], timeout=30, watch=lambda pid: None) as testee:
        testee.reset()
        testee.timeout = 0.2
        with pytest.raises(TesteeError, match=r"hang: no answer in 0\.2 s"):
            testee.reset()


def test_pipes_stay_as_they_are_where_the_system_says_so(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def refuse(*arguments: object) -> int:
        raise PermissionError

    monkeypatch.setattr("fcntl.fcntl", refuse)
    with Testee(GOOD) as testee:
        testee.reset()
    monkeypatch.delattr("fcntl.F_SETPIPE_SZ", raising=False)
    with Testee(GOOD) as testee:
        testee.reset()


@pytest.mark.parametrize("depth", [600, 100_000])
def test_an_answer_that_is_nested_deeply_is_garbage(depth: int) -> None:
    script = f"input(); print('[' * {depth} + ']' * {depth}, flush=True); input()"
    with (
        Testee([sys.executable, "-c", script], timeout=30) as testee,
        pytest.raises(TesteeError, match=r"^garbage: "),
    ):
        testee.reset()


def test_a_signal_without_a_name() -> None:
    script = "import os; input(); os.kill(os.getpid(), 40)"
    with (
        Testee([sys.executable, "-c", script], timeout=30) as testee,
        pytest.raises(TesteeError, match="it was ended by signal 40"),
    ):
        testee.reset()
