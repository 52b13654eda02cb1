"""The specification as plain JSON values, for languages that have no Python."""

from collections.abc import Callable
from dataclasses import asdict
from typing import Any

from hjp_spec import registry
from hjp_spec.examples import EXAMPLES
from hjp_spec.jsonschemas import SCHEMAS
from hjp_spec.names import NAMES
from hjp_spec.requirements import PRECEDENCE, REQUIREMENTS
from hjp_spec.vectors import VECTORS


def requirements() -> list[dict[str, Any]]:
    """Every requirement, in the order of the text."""
    return [asdict(requirement) for requirement in REQUIREMENTS.values()]


def examples() -> list[dict[str, Any]]:
    """The examples of the text; octets are hexadecimal digits."""
    return [_plain(asdict(example)) for example in EXAMPLES.values()]


def vectors() -> list[dict[str, Any]]:
    """The vectors with everything that is repeated written out."""
    return [_plain(asdict(vector)) for vector in VECTORS]


def names() -> list[dict[str, Any]]:
    """Strings that are names of objects, and strings that are none."""
    return [asdict(name) for name in NAMES]


def schemas() -> dict[str, Any]:
    """The JSON Schemas by name."""
    return SCHEMAS


def tables() -> dict[str, Any]:
    """The codes, limits, operations and the rows of *Precedence*."""
    return {
        "codes": {code: registry.FATAL[code].value for code in registry.Code},
        "limits": registry.LIMITS,
        "ops": registry.OPS,
        "features": registry.FEATURES,
        "precedence": [asdict(row) for row in PRECEDENCE],
    }


EXPORTS: dict[str, Callable[[], Any]] = {
    "requirements": requirements,
    "examples": examples,
    "vectors": vectors,
    "names": names,
    "schemas": schemas,
    "tables": tables,
}
"""What can be exported, by name."""


def _plain(value: Any, name: str = "") -> Any:
    """Octets as digits; a JSON text is a string, since it is UTF-8 where accepted."""
    if isinstance(value, bytes):
        return value.decode() if name == "json" else value.hex()
    if isinstance(value, dict):
        return {key: _plain(member, key) for key, member in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(element) for element in value]
    return value
