"""Expressions of `-k`: words, `and`, `or`, `not`, brackets, as pytest has them."""

import re
from collections.abc import Callable, Iterable

Predicate = Callable[[Iterable[str]], bool]
"""Whether texts, in small letters, are of the kind that is asked for."""

_TOKEN = re.compile(r"[()]|[^\s()]+")
_OPERATORS = ("and", "or", "not", ")")


def predicate(text: str) -> Predicate:
    """What an expression asks: a word is true if it is a part of one of the texts.

    Upper and lower case are the same, and so are `_` and `-`.

    Raises:
        ValueError: it is no expression; the text says where.
    """
    parser = _Parser(_TOKEN.findall(text.lower().replace("_", "-")))
    found = parser.any_of()
    if parser.left:
        raise ValueError(f"{parser.before} cannot be followed by {parser.left[0]!r}")
    return found


class _Parser:
    """Takes the tokens from the left."""

    def __init__(self, tokens: list[str]):
        self.left = tokens
        self.before = "the beginning"

    def any_of(self) -> Predicate:
        """Of `or`, which binds least."""
        ones = [self.all_of()]
        while self._takes("or"):
            ones.append(self.all_of())
        return lambda texts: any(one(texts) for one in ones)

    def all_of(self) -> Predicate:
        """Of `and`."""
        ones = [self.one()]
        while self._takes("and"):
            ones.append(self.one())
        return lambda texts: all(one(texts) for one in ones)

    def one(self) -> Predicate:
        """Of `not`, of brackets, of a word."""
        if self._takes("not"):
            other = self.one()
            return lambda texts: not other(texts)
        if self._takes("("):
            inner = self.any_of()
            if not self._takes(")"):
                raise ValueError("a bracket is not closed")
            return inner
        if not self.left or self.left[0] in _OPERATORS:
            raise ValueError(f"after {self.before} a word is missing")
        word = self.left[0]
        self._takes(word)
        return lambda texts: any(word in text for text in texts)

    def _takes(self, token: str) -> bool:
        if self.left[:1] != [token]:
            return False
        self.before = repr(self.left.pop(0))
        return True
