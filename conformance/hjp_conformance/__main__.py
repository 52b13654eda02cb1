"""`python -m hjp_conformance`: the command, where its script is not on the path."""

from hjp_conformance.cli import main

main()
