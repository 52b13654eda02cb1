"""A testee that misbehaves in the way that its argument names; run as a program."""

import os
import signal
import sys
from collections.abc import Callable

GOOD = '{"status":"ok"}\n'


def say(text: str) -> None:
    sys.stdout.write(text)
    sys.stdout.flush()


def each_line(text: str) -> Callable[[], None]:
    def answer() -> None:
        for _ in sys.stdin:
            say(text)

    return answer


def crash() -> None:
    sys.stdin.readline()
    sys.stderr.write("Segmentation \x1b[31mfault of mine\n")
    sys.exit(3)


def signalled() -> None:
    sys.stdin.readline()
    os.kill(os.getpid(), signal.SIGSEGV)


def half_a_line() -> None:
    sys.stdin.readline()
    say('{"status":')


def hang() -> None:
    """Answer once, so that a test can begin to wait when this is surely running."""
    sys.stdin.readline()
    sys.stderr.write("thinking\n")
    sys.stderr.flush()
    say(GOOD)
    signal.pause()


def never_reads() -> None:
    signal.pause()


def closes_output() -> None:
    sys.stdin.readline()
    say(GOOD)
    os.close(1)
    signal.pause()


def unasked() -> None:
    """Answer the first line, and the second one twice."""
    for _ in sys.stdin:
        say(GOOD)
        sys.stdin.readline()
        say(GOOD + GOOD)


def early() -> None:
    say(GOOD)
    each_line(GOOD)()


def ignores_end() -> None:
    each_line(GOOD)()
    signal.pause()


def noisy() -> None:
    for _ in sys.stdin:
        sys.stderr.write("x" * 200_000)
        sys.stderr.flush()
        say(GOOD)


def deaf() -> None:
    """Close standard error and go on."""
    os.close(2)
    each_line(GOOD)()


def deaf_crash() -> None:
    os.close(2)
    sys.stdin.readline()


def hasty() -> None:
    """Answer as soon as a line begins."""
    os.read(0, 1)
    say(GOOD)
    signal.pause()


def exits_with_7() -> None:
    each_line(GOOD)()
    sys.exit(7)


WAYS = {
    "good": each_line(GOOD),
    "not-json": each_line("hello\n"),
    "not-utf8": lambda: os.write(1, b'"\xff"\n') and None,
    "not-object": each_line("[]\n"),
    "wrong-schema": each_line('{"status":"ok","hex":"zz"}\n'),
    "error": each_line('{"status":"error","message":"what?"}\n'),
    "error-without-message": each_line('{"status":"error"}\n'),
    "two-lines": each_line(GOOD + GOOD),
    "line-and-a-half": each_line(GOOD + '{"sta'),
    "crash": crash,
    "signalled": signalled,
    "half-a-line": half_a_line,
    "hang": hang,
    "never-reads": never_reads,
    "closes-output": closes_output,
    "unasked": unasked,
    "early": early,
    "ignores-end": ignores_end,
    "noisy": noisy,
    "deaf": deaf,
    "deaf-crash": deaf_crash,
    "hasty": hasty,
    "exits-with-7": exits_with_7,
}


if __name__ == "__main__":
    if len(sys.argv) > 2:
        WAYS["literal"] = each_line(sys.argv[2] + "\n")
    WAYS[sys.argv[1]]()
