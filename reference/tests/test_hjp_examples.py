"""The examples of own operations do what they say, in processes of their own."""

import subprocess
import sys
from pathlib import Path

import pytest

EXAMPLES = Path(__file__).parents[1] / "examples"
OUTPUT = {
    "own_op.py": "6 hello!\n",
    "own_log.py": (
        "{'id': 1, 'ok': True, 'more': True, 'lines': 2}\n"
        "{'id': 1, 'ok': True, 'more': True, 'lines': 3}\n"
        "{'id': 1, 'ok': True, 'lines': 3, 'name': 'today'}\n"
    ),
}


@pytest.mark.parametrize("name", OUTPUT)
def test_example(name: str) -> None:
    """It prints what is expected and complains about nothing."""
    result = subprocess.run(
        [sys.executable, "-X", "dev", "-W", "error", EXAMPLES / name],
        capture_output=True,
        text=True,
        timeout=50,
        check=False,
    )
    assert (result.stdout, result.stderr) == (OUTPUT[name], "")
