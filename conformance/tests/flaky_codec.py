"""A codec's testee that is wrong the first time, then right: FLAG is its memory."""

import runpy
import sys
from pathlib import Path


def main() -> None:
    flag = Path(sys.argv[1])
    name, fault = "hjp.testee_codec", []
    if not flag.exists():
        name, fault = "hjp_conformance.mutants.codec.broken", ["version-bad-magic"]
    flag.touch()
    sys.argv[1:] = fault
    runpy.run_module(name, run_name="__main__")


if __name__ == "__main__":
    main()
