"""state.py: the table, checked against the text's, and the engine that runs it."""

import re
from itertools import product
from pathlib import Path

import pytest

from hjp import Code, FormatError, State, Step
from hjp.state import TABLE, Exchanges

TEXT = Path(__file__).parents[2] / "spec/hjp_spec/text/core.md"
COLUMNS = (Step.REQUEST_MORE, Step.REQUEST_LAST, Step.INTERIM, Step.FINAL)


def rows_of_the_text() -> dict[str, list[str]]:
    """The table of the life of an `id`, by its first column."""
    table = TEXT.read_text().split("| state of the `id` |")[1].split("\n\n")[0]
    rows = re.findall(r"^\| ([a-z ]+) \|(.*)\|$", table, re.MULTILINE)
    return {name: [cell.strip() for cell in cells.split("|")] for name, cells in rows}


def test_the_table_is_that_of_the_text() -> None:
    """Each cell; *dropped* is what the state before says, a dash cannot be."""
    rows = rows_of_the_text()
    assert list(rows) == [state.value for state in State]
    for state, (step, cell) in product(State, enumerate(COLUMNS)):
        said = rows[state.value][step].removesuffix(" (the frame is dropped)")
        after = TABLE[state].get(cell)
        assert said == (after.value if after else said), (state, cell)
        assert (after is None) == (said in ("refused", "\u2013")), (state, cell)


STEPS_TO = {
    State.NEW: [],
    State.OPEN: [Step.REQUEST_MORE],
    State.REQUEST_ENDED: [Step.REQUEST_LAST],
    State.REPLY_ENDED: [Step.REQUEST_MORE, Step.FINAL],
    State.CLOSED: [Step.REQUEST_LAST, Step.FINAL],
}


@pytest.mark.parametrize(("state", "step"), [*product(State, Step)])
def test_every_step_from_every_state(state: State, step: Step) -> None:
    """Taken as the table says, or refused and nothing changed."""
    exchanges = Exchanges()
    for before in STEPS_TO[state]:
        exchanges.take(7, before, "x")
    assert exchanges.state(7) is state
    after = TABLE[state].get(step)
    if after is None:
        with pytest.raises(FormatError) as refused:
            exchanges.take(7, step, "x")
        assert refused.value.code is Code.BAD_ID
        assert exchanges.state(7) is state
    else:
        assert exchanges.take(7, step, "x") is state
        assert exchanges.state(7) is after


def test_ids_rise_with_any_gap() -> None:
    """HJP-MSG-3: what is greater is new, what is not is closed, without memory of it."""
    exchanges = Exchanges()
    exchanges.take(1_000, Step.REQUEST_LAST, "ping")
    exchanges.take(1_000, Step.FINAL)
    assert exchanges.state(999) is State.CLOSED
    assert exchanges.state(1_001) is State.NEW
    assert (exchanges.last_id, exchanges.op(1_000), exchanges.op(1)) == (
        1_000,
        None,
        None,
    )


def test_who_is_owed_a_reply_and_who_has_not_ended() -> None:
    """Oldest first; an early final reply leaves the request unended."""
    exchanges = Exchanges()
    for request_id in (1, 2):
        exchanges.take(request_id, Step.REQUEST_LAST, "ping")
    exchanges.take(3, Step.REQUEST_MORE, "x-log")
    assert (list(exchanges.unanswered()), exchanges.unended) == ([1, 2, 3], 3)
    for request_id in (1, 2, 3):
        exchanges.take(request_id, Step.FINAL)
    assert (list(exchanges.unanswered()), exchanges.unended) == ([], 3)
    exchanges.take(3, Step.REQUEST_LAST)
    assert exchanges.unended is None
