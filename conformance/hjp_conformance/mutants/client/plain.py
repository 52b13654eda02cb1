"""A right core client.

Usage: HJP_URL=hjp://HOST:PORT python -m hjp_conformance.mutants.client.plain ACTION [+ ACTION]...
"""

import sys

from hjp_conformance.mutants.client.client import Client
from hjp_conformance.mutants.client.testee import run

if __name__ == "__main__":
    run(Client, sys.argv[1:])
