"""Cases that let a codec write a frame as a sender."""

from dataclasses import dataclass

from hjp_conformance.codec.case import Codec, CodecCase, Declined, Record
from hjp_conformance.codec.expected import told
from hjp_conformance.equality import equal
from hjp_conformance.reports.summary import counted
from hjp_conformance.verdicts import Skipped, Violation
from hjp_spec import ijson
from hjp_spec.oracle import Outcome, decode, raw_frame
from hjp_spec.registry import DEFAULT_MAX_PAYLOAD

_TEXT = frozenset({"HJP-MET-2", "HJP-MET-3", "HJP-MET-4"})
"""What a receiver finds in a text that is no object in UTF-8 (HJP-MET-1)."""

_SHOWN = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class EncodeCase(CodecCase):
    """A frame to be written, or to be declined.

    Attributes:
        json: the JSON text; it may hold a lone surrogate.
        payload: the octets after it.
        max_payload: the receiver's limit, in octets.
        codes: those that a codec may decline with; none if it must not decline.
        writes: whether a codec may write it: always where there are no codes, and
            with codes where the text is too long only as it stands.
        before: JSON texts and payloads that are written first.
    """

    json: str
    payload: bytes = b""
    max_payload: int = DEFAULT_MAX_PAYLOAD
    codes: tuple[str, ...] = ()
    writes: bool = True
    before: tuple[tuple[str, bytes], ...] = ()

    @property
    def stimulus(self) -> bytes:
        """The text, the payload and the limit."""
        text = self.json.encode(errors="surrogatepass")
        before = b"".join(one.encode() + load for one, load in self.before)
        own = b"%d;%d;%b%b" % (self.max_payload, len(text), text, self.payload)
        return own + before

    def check(self, codec: Codec, record: Record) -> None:
        """Encode, and look at the octets as a receiver does."""
        record.asked.append(self._question())
        record.accepted = self._accepted()
        if not codec.encodes:
            raise Skipped("the codec does not write frames")
        try:
            for text, load in self.before:
                record.asked.append(f"before that: {text:.100}, {len(load)} octets")
                codec.encode(text, load, self.max_payload)
            found = codec.encode(self.json, self.payload, self.max_payload)
        except Declined as error:
            record.said.append(f"error: {error}")
            what = f"answered with an error: {error}"
            raise Violation(what, "HJP-TST-16") from None
        record.received = found.octets
        if found.status == "ok":
            octets = counted(len(found.octets), "octet", "octets")
            record.said.append(f"wrote {octets}")
            self._judge_octets(found.octets)
        else:
            record.said.append(told(found.status, found.code))
            self._judge_refusal(found.code, codec)

    def _judge_refusal(self, code: str | None, codec: Codec) -> None:
        silent = code is None and not codec.codes
        if not self.codes or not (silent or code in self.codes):
            broken = "HJP-FRM-19" if self.codes else "HJP-TST-16"
            raise Violation(f"answered {told('reject', code)}", broken)

    def _judge_octets(self, octets: bytes) -> None:
        if not self.writes:
            raise Violation(f"wrote {octets[:_SHOWN].hex(' ')}", "HJP-FRM-19")
        outcome = decode(octets, self.max_payload)
        if outcome.code is not None:
            raise Violation(
                f"wrote a frame with a fault: {outcome.message}", _of(outcome)
            )
        if outcome.status != "accept" or len(outcome.frames) != 1:
            what = f"wrote {len(octets)} octets, which are not one whole frame"
            raise Violation(what, "HJP-FRM-1")
        [frame] = outcome.frames
        if frame.payload != self.payload:
            raise Violation(
                f"wrote the payload {frame.payload[:64].hex(' ')}", "HJP-FRM-1"
            )
        if not self._same(frame.json):
            text = frame.json[:_SHOWN].decode(errors="backslashreplace")
            raise Violation(f"wrote the JSON text {text}", "HJP-MET-1")

    def _same(self, written: bytes) -> bool:
        given = self.json.encode()
        if written == given:
            return True
        return equal(ijson.parse(written), ijson.parse(given))

    def _question(self) -> str:
        text = self.json if len(self.json) <= _SHOWN else self.json[:_SHOWN] + "…"
        load = self.payload[:64].hex(" ") + "…" * (len(self.payload) > 64)
        sizes = f"{len(self.payload)} octets, max_payload {self.max_payload}"
        return (
            f"write the JSON text {text!r} with the payload {load or 'none'} ({sizes})"
        )

    def _accepted(self) -> list[str]:
        lines = [f"reject {code}" for code in self.codes]
        if self.writes:
            octets = raw_frame(self.json.encode(), self.payload)
            shown = octets[:64].hex(" ") + " …" * (len(octets) > 64)
            lines.append(f"ok {shown} (or a JSON text of equal value)")
        return lines


def _of(outcome: Outcome) -> str:
    broken = outcome.requirement or ""
    if broken in _TEXT:
        return "HJP-MET-1"
    return "HJP-FRM-1" if broken.startswith("HJP-FRM") else "HJP-FRM-19"
