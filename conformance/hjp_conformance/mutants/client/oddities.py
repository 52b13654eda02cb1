"""The table of odd clients."""

from hjp_conformance.mutants.client.catalogue import kebab
from hjp_conformance.mutants.client.client import Client

ODDITIES: dict[str, type[Client]] = {}


def odd(how: type[Client]) -> type[Client]:
    """Enter a class under its name; its docstring is the description."""
    ODDITIES[kebab(how.__name__)] = how
    return how
