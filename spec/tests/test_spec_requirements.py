import re
from pathlib import Path

import pytest

from hjp_spec.registry import Code
from hjp_spec.requirements import (
    ACTORS,
    LEVELS,
    PRECEDENCE,
    REQUIREMENTS,
    Section,
    documents,
    index,
    parse,
    sections,
    table,
    text,
)

ROOMS = ("spec", "reference", "conformance", "fuzz")
KINDS = {".py", ".md", ".json", ".toml", ".c", ".h", ".js", ".html", ".yml"}
ROOT = Path(__file__).parents[2]
MENTION = re.compile(r"HJP-[A-Z][A-Z0-9]+-[0-9]+")
# Ids that tests may use for "there is no such requirement".
NOBODY = re.compile(r"HJP-(?:[A-Z0-9]+-(?:0|9[0-9]+)|XXX-[0-9]+|ZZZ-[0-9]+)")


def section(markdown: str) -> Section:
    return Section("core", "Frame", "frame", 2, markdown)


def test_every_bold_id_of_the_texts_is_parsed_once() -> None:
    bold = [
        id_
        for document in documents()
        for id_ in re.findall(r"^\*\*(HJP-[^.*]*)\.\*\*", text(document), re.MULTILINE)
    ]
    assert sorted(bold) == sorted(REQUIREMENTS)


def test_ids_are_well_formed_and_tell_their_area() -> None:
    for id_, requirement in REQUIREMENTS.items():
        assert MENTION.fullmatch(id_)
        assert id_ == requirement.id
        assert id_.split("-")[1] == requirement.area


def test_one_key_word_and_one_actor_each() -> None:
    for requirement in REQUIREMENTS.values():
        in_force = not requirement.withdrawn
        assert (requirement.level in LEVELS) == in_force, requirement
        assert (requirement.actor in ACTORS) == in_force, requirement
        assert requirement.sentence.rstrip("*").endswith("."), requirement


def test_key_words_stand_in_requirements_only() -> None:
    keyword = re.compile(r"\b(MUST|SHOULD|MAY)\b")
    for document in ("core", "testee"):
        for line in text(document).splitlines():
            explains = line.startswith("The key words ")
            if keyword.search(line) and not explains:
                assert line.startswith("**HJP-"), line


def test_the_core_says_at_least_eighty_musts() -> None:
    musts = [
        requirement
        for requirement in REQUIREMENTS.values()
        if requirement.document == "core" and requirement.level.startswith("MUST")
    ]
    assert len(musts) >= 80


def test_every_document_but_the_rationale_has_requirements() -> None:
    found = {requirement.document for requirement in REQUIREMENTS.values()}
    assert found == set(documents()) - {"rationale"}
    assert documents()[0] == "core"


def test_every_id_that_anybody_mentions_exists() -> None:
    unknown = [
        f"{path.relative_to(ROOT)}: {id_}"
        for room in ROOMS
        for path in sorted((ROOT / room).rglob("*"))
        if path.suffix in KINDS and "node_modules" not in path.parts
        for id_ in MENTION.findall(path.read_text("utf-8", errors="replace"))
        if id_ not in REQUIREMENTS and not NOBODY.fullmatch(id_)
    ]
    assert unknown == []


def test_links_of_the_texts_lead_somewhere() -> None:
    anchors = {(found.document, found.anchor) for found in sections()}
    folder = ROOT / "spec" / "hjp_spec" / "text"
    for document in documents():
        prose = re.sub(r"^```.*?^```", "", text(document), flags=re.M | re.S)
        for target in re.findall(r"\]\(([^)]+)\)", prose):
            file, _, anchor = target.partition("#")
            assert (folder / file).exists(), target
            linked = file.removesuffix(".md") or document
            assert not anchor or (linked, anchor) in anchors, target


def test_sections_know_the_heading_above_a_requirement() -> None:
    assert REQUIREMENTS["HJP-FRM-2"].section == "Frame"
    assert REQUIREMENTS["HJP-MET-17"].section == "Numbers"
    assert REQUIREMENTS["HJP-TST-1"].document == "testee"


def test_an_anchor_names_one_section_of_its_document() -> None:
    named = [(found.document, found.anchor) for found in sections()]
    assert len(named) == len(set(named))


def test_codes_of_sentences() -> None:
    assert REQUIREMENTS["HJP-FRM-2"].code is Code.BAD_MAGIC
    assert REQUIREMENTS["HJP-ERR-16"].code is Code.UNKNOWN_OP
    assert REQUIREMENTS["HJP-FRM-3"].code is None


def test_a_withdrawn_requirement_keeps_its_id() -> None:
    (found,) = parse(section("**HJP-FRM-3.** *Withdrawn in 0.3; see HJP-FRM-5.*"))
    assert (found.id, found.withdrawn) == ("HJP-FRM-3", True)
    assert (found.level, found.actor) == ("", "")


def test_a_sentence_may_be_broken_into_lines() -> None:
    (found,) = parse(section("Why.\n\n**HJP-FRM-3.** A server MUST\nanswer.\n\nSo."))
    assert found.sentence == "A server MUST answer."


@pytest.mark.parametrize(
    "sentence",
    [
        "A server MUST answer and MUST NOT stop.",
        "A server answers.",
        "A router MUST answer.",
        "Every server MUST answer.",
    ],
)
def test_a_sentence_that_is_no_requirement_is_an_error(sentence: str) -> None:
    with pytest.raises(ValueError, match="HJP-FRM-3: one key word, one actor"):
        list(parse(section(f"**HJP-FRM-3.** {sentence}")))


def test_an_id_belongs_to_one_sentence() -> None:
    twice = "**HJP-FRM-3.** A server MUST answer.\n\n" * 2
    with pytest.raises(ValueError, match="HJP-FRM-3 is given twice"):
        index(parse(section(twice)))


def test_precedence_has_its_rows_in_order() -> None:
    assert [row.number for row in PRECEDENCE] == list(range(1, len(PRECEDENCE) + 1))
    assert [row.code for row in PRECEDENCE[:7]] == [
        Code.BAD_MAGIC,
        Code.BAD_VERSION,
        Code.BAD_FRAME,
        Code.BAD_FRAME,
        Code.TOO_LARGE,
        Code.TOO_LARGE,
        Code.BAD_JSON,
    ]
    assert [row.limit for row in PRECEDENCE[4:6]] == ["max_json", "max_payload"]
    assert PRECEDENCE[-1].code is None


def test_a_document_or_table_that_is_not_there() -> None:
    with pytest.raises(KeyError):
        text("nothing")
    with pytest.raises(KeyError):
        table(text("core"), "no", "such", "table")
