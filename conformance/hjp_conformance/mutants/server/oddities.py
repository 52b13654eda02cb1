"""The table of odd servers, and the decorator that enters a class into it."""

import re

from hjp_conformance.mutants.server.core import Connection
from hjp_conformance.mutants.server.faults import connection_with
from hjp_conformance.mutants.server.metadata import Writer

ODDITIES: dict[str, type[Connection]] = {}


def odd(how: type[Connection] | type[Writer]) -> type[Connection] | type[Writer]:
    """Enter a class under its name; its docstring is the description."""
    name = re.sub(r"(?<!^)(?=[A-Z])", "-", how.__name__).lower()
    ODDITIES[name] = connection_with(how)
    ODDITIES[name].__doc__ = how.__doc__
    return how
