"""limits.py: the values of the text's table, and reading them from a command line."""

import pytest

from hjp import Limits


def test_the_defaults_are_those_of_the_text() -> None:
    """The table of the chapter Limits, copied by hand."""
    limits = Limits()
    assert limits.max_payload == 65_536
    assert limits.max_dropped == 16 * 1024 * 1024
    assert limits.first_frame_ms == 10_000
    assert limits.frame_ms == 30_000
    assert limits.payload_ms == 30_000
    assert limits.idle_ms == 60_000
    assert limits.write_ms == 60_000


def test_settings_are_parsed_and_the_last_one_wins() -> None:
    """NAME=VALUE, as often as wanted."""
    limits = Limits.parse(["idle_ms=5", "max_payload=1048576", "idle_ms=7"])
    assert limits == Limits(idle_ms=7, max_payload=1_048_576)


@pytest.mark.parametrize(
    ("setting", "word"),
    [
        ("max_payload", "NAME=VALUE"),
        ("max_json=70000", "max_payload"),  # a constant: not among the names
        ("idle_ms=", "integer"),
        ("idle_ms=-1", "integer"),
        ("idle_ms=1.5", "integer"),
        ("idle_ms=²", "integer"),
        ("idle_ms=0", "from 1"),
        ("max_dropped=16777215", "from 16777216"),
        ("max_payload=65535", "from 65536 to 4294967295"),  # HJP-LIM-5
        ("max_payload=4294967296", "from 65536 to 4294967295"),
    ],
)
def test_a_wrong_setting_is_refused_in_words(setting: str, word: str) -> None:
    """The message says what would have been right."""
    with pytest.raises(ValueError, match=word):
        Limits.parse([setting])


def test_a_value_of_another_type_is_refused() -> None:
    """True is no number of milliseconds."""
    with pytest.raises(ValueError, match="idle_ms"):
        Limits(idle_ms=True)
