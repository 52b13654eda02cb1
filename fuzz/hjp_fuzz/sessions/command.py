"""What `hjp-fuzz session` does and says."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console
from rich.text import Text

from hjp_fuzz.cli_common import Exit, console_of
from hjp_fuzz.findings import plain
from hjp_fuzz.sessions.campaign import Campaign, Tally
from hjp_fuzz.sessions.link import Patience
from hjp_fuzz.sessions.live import Entry, play
from hjp_fuzz.sessions.replies import Broken, Check
from hjp_fuzz.sessions.report import listing, octets_of_last
from hjp_fuzz.sessions.servers import Server, ServerGone
from hjp_fuzz.sessions.steps import SessionFinding, read, save
from hjp_spec.requirements import REQUIREMENTS

_PLAYED_AGAIN = 3


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a user wants to be played.

    Attributes:
        server: the address of a server, or the command that starts one.
        examples: how many sessions.
        steps: how many steps each.
        seed: which sessions these are.
        patience: seconds until a server counts as hung.
        out: where findings are kept.
        replay: how a finding is played again, but for its name.
    """

    server: str
    examples: int
    steps: int
    seed: str
    patience: float
    out: Path
    replay: str


def run(wanted: Wanted) -> Exit:
    """Play sessions until one fails; return the exit status.

    Raises:
        NoServer: what was named is none.
        ServerGone: there is no server to talk to.
    """
    console, server = console_of(), Server(wanted.server)
    console.print(Text(f"hjp-fuzz session  {server.named}  seed {wanted.seed}"))
    found, status, began = None, Exit.CLEAN, time.monotonic()
    with _progress(console) as told:
        campaign = Campaign(server, wanted.seed, wanted.patience, told)
        try:
            found = campaign.run(wanted.examples, wanted.steps)
        except KeyboardInterrupt:
            status = Exit.INTERRUPTED
        finally:
            server.stop()
    if found is not None:
        status = Exit.FINDINGS
        save(found, wanted.out)
        console.print(Text(f"FAILED  {found.id}", style="bold red"))
        _show(console, _as_broken(found), campaign.journal)
        console.print(Text(f"  replay    {wanted.replay.format(found.id)}"))
    _summary(console, campaign, time.monotonic() - began)
    return status


def replay(name: str, out: Path, server: str | None, patience: float) -> Exit:
    """Play a finding again, on its server or another one; return the exit status.

    What is a matter of luck fails once in a while, so it is played three times.

    Raises:
        NoSession: there is no such finding.
        NoServer: what was named is none.
    """
    console, found = console_of(), read(name, out)
    under_test = Server(server or found.server)
    try:
        for _ in range(_PLAYED_AGAIN):
            under_test.stop()
            broken, played = play(found.steps, under_test, Patience(patience))
            if broken is not None:
                console.print(Text(f"FAILED  {found.id}", style="bold red"))
                _show(console, broken, played.journal)
                return Exit.FINDINGS
    except ServerGone as reason:
        console.print(Text(f"ERROR  {found.id}: {reason}", style="bold yellow"))
        return Exit.TESTEE
    finally:
        under_test.stop()
    told = f"FIXED  {found.id}: no requirement is broken"
    console.print(Text(told, style="bold green"))
    return Exit.CLEAN


@contextmanager
def _progress(console: Console) -> Iterator[Callable[[Tally], None]]:
    """Show a line that changes, on a terminal; nothing where output is piped."""
    if not console.is_terminal:
        yield lambda tally: None
        return
    with console.status("starting") as status:
        yield lambda tally: status.update(_progress_line(tally))


def _progress_line(tally: Tally) -> str:
    smaller = "" if tally.failed is None else ", making a failure smaller"
    return f"{tally.sessions:,} sessions, {tally.steps:,} steps{smaller}"


def _as_broken(found: SessionFinding) -> Broken:
    return Broken(Check(found.check), found.requirement, found.expected, found.got)


def _show(console: Console, broken: Broken, journal: list[Entry]) -> None:
    """Print what is broken, and the session step by step."""
    sentence = plain(REQUIREMENTS[broken.requirement].sentence)
    console.print(Text(f"{broken.requirement}  {sentence}", style="bold"))
    console.print(Text(f"  check     {broken.check}"))
    console.print(Text(f"  expected  {broken.expected}"))
    console.print(Text(f"  got       {broken.got}"))
    for line in (*listing(journal), *octets_of_last(journal, console.is_terminal)):
        console.print(Text.from_ansi(f"  {line}"))


def _summary(console: Console, campaign: Campaign, seconds: float) -> None:
    tally, flaky = campaign.tally, campaign.flaky
    told = (
        f"{tally.sessions:,} sessions, {tally.steps:,} steps in {seconds:.1f} s; "
        f"{len(tally.reached)} requirements put to the test"
    )
    console.print(Text(told))
    if tally.inconclusive:
        told = (
            "sessions ended since a clock of the server ran out: give it longer times"
        )
        console.print(Text(f"{tally.inconclusive} {told}"))
    if flaky is not None:
        told = f"{flaky.requirement}, expected {flaky.expected}, got {flaky.got}"
        console.print(Text(f"did not happen again, so no finding: {told}"))
