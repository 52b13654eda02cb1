"""The format of safetensors as a dialect, and the package's reader of it.

    hjp-fuzz run safetensors_dialect:parse --dialect safetensors_dialect:SAFETENSORS \
        --error safetensors:SafetensorError

The sentences are those of the section *Format* in the README of safetensors.
"""

import json
from math import prod
from typing import Any

from construct import Bytes, GreedyBytes, Int64ul, Struct, this
from safetensors import deserialize

from hjp_fuzz.formats import UNDECIDED, Draft, Json, Source, dialect

RULES = {
    "ST-1": "8 bytes: N, an unsigned little-endian 64-bit integer, containing the size "
    "of the header.",
    "ST-2": "N bytes: a JSON UTF-8 string representing the header.",
    "ST-3": "The header data MUST begin with a { character (0x7B).",
    "ST-4": 'The header is a dict like {"TENSOR_NAME": {"dtype": "F16", "shape": '
    '[1, 16, 256], "data_offsets": [BEGIN, END]}, "NEXT_TENSOR_NAME": {...}, ...}.',
    "ST-5": "data_offsets point to the tensor data relative to the beginning of the "
    "byte buffer, with BEGIN as the starting offset and END as the one-past offset (so "
    "total tensor byte size = END - BEGIN).",
    "ST-6": "A special key __metadata__ is allowed to contain free form "
    "string-to-string map. Arbitrary JSON is not allowed, all values must be strings.",
    "ST-7": "Duplicate keys are disallowed. Not all parsers may respect this.",
    "ST-8": "The byte buffer needs to be entirely indexed, and cannot contain holes.",
    "ST-9": "When reading the file, there's a guarantee that addresses in the file do "
    "not overlap in any way.",
}
SCHEMA = Struct(
    "size" / Int64ul * "ST-1",
    "header" / Json(Bytes(this.size), utf8="ST-2", json="ST-2", object="ST-4",
                    begins="ST-3", names="ST-7") * "ST-2 ST-4 ST-5",
    "data" / GreedyBytes * "ST-8 ST-5",
)  # fmt: skip
SIZES = {"U8": 1, "I16": 2, "F32": 4, "I64": 8}
NAMES = ("a", "b", "weight.0", "", "\u00e9")


def frame(source: Source) -> Draft:
    """Write a file of a few tensors."""
    header: dict[str, Any] = {}
    at = 0
    if source.flag(4):
        header["__metadata__"] = {source.choice(NAMES): source.choice(NAMES)}
    for name in NAMES[: source.int(0, 3)]:
        dtype = source.choice(tuple(SIZES))
        shape = [source.int(0, 3) for _ in range(source.int(0, 3))]
        end = at + SIZES[dtype] * prod(shape)
        header[name] = {"dtype": dtype, "shape": shape, "data_offsets": [at, end]}
        at = end
    text = json.dumps(header, separators=(",", ":")) + " " * source.int(0, 8)
    return Draft(text.encode(), bytes(n % 251 for n in range(at)))


def fault(file: Any) -> str | None:
    """Return the rule that a header breaks which is a JSON object."""
    tensors = dict(file.header.value)
    notes = tensors.pop("__metadata__", {})
    if notes is None or not file.header.octets.rstrip(b" ").endswith(b"}"):
        return UNDECIDED
    if not isinstance(notes, dict) or {type(note) for note in notes.values()} - {str}:
        return "ST-6"
    broken = next(filter(None, map(_broken, tensors.values())), None)
    return broken or _holes(tensors.values(), len(file.data))


def _broken(tensor: Any) -> str | None:
    match tensor:
        case {"dtype": str(dtype), "shape": [*shape], "data_offsets": [_, _] as ends}:
            numbers = (*shape, *ends)
            kinds = {type(number) for number in numbers}
            if kinds - {int, float} or min(numbers) < 0:
                return "ST-4"
            # The text names no types, no greatest number, and no ways to write one.
            odd = float in kinds or max(numbers) > 1 << 32
            if odd or len(tensor) > 3 or dtype not in SIZES:
                return UNDECIDED
            return None if ends[1] - ends[0] == SIZES[dtype] * prod(shape) else "ST-5"
    return "ST-4"


def _holes(tensors: Any, size: int) -> str | None:
    at = 0
    for begin, end in sorted(tensor["data_offsets"] for tensor in tensors):
        if begin != at:
            return "ST-9" if begin < at else "ST-8"
        at = end
    return None if at == size else "ST-8" if at < size else "ST-5"


def told(file: Any) -> tuple[Any, bytes]:
    """Return what `parse` has to give for a right file."""
    tensors = {n: v for n, v in file.header.value.items() if n != "__metadata__"}
    return {
        name: [
            told["dtype"],
            told["shape"],
            file.data[slice(*told["data_offsets"])].hex(),
        ]
        for name, told in tensors.items()
    }, b""


SAFETENSORS = dialect(
    SCHEMA, rules=RULES, frame=frame, fault=fault, told=told, ends=False
)


def parse(data: bytes) -> list[tuple[Any, bytes]]:
    """Read a file as the package does."""
    tensors = {
        name: [told["dtype"], told["shape"], told["data"].hex()]
        for name, told in deserialize(data)  # type: ignore[no-untyped-call]
    }
    return [(tensors, b"")]
