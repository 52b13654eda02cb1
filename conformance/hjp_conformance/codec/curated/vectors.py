"""Every vector of the specification, as a case."""

from collections.abc import Iterator

from hjp_conformance.codec.decoding import DecodeCase
from hjp_conformance.codec.expected import Expected
from hjp_conformance.codec.rows import area_of
from hjp_spec.registry import Code
from hjp_spec.requirements import REQUIREMENTS
from hjp_spec.vectors import VECTORS, Vector


def cases() -> Iterator[DecodeCase]:
    """One for each vector, `codec-vector-` and its name."""
    for vector in VECTORS:
        yield DecodeCase(
            id=f"codec-vector-{vector.name}",
            title=vector.title,
            requirements=(*vector.requirements, "HJP-TST-15"),
            area=area_of(vector.requirements),
            octets=vector.octets,
            max_payload=vector.max_payload,
            outcome=_expected(vector),
        )


def _expected(vector: Vector) -> Expected:
    """The vector's outcomes: one, or an incomplete and a refusal before it is due."""
    first, *others = sorted(vector.outcomes, key=lambda one: one.status)
    frames = tuple((one.json, one.payload) for one in first.frames)
    early = others[0].code if others else None
    broken = _refusal(vector) if first.status == "reject" else None
    return Expected(first.status, frames, first.code, broken, early)


def _refusal(vector: Vector) -> str | None:
    """The requirement to refuse that the vector cites."""
    code = vector.outcomes[0].code
    told = [
        one
        for one in vector.requirements
        if f"`{Code(code or '')}`" in REQUIREMENTS[one].sentence
    ]
    return told[0] if told else None
