"""A corpus: a folder of streams as octets, as libFuzzer, AFL and others take them.

Each file is one stream and nothing else; its name is a digest of the octets.  What
the octets do not say, how a stream is divided and what it was written for, stands
beside the folder: beside ``seeds/`` in ``seeds.index.json``.  Without that file, or
for streams that came from elsewhere, it is as if nothing was known of them.
"""

import hashlib
import json
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from hjp_fuzz.cases import Case, Cuts
from hjp_fuzz.engines import exercised
from hjp_fuzz.grammar import case
from hjp_fuzz.report import of_a_codec
from hjp_fuzz.sources import RandomSource
from hjp_spec.oracle import decode

_DIGITS = 32


class NoCorpus(Exception):  # noqa: N818
    """There is no such folder, or what stands beside it cannot be read."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One stream.

    Attributes:
        stream: its octets.
        cuts: how it is divided; None if nobody said.
        requirements: what it exercises.
    """

    stream: bytes
    cuts: Cuts | None = None
    requirements: frozenset[str] = frozenset()

    @property
    def name(self) -> str:
        """The name of the file."""
        return hashlib.sha256(self.stream).hexdigest()[:_DIGITS]


def entry(stream: bytes, cuts: Cuts | None = None, aims: Iterable[str] = ()) -> Entry:
    """Return an entry with what the octets say of themselves added."""
    tried = Case((), stream, (cuts,) if cuts else ())
    told = exercised(tried, decode(stream))
    return Entry(stream, cuts, frozenset(told | set(aims)))


def written(count: int, seed: str, each: int = 1) -> list[Entry]:
    """Write streams, and keep few of them that exercise all that these exercise.

    Args:
        count: how many streams to write.
        seed: where the choices begin.
        each: how many streams to keep for each requirement, if there are so many.
    """
    return distilled(_generated(count, seed), each)


def _generated(count: int, seed: str) -> Iterator[Entry]:
    source = RandomSource(seed)
    for _ in range(count):
        source.restart()
        wrote = case(source)
        known = frozenset(exercised(wrote, decode(wrote.stream)))
        yield Entry(wrote.stream, wrote.cuttings[0], known)


def distilled(entries: Iterable[Entry], each: int = 1) -> list[Entry]:
    """Keep few entries that exercise what all exercise: greedily, small ones first."""
    pool = _smallest(entries, each)
    wanted = Counter({id_: each for one in pool for id_ in one.requirements})
    kept: list[Entry] = []
    while pool:
        best = max(pool, key=lambda one: _worth(one, wanted))
        if not any(wanted[id_] for id_ in best.requirements):
            break
        pool.remove(best)
        kept.append(best)
        wanted -= Counter(best.requirements)
    return kept


def _worth(one: Entry, wanted: Counter[str]) -> tuple[int, int, bytes]:
    """Tell how good an entry is: what it adds, then that it is small."""
    return (
        sum(wanted[id_] > 0 for id_ in one.requirements),
        -len(one.stream),
        one.stream,
    )


def _smallest(entries: Iterable[Entry], each: int) -> list[Entry]:
    """Return the smallest entries of each requirement, so that memory is bounded."""
    best: dict[str, dict[bytes, Entry]] = {}
    for one in entries:
        for id_ in one.requirements & _CODEC:
            among = best.setdefault(id_, {})
            among.setdefault(one.stream, one)
            if len(among) > 4 * each:
                del among[max(among, key=lambda stream: (len(stream), stream))]
    return list(
        {one.stream: one for among in best.values() for one in among.values()}.values()
    )


_CODEC = frozenset(requirement.id for requirement in of_a_codec())


def add(entries: Iterable[Entry], folder: Path) -> int:
    """Write entries into a folder; return how many were not there before."""
    folder.mkdir(parents=True, exist_ok=True)
    index, new = _index(folder), 0
    for one in entries:
        file = folder / one.name
        new += not file.exists()
        file.write_bytes(one.stream)
        cuts = None if one.cuts is None else list(one.cuts)
        index[one.name] = {"cuts": cuts, "requirements": sorted(one.requirements)}
    text = json.dumps(dict(sorted(index.items())), indent=1)
    _index_file(folder).write_text(text + "\n", "utf-8")
    return new


def load(folder: Path) -> list[Entry]:
    """Read a folder: files of any names, and what the index says of those it knows.

    Raises:
        NoCorpus: there is no such folder, or its index is none.
    """
    if not folder.is_dir():
        raise NoCorpus(f"there is no folder {folder}")
    index = _index(folder)
    files = sorted(file for file in folder.rglob("*") if file.is_file())
    return [_known(file.read_bytes(), index) for file in files]


def _known(stream: bytes, index: dict[str, Any]) -> Entry:
    told = index.get(Entry(stream).name, {})
    cuts = told.get("cuts")
    return entry(
        stream, None if cuts is None else tuple(cuts), told.get("requirements", ())
    )


def _index_file(folder: Path) -> Path:
    folder = folder.resolve()
    return folder.with_name(f"{folder.name}.index.json")


def _index(folder: Path) -> dict[str, Any]:
    file = _index_file(folder)
    if not file.exists():
        return {}
    try:
        return {
            name: _checked(told)
            for name, told in json.loads(file.read_text("utf-8")).items()
        }
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise NoCorpus(f"{file} is no index of a corpus: {error}; delete it") from None


def _checked(told: Any) -> dict[str, Any]:
    cuts = told["cuts"]
    if cuts is not None:
        cuts = [int(cut) for cut in cuts]
    return {"cuts": cuts, "requirements": [str(id_) for id_ in told["requirements"]]}
