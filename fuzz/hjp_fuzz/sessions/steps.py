"""A session: what a client does, step by step, and how it is kept in a file.

The octets are the session.  What the specification has to say about them is worked out
anew each time that it is played, so a step can be left out and the rest still means
something.
"""

import hashlib
import json
from dataclasses import asdict, dataclass, replace
from enum import StrEnum
from pathlib import Path
from typing import Any

from hjp_fuzz.findings import NoFinding, keep, kept
from hjp_spec.requirements import REQUIREMENTS


class Act(StrEnum):
    """What a client does."""

    SEND = "send"
    END = "end"
    RESET = "reset"
    STOP = "stop"


class Then(StrEnum):
    """What happens before the next step.

    ON: nothing.  WAIT: what has to come does.  APART: that, and a ping on another
    connection is answered, so that the server has had every reason to read these octets
    by themselves.  DEAF: the client does not read until the server takes no more.
    """

    ON = "go on"
    WAIT = "wait"
    APART = "apart"
    DEAF = "deaf"


@dataclass(frozen=True, slots=True)
class Step:
    """One step.

    Attributes:
        connection: which one, counted from 1; it is opened by its first step.
        act: what is done; `STOP` tells the server, not a connection.
        octets: what is sent.
        then: what happens before the next step.
    """

    connection: int
    act: Act = Act.SEND
    octets: bytes = b""
    then: Then = Then.WAIT


Session = tuple[Step, ...]


class NoSession(NoFinding):
    """There is no such file, or it does not hold a session."""


@dataclass(frozen=True, slots=True)
class SessionFinding:
    """A session in which a server breaks a requirement.

    Attributes:
        id: names it, such as S-3c1e05; made of requirement and steps.
        server: the server's address, or the command that starts it.
        check: in which way the requirement is broken.
        requirement: its identifier.
        expected: what the specification permits.
        got: what the server did.
        seed: of the run that found it.
        steps: what the client does.
    """

    id: str
    server: str
    check: str
    requirement: str
    expected: str
    got: str
    seed: str
    steps: Session

    @property
    def sentence(self) -> str:
        """The requirement in the words of the specification."""
        return REQUIREMENTS[self.requirement].sentence


def name_of(requirement: str, steps: Session) -> str:
    """Make a finding's id: the same session has the same."""
    text = requirement + json.dumps([_written(step) for step in steps])
    return f"S-{hashlib.sha256(text.encode()).hexdigest()[:6]}"


def save(found: SessionFinding, folder: Path) -> Path:
    """Write a finding into a folder, as <id>.json."""
    content = asdict(found) | {"sentence": found.sentence}
    content["steps"] = [_written(step) for step in found.steps]
    return keep(content, folder)


def read(name: str, folder: Path) -> SessionFinding:
    """Read a finding, given its file or its id in a folder.

    Raises:
        NoSession: there is none, or the file holds something else.
    """
    file = kept(name, folder)
    try:
        content = json.loads(file.read_text("utf-8"))
        content.pop("sentence", None)
        content["steps"] = tuple(map(_step, content["steps"]))
        found = SessionFinding(**content)
        _ = found.sentence
    except FileNotFoundError:
        raise NoSession(f"there is no session {name} in {folder}") from None
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        message = f"{file} holds no session: {type(error).__name__}: {error}"
        raise NoSession(message) from None
    return found


def _written(step: Step) -> dict[str, Any]:
    return asdict(step) | {"octets": step.octets.hex()}


def _step(written: dict[str, Any]) -> Step:
    octets = bytes.fromhex(written["octets"])
    act, then = Act(written["act"]), Then(written["then"])
    return Step(int(written["connection"]), act, octets, then)


def in_turn(first: Session, second: Session) -> Session:
    """One session after the other, each on connections of its own."""
    used = max((step.connection for step in first), default=0)
    moved = (replace(step, connection=step.connection + used) for step in second)
    return (*first, *moved)
