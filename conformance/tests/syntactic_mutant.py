"""What the makers of syntactic mutants share: the operators, and the ids."""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from difflib import ndiff

SWAPPED = {
    **{"<": "<=", "<=": "<", ">": ">=", ">=": ">"},
    **{"==": "!=", "!=": "==", "===": "!==", "!==": "==="},
    **{"&&": "||", "||": "&&", "and": "or", "or": "and"},
    **{"in": "not in", "not in": "in", "is": "is not", "is not": "is"},
    **{"true": "false", "false": "true", "True": "False", "False": "True"},
    **{"+=": "-=", "-=": "+=", "++": "--", "--": "++"},
    **{"+": "-", "-": "+", "&": "|", "|": "&", "<<": ">>", ">>": "<<"},
}
"""What stands in place of an operator or a word; each language has some of them."""


@dataclass(frozen=True, slots=True)
class Change:
    """A small change at one place.

    Attributes:
        context: the function around it, or `top`.
        key: what is changed, such as `<=`, `16+1` or `drop return`.
        source: the whole text after it.
    """

    context: str
    key: str
    source: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Mutant:
    """A program with one small change.

    Attributes:
        id: file, function, what is changed, and which of these in the function; it
            stays when other functions change.
        source: the whole text.
        shown: the changed lines, before and after.
    """

    id: str
    source: str = field(repr=False)
    shown: str


def numbered(name: str, text: str, changes: Iterable[Change]) -> Iterator[Mutant]:
    """The mutants of a file, each with its id.

    Args:
        name: of the file.
        text: of the file, in the form that the sources of the changes have.
        changes: in the order of the text.
    """
    counts: Counter[str] = Counter()
    for change in changes:
        place = f"{name}:{change.context}:{change.key}"
        counts[place] += 1
        id_ = f"{place}:{counts[place]}"
        yield Mutant(id_, change.source, _shown(text, change.source))


def _shown(before: str, after: str) -> str:
    """The lines that differ, as in a diff; the rest is skipped before comparing."""
    old, new = before.splitlines(), after.splitlines()
    while old and new and old[0] == new[0]:
        del old[0], new[0]
    while old and new and old[-1] == new[-1]:
        del old[-1], new[-1]
    return "\n".join(line for line in ndiff(old, new) if line[0] in "+-")


def spread(mutants: list[Mutant], most: int) -> list[Mutant]:
    """So many of them at most, evenly over the text."""
    count = min(most, len(mutants))
    return [mutants[number * len(mutants) // count] for number in range(count)]
