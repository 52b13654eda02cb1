import shutil
from subprocess import run

import pytest

from hjp_spec.captures import read_octets
from hjp_spec.oracle import raw_frame

FRAME = raw_frame(b'{"id":1,"op":"upper"}', b"hi!\0|x|: 00")

XXD = """\
00000000: 484a 50ff 0100 0000 0700 0000 0300 0000  HJP.............
00000010: 7b22 6122 3a31 7d20 2021                 {"a":1}  !
"""
HEXDUMP = """\
00000000  48 4a 50 ff 01 00 00 00  07 00 00 00 03 00 00 00  |HJP.............|
00000010  7b 22 61 22 3a 31 7d 20  20 21                    |{"a":1}  !|
0000001a
"""
DUMPED = raw_frame(b'{"a":1}', b"  !")
REPEATED = """\
00000000  00 00 00 00 00 00 00 00  00 00 00 00 00 00 00 00  |................|
*
00000040  01                                                |.|
00000041
"""
REPEATED_TO_THE_END = """\
00000000: 0000 0000 0000 0000 0000 0000 0000 0000  ................
*
00000030: 0000 0000 0000 0000 0000 0000 0000 0000  ................
"""


@pytest.mark.parametrize(
    ("given", "octets"),
    [
        ("48 4A 50 ff", b"HJP\xff"),
        ("484a50FF\n01", b"HJP\xff\x01"),
        ("48:4a:50:ff", b"HJP\xff"),
        ("0x48, 0x4A, 0x50, 0xFF", b"HJP\xff"),
        ("48 4A 50 FF  ; magic: 00 11\n01 ; version\n", b"HJP\xff\x01"),
        ("484a50ff01000000\n0200000000000000", b"HJP\xff\x01\0\0\0\2\0\0\0\0\0\0\0"),
        (XXD, DUMPED),
        (XXD.encode(), DUMPED),
        ("\n" + XXD.replace("\n", "  \r\n"), DUMPED),
        (HEXDUMP, DUMPED),
        (REPEATED, bytes(64) + b"\1"),
        (REPEATED_TO_THE_END, bytes(64)),
        (b"474554202f", b"GET /"),
        (FRAME, FRAME),
        (b"GET / HTTP/1.1\r\n\r\n", b"GET / HTTP/1.1\r\n\r\n"),
        (b"\xff\xfe", b"\xff\xfe"),
        (b"48 4", b"48 4"),
        (b"", b""),
    ],
)
def test_what_is_read(given: bytes | str, octets: bytes) -> None:
    assert read_octets(given) == octets


@pytest.mark.parametrize(
    "text",
    [
        "",
        "hello",
        "48 4",
        "48 4G",
        "; only a comment",
        "*",
        "00000000: 484a 5\n",
        HEXDUMP + "and more\n",
        REPEATED.replace("00000040", "7fffffffffff"),
    ],
)
def test_what_cannot_be_read(text: str) -> None:
    with pytest.raises(ValueError, match=r"neither|leaves out"):
        read_octets(text)


@pytest.mark.parametrize(
    "command", [["xxd"], ["xxd", "-p"], ["xxd", "-a"], ["hexdump", "-C"]]
)
@pytest.mark.parametrize("length", [0, 1, 16, 300])
def test_real_dumps(command: list[str], length: int) -> None:
    if shutil.which(command[0]) is None:
        pytest.skip(f"no {command[0]} here")
    octets = FRAME + bytes(length)
    dumped = run(command, input=octets, capture_output=True, check=True).stdout
    assert read_octets(dumped) == octets
