import re

from hjp_spec import registry
from hjp_spec.registry import FATAL, LIMITS, Code, Fatal
from hjp_spec.requirements import table, text

CORE = text("core")


def quoted(cell: str) -> list[str]:
    return re.findall(r"`([^`]+)`", cell)


def number(cell: str) -> int:
    return int(re.sub(r"\D", "", cell))


def test_codes_and_whether_they_are_fatal() -> None:
    rows = table(CORE, "code", "fatal", "meaning")
    found = {code: fatal for codes, fatal, _ in rows for code in quoted(codes)}
    assert {str(code): FATAL[code].value for code in Code} == found
    assert [str(code) for code in Code] == list(found)
    assert FATAL[Code.TOO_LARGE] is Fatal.BY_PLACE


def default(cell: str) -> int | None:
    if not re.match(r"\d", cell):
        return None
    factor = 2**20 if "MiB" in cell else 1
    return number(re.match(r"[\d ]+", cell)[0]) * factor  # type: ignore[index]


def test_limits_and_their_defaults() -> None:
    rows = table(CORE, "name", "default", "what it bounds")
    found = {name: default(cell) for names, cell, _ in rows for name in quoted(names)}
    assert found == LIMITS


def test_the_frame() -> None:
    rows = {row[2]: row for row in table(CORE, "offset", "octets", "field", "value")}
    assert bytes.fromhex(quoted(rows["magic"][3])[0]) == registry.MAGIC
    assert int(rows["version"][3]) == registry.VERSION
    assert int(rows["JSON text"][0]) == registry.HEADER_LENGTH
    least, most = rows["json_length"][3].split(", ")[-1].split(" … ")
    assert (int(least), number(most)) == (registry.MIN_JSON, registry.MAX_JSON)


def test_operations() -> None:
    columns = "op", "request members, in the order they are checked", "reply members"
    rows = table(CORE, *columns)
    assert tuple(quoted(row[0])[0] for row in rows) == registry.OPS


def test_numbers_in_the_sentences() -> None:
    assert f"deeper than {registry.MAX_DEPTH}," in CORE
    assert "9 007 199 254 740 991" in CORE
    assert registry.MAX_INTEGER == 9_007_199_254_740_991
