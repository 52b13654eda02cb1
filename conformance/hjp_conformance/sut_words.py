"""What is wrong with a `sut.toml`, in sentences for whoever has written it."""

from collections.abc import Callable
from typing import Any

from hjp_conformance.schema_files import errors

_FORMS = {
    "url": "of the form hjp://host:port",
    "callable": "of the form module:callable",
    "cmd": "a command",
    "limit": "words with {name} and {value}",
    "known-failures": "a reason",
}
"""What a text has to be, by the name of what it is the value of."""

_TYPES = {
    "string": "text in quotes",
    "number": "a number",
    "boolean": "true or false",
    "object": "a table",
}


def wrong(declared: dict[str, Any]) -> str | None:
    """What is wrong first; None if nothing is."""
    found = sorted(errors("sut", declared), key=_order)
    return _sentence(found[0]) if found else None


def _order(error: Any) -> tuple[int, str]:
    """A word that is unknown explains what is missing."""
    return error.validator != "additionalProperties", error.json_path


def _sentence(error: Any) -> str:
    tell = _SENTENCES.get(str(error.validator))
    return _where(error) + (tell(error) if tell else error.message)


def _where(error: Any) -> str:
    table, *names = [str(one) for one in error.absolute_path] or [""]
    if not table:
        return ""
    of = f"[{table}]" if names or isinstance(error.instance, dict) else table
    return f"{' '.join((of, *names))}: "


def _unknown(error: Any) -> str:
    known = error.schema["properties"]
    names = [name for name in error.instance if name not in known]
    return f"{names[0]!r} is not known; what may be there: {', '.join(known)}"


def _either(error: Any) -> str:
    names = [one["required"][0] for one in error.validator_value]
    both = all(name in error.instance for name in names)
    told = " or ".join(names)
    return f"give {told}, not both" if both else f"{told} is missing"


def _nothing(error: Any) -> str:
    return "it declares nothing to test: give a table [server], [client] or [codec]"


def _missing(error: Any) -> str:
    return f"{error.validator_value[0]} is missing"


def _form(error: Any) -> str:
    form = next(_FORMS[one] for one in map(str, error.absolute_path) if one in _FORMS)
    return f"{error.instance!r:.100} is not {form}"


def _type(error: Any) -> str:
    return f"{error.instance!r:.100} is not {_TYPES[error.validator_value]}"


def _too_small(error: Any) -> str:
    return f"{error.instance} is less than {error.validator_value}"


def _alone(error: Any) -> str:
    return "limit needs cmd"


_SENTENCES: dict[str, Callable[[Any], str]] = {
    "additionalProperties": _unknown,
    "oneOf": _either,
    "anyOf": _nothing,
    "minProperties": _nothing,
    "required": _missing,
    "pattern": _form,
    "type": _type,
    "minimum": _too_small,
    "dependentRequired": _alone,
}
