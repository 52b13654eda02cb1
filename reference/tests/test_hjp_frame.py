"""frame.py: octets typed by hand are the witness, not what `encode` writes."""

import time
import tracemalloc

import pytest

from hjp import Code, Decoder, FormatError, Frame, IncompleteError, encode, encode_text
from hjp.frame import Reader

UPPER = bytes.fromhex(
    "48 4A 50 FF  01  00 00 00  15 00 00 00  03 00 00 00"
    "7B 22 69 64 22 3A 31 2C 22 6F 70 22 3A 22 75 70 70 65 72 22 7D"
    "68 69 21"
)
UPPER_FRAME = Frame(b'{"id":1,"op":"upper"}', {"id": 1, "op": "upper"}, b"hi!")
EMPTY = bytes.fromhex("48 4A 50 FF 01 00 00 00 02 00 00 00 00 00 00 00 7B 7D")
EMPTY_FRAME = Frame(b"{}", {}, b"")
STREAM = UPPER + EMPTY + UPPER
FRAMES = [UPPER_FRAME, EMPTY_FRAME, UPPER_FRAME]


def header(json_length: int, payload_length: int) -> bytes:
    """A right header but for its lengths."""
    lengths = json_length.to_bytes(4, "little") + payload_length.to_bytes(4, "little")
    return b"HJP\xff\x01\0\0\0" + lengths


def decoded(octets: bytes, max_payload: int = 65_536) -> FormatError:
    """The fault of octets that have one."""
    with pytest.raises(FormatError) as refused:
        Decoder(max_payload).feed(octets)
    return refused.value


def test_a_frame_typed_by_hand() -> None:
    """The example of the text is taken apart, and written the same."""
    assert Decoder().feed(UPPER) == [UPPER_FRAME]
    assert encode({"id": 1, "op": "upper"}, b"hi!") == UPPER
    assert encode_text(b'{"id":1,"op":"upper"}', b"hi!") == UPPER


@pytest.mark.parametrize("cut", range(len(STREAM) + 1))
def test_every_division_into_two_reads(cut: int) -> None:
    """HJP-FRM-14, -15, -17: the same frames, each as soon as its last octet came."""
    decoder = Decoder()
    first = decoder.feed(STREAM[:cut])
    ends = (len(UPPER), len(UPPER + EMPTY), len(STREAM))
    assert len(first) == sum(cut >= end for end in ends)
    assert first + decoder.feed(STREAM[cut:]) == FRAMES
    decoder.close()


@pytest.mark.parametrize("size", [1, 2, 3, 5, 7, 16, 17])
def test_equal_reads(size: int) -> None:
    """Reads of one size, one octet included."""
    decoder = Decoder()
    frames = []
    for start in range(0, len(STREAM), size):
        frames += decoder.feed(STREAM[start : start + size])
    assert frames == FRAMES


@pytest.mark.parametrize("kind", [bytearray, memoryview])
def test_octets_of_any_kind(kind: type) -> None:
    """What the caller does with its buffer afterwards changes nothing."""
    buffer = bytearray(STREAM)
    decoder = Decoder()
    frames = decoder.feed(kind(buffer)[:20])
    buffer[:20] = bytes(20)
    assert frames + decoder.feed(STREAM[20:]) == FRAMES


def test_a_payload_may_hold_anything() -> None:
    """HJP-FRM-16: the octets of a frame, and every octet value."""
    payload = STREAM + bytes(range(256))
    assert Decoder().feed(encode({}, payload))[0].payload == payload


@pytest.mark.parametrize(
    ("octets", "code", "limit"),
    [
        (b"GET /", Code.BAD_MAGIC, None),
        (b"HJP\xfe\x01", Code.BAD_MAGIC, None),
        (b"\0HJP\xff", Code.BAD_MAGIC, None),
        (b"HJP\xff\x02", Code.BAD_VERSION, None),
        (b"HJP\xff\x00", Code.BAD_VERSION, None),
        (b"XJP\xff\x02", Code.BAD_MAGIC, None),  # row 1 before row 2
        (b"HJP\xff\x01\x01\0\0" + bytes(8), Code.BAD_FRAME, None),
        (b"HJP\xff\x01\0\0\x80" + bytes(8), Code.BAD_FRAME, None),
        (header(0, 0), Code.BAD_FRAME, None),
        (header(1, 0), Code.BAD_FRAME, None),
        (header(65_537, 0), Code.TOO_LARGE, "max_json"),
        (header(2**32 - 1, 2**32 - 1), Code.TOO_LARGE, "max_json"),  # row 5 before 6
        (header(2, 65_537), Code.TOO_LARGE, "max_payload"),
        (header(2, 2**32 - 1), Code.TOO_LARGE, "max_payload"),
        (header(2, 2**31), Code.TOO_LARGE, "max_payload"),
        (header(0, 2**32 - 1), Code.BAD_FRAME, None),  # row 4 before row 6
        (header(2, 65_536) + b"[]", Code.BAD_JSON, None),  # the payload is not awaited
    ],
)
def test_a_fault_is_due_with_its_last_octet(
    octets: bytes, code: Code, limit: str | None
) -> None:
    """Refused with the last octet that it needs, awaited before (FRM-5, -11, MET-14)."""
    decoder = Decoder()
    assert decoder.feed(octets[:-1]) == []
    with pytest.raises(FormatError) as refused:
        decoder.feed(octets[-1:])
    assert (refused.value.code, refused.value.limit) == (code, limit)
    assert decoded(octets + b"more").code is code


def test_frames_before_a_fault_are_not_lost() -> None:
    """They are in the error, once; the fault is raised again by every later call."""
    decoder = Decoder()
    with pytest.raises(FormatError) as refused:
        decoder.feed(UPPER + EMPTY + b"GET / HTTP/1.1")
    assert list(refused.value.frames) == [UPPER_FRAME, EMPTY_FRAME]
    with pytest.raises(FormatError) as again:
        decoder.feed(STREAM)  # HJP-FRM-3: no later magic is looked for
    assert (again.value.code, list(again.value.frames)) == (Code.BAD_MAGIC, [])
    with pytest.raises(FormatError):
        decoder.close()


@pytest.mark.parametrize("cut", range(1, len(UPPER)))
def test_the_end_inside_a_frame_is_no_fault(cut: int) -> None:
    """It is an incomplete frame, at every octet."""
    decoder = Decoder()
    decoder.feed(EMPTY + UPPER[:cut])
    with pytest.raises(IncompleteError):
        decoder.close()


def test_the_end_between_frames_is_silent() -> None:
    """After a frame, and before the first one."""
    Decoder().close()
    decoder = Decoder()
    decoder.feed(UPPER)
    decoder.close()


def outcome(octets: bytes, size: int) -> str:
    """What comes of octets in reads of one size."""
    decoder = Decoder()
    frames: list[Frame] = []
    try:
        for start in range(0, len(octets), size):
            frames += decoder.feed(octets[start : start + size])
    except FormatError as fault:
        return f"{fault.code} {fault.limit} {fault.requirement[:8]}"
    return repr(frames)


def test_a_flipped_bit_is_taken_or_refused() -> None:
    """Nothing but a FormatError with a codec's code comes out, in any division."""
    for bit in range(8 * len(UPPER)):
        octets = bytearray(UPPER)
        octets[bit // 8] ^= 1 << bit % 8
        whole = outcome(bytes(octets), len(octets))
        assert whole == outcome(bytes(octets), 1), bit
        assert whole.endswith((")]", "[]", "HJP-FRM-", "HJP-MET-")), bit


def test_lengths_at_their_limits() -> None:
    """HJP-FRM-12, HJP-FRM-13: the greatest of both in one frame."""
    metadata = {"a": "x" * (65_536 - 8)}
    (frame,) = Decoder(100_000).feed(
        encode(metadata, bytes(100_000), max_payload=100_000)
    )
    assert (len(frame.json), len(frame.payload)) == (65_536, 100_000)


def test_declared_lengths_allocate_nothing() -> None:
    """4 GiB announced by each of a thousand headers cost what has come."""
    tracemalloc.start()
    try:
        decoders = [Decoder(2**32 - 1) for _ in range(1_000)]
        for decoder in decoders:
            decoder.feed(header(2, 2**32 - 1) + b"{}" + bytes(100))
        assert tracemalloc.get_traced_memory()[1] < 16 * 1024 * 1024
    finally:
        tracemalloc.stop()


def test_octet_by_octet_takes_linear_time() -> None:
    """A long JSON text and a long payload, one octet a read."""
    octets = encode({"a": "x" * 60_000}, bytes(60_000))
    decoder = Decoder()
    begin = time.process_time()
    frames = [frame for octet in octets for frame in decoder.feed(bytes([octet]))]
    assert len(frames) == 1
    assert time.process_time() - begin < 5  # quadratic: minutes


def test_octets_that_wait_are_not_moved_for_each_read() -> None:
    """A caller may feed far ahead of what it takes, in small reads."""
    reader = Reader()
    stream = EMPTY * 20_000
    begin = time.process_time()
    for start in range(0, len(stream), 7):
        reader.feed(stream[start : start + 7])
    heads = 0
    while reader.read_head():
        heads += 1
    assert heads == 20_000
    assert time.process_time() - begin < 5


def test_a_reader_gives_payload_octets_as_they_come() -> None:
    """The seam for bodies that no memory holds: nothing is gathered."""
    reader = Reader(2**32 - 1)
    reader.feed(header(2, 1_000_000) + b"{}" + b"abc")
    head = reader.read_head()
    assert head is not None
    assert (head.payload_length, reader.read_payload()) == (1_000_000, b"abc")
    assert reader.read_payload() == b""
    for _ in range(9):
        reader.feed(bytes(100_000))
        assert len(reader.read_payload()) == 100_000
        assert reader.unread == 0
    reader.feed(bytes(50_000))
    reader.feed(bytes(49_997) + EMPTY)
    assert len(reader.read_payload()) == 99_997
    assert reader.payload_left == 0
    assert reader.read_head() is not None


@pytest.mark.parametrize(
    ("json", "payload", "code"),
    [
        (b"{", b"", Code.BAD_FRAME),
        (b"[]", b"", Code.BAD_JSON),
        (b'{"a":1,"a":1}', b"", Code.BAD_JSON),
        (b"{}" + b" " * 65_535, b"", Code.TOO_LARGE),
        (b"{}", bytes(65_537), Code.TOO_LARGE),
    ],
)
def test_what_a_receiver_refuses_is_not_written(
    json: bytes, payload: bytes, code: Code
) -> None:
    """HJP-FRM-19, with the code that the receiver would give."""
    with pytest.raises(FormatError) as refused:
        encode_text(json, payload)
    assert refused.value.code is code
