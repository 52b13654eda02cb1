"""The demonstration of sticky packets shows what it says."""

import subprocess
import sys
from pathlib import Path

STICKY = Path(__file__).parents[1] / "examples" / "sticky.py"


def test_two_sends_read_as_one_and_frames_never() -> None:
    command = [sys.executable, str(STICKY)]
    output = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    assert "recv(4096) gave b'firstsecond'" in output
    assert "sends: 2, reads: 1" in output
    assert "sends: 1, reads: 3" in output
    for number, payload in (1, "b'first'"), (2, "b'second'"), (3, "10,000 times b'x'"):
        line = f'frame {{"id":{number},"op":"echo"}} with payload {payload}'
        assert output.count(line) == 3, "once for each way to cut"
