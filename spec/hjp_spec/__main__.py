"""``python -m hjp_spec``: look things up, export them, take octets apart."""

import argparse
import json
import os
import sys
from importlib.metadata import version
from io import TextIOWrapper
from pathlib import Path

from hjp_spec import dissect, lookup
from hjp_spec.export import EXPORTS
from hjp_spec.registry import DEFAULT_MAX_PAYLOAD

OK, FAULTS, USAGE = 0, 1, 2

_EXAMPLES = """examples:
  python -m hjp_spec show                  the sections of the specification
  python -m hjp_spec show FRM-2            one requirement and who shows it
  python -m hjp_spec show precedence       one section
  python -m hjp_spec dissect 474554202f    what is wrong with these octets?
  xxd capture.bin | python -m hjp_spec dissect -
  python -m hjp_spec dump vectors > vectors.json

exit status: 0 fine, 1 faults found, 2 wrong usage
"""


def _show(options: argparse.Namespace) -> int:
    name = " ".join(options.name)
    sys.stdout.write(lookup.show(name) if name else lookup.table_of_contents())
    return OK


def _dump(options: argparse.Namespace) -> int:
    json.dump(EXPORTS[options.what](), sys.stdout, indent=1)
    sys.stdout.write("\n")
    return OK


def _dissect(options: argparse.Namespace) -> int:
    found = dissect.dissect(_given(options), options.max_payload, options.sender)
    if options.json:
        json.dump(dissect.as_json(found), sys.stdout, indent=1)
        sys.stdout.write("\n")
    else:
        sys.stdout.write(dissect.render(found, color=_wants_color()))
    return FAULTS if found.faults else OK


def _given(options: argparse.Namespace) -> bytes:
    if options.file is not None:
        return dissect.read_octets(Path(options.file).read_bytes())
    if options.hex in ([], ["-"]):
        return dissect.read_octets(sys.stdin.buffer.read())
    return dissect.read_octets(" ".join(options.hex))


def _wants_color() -> bool:
    return sys.stdout.isatty() and "NO_COLOR" not in os.environ


def _max_payload(text: str) -> int:
    number = int(text)
    if not 0 <= number < 2**32:
        raise ValueError(text)
    return number


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m hjp_spec",
        description="The HJP specification, executable.",
        epilog=_EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument(
        "--version", action="version", version=f"hjp_spec {version('hjp')}"
    )
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    show = commands.add_parser("show", help="a requirement, an area, a code, a section")
    show.add_argument("name", nargs="*", metavar="NAME", help="nothing: list sections")
    show.set_defaults(run=_show)
    dump = commands.add_parser("dump", help="write JSON for other languages")
    dump.add_argument("what", choices=EXPORTS)
    dump.set_defaults(run=_dump)
    _add_dissect(commands.add_parser("dissect", help="take octets apart"))
    return parser


def _add_dissect(parser: argparse.ArgumentParser) -> None:
    parser.description = (
        "Show each field of a stream and everything that is wrong with it. Octets may "
        "be raw, hexadecimal digits, or the output of xxd or hexdump -C."
    )
    source = parser.add_mutually_exclusive_group()
    source.add_argument(
        "hex", nargs="*", default=[], metavar="HEX", help="- or nothing: standard input"
    )
    source.add_argument("--file", metavar="FILE", help="read the octets from a file")
    parser.add_argument("--json", action="store_true", help="write JSON")
    parser.add_argument(
        "--sender", choices=("client", "server"), help="who sent it; guessed if missing"
    )
    parser.add_argument(
        "--max-payload",
        type=_max_payload,
        default=DEFAULT_MAX_PAYLOAD,
        metavar="N",
        help="the limit in force, in octets (default: %(default)s)",
    )
    parser.set_defaults(run=_dissect)


def main(arguments: list[str] | None = None) -> int:
    """Run one command and return the exit status."""
    options = _parser().parse_args(arguments)
    if isinstance(sys.stdout, TextIOWrapper):
        # A terminal that cannot write what the text says gets it escaped.
        sys.stdout.reconfigure(errors="backslashreplace")
    try:
        status: int = options.run(options)
        sys.stdout.flush()
    except BrokenPipeError:
        # Whoever read us has seen enough; the interpreter must not complain either.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return OK
    except (lookup.UnknownError, OSError, ValueError) as error:
        print(f"hjp_spec: {error}", file=sys.stderr)
        return USAGE
    return status


if __name__ == "__main__":
    sys.exit(main())
