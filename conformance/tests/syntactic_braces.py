"""Small changes of a text in C or JavaScript, found by its tokens alone."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain

from syntactic_mutant import SWAPPED, Change

_COMMON = r"""
    (?P<skip> \s+ | //[^\n]* | /\*.*?\*/ )
  | (?P<string> "(?:\\.|[^"\\])*" | '(?:\\.|[^'\\])*' | `[^`]*` )
  | (?P<number> (?: 0[xX][0-9A-Fa-f_]+ | [0-9][0-9_]* ) (?![\w.]) )
  | (?P<real> [0-9][\w.]* )
  | (?P<word> \#?[A-Za-z_$][\w$]* )
  | (?P<sign> [=!]==? | <<=? | >>=? | [-=]> | [-+*/%&|^<>]= | && | \|\|
            | \?\? | \?\. | \+\+ | -- | \.\.\. | . )
"""
_FLAGS = re.VERBOSE | re.DOTALL | re.MULTILINE
_TOKENS = {
    "c": re.compile(r"(?P<line> ^[ \t]*\#(?:\\.|[^\n\\])* ) |" + _COMMON, _FLAGS),
    "javascript": re.compile(_COMMON, _FLAGS),
}
_PATTERN = re.compile(r"/(?:\\.|\[(?:\\.|[^\]\\\n])*\]|[^/\\\n\[])+/[a-z]*")
_CONTROL = {"if", "while", "for", "switch", "return", "catch", "sizeof"}
_LEAVES = {"return", "break", "continue", "throw"}
_NO_STATEMENT = {
    *("if", "while", "for", "switch", "do", "else", "case", "default", "try"),
    *("catch", "finally", "function"),
    *("const", "let", "var", "static", "enum", "struct", "typedef", "class", "export"),
}
_NO_OPERAND = _CONTROL | _LEAVES | _NO_STATEMENT
_ASSIGNS = {"=", "+=", "-=", "*=", "/=", "|=", "&=", "<<=", ">>=", "++", "--"}
_CLOSE = {"(": ")", "[": "]", "{": "}"}
_BINARY = {"+", "-", "&", "|"}
_BEFORE_CONDITION = {"(", "[", "{", "}", ",", ";", "?", ":", "return", "=>"} | _ASSIGNS


@dataclass(frozen=True, slots=True)
class _Token:
    kind: str
    text: str
    start: int
    end: int


def changes(text: str, language: str) -> Iterator[Change]:
    """All small changes, in the order of the text.

    Comments, strings, lines of the preprocessor and regular expressions are left.

    Args:
        text: a program.
        language: c or javascript.
    """
    program = _Program(text, _tokens(text, _TOKENS[language]), language)
    for at in range(len(program.tokens)):
        edits = chain(
            program.swaps(at),
            program.numbers(at),
            program.negations(at),
            program.drops(at),
        )
        for key, start, end, new in edits:
            source = text[:start] + new + text[end:]
            yield Change(program.contexts[at], key, source)


_Edit = tuple[str, int, int, str]
"""A key, the place of what is replaced, and what replaces it."""


def _tokens(text: str, pattern: re.Pattern[str]) -> list[_Token]:
    found: list[_Token] = []
    at = 0
    while match := pattern.match(text, at):
        kind = match.lastgroup or ""
        if match[0] == "/" and not _ends_operand(found):
            match = _PATTERN.match(text, at) or match
            kind = "string"
        at = match.end()
        if kind not in ("skip", "line"):
            found.append(_Token(kind, match[0], match.start(), at))
    return found


def _ends_operand(tokens: list[_Token]) -> bool:
    """Whether an operator that follows has an operand on its left."""
    if not tokens:
        return False
    last = tokens[-1]
    word = (
        last.kind in ("word", "number", "real", "string")
        and last.text not in _NO_OPERAND
    )
    return word or last.text in (")", "]")


class _Program:
    def __init__(self, text: str, tokens: list[_Token], language: str):
        self.text = text
        self.language = language
        self.tokens = tokens
        self.partner: dict[int, int] = {}
        self.contexts: list[str] = []
        self.in_body: list[bool] = []
        self._look()

    def _look(self) -> None:
        """Find the partner of each bracket, and the function around each token."""
        opened: list[tuple[int, str, bool]] = [(-1, "top", False)]
        for at, token in enumerate(self.tokens):
            if token.text in _CLOSE.values():
                start = opened.pop()[0]
                self.partner[start], self.partner[at] = at, start
            _, context, body = opened[-1]
            self.contexts.append(context)
            self.in_body.append(body and self._word(opened[-1][0]) in ("{", ""))
            if token.text in _CLOSE:
                name, is_class = (
                    self._name_before(at) if token.text == "{" else ("", False)
                )
                inside = not is_class and (body or bool(name))
                opened.append((at, name or context, inside))

    def _word(self, at: int) -> str:
        return self.tokens[at].text if 0 <= at < len(self.tokens) else ""

    def _name_before(self, brace: int) -> tuple[str, bool]:
        """The name of the function or class that a brace opens, if it opens one."""
        if self._word(brace - 2) == "extends":
            return self._word(brace - 3), True
        if self._word(brace - 2) == "class":
            return self._word(brace - 1), True
        before = self._before_parameters(brace)
        arrow = self._word(brace - 1) == "=>"
        if arrow and self._word(before) == "=":
            return self._word(before - 1), False
        is_name = not arrow and before >= 0 and self.tokens[before].kind == "word"
        found = is_name and self._word(before) not in _NO_OPERAND
        return (self._word(before), False) if found else ("", False)

    def _before_parameters(self, brace: int) -> int:
        """The token before the parentheses that end before a brace; -1 without any."""
        last = brace - 2 if self._word(brace - 1) == "=>" else brace - 1
        return self.partner[last] - 1 if self._word(last) == ")" else -1

    def swaps(self, at: int) -> Iterator[_Edit]:
        """One operator or word for another, or a negation less."""
        token = self.tokens[at]
        if token.kind == "string":
            return
        if token.text == "!":
            yield "!", token.start, token.end, ""
        unary = token.text in _BINARY and not _ends_operand(self.tokens[:at])
        if token.text in SWAPPED and not unary:
            yield token.text, token.start, token.end, SWAPPED[token.text]

    def numbers(self, at: int) -> Iterator[_Edit]:
        """An integer greater or less by one."""
        token = self.tokens[at]
        if token.kind == "number":
            value = int(token.text.replace("_", ""), 0)
            for sign, other in (("+1", value + 1), ("-1", value - 1)):
                new = str(other) if other >= 0 else f"({other})"
                yield token.text + sign, token.start, token.end, new

    def negations(self, at: int) -> Iterator[_Edit]:
        """A condition that is negated as a whole."""
        key = self.tokens[at].text
        first = last = at
        if key in ("if", "while") and self._word(at + 1) == "(":
            first, last = at + 2, self.partner[at + 1]
        elif key == "for" and self._word(at + 1) == "(":
            parts = self._semicolons(at + 2, self.partner[at + 1])
            first, last = (parts[0] + 1, parts[1]) if len(parts) == 2 else (at, at)
        elif key == "?":
            first, last = self._start_of_condition(at), at
        if first < last and not self._has_other_negation(first, last):
            start, end = self.tokens[first].start, self.tokens[last - 1].end
            yield key, start, end, f"!({self.text[start:end]})"

    def _flat(self, first: int, last: int) -> list[int]:
        """The tokens of a range that are in no bracket opened in it."""
        found = []
        at = first
        while at < last:
            found.append(at)
            at = self.partner[at] + 1 if self._word(at) in _CLOSE else at + 1
        return found

    def _semicolons(self, first: int, last: int) -> list[int]:
        return [at for at in self._flat(first, last) if self._word(at) == ";"]

    def _start_of_condition(self, question: int) -> int:
        at = question
        while self._word(at - 1) not in _BEFORE_CONDITION and at > 0:
            closes = self._word(at - 1) in _CLOSE.values()
            at = self.partner[at - 1] if closes else at - 1
        return at

    def _has_other_negation(self, first: int, last: int) -> bool:
        """Whether another change of the condition is the same as its negation."""
        flat = [self._word(at) for at in self._flat(first, last)]
        joined = "&&" in flat or "||" in flat
        compares = any(sign in flat for sign in ("==", "!=", "===", "!=="))
        return not joined and (compares or flat[0] == "!")

    def drops(self, at: int) -> Iterator[_Edit]:
        """A simple statement that is left out."""
        if not self._begins_statement(at):
            return
        end = next(iter(self._end_of_statement(at)), at)
        key = self._key_of_statement(at, end) if end > at else ""
        if key:
            yield f"drop {key}", self.tokens[at].start, self.tokens[end].end, ";"

    def _begins_statement(self, at: int) -> bool:
        before, token = self._word(at - 1), self.tokens[at]
        header = before == ")" and self._word(self.partner[at - 1] - 1) in _CONTROL
        starts = header or before in (";", "{", "}", "else", "do")
        first = token.kind == "word" or token.text in ("*", "++", "--")
        return self.in_body[at] and starts and first and token.text not in _NO_STATEMENT

    def _end_of_statement(self, at: int) -> Iterator[int]:
        """Its semicolon, unless a bracket around it closes before."""
        while at < len(self.tokens) and self._word(at) not in _CLOSE.values():
            if self._word(at) == ";":
                yield at
                return
            at = self.partner[at] + 1 if self._word(at) in _CLOSE else at + 1

    def _ends_function(self, end: int) -> bool:
        """Whether a statement is the last of a function.

        What a function in C returns without its last `return` is left to chance.
        """
        after = self.contexts[end + 2 :][:1] in ([], ["top"])
        return self.language == "c" and self._word(end + 1) == "}" and after

    def _key_of_statement(self, at: int, end: int) -> str:
        if self._word(at) in _LEAVES:
            return "" if self._ends_function(end) else self._word(at)
        if self.tokens[at].kind == self.tokens[at + 1].kind == "word":
            return ""  # a declaration
        if self._word(at + 1) == "*" and self.tokens[at + 2].kind == "word":
            return ""  # that of a pointer
        flat = self._flat(at, end)
        assigns = [one for one in flat if self._word(one) in _ASSIGNS]
        last = (
            assigns[0]
            if assigns
            else next((one for one in flat if self._word(one) == "("), at)
        )
        return self.text[self.tokens[at].start : self.tokens[last].end]
