"""How a family of generated cases is made."""

from collections.abc import Iterable, Iterator

from hjp_conformance.codec.decoding import DecodeCase
from hjp_conformance.codec.rows import Cited, area_of, named
from hjp_conformance.stimuli import frame
from hjp_spec.registry import DEFAULT_MAX_PAYLOAD


def family(
    cited: Cited,
    name: str,
    title: str,
    members: Iterable[tuple[str, bytes]],
    max_payload: int = DEFAULT_MAX_PAYLOAD,
) -> Iterator[DecodeCase]:
    """A case of each pair of what varies, in the letters of ids, and octets."""
    area = area_of(cited)
    start = named(cited, name, "")
    for row, octets in members:
        yield DecodeCase(
            id=f"{start}-{row}",
            title=f"{title}: {row}",
            requirements=cited,
            area=area,
            generated=True,
            octets=octets,
            max_payload=max_payload,
        )


def framed(members: Iterable[tuple[str, bytes]]) -> Iterator[tuple[str, bytes]]:
    """The same with each JSON text in a frame."""
    for row, text in members:
        yield row, frame(text)
