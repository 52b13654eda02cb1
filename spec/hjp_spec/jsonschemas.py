"""The files below ``schemas/`` (JSON Schema 2020-12) and what they find wrong."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import Any

from jsonschema import Draft202012Validator, ValidationError

_SUFFIX = ".schema.json"
_ID = re.compile(r"HJP-[A-Z][A-Z0-9]+-[1-9][0-9]*")


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that a schema finds wrong.

    Attributes:
        path: where in the value, as JSONPath.
        message: what is wrong there.
        requirement: the id that the schema gives at that place, if it gives one.
    """

    path: str
    message: str
    requirement: str | None

    def __str__(self) -> str:
        return f"{self.path}: {self.message}"


def _walk(folder: Traversable, prefix: str) -> Iterator[tuple[str, Any]]:
    for entry in sorted(folder.iterdir(), key=lambda entry: entry.name):
        if entry.is_dir():
            yield from _walk(entry, f"{prefix}{entry.name}/")
        else:
            name = prefix + entry.name.removesuffix(_SUFFIX)
            yield name, json.loads(entry.read_text("utf-8"))


SCHEMAS: dict[str, Any] = dict(_walk(files("hjp_spec") / "schemas", ""))
"""Every schema by its path without suffix, such as ``testee/reply``."""


@cache
def _validator(name: str, definition: str | None) -> Draft202012Validator:
    schema = SCHEMAS[name]
    if definition is not None:
        reference = {"$ref": f"#/$defs/{definition}"}
        schema = reference | {"$defs": schema["$defs"]}
    return Draft202012Validator(schema)


def problems(name: str, value: Any, definition: str | None = None) -> list[Problem]:
    """What a schema finds wrong with a value; empty if nothing.

    Args:
        name: a key of ``SCHEMAS``.
        value: the value, as JSON parses it.
        definition: check against this one of the schema's ``$defs`` only.

    Raises:
        KeyError: there is no such schema.
    """
    errors = _validator(name, definition).iter_errors(value)
    return sorted(map(_problem, errors), key=str)


def _problem(error: ValidationError) -> Problem:
    message = error.message
    if error.validator == "not":
        message = f"{json.dumps(error.instance)} has no place here"
    schema = error.schema if isinstance(error.schema, dict) else {}
    cited = _ID.search(schema.get("description", ""))
    return Problem(error.json_path, message, cited and cited[0])
