"""Codecs under test, as the suite's other targets are."""

import shlex
import sys

from hjp_conformance.codec.target import CallableCodec, ProcessCodec
from hjp_conformance.patience import Patience
from hjp_conformance.preflight import Facts

EMBEDDED = shlex.join([sys.executable, "-m", "hjp.testee_codec"])
"""The reference codec, as a process: the suite never imports it."""


class CodecTarget:
    """See `Target`: a codec behind a testee, or a callable.

    Attributes:
        codec: the codec itself.
    """

    def __init__(self, codec: ProcessCodec, arguments: str):
        self.codec = codec
        self.arguments = arguments

    @property
    def title(self) -> str:
        """See `Target`."""
        return f"HJP/1 codec {self.arguments.removeprefix('codec').strip()}".rstrip()

    def meet(self, patience: Patience) -> Facts:
        """See `Target`."""
        self.codec.__enter__()
        return Facts(name=self.codec.name)

    def epitaph(self, seconds: float) -> None:
        """See `Target`: a codec that ends is started again with the next case."""

    def silence(self, patience: Patience) -> None:
        """See `Target`."""

    def renew(self) -> None:
        """See `Target`."""

    def stop(self) -> None:
        """See `Target`."""
        self.codec.__exit__(None, None, None)


def codec_of(cmd: str | None, function: str | None, deadline: float) -> CodecTarget:
    """The codec that is asked for; without a word about it, the reference."""
    if function is not None:
        return CodecTarget(
            CallableCodec(function, deadline), f"codec {shlex.quote(function)}"
        )
    if cmd is not None:
        arguments = f"codec --cmd {shlex.quote(cmd)}"
        return CodecTarget(ProcessCodec(cmd, deadline), arguments)
    return CodecTarget(ProcessCodec(EMBEDDED, deadline), "codec")
