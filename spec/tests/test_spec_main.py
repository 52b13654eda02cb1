import io
import json
import os
import pty
import sys
from contextlib import redirect_stdout
from pathlib import Path
from subprocess import DEVNULL, PIPE, CompletedProcess, Popen, run

import pytest

from hjp_spec import lookup
from hjp_spec.__main__ import main
from hjp_spec.export import EXPORTS
from hjp_spec.oracle import raw_frame
from hjp_spec.registry import Code
from hjp_spec.requirements import REQUIREMENTS, sections
from hjp_spec.vectors import VECTORS

COMMAND = [sys.executable, "-m", "hjp_spec"]
PING = raw_frame(b'{"id":1,"op":"ping"}')


def hjp_spec(*arguments: str, octets: bytes = b"") -> CompletedProcess[bytes]:
    return run([*COMMAND, *arguments], input=octets, capture_output=True, check=False)


def test_version() -> None:
    done = hjp_spec("--version")
    assert done.returncode == 0
    assert done.stdout.startswith(b"hjp_spec ")


def test_help_tells_what_there_is() -> None:
    done = hjp_spec("--help")
    assert done.returncode == 0
    for word in (b"show", b"dump", b"dissect", b"exit status"):
        assert word in done.stdout


@pytest.mark.parametrize(
    ("arguments", "octets", "status"),
    [
        (["dissect", PING.hex()], b"", 0),
        (["dissect", *PING.hex(" ").split()], b"", 0),
        (["dissect"], PING, 0),
        (["dissect", "-"], PING.hex().encode(), 0),
        (["dissect", "--max-payload", "0", raw_frame(b"{}", b"x").hex()], b"", 1),
        (["dissect", "--sender", "server", PING.hex()], b"", 1),
        (["dissect", "474554202f"], b"", 1),
        (["dissect", "-"], b"GET / HTTP/1.1\r\n\r\n", 1),
        (["dissect", "-"], b"", 0),
        (["dissect", "hello"], b"", 2),
        (["dissect", "--max-payload", "-1", "48"], b"", 2),
        (["dissect", "--max-payload", "x", "48"], b"", 2),
        (["dissect", "--file", "/no/such/file"], b"", 2),
        (["dissect", "--file", "/"], b"", 2),
        (["dissect", "--sender", "nobody", "48"], b"", 2),
        (["dump", "nothing"], b"", 2),
        (["fly"], b"", 2),
        ([], b"", 2),
        (["show", "FRM-999"], b"", 2),
        (["show"], b"", 0),
    ],
)
def test_exit_status_and_no_traceback(
    arguments: list[str], octets: bytes, status: int
) -> None:
    done = hjp_spec(*arguments, octets=octets)
    assert done.returncode == status, done.stderr
    assert b"Traceback" not in done.stderr
    assert (done.stderr != b"") == (status == 2)
    assert (done.stdout != b"") == (status != 2)


def test_a_file(tmp_path: Path) -> None:
    file = tmp_path / "capture.bin"
    file.write_bytes(PING + b"HTTP/")
    done = hjp_spec("dissect", "--json", "--file", str(file))
    assert done.returncode == 1
    assert json.loads(done.stdout)["code"] == "bad_magic"


def test_a_reader_that_has_seen_enough() -> None:
    with Popen([*COMMAND, "dump", "vectors"], stdout=PIPE, stderr=PIPE) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.read(10)
        process.stdout.close()
        assert process.stderr.read() == b""
    assert process.returncode == 0


def test_a_terminal_that_can_only_ascii() -> None:
    environment = os.environ | {"PYTHONIOENCODING": "ascii"}
    done = run(
        [*COMMAND, "show", "limits"], env=environment, capture_output=True, check=True
    )
    assert b"\\u2013" in done.stdout


@pytest.mark.parametrize(
    ("setting", "colored"), [({}, True), ({"NO_COLOR": "1"}, False)]
)
def test_colors_on_a_terminal_only(setting: dict[str, str], colored: bool) -> None:
    ours, theirs = pty.openpty()
    environment = {k: v for k, v in os.environ.items() if k != "NO_COLOR"} | setting
    command = [*COMMAND, "dissect", "474554202f"]
    run(command, env=environment, stdin=DEVNULL, stdout=theirs, check=False)
    os.close(theirs)
    shown = os.read(ours, 10_000)
    os.close(ours)
    assert (b"\x1b[31m" in shown) == colored
    assert b"\x1b" not in hjp_spec("dissect", "474554202f").stdout


def test_show_lists_every_section() -> None:
    contents = lookup.table_of_contents()
    for section in sections():
        assert f"{section.document}#{section.anchor}" in contents
    counted = sum(int(n) for n in contents.split() if n.isdecimal())
    assert counted == len(REQUIREMENTS)


@pytest.mark.parametrize("name", ["HJP-FRM-2", "frm-2", "hjp-frm-2", " FRM-2 "])
def test_show_a_requirement(name: str) -> None:
    text = lookup.show(name)
    assert text.startswith(f"HJP-FRM-2  {REQUIREMENTS['HJP-FRM-2'].sentence}\n")
    assert "core, section Frame" in text
    assert "examples: upper-request, http-request" in text
    assert "vectors: header-magic-first-octet" in text
    assert "more" in text


def test_show_a_requirement_that_nobody_shows() -> None:
    text = lookup.show("OPD-1")
    assert "examples" not in text
    assert "vectors" not in text


def test_show_an_area_a_code_and_sections() -> None:
    assert lookup.show("frm").count("\n") == 19
    assert lookup.show("bad_id").startswith("bad_id: fatal yes\n\nHJP-MSG-2  ")
    assert lookup.show("precedence").startswith("### Precedence\n\nSeveral things")
    assert lookup.show("core#numbers").startswith("### Numbers\n")
    assert lookup.show("End of input").startswith("### End of input\n")


@pytest.mark.parametrize(
    "name", [*REQUIREMENTS, *Code, *(s.anchor for s in sections())]
)
def test_show_knows_every_name(name: str) -> None:
    assert lookup.show(name)


def test_show_suggests_what_is_near() -> None:
    with pytest.raises(lookup.UnknownError, match=r"near: .*frm-1"):
        lookup.show("FRM-191")
    with pytest.raises(lookup.UnknownError, match="near: precedence"):
        lookup.show("presedence")
    with pytest.raises(lookup.UnknownError, match="`show` alone lists"):
        lookup.show("zzzzzzzz")


def test_exports_are_plain_json() -> None:
    exported = {what: json.loads(json.dumps(make())) for what, make in EXPORTS.items()}
    assert {r["id"] for r in exported["requirements"]} == set(REQUIREMENTS)
    assert exported["requirements"][0]["sentence"].startswith("A sender MUST")
    ping = next(e for e in exported["examples"] if e["name"] == "upper-request")
    assert ping["parts"] == [{"json": '{"id":1,"op":"upper"}', "payload": "686921"}]
    assert bytes.fromhex(ping["octets"]).startswith(b"HJP\xff")
    assert len(exported["vectors"]) == len(VECTORS)
    for vector, plain in zip(VECTORS, exported["vectors"], strict=True):
        assert bytes.fromhex(plain["octets"]) == vector.octets
        assert len(plain["outcomes"]) == len(vector.outcomes)
    assert exported["tables"]["codes"]["too_large"] == "by place"
    assert exported["tables"]["limits"]["max_object"] is None
    assert exported["tables"]["precedence"][6]["code"] == "bad_json"
    assert "vector" in exported["schemas"]


def test_dump_writes_what_is_exported(capsys: pytest.CaptureFixture[str]) -> None:
    for what, make in EXPORTS.items():
        assert main(["dump", what]) == 0
        assert json.loads(capsys.readouterr().out) == json.loads(json.dumps(make()))


def test_main_writes_to_whatever_stands_for_standard_output() -> None:
    written = io.StringIO()
    with redirect_stdout(written):
        assert main(["show", "FRM-2"]) == 0
    assert written.getvalue().startswith("HJP-FRM-2  ")
