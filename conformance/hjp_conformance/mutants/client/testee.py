"""The arguments of a client's testee."""

import os
import sys

from hjp_conformance.mutants.client.client import Client

# How many arguments each action takes, least and most.
ACTIONS = {
    "hello": (0, 1),
    "ping": (0, 0),
    "echo": (1, 1),
    "upper": (1, 1),
    "call": (1, 1),
}
AHEAD = ("ping", "echo", "upper")


def split(arguments: list[str]) -> list[list[str]]:
    actions: list[list[str]] = [[]]
    for argument in arguments:
        if argument == "+":
            actions.append([])
        else:
            actions[-1].append(argument)
    return actions


def decimal(text: str) -> bool:
    return text.isascii() and text.isdigit()


def offered(action: list[str]) -> bool:
    word, arguments = (action or [""])[0], action[1:]
    if word == "ahead":
        return ahead_offered(arguments)
    least, most = ACTIONS.get(word, (1, 0))
    if not least <= len(arguments) <= most:
        return False
    return word != "hello" or all(map(decimal, arguments))


def ahead_offered(arguments: list[str]) -> bool:
    count, inner = (arguments or [""])[0], arguments[1:]
    return decimal(count) and inner[:1] != [] and inner[0] in AHEAD and offered(inner)


def run(kind: type[Client], arguments: list[str]) -> None:
    """Do what the arguments say, and exit."""
    actions = split(arguments)
    client = kind(os.environ["HJP_URL"])
    if not all(map(offered, actions)):
        sys.exit(client.not_offered())
    sys.exit(client.run(actions))
