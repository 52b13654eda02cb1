"""The command `hjp-fuzz`, also as `python -m hjp_fuzz`."""

import sys


def main() -> None:
    """Run it; Ctrl-C ends it quietly from its first moment on, while it is imported."""
    try:
        from hjp_fuzz.cli import main as command

        command()
    except KeyboardInterrupt:
        sys.exit(130)


if __name__ == "__main__":
    main()
