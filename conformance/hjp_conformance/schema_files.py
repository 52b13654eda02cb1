"""The files in `schemas/` (JSON Schema 2020-12) and what they find wrong."""

import json
from functools import cache
from importlib.resources import files
from typing import Any

from jsonschema import Draft202012Validator, ValidationError


@cache
def schema(name: str) -> dict[str, Any]:
    """A schema by its name, such as `report`.

    Raises:
        OSError: there is no such schema.
    """
    file = files("hjp_conformance") / "schemas" / f"{name}.schema.json"
    found: dict[str, Any] = json.loads(file.read_text("utf-8"))
    return found


def problems(name: str, value: Any) -> list[str]:
    """What a schema finds wrong with a value, a line each; empty if nothing.

    Args:
        name: of the schema.
        value: the value, as JSON parses it.

    Raises:
        OSError: there is no such schema.
    """
    return sorted(
        f"{error.json_path}: {error.message:.300}" for error in errors(name, value)
    )


def errors(name: str, value: Any) -> list[ValidationError]:
    """The same, for somebody who has better words for it."""
    return [*Draft202012Validator(schema(name)).iter_errors(value)]
