"""Small changes made by a machine: the maker of them, and the suite against a sample."""

import shutil
from collections.abc import Iterable

import pytest
import syntactic_braces
import syntactic_python
from syntactic import LANGUAGES, mutants, survivors, tried, wrong
from syntactic_mutant import Change, Mutant, numbered, spread

SAMPLE = 15
"""Of each language: the command tries all of them, in an hour."""


def keyed(changes: Iterable[Change]) -> dict[str, str]:
    """The texts after each change, by function, what is changed, and which of these."""
    return {one.id[2:]: one.source for one in numbered("f", "", changes)}


def in_c(text: str) -> dict[str, str]:
    return keyed(syntactic_braces.changes(text, "c"))


def in_javascript(text: str) -> dict[str, str]:
    return keyed(syntactic_braces.changes(text, "javascript"))


def in_python(text: str) -> dict[str, str]:
    return keyed(syntactic_python.changes(text))


@pytest.mark.parametrize(
    ("expression", "found"),
    [
        ("a < b", {"<": "a <= b"}),
        ("a >= b", {">=": "a > b"}),
        ("a == b", {"==": "a != b"}),
        ("a && b", {"&&": "a || b"}),
        ("a + b", {"+": "a - b"}),
        ("a & b", {"&": "a | b"}),
        ("a << b", {"<<": "a >> b"}),
        ("!a", {"!": "a"}),
        ("&a", {}),
        ("-a", {}),
        ("p->x", {}),
        ("true", {"true": "false"}),
        ("15", {"15+1": "16", "15-1": "14"}),
        ("0", {"0+1": "1", "0-1": "(-1)"}),
        ("0x20", {"0x20+1": "33", "0x20-1": "31"}),
        ("1.5", {}),
        ('"a < 1"', {}),
        ("'<'", {}),
        ("a /* < 1 */", {}),
        ("a ? b : c", {"?": "!(a) ? b : c"}),
        ("a == b ? c : d", {"==": "a != b ? c : d"}),
        ("a || b ? c : d", {"||": "a && b ? c : d", "?": "!(a || b) ? c : d"}),
    ],
)
def test_an_expression_in_c(expression: str, found: dict[str, str]) -> None:
    whole = {
        f"f:{key}:1": f"int f() {{ int x = {new}; return x; }}"
        for key, new in found.items()
    }
    assert in_c(f"int f() {{ int x = {expression}; return x; }}") == whole


@pytest.mark.parametrize(
    ("expression", "found"),
    [
        ("a !== b", {"!==": "a === b"}),
        ("65_536", {"65_536+1": "65537", "65_536-1": "65535"}),
        ("/a<1/y", {}),
        ("`${a < 1}`", {}),
        ("a / b / c", {}),
        ("a ?? b?.c", {}),
        ("this.#a > b", {">": "this.#a >= b"}),
        ("(a) => b", {}),
    ],
)
def test_an_expression_in_javascript(expression: str, found: dict[str, str]) -> None:
    whole = {f"top:{key}:1": f"const x = {new};" for key, new in found.items()}
    assert in_javascript(f"const x = {expression};") == whole


@pytest.mark.parametrize(
    ("expression", "found"),
    [
        ("a < b <= c", {"<": "a <= b <= c", "<=": "a < b < c"}),
        ("a in b", {"in": "a not in b"}),
        ("a is None", {"is": "a is not None"}),
        ("a and b", {"and": "a or b"}),
        ("not a", {"not": "not not a"}),
        ("a | b", {"|": "a & b"}),
        ("True", {"True": "False"}),
        ("5", {"5+1": "6", "5-1": "4"}),
        ("'1 < 2'", {}),
        ("f'{1 < a}'", {}),
        ("b if a else c", {"if else": "b if not a else c"}),
        ("b if a != 'x' else c", {"!=": "b if a == 'x' else c"}),
        ("[a for a in b if a]", {"if in loop": "[a for a in b if not a]"}),
    ],
)
def test_an_expression_in_python(expression: str, found: dict[str, str]) -> None:
    whole = {f"top:{key}:1": f"x = {new}" for key, new in found.items()}
    assert in_python(f"x = {expression}") == whole


C = """\
#define LEAST 2
static int f(struct s *d) {
    uint8_t *to = d->to;
    for (;;) {
        if (d->at) break;
        d->at++;
    }
    if (take(d, 'x')) return 1;
    d->b[d->n++] = 'c';
    call(d);
    return d->at;
}
"""


def test_simple_statements_are_left_out_in_c() -> None:
    found = in_c(C)
    drops = {key: source for key, source in found.items() if ":drop " in key}
    assert list(drops) == [
        "f:drop break:1",
        "f:drop d->at++:1",
        "f:drop return:1",
        "f:drop d->b[d->n++] =:1",
        "f:drop call(:1",
    ]
    assert drops["f:drop call(:1"] == C.replace("call(d);", ";")
    assert found["f:if:1"] == C.replace("if (d->at)", "if (!(d->at))")


JAVASCRIPT = """\
const outer = (octets) => {
  const inner = (why) => { stop(why); };
  try {
    a = octets[0];
  } catch {
    inner(2);
  }
};
class Decoder extends Base {
  #at = 0;
  get left() { return this.#at; }
  #step(octets) {
    if (octets) return null;
    this.#at = 3;
  }
}
"""


def test_contexts_are_the_functions_in_javascript() -> None:
    assert list(in_javascript(JAVASCRIPT)) == [
        "inner:drop stop(:1",
        "outer:drop a =:1",
        "outer:0+1:1",
        "outer:0-1:1",
        "outer:drop inner(:1",
        "outer:2+1:1",
        "outer:2-1:1",
        "Decoder:0+1:1",
        "Decoder:0-1:1",
        "left:drop return:1",
        "#step:if:1",
        "#step:drop return:1",
        "#step:drop this.#at =:1",
        "#step:3+1:1",
        "#step:3-1:1",
    ]


PYTHON = '''\
"""Text."""
LEAST: int = 2

async def f(a):
    """More text."""

    def g():
        raise ValueError(1)
    while a:
        a -= 1
        continue
    await g()
    return a
'''


def test_simple_statements_are_left_out_in_python() -> None:
    found = in_python(PYTHON)
    assert sorted(found) == sorted(
        [
            *("top:2+1:1", "top:2-1:1", "f.g:drop raise:1", "f.g:1+1:1", "f.g:1-1:1"),
            *("f:while:1", "f:drop a =:1", "f:-=:1", "f:1+1:1", "f:1-1:1"),
            *("f:drop continue:1", "f:drop g(:1", "f:drop return:1"),
        ]
    )
    normal = syntactic_python.normal(PYTHON)
    assert found["f:drop continue:1"] == normal.replace("continue", "pass")
    assert found["f:while:1"] == normal.replace("while a", "while not a")
    assert found["f:-=:1"] == normal.replace("-=", "+=")


def test_the_same_change_in_one_function_is_counted() -> None:
    text = "x = a < b\ny = c < d\n"
    found = list(numbered("m.py", text, syntactic_python.changes(text)))
    assert [one.id for one in found] == ["m.py:top:<:1", "m.py:top:<:2"]
    assert found[1].shown == "- y = c < d\n+ y = c <= d"


def test_a_sample_is_spread_over_the_text() -> None:
    every = [Mutant(str(number), "", "") for number in range(10)]
    assert [one.id for one in spread(every, 4)] == ["0", "2", "5", "7"]
    assert spread(every, 20) == every


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_right_program_is_none_of_its_mutants(language: str) -> None:
    text = LANGUAGES[language].program.read_text("utf-8")
    text = syntactic_python.normal(text) if language == "python" else text
    found = mutants(language)
    assert len(found) > 200
    assert text not in {one.source for one in found}
    assert len({one.id for one in found}) == len(found)


def test_what_is_listed_exists() -> None:
    every = {one.id for language in LANGUAGES for one in mutants(language)}
    assert survivors().keys() <= every


@pytest.mark.soak
@pytest.mark.timeout(600)
@pytest.mark.parametrize("number", range(SAMPLE))
@pytest.mark.parametrize("language", LANGUAGES)
def test_a_small_change_is_caught_or_listed(language: str, number: int) -> None:
    needed = {"c": "gcc", "javascript": "node"}.get(language, "sh")
    if shutil.which(needed) is None:
        pytest.skip(f"{needed} is not installed")
    mutant = spread(mutants(language), SAMPLE)[number]
    assert wrong(tried(language, mutant)) is None, f"{mutant.id}\n{mutant.shown}"
