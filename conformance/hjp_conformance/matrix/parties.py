"""Who takes part: the clients and servers that some files declare."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from hjp_conformance.clients import EMBEDDED
from hjp_conformance.settings import Settings
from hjp_conformance.sut import declared

REFERENCE = "reference"


@dataclass(frozen=True, slots=True)
class ClientParty:
    """A client.

    Attributes:
        name: unique among the clients.
        command: what starts it.
        deadline: how long it may take for an exchange, in seconds.
    """

    name: str
    command: str
    deadline: float


@dataclass(frozen=True, slots=True)
class ServerParty:
    """A server.

    Attributes:
        name: unique among the servers.
        settings: how to have it.
    """

    name: str
    settings: Settings


@dataclass(frozen=True, slots=True)
class Parties:
    """All clients and all servers, in the order of the files."""

    clients: tuple[ClientParty, ...]
    servers: tuple[ServerParty, ...]


def parties(paths: Sequence[Path], with_reference: bool, deadline: float) -> Parties:
    """What the files declare; the reference too, if it is wanted or there is no file.

    Raises:
        typer.BadParameter: a file declares nothing that can be understood.
    """
    tables = dict(zip(_names(paths), map(declared, paths), strict=True))
    clients = [
        ClientParty(name, table["client"]["cmd"], _deadline(table["client"], deadline))
        for name, table in tables.items()
        if "client" in table
    ]
    servers = [
        ServerParty(name, _settings(table["server"], deadline))
        for name, table in tables.items()
        if "server" in table
    ]
    if with_reference or not paths:
        clients.append(ClientParty(REFERENCE, EMBEDDED, deadline))
        servers.append(ServerParty(REFERENCE, Settings(deadline=deadline)))
    return Parties(tuple(clients), tuple(servers))


def _settings(table: dict[str, Any], deadline: float) -> Settings:
    return Settings(
        url=table.get("url"),
        cmd=table.get("cmd"),
        limits=table.get("limit"),
        deadline=_deadline(table, deadline),
    )


def _deadline(table: dict[str, Any], deadline: float) -> float:
    return max(deadline, float(table.get("deadline", deadline)))


def _names(paths: Sequence[Path]) -> list[str]:
    """Names by which people know the files: `c` for c.toml and for c/sut.toml."""
    short = [
        path.stem if path.stem != "sut" else path.absolute().parent.name
        for path in paths
    ]
    names = short if _are_unique([*short, REFERENCE]) else [str(path) for path in paths]
    return (
        names
        if _are_unique(names)
        else [f"{n}:{name}" for n, name in enumerate(names, 1)]
    )


def _are_unique(names: Iterable[str]) -> bool:
    names = list(names)
    return len(set(names)) == len(names)
