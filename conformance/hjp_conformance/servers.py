"""Servers under test: one somewhere, or one that the suite starts itself."""

import shlex
import sys
from typing import NoReturn

from hjp_conformance.patience import Patience
from hjp_conformance.preflight import Facts, answers, preflight
from hjp_conformance.probe import Address
from hjp_conformance.process import Process, address_of
from hjp_conformance.verdicts import TargetGoneError


class Server:
    """What all servers have in common."""

    @property
    def address(self) -> Address:
        """Where it listens."""
        raise NotImplementedError

    @property
    def title(self) -> str:
        """See `Target`."""
        return f"HJP/1 server at {self.url}"

    @property
    def url(self) -> str:
        """Where clients connect to."""
        host, port = self.address
        return f"hjp://{f'[{host}]' if ':' in host else host}:{port}"

    def meet(self, patience: Patience) -> Facts:
        """See `Target`."""
        return preflight(self.address, patience)

    def silence(self, patience: Patience) -> str | None:
        """See `Target`."""
        if answers(self.address, patience):
            return None
        return "the target does not answer a ping on a new connection either"

    def spare(self, limits: dict[str, int]) -> Process | None:
        """Another instance with these limits, None if there is no way to have one.

        Raises:
            TargetGoneError: it cannot be started.
        """
        raise NotImplementedError


class Remote(Server):
    """A server that somebody else runs."""

    def __init__(self, url: str):
        self.arguments = f"server {url}"
        self._address = address_of(url)

    @property
    def address(self) -> Address:
        """See `Server`."""
        return self._address

    def epitaph(self, seconds: float) -> None:
        """See `Target`: only its connections are seen."""

    def renew(self) -> NoReturn:
        """See `Target`: nobody here can start it."""
        raise TargetGoneError("the suite did not start it and cannot start it again")

    def spare(self, limits: dict[str, int]) -> None:
        """See `Server`: nobody here can start one."""

    def stop(self) -> None:
        """See `Target`: it is not ours to stop."""


class Started(Server):
    """A server that the suite starts, and starts again after a crash.

    Args:
        command: that starts it; see `Process`.
        limits: words to be added to it for each limit, with `{name}` and `{value}`.
    """

    def __init__(self, command: str, limits: str | None = None):
        self.arguments = f"server --cmd {shlex.quote(command)}"
        if limits is not None:
            self.arguments += f" --limit {shlex.quote(limits)}"
        self._command = command
        self._limits = limits
        self._process = Process(command)

    @property
    def address(self) -> Address:
        """See `Server`."""
        return self._process.address

    def epitaph(self, seconds: float) -> str | None:
        """See `Target`."""
        return self._process.epitaph() if self._process.wait(seconds) else None

    def renew(self) -> None:
        """See `Target`."""
        self._process.stop()
        self._process = Process(self._command)

    def spare(self, limits: dict[str, int]) -> Process | None:
        """See `Server`."""
        if limits and self._limits is None:
            return None
        words = (
            (self._limits or "").replace("{name}", name).replace("{value}", str(value))
            for name, value in limits.items()
        )
        return Process(" ".join((self._command, *words)))

    def stop(self) -> None:
        """See `Target`."""
        self._process.stop()


_REFERENCE = shlex.join([sys.executable, "-m", "hjp"])


class Embedded(Started):
    """The reference server, as a process: the suite never imports it."""

    def __init__(self) -> None:
        # More than every server takes, so that hello changes something.
        command = f"{_REFERENCE} serve --host 127.0.0.1 --port 0"
        command += " --root {folder} --enable delete --durability none --max-object 4M"
        limits = "--limit {name}={value}"
        super().__init__(f"{command} --limit max_payload={2**20}", limits)
        self.arguments = "server"
