"""names.py: the table of HJP-NAM-1, each row at its edges."""

import pytest

from hjp.names import MAX_NAME, is_name, name_fault

DEVICES = ["CON", "prn", "Aux", "nUL", "CONIN$", "conout$"]
PORTS = [port + digit for port in ("COM", "lpt") for digit in "123456789¹²³"]

NAMES = [
    *("a", "A", "0", " a", ".a", "..a", "a.b", "...a", "-", "~", "$", "%2F", "a\xa0"),
    *("ä", "a\u0308", "\u00a0", "名前.txt", "\U0001f600", "\ufeff", "\u202e"),
    *("a" * MAX_NAME, "\u00e9" * 127 + "a", "CON1", "xCON", "CONIN", "COM", "COM0"),
    *("COM10", "LPT¹2", "COM4x", "CO N", " CON", "CON$", "nul\xa0", "LPT\u2074"),
    *(
        "C\u00d3N",
        "CON\u0130N$",
        "CONI\u0307N$",
        ".nul",
        "a.CON",
        ".CON.x",
        "com\u0661",
    ),
]
EXCLUDED = [
    *("", "a" * 256, "\u00e9" * 128, "\U0001f600" * 64),
    *(f"a{chr(point)}b" for point in (*range(0x20), *range(0x7F, 0xA0))),
    *(f"a{mark}b" for mark in '/\\:*?"<>|'),
    *("/", "..", ".", "a.", "a ", " ", "a. ", "a .", "../a", "C:", ".hjp:stage"),
    *("\ud800", "a\udfff"),
    *(
        device + end
        for device in DEVICES + PORTS
        for end in ("", ".txt", ".", " .x", "  ..x", ".a.b")
    ),
]


@pytest.mark.parametrize("text", NAMES, ids=ascii)
def test_names(text: str) -> None:
    """HJP-NAM-2."""
    assert is_name(text)


@pytest.mark.parametrize("text", EXCLUDED, ids=ascii)
def test_what_is_no_name(text: str) -> None:
    """HJP-NAM-1; the sentence does not quote what came."""
    fault = name_fault(text)
    assert fault is not None
    assert fault.startswith("a name ")
