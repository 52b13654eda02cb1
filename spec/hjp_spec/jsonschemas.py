"""The files below ``schemas/`` (JSON Schema 2020-12) and what they find wrong."""

import json
from collections.abc import Iterator
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import Any

from jsonschema import Draft202012Validator

_SUFFIX = ".schema.json"


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


def problems(name: str, value: Any, definition: str | None = None) -> list[str]:
    """What a schema finds wrong with a value, one line each; empty if nothing.

    Args:
        name: a key of ``SCHEMAS``.
        value: the value, as JSON parses it.
        definition: check against this one of the schema's ``$defs`` only.

    Raises:
        KeyError: there is no such schema.
    """
    errors = _validator(name, definition).iter_errors(value)
    lines = ((error.json_path, error.message) for error in errors)
    return [f"{path}: {message}" for path, message in sorted(lines)]
