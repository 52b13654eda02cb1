"""The server of files as it is, for comparison.

Usage: python -m hjp_conformance.mutants.server.plain_files PORT (0 for any)
"""

import asyncio
import sys

from hjp_conformance.mutants.server.core import Server
from hjp_conformance.mutants.server.files import Files

if __name__ == "__main__":
    asyncio.run(Server(Files).run(int(sys.argv[1])))
