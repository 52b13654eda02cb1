"""``hjp put``, ``get``, ``ls``, ``stat`` and ``rm``."""

import dataclasses
import json as json_
import os
import sys
import threading
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any, BinaryIO, Final

import typer

from hjp.blocking import Client
from hjp.cli_client import complain, explain, fail, reason, shown, told
from hjp.cli_options import Patience, Url
from hjp.cli_progress import Meter, metered
from hjp.errors import Code, ConnectionLost, ReplyError, TransferError
from hjp.gets import Entry
from hjp.many_puts import Outcome
from hjp.names import name_fault

__all__ = ["COMMANDS", "get", "ls", "put", "rm", "stat"]

_AGAIN: Final = "the same command goes on where it stopped"

# What to do next, where the peer's words do not say it.
_HINTS: Final[dict[str, str]] = {
    Code.EXISTS: "--overwrite replaces it, --name gives another name",
    Code.NOT_FOUND: "hjp ls shows what there is",
    Code.UNKNOWN_OP: "the server does not offer this; hjp hello shows what it does",
    Code.NO_SPACE: f"make room there, then {_AGAIN}",
    Code.SUPERSEDED: "another upload of this file has taken over; wait for that one",
    Code.CHANGED: "it changes too often; try again",
    Code.BUSY: "try again later",
    Code.TOO_LARGE: "its operator sets the limit",
}

_Item = tuple[Path | BinaryIO, str]
"""What is put, and its name."""

Digest = Annotated[
    bool,
    typer.Option(
        "--digest/--no-digest", help="Have the octets checked by their SHA-256."
    ),
]
AsJson = Annotated[bool, typer.Option("--json", help="An object in a line for each.")]
Names = Annotated[list[str], typer.Argument(metavar="NAME…", help="Of objects.")]


# put


def put(
    url: Url,
    files: Annotated[
        list[str],
        typer.Argument(
            metavar="FILE…|DIR|-",
            help="DIR: the regular files directly inside it, no links. "
            "-: standard input, needs --name.",
        ),
    ],
    name: Annotated[
        str | None, typer.Option(metavar="NAME", help="What one file is called there.")
    ] = None,
    overwrite: Annotated[
        bool, typer.Option("--overwrite", help="Replace objects of the same name.")
    ] = False,
    digest: Digest = True,
    jobs: Annotated[
        int, typer.Option(min=1, max=64, help="Files that are sent at once.")
    ] = 1,
    timeout: Patience = 60.0,
) -> None:
    """Store files on a server; what was interrupted goes on where it stopped."""
    items = _items(files, name)
    it = _Putting(url, timeout, {"overwrite": overwrite, "digest": digest})
    again = _AGAIN if files != ["-"] else "nothing was stored"
    with (
        _interruptible(again),
        told(url, _explain_peer),
        metered("put", _total(items)) as meter,
    ):
        it.run(items, min(jobs, max(1, len(items))), meter)
    raise typer.Exit(it.code)


def _items(files: list[str], name: str | None) -> list[_Item]:
    """Find out what is put under which names."""
    if files == ["-"]:
        if name is None:
            raise typer.BadParameter(
                "standard input needs one", param_hint="--name NAME"
            )
        return [(sys.stdin.buffer, name)]
    if "-" in files:
        raise typer.BadParameter("- goes alone", param_hint="FILE")
    paths = [path for file in files for path in _paths(file)]
    if name is not None and (len(files) > 1 or Path(files[0]).is_dir()):
        raise typer.BadParameter("only one file can have it", param_hint="--name")
    _check_names([name] if name is not None else [path.name for path in paths])
    return [(path, name or path.name) for path in paths]


def _paths(file: str) -> Iterable[Path]:
    path = Path(file)
    try:
        if not path.is_dir():
            path.stat()
            return [path]
        inside = [
            Path(it) for it in os.scandir(path) if it.is_file(follow_symlinks=False)
        ]
    except OSError as error:
        fail(5, f"cannot read {file!r}: {reason(error)}")
    return sorted(inside)


def _check_names(names: list[str]) -> None:
    for name in names:
        fault = name_fault(name)
        if fault:
            hint = "--name gives another one" if len(names) == 1 else "rename the file"
            raise typer.BadParameter(f"{name!r} cannot be stored: {fault}; {hint}")
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise typer.BadParameter(
            f"several files are called {twice[0]!r}; put them one by one with --name"
        )


def _total(items: list[_Item]) -> int | None:
    paths = [path for path, _ in items if isinstance(path, Path)]
    return sum(path.stat().st_size for path in paths) if paths else None


class _Putting:
    """The puts of a command, by one connection or several."""

    def __init__(self, url: str, timeout: float, options: dict[str, Any]) -> None:
        self.code = 0
        self._url = url
        self._timeout = timeout
        self._options = options
        self._stopped = threading.Event()
        self._clients: list[Client] = []
        self._lock = threading.Lock()

    def run(self, items: list[_Item], jobs: int, meter: Meter) -> None:
        """Put them all; the first error that is not of one file ends it."""
        left = iter(items)
        if jobs == 1:
            self._work(self._each(left), meter)
            return
        with ThreadPoolExecutor(jobs) as pool:
            try:
                for future in [
                    pool.submit(self._work, self._each(left), meter)
                    for _ in range(jobs)
                ]:
                    future.result()
            except BaseException:
                self._stop()
                raise

    def _stop(self) -> None:
        self._stopped.set()
        with self._lock:
            for client in self._clients:
                client.abort()

    def _each(self, items: Iterator[_Item]) -> Iterator[_Item]:
        """Let several threads take from one list."""
        return iter(lambda: self._take(items), None)

    def _take(self, items: Iterator[_Item]) -> _Item | None:
        with self._lock:
            return None if self._stopped.is_set() else next(items, None)

    def _work(self, items: Iterator[_Item], meter: Meter) -> None:
        def progress(done: int, total: int | None) -> None:
            if self._stopped.is_set():
                raise KeyboardInterrupt
            meter.tell(done, total)

        with Client(self._url, timeout=self._timeout) as client:
            with self._lock:
                self._clients.append(client)
            if self._stopped.is_set():  # while it was connecting
                return
            for outcome in client.put_all(items, progress=progress, **self._options):
                self._tell(outcome)
                meter.finish(outcome.stored.size if outcome.stored else 0)

    def _tell(self, outcome: Outcome) -> None:
        if outcome.error:
            code = _complain(outcome.source[1], outcome.error, self._url)
            with self._lock:
                self.code = self.code or code


# get


def get(
    url: Url,
    names: Names,
    output: Annotated[
        str,
        typer.Option(
            "--output", "-o", metavar="DIR|FILE|-", help="-: standard output."
        ),
    ] = ".",
    digest: Digest = True,
    timeout: Patience = 60.0,
) -> None:
    """Fetch files from a server; each appears when all of it has come."""
    is_folder = output == "-" or Path(output).is_dir()
    if len(names) > 1 and not is_folder:
        raise typer.BadParameter(
            f"{output!r} is no folder, and there are several names", param_hint="-o"
        )
    to = sys.stdout.buffer if output == "-" else Path(output)
    again = _AGAIN if output != "-" else "begin anew"

    def one(client: Client, name: str) -> None:
        with metered(shown(name), None) as meter:
            client.get(
                name,
                to,
                digest=digest,
                progress=lambda done, of: meter.tell(done, of, is_all=True),
            )

    with _interruptible(again):
        _for_each(url, timeout, names, one)


# ls, stat, rm


def ls(url: Url, json: AsJson = False, timeout: Patience = 60.0) -> None:
    """List what a server keeps: size, time of change (UTC) and name."""
    with _connected(url, timeout) as client:
        for entry in client.list():
            print(_as_json(entry) if json else _line(entry))


def stat(
    url: Url,
    names: Names,
    digest: Annotated[
        bool, typer.Option("--digest", help="With the SHA-256 of all octets.")
    ] = False,
    json: AsJson = False,
    timeout: Patience = 60.0,
) -> None:
    """Show what a server says of objects."""

    def one(client: Client, name: str) -> None:
        entry = client.stat(name, digest=digest)
        print(_as_json(entry) if json else _members(entry))

    _for_each(url, timeout, names, one)


def rm(url: Url, names: Names, timeout: Patience = 60.0) -> None:
    """Delete objects; a server need not offer that."""
    _for_each(url, timeout, names, lambda client, name: client.delete(name))


def _line(entry: Entry) -> str:
    # The name is last, so that characters of any width leave the columns straight.
    when = _time(entry)
    return f"{entry.size:>15}  {when or '-':<16}  {shown(entry.name)}"


def _time(entry: Entry) -> str | None:
    try:
        when = datetime.fromtimestamp((entry.modified_ms or 0) / 1000, UTC)
    except (OverflowError, ValueError, OSError):
        return None
    return None if entry.modified_ms is None else f"{when:%Y-%m-%d %H:%M}"


def _as_json(entry: Entry) -> str:
    said = dataclasses.asdict(entry).items()
    return json_.dumps({name: value for name, value in said if value is not None})


def _members(entry: Entry) -> str:
    values = dataclasses.asdict(entry) | {"modified": _time(entry), "modified_ms": None}
    return "\n".join(
        f"{name}: {shown(str(value))}"
        for name, value in values.items()
        if value is not None
    )


COMMANDS: Final[tuple[Callable[..., None], ...]] = (put, get, ls, stat, rm)


# What they share


@contextmanager
def _connected(url: str, timeout: float) -> Iterator[Client]:
    with told(url):
        client = Client(url, timeout=timeout)
        client.connect()
    try:
        with told(url, _explain):
            yield client
    finally:
        client.close()


def _for_each(
    url: str, timeout: float, names: list[str], one: Callable[[Client, str], None]
) -> None:
    """Do something with each name; go on after what concerns only one of them."""
    code = 0
    with _connected(url, timeout) as client:
        for name in names:
            try:
                one(client, name)
            except (ReplyError, TransferError, ValueError) as error:
                if isinstance(error, ReplyError) and error.fatal:
                    raise
                code = code or _complain(name, error, url)
    raise typer.Exit(code)


def _complain(name: str, error: Exception, url: str) -> int:
    code, message = _explain(error, url)
    complain(f"{name}: {message}")
    return code


def _explain(error: BaseException, url: str) -> tuple[int, str]:
    """Say what went wrong here or there, and what to do next."""
    is_here = not isinstance(error, ConnectionLost | TimeoutError)
    if is_here and isinstance(error, OSError):
        name = f" {error.filename!r}" if error.filename else ""
        return 5, f"cannot read or write here{name}: {reason(error)}"
    return _explain_peer(error, url)


def _explain_peer(error: BaseException, url: str) -> tuple[int, str]:
    """Say what went wrong there, and what to do next."""
    code, message = explain(error, url)
    if isinstance(error, ReplyError) and error.code in _HINTS:
        message += f"; {_HINTS[error.code]}"
    elif isinstance(error, ConnectionLost | TimeoutError):
        message += f"; {_AGAIN}"
    return code, message


@contextmanager
def _interruptible(again: str) -> Iterator[None]:
    try:
        yield
    except KeyboardInterrupt:
        complain(f"interrupted; {again}")
        raise typer.Exit(130) from None
