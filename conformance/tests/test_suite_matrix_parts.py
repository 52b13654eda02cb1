"""The parts of the matrix: cases, recorder, who is to blame, the table."""

import re
import socket
import threading
from collections.abc import Callable
from pathlib import Path

import pytest
import typer
from report_samples import case, report, run

from hjp_conformance import explanation
from hjp_conformance.matrix import contents
from hjp_conformance.matrix.cases import cases
from hjp_conformance.matrix.console import Progress, told
from hjp_conformance.matrix.culprit import culprit
from hjp_conformance.matrix.exchange import Exchange, ok
from hjp_conformance.matrix.grid import grid_of
from hjp_conformance.matrix.markdown import markdown
from hjp_conformance.matrix.page import html
from hjp_conformance.matrix.parties import parties
from hjp_conformance.matrix.relay import Recording, Relay
from hjp_conformance.matrix.visitor import difference
from hjp_conformance.matrix.visitor import told as accepted_lines
from hjp_conformance.reports.console import MAX_CARDS
from hjp_conformance.reports.diff import diff
from hjp_conformance.reports.shape import CaseReport, RunReport
from hjp_conformance.stimuli import error, fatal, frame, request
from hjp_conformance.stimuli import ok as reply
from hjp_conformance.transcript import Way
from hjp_spec.requirements import REQUIREMENTS

# Cases


def test_cases_have_ids_of_their_own_and_cite_what_there_is() -> None:
    ids = [one.id for one in cases()]
    assert len(set(ids)) == len(ids) > 50
    for one in cases():
        assert re.fullmatch(r"pair-[a-z]{3}(-[a-z0-9]+)+", one.id)
        assert one.requirements
        assert all(id_ in REQUIREMENTS for id_ in one.requirements)
        assert one.level == "MUST"
        assert one.feature == "core"


def test_every_outcome_has_a_line_for_each_action() -> None:
    for one in cases():
        code: Exchange = one.code
        lines = sum(
            int(action[1]) if isinstance(action, tuple) and action[0] == "ahead" else 1
            for action in code.actions
        )
        for outcome in (*code.accepted, *code.otherwise):
            assert len(outcome) == lines, one.id
        # More would not fit into a pipe that the client does not read from yet.
        assert sum(len(line) + 1 for line in code.input) < 65_536
        assert bool(code.input) == any("call" in action for action in code.actions)


def test_contents_are_what_they_are_called() -> None:
    assert [len(contents.of_size(size)) for size in contents.SIZES] == [*contents.SIZES]
    for text in (*contents.TEXTS.values(), *contents.ODD.values()):
        assert contents.upper(text) == text.upper()  # of bytes: ASCII letters only
    assert any(text != contents.upper(text) for text in contents.TEXTS.values())
    assert any(0x61 <= one <= 0x7A for one in contents.TEXTS["gbk"][14:])
    with pytest.raises(UnicodeDecodeError):
        contents.ODD["not-utf8"].decode()


def test_what_a_server_takes_decides_the_outcome() -> None:
    one = Exchange(
        ("ping",), (("ok",),), needs=70_000, otherwise=(("unsent too_large",),)
    )
    assert one.outcomes(70_000) == (("ok",),)
    assert one.outcomes(69_999) == (("unsent too_large",),)


@pytest.mark.parametrize(
    ("id_", "text"),
    [
        ("pair-cor-upper-letters", "the client prints: ok 5448"),
        ("pair-lif-four-clients", "3 more clients do the like"),
        ("pair-lif-one-waits", "another client is inside a request"),
        ("pair-err-unknown-op", "standard input: last"),
        ("pair-lim-more-after-hello", "takes less than 65537 octets"),
        ("HJP-COR-12", "pair-cor-upper-letters"),
    ],
)
def test_cases_are_explained(id_: str, text: str) -> None:
    assert text in (explanation.of(id_, cases()) or "")


# What was printed


@pytest.mark.parametrize(
    ("found", "wanted", "text"),
    [
        (("ok 41",), ("ok 42",), "ok 41 (line 1)"),
        (("ok",), ("ok", "ok"), "ok, and then no line 2"),
        ((), ("ok",), "nothing, and then no line 1"),
        (("ok", "ok"), ("ok",), "one line too many: ok (line 2)"),
        (("ok", "lost"), ("ok", "ok"), "lost (line 2)"),
        (
            (ok(bytes(200)),),
            (ok(bytes(201)),),
            "a payload that ends after 200 octets (line 1)",
        ),
        (
            (ok(bytes(201)),),
            (ok(bytes(200)),),
            "a payload that goes on after 200 octets (line 1)",
        ),
        (
            (ok(bytes(200) + b"\1\2"),),
            (ok(bytes(200) + b"\1\3"),),
            "a payload whose octet 201 is 02, not 03 (line 1)",
        ),
        ((ok(bytes(99)),), ("ok",), f"ok {'00' * 48}0 … (201 characters) (line 1)"),
    ],
)
def test_the_difference_is_told(
    found: tuple[str, ...], wanted: tuple[str, ...], text: str
) -> None:
    assert difference(found, wanted) == text


def test_long_outcomes_are_shortened() -> None:
    text = accepted_lines([["ok"] * 10, [ok(bytes(500))]])  # type: ignore[list-item]
    assert text.startswith(
        "the client prints: ok, ok, ok, ok, ok, ok, and 4 more lines\nor ok 00"
    )
    assert len(text) < 300


# Who is to blame

BIG = bytes(range(256)) * 2


def recorded(sent: bytes, received: bytes) -> Recording:
    found = Recording()
    found.octets[Way.SENT] += sent
    found.octets[Way.RECEIVED] += received
    return found


ECHO = request(1, "echo", BIG)
TWO = request(1, "ping") + request(2, "echo", BIG)


@pytest.mark.parametrize(
    ("sent", "received", "who", "requirement", "wrong"),
    [
        (ECHO, reply(1, BIG), "client", None, None),
        (ECHO, reply(1, BIG[:-1]), "server", "HJP-COR-10", ("received", 34 + 511)),
        (ECHO, reply(1, b"\1" + BIG[1:]), "server", "HJP-COR-10", ("received", 34)),
        (
            request(1, "upper", b"ab"),
            reply(1, b"aB"),
            "server",
            "HJP-COR-13",
            ("received", 34),
        ),
        (request(1, "ping"), reply(1, b"x"), "server", "HJP-MSG-19", ("received", 34)),
        (TWO, reply(2, BIG) + reply(1), "server", "HJP-MSG-15", ("received", 22)),
        (TWO, reply(1), "server", "HJP-MSG-14", None),
        (ECHO, error(1, "internal"), "server", "HJP-COR-1", ("received", 51)),
        (ECHO, error(1, "too_large", limit="max_payload"), "client", None, None),
        (ECHO, fatal("bad_frame"), "server", "HJP-MSG-14", ("received", 16)),
        (request(1, "x-a"), reply(1), "server", "HJP-ERR-16", ("received", 16)),
        (request(1, "x-a"), error(1, "unknown_op"), "client", None, None),
        (ECHO, b"HTTP/1.1 400 Bad Request", "server", "HJP-FRM-19", ("received", 1)),
        (ECHO, frame('{"id":1,"ok":1}'), "server", "HJP-MSG-13", ("received", 29)),
        (
            b"GET / HTTP/1.1\r\n\r\n",
            fatal("bad_magic"),
            "client",
            "HJP-FRM-1",
            ("sent", 0),
        ),
        (ECHO + ECHO, reply(1, BIG) + fatal("bad_id"), "client", "HJP-MSG-1", None),
        (ECHO + ECHO[:20], reply(1, BIG), "client", None, None),
    ],
)
def test_who_is_wrong(
    sent: bytes,
    received: bytes,
    who: str,
    requirement: str | None,
    wrong: tuple[str, int] | None,
) -> None:
    found = culprit(recorded(sent, received))
    assert (found.who, found.requirement) == (who, requirement), found.message
    if wrong is not None:
        assert found.wrong == (Way(wrong[0]), wrong[1])
    assert requirement in (None, *REQUIREMENTS)


def test_frames_of_one_request_are_one() -> None:
    frames = [{"id": 1, "op": "x-a", "more": True}, {"id": 1, "op": "x-a"}]
    sent = b"".join(frame(one, b"p") for one in frames) + request(2, "ping")
    assert culprit(recorded(sent, error(1, "unknown_op") + reply(2))).who == "client"
    assert culprit(recorded(sent, error(1, "unknown_op"))).who == "server"


# The recorder


def served(
    serve: Callable[[socket.socket], None],
) -> tuple[socket.socket, threading.Thread]:
    listener = socket.create_server(("127.0.0.1", 0))

    def one() -> None:
        connection, _ = listener.accept()
        with connection:
            serve(connection)

    thread = threading.Thread(target=one)
    thread.start()
    return listener, thread


def _to_relay(relay: Relay) -> socket.socket:
    host, port = relay.url.removeprefix("hjp://").split(":")
    return socket.create_connection((host, int(port)), 10)


def test_the_relay_passes_octets_and_ends_on() -> None:
    def reversing(connection: socket.socket) -> None:
        octets = b""
        while more := connection.recv(65_536):  # to the end of the stream
            octets += more
        connection.sendall(octets[::-1])

    octets = contents.by_chance(1_000_000)
    listener, thread = served(reversing)
    with listener, Relay(listener.getsockname()) as relay, _to_relay(relay) as client:
        client.sendall(octets)
        client.shutdown(socket.SHUT_WR)
        received = b""
        while more := client.recv(65_536):
            received += more
        thread.join()
    assert received == octets[::-1]
    [recording] = relay.recordings
    assert recording.octets[Way.SENT] == octets
    assert recording.octets[Way.RECEIVED] == octets[::-1]
    transcript = recording.transcript
    assert [step.then for step in transcript.steps] == ["end", "end"]
    assert transcript.notes == [
        "the client ended its stream",
        "the server ended its stream",
    ]
    assert sum(step.total for step in transcript.steps) == 2_000_000


def test_the_relay_notes_a_reset() -> None:
    def resetting(connection: socket.socket) -> None:
        connection.recv(1)
        linger = b"\1\0\0\0\0\0\0\0"
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)

    listener, thread = served(resetting)
    with listener, Relay(listener.getsockname()) as relay, _to_relay(relay) as client:
        client.sendall(b"x")
        assert client.recv(1) == b""
        thread.join()
    assert "the server reset the connection" in relay.recordings[0].transcript.notes


def test_a_server_that_is_not_there_ends_the_connection() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        address = listener.getsockname()
    with Relay(address) as relay, _to_relay(relay) as client:
        assert client.recv(1) == b""
    assert relay.recordings == []


# Names


def declared(folder: Path, *paths: str) -> list[Path]:
    for path in paths:
        (folder / path).parent.mkdir(exist_ok=True)
        (folder / path).write_text('[client]\ncmd = "x"\ndeadline = 30\n')
    return [folder / path for path in paths]


def test_names_are_those_of_files_or_folders(tmp_path: Path) -> None:
    found = parties(declared(tmp_path, "a.toml", "b/sut.toml"), True, 5)
    assert [one.name for one in found.clients] == ["a", "b", "reference"]
    assert [one.name for one in found.servers] == ["reference"]
    assert [one.deadline for one in found.clients] == [30, 30, 5]


def test_names_are_never_the_same(tmp_path: Path) -> None:
    paths = declared(tmp_path, "a.toml", "b/a.toml")
    assert [one.name for one in parties(paths, False, 5).clients] == [
        str(one) for one in paths
    ]
    twice = [paths[0], paths[0]]
    names = [one.name for one in parties(twice, False, 5).clients]
    assert names == [f"1:{paths[0]}", f"2:{paths[0]}"]
    [one, _] = parties(declared(tmp_path, "reference.toml"), True, 5).clients
    assert one.name.endswith("reference.toml")


def test_a_file_that_declares_nothing(tmp_path: Path) -> None:
    path = tmp_path / "sut.toml"
    path.write_text("[server]\n")
    with pytest.raises(typer.BadParameter, match=r"sut\.toml"):
        parties([path], False, 5)


# The table


def pair(client: str, server: str, *found: CaseReport, **more: object) -> RunReport:
    one = run("server", found, **more)
    one["mode"] = "pair"
    one["pair"] = {"client": client, "server": server}
    one["target"]["name"] = f"{client} → {server}"
    return one


def _case(name: str, verdict: str) -> CaseReport:
    return case(f"pair-cor-{name}", verdict, "HJP-COR-9")


CUT = pair(
    "b", "s", _case("x", "pass"), complete=False, stopped="the target is slow", exit=5
)
PAIRS = [
    pair("a", "s", _case("x", "pass"), _case("y", "pass")),
    pair("a", "t", _case("x", "skip"), _case("y", "pass")),
    CUT,
    pair("b", "t", _case("x", "crash"), _case("y", "fail")),
]


def test_the_grid() -> None:
    grid = grid_of(report(*PAIRS))
    assert (grid.clients, grid.servers) == (("a", "b"), ("s", "t"))
    texts = {
        key: (cell.text, cell.verdict, cell.is_right)
        for key, cell in grid.cells.items()
    }
    assert texts == {
        ("a", "s"): ("2/2", "pass", True),
        ("a", "t"): ("1/1", "pass", True),
        ("b", "s"): ("1/2", "inconclusive", False),
        ("b", "t"): ("0/2", "crash", False),
    }


def test_nothing_is_counted_where_nothing_is_offered() -> None:
    [cell] = grid_of(report(pair("a", "s", _case("x", "skip")))).cells.values()
    assert (cell.text, cell.verdict) == ("0/0", "skip")


@pytest.mark.parametrize("color", [True, False])
def test_the_console(color: bool) -> None:
    text = told(report(*PAIRS), color=color)
    plain = re.sub("\x1b\\[[0-9;]*m", "", text)
    assert (plain != text) == color
    assert plain.startswith("client \\ server  s    t\na                2/2  1/1\n")
    assert "b → s: not all cases were run: the target is slow" in plain
    assert "2 of 4 pairs right" in plain


def test_pairs_that_were_left_out_are_empty_cells() -> None:
    text = told(report(*PAIRS[:3]), color=False)
    assert text.splitlines()[2].split() == ["b", "1/2"]
    assert "1/2" in html(report(*PAIRS[:3]))
    assert "| **b** | ❔ 1/2 |  |" in markdown(report(*PAIRS[:3]))


def test_the_console_tells_so_many_cards() -> None:
    failed = [_case(f"x{number}", "fail") for number in range(MAX_CARDS + 2)]
    text = told(report(pair("a", "s", *failed)), color=False)
    assert text.count("FAIL pair-cor-x") == MAX_CARDS
    assert "… and 2 more; --html or --json has them all" in text


class _Terminal:
    def __init__(self) -> None:
        self.text = ""

    def write(self, text: str) -> None:
        self.text += text

    def flush(self) -> None:
        pass


@pytest.mark.parametrize("color", [True, False])
def test_progress_is_for_terminals(color: bool) -> None:
    terminal = _Terminal()
    progress = Progress(terminal, color=color, total=2)  # type: ignore[arg-type]
    for one in PAIRS[:2]:
        progress(one)
    assert ("2/2 pairs, a → t\n" in terminal.text) == color
    assert bool(terminal.text) == color


def test_pairs_are_held_against_each_other_by_name() -> None:
    old = report(*PAIRS)
    new = report(pair("a", "s", _case("x", "pass"), _case("y", "fail")), *PAIRS[2:])
    found = diff(old, new)
    assert found.exit == 1
    assert "a → s, regressions: 1\n  pair-cor-y: pass, now fail" in str(found)
    assert "a → t: only in the old report" in str(found)


def test_the_page_names_every_pair_that_is_wrong() -> None:
    text = html(report(*PAIRS))
    assert "<b>2</b> of <b>4</b> pairs get along in everything" in text
    assert 'id="pair-4-pair-cor-x"' in text
    assert text.count('<article class="run pair') == 2
    assert "the target is slow" in text
