"""The way in: ``python reference/benchmarks/run.py``; see README.md beside it."""

import runpy
import sys
from pathlib import Path

if __name__ == "__main__":
    # In place of this folder: a peer's file is named like the library that it uses.
    sys.path[0] = str(Path(__file__).parents[1])
    runpy.run_module("benchmarks", run_name="__main__", alter_sys=True)
