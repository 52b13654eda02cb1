"""Core clients that are correct, but odd in what the text leaves free.

Usage: HJP_URL=hjp://HOST:PORT python -m hjp_conformance.mutants.client.odd ODDITY ACTION [+ ACTION]...
       python -m hjp_conformance.mutants.client.odd --list
"""

import sys

from hjp_conformance.mutants.client import odd_ends, odd_octets, odd_requests
from hjp_conformance.mutants.client.oddities import ODDITIES
from hjp_conformance.mutants.client.testee import run

__all__ = ["ODDITIES", "odd_ends", "odd_octets", "odd_requests"]


def main() -> None:
    if sys.argv[1:] == ["--list"]:
        for name, how in ODDITIES.items():
            print(name, " ".join((how.__doc__ or "").split()), sep="\t")
        return
    run(ODDITIES[sys.argv[1]], sys.argv[2:])


if __name__ == "__main__":
    main()
