"""``python -m hjp``."""

from hjp.cli import main

main()
