"""url.py: hjp://host:port."""

import pytest

from hjp.url import format_url, parse_url


@pytest.mark.parametrize(
    ("url", "address"),
    [
        ("hjp://127.0.0.1:40123", ("127.0.0.1", 40_123)),
        ("hjp://example.org", ("example.org", 9507)),
        ("hjp://example.org/", ("example.org", 9507)),
        ("HJP://Example.org:1", ("Example.org", 1)),
        ("hjp://[::1]", ("::1", 9507)),
        ("hjp://[::1]:65535", ("::1", 65_535)),
    ],
)
def test_a_url_is_read(url: str, address: tuple[str, int]) -> None:
    """Host and port, 9507 if there is none."""
    assert parse_url(url) == address


@pytest.mark.parametrize(
    "url",
    [
        "",
        "hjp",
        "hjp:127.0.0.1",
        "127.0.0.1:9507",
        "http://127.0.0.1",
        "hjps://127.0.0.1",
        "hjp://",
        "hjp://:9507",
        "hjp://host:port",
        "hjp://host:65536",
        "hjp://[::1",
        "hjp://user@host",
        "hjp://host/path",
        "hjp://host?x",
        "hjp://host#x",
    ],
)
def test_another_text_is_refused(url: str) -> None:
    """With a sentence that quotes it."""
    with pytest.raises(ValueError, match="hjp"):
        parse_url(url or "hjp://")


def test_a_url_is_written() -> None:
    """So that it can be read again."""
    for host in ("127.0.0.1", "::1"):
        assert parse_url(format_url(host, 1)) == (host, 1)
