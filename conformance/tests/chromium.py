"""A browser without a window, driven over a pipe by its debugging protocol."""

import fcntl
import json
import os
import shutil
import signal
import subprocess
from pathlib import Path
from select import select
from typing import Any, Self

PROGRAM = next(
    filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))),
    None,
)
_OPTIONS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--remote-debugging-pipe",
]
_SECONDS = 40
_ABOVE = 10


class Browser:
    """One page of one browser.

    Attributes:
        console: what the page, or the browser about it, had to complain of.
    """

    def __init__(self, profile: Path):
        self.console: list[str] = []
        self._number = 0
        self._inbox = b""
        self._answers: dict[int, Any] = {}
        self._events: list[str] = []
        self._session: dict[str, str] = {}
        theirs, self._out = _pipe()
        self._in, their_out = _pipe()

        def at_three_and_four() -> None:
            os.dup2(theirs, 3)
            os.dup2(their_out, 4)

        self._process = subprocess.Popen(
            [str(PROGRAM), *_OPTIONS, f"--user-data-dir={profile}", "about:blank"],
            pass_fds=(3, 4),
            preexec_fn=at_three_and_four,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        os.close(theirs)
        os.close(their_out)

    def __enter__(self) -> Self:
        made = self.call("Target.createTarget", url="about:blank")
        found = self.call("Target.attachToTarget", flatten=True, **made)
        self._session = {"sessionId": found["sessionId"]}
        for domain in ("Page", "Runtime", "Log"):
            self.call(f"{domain}.enable")
        return self

    def __exit__(self, *_: object) -> None:
        os.close(self._out)
        try:
            self._process.wait(5)
        except subprocess.TimeoutExpired:
            os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()
        os.close(self._in)

    def open(self, address: str) -> None:
        """Load a page afresh."""
        for one in ("about:blank", address):
            self._events.clear()
            self.console.clear()
            self.call("Page.navigate", url=one)
            while "Page.loadEventFired" not in self._events:
                self._receive()

    def run(self, expression: str) -> Any:
        """The value of an expression in the page."""
        found = self.call("Runtime.evaluate", expression=expression, returnByValue=True)
        assert "exceptionDetails" not in found, found
        return found["result"].get("value")

    def key(self, key: str, text: str = "") -> None:
        """Press a key and let it go."""
        for kind in ("keyDown", "keyUp"):
            more = {"text": text} if text and kind == "keyDown" else {}
            code = {"Enter": 13, "Tab": 9, " ": 32}.get(key, 0)
            self.call(
                "Input.dispatchKeyEvent",
                type=kind,
                key=key,
                windowsVirtualKeyCode=code,
                **more,
            )

    def call(self, method: str, **params: Any) -> Any:
        """The result of a command of the protocol."""
        self._number += 1
        asked = {"id": self._number, "method": method, "params": params}
        os.write(self._out, json.dumps(asked | self._session).encode() + b"\0")
        while self._number not in self._answers:
            self._receive()
        answer = self._answers.pop(self._number)
        assert "result" in answer, answer
        return answer["result"]

    def _receive(self) -> None:
        assert select([self._in], [], [], _SECONDS)[0], "the browser says nothing"
        found = os.read(self._in, 1 << 20)
        assert found, "the browser has ended"
        *messages, self._inbox = (self._inbox + found).split(b"\0")
        for message in map(json.loads, messages):
            if "id" in message:
                self._answers[message["id"]] = message
            else:
                self._note(message["method"], message["params"])

    def _note(self, event: str, params: Any) -> None:
        self._events.append(event)
        if event in (
            "Log.entryAdded",
            "Runtime.exceptionThrown",
            "Runtime.consoleAPICalled",
        ):
            self.console.append(json.dumps(params))


def _pipe() -> tuple[int, int]:
    """A pipe whose ends are not where the browser looks for its own."""
    ends = os.pipe()
    moved = [fcntl.fcntl(end, fcntl.F_DUPFD_CLOEXEC, _ABOVE) for end in ends]
    for end in ends:
        os.close(end)
    return moved[0], moved[1]
