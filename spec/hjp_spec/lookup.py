"""Finds what somebody means by an id, an area, a section or a code."""

from collections.abc import Iterable
from difflib import get_close_matches

from hjp_spec.examples import EXAMPLES
from hjp_spec.registry import FATAL, Code
from hjp_spec.requirements import REQUIREMENTS, Requirement, Section, sections
from hjp_spec.vectors import VECTORS

_NEAR = 5
_CITED = 8


class UnknownError(LookupError):
    """Nothing has this name; the text says what has a similar one."""


def table_of_contents() -> str:
    """The sections of all documents and what is in them."""
    lines = ["What `show` can tell about: an id (FRM-2), an area (FRM), a code", ""]
    lines[0] += " (bad_json), or one of these sections:"
    for section in sections():
        count = sum(in_section(section, found) for found in REQUIREMENTS.values())
        noun = "requirement" if count == 1 else "requirements"
        indent = "  " * section.level
        counted = f"   {count} {noun}" if count else ""
        lines.append(f"{indent}{section.document}#{section.anchor}{counted}")
    return "\n".join(lines) + "\n"


def in_section(section: Section, requirement: Requirement) -> bool:
    """Whether a requirement stands in a section, not counting the ones below it."""
    return (requirement.document, requirement.section) == (
        section.document,
        section.title,
    )


def show(name: str) -> str:
    """What the specification says about a name.

    Args:
        name: an id with or without ``HJP-``, an area, a code, or a section by its
            title or anchor; upper and lower case are the same.

    Raises:
        UnknownError: nothing is called so.
    """
    wanted = name.strip().lower()
    for found in (_by_id, _by_area, _by_code, _by_section):
        text = found(wanted)
        if text:
            return text
    near = get_close_matches(wanted, _names(), n=_NEAR, cutoff=0.5)
    hint = f"; near: {', '.join(near)}" if near else "; `show` alone lists the sections"
    raise UnknownError(f"nothing is called {name!r}{hint}")


def _by_id(wanted: str) -> str:
    requirement = REQUIREMENTS.get(f"HJP-{wanted.removeprefix('hjp-').upper()}")
    if requirement is None:
        return ""
    lines = [
        _line(requirement),
        "",
        f"  {requirement.document}, section {requirement.section}",
    ]
    for title, names in (("examples", _examples(requirement)), _vectors(requirement)):
        if names:
            lines.append(f"  {title}: {', '.join(names)}")
    return "\n".join(lines) + "\n"


def _examples(requirement: Requirement) -> list[str]:
    return [
        name
        for name, example in EXAMPLES.items()
        if requirement.id in example.requirements
    ]


def _vectors(requirement: Requirement) -> tuple[str, list[str]]:
    names = [v.name for v in VECTORS if requirement.id in v.requirements]
    more = len(names) - _CITED
    shown = [*names[:_CITED], f"and {more} more"] if more > 0 else names
    return "vectors", shown


def _by_area(wanted: str) -> str:
    area = wanted.removeprefix("hjp-").upper()
    return _lines(found for found in REQUIREMENTS.values() if found.area == area)


def _by_code(wanted: str) -> str:
    if wanted not in list(Code):
        return ""
    code = Code(wanted)
    head = f"{code}: fatal {FATAL[code].value}\n\n"
    quoted = f"`{code}`"
    return head + _lines(f for f in REQUIREMENTS.values() if quoted in f.sentence)


def _by_section(wanted: str) -> str:
    found = [
        section
        for section in sections()
        if wanted
        in (
            section.anchor,
            section.title.lower(),
            f"{section.document}#{section.anchor}",
        )
    ]
    return "\n".join(
        f"{'#' * section.level} {section.title}\n\n{section.text}\n"
        for section in found
    )


def _lines(found: Iterable[Requirement]) -> str:
    return "".join(f"{_line(requirement)}\n" for requirement in found)


def _line(requirement: Requirement) -> str:
    return f"{requirement.id}  {requirement.sentence}"


def _names() -> list[str]:
    ids = [id_.lower() for id_ in REQUIREMENTS]
    short = [id_.removeprefix("hjp-") for id_ in ids]
    anchors = [section.anchor for section in sections()]
    return [*short, *ids, *anchors, *Code]
