import copy
import re
from html import unescape
from html.parser import HTMLParser

import pytest
import report_samples as samples
from markdown_it import MarkdownIt
from report_samples import HOSTILE, big, case, conformant, report, run, small

from hjp_conformance.reports.markdown import (
    MAX_CARDS,
    MAX_NAMED,
    escaped,
    markdown,
)
from hjp_conformance.reports.shape import Report

TAGS = {
    "h2", "h3", "p", "br", "table", "thead", "tbody", "tr", "th", "td", "ul", "li",
    "strong", "code", "details", "summary", "pre",
}  # fmt: skip


class Page(HTMLParser):
    """The tags, the attributes and the text of a page."""

    def __init__(self, text: str):
        super().__init__()
        self.tags: list[str] = []
        self.attributes: list[str] = []
        self.text = ""
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += [name for name, _ in attrs]

    def handle_data(self, data: str) -> None:
        self.text += data


def page(whole: Report) -> Page:
    rendered = MarkdownIt("commonmark").enable("table").render(markdown(whole))
    return Page(rendered)


def test_a_target_that_is_right() -> None:
    text = markdown(conformant())
    assert text.startswith("## ✅ HJP/1: CONFORMANT\n")
    assert "| FRM Frame | ✅ 1 of 1 |\n" in text
    assert "- 1 server case skipped: <code>no &#96;token&#96;</code>\n" in text
    assert "look into" not in text
    assert "<details>" not in text


def test_a_selection_and_known_failures_are_told() -> None:
    part, as_expected = markdown(samples.partial()), markdown(samples.known())
    assert part.startswith("## ✅ HJP/1: CONFORMANT as far as 41 of 777 cases go\n")
    assert "\n41 cases, 736 of 777 not run, begun " in part
    assert as_expected.startswith("## 📌 HJP/1: AS EXPECTED, NOT CONFORMANT\n")
    assert "not run" not in as_expected


def test_what_is_no_markup_is_told_as_it_is() -> None:
    """People read the source as well, in a mail or a log."""
    told = "reply to 1: error bad_magic (fatal), at 23:51, 1.5 s; the end."
    assert escaped(told) == told
    hostile = "_a_ www.x.test http://x :smile: *b* __c__"
    found = escaped(hostile)
    assert not re.search(r"\b_|_\b|www\.|http:|:smile|\*", found)
    assert unescape(found) == hostile


def test_a_target_that_is_wrong() -> None:
    text = markdown(small())
    assert text.startswith("## ❌ HJP/1: NOT CONFORMANT\n")
    assert "| chapter | server | client | codec |\n" in text
    assert "| FRM Frame | ❌ 1 of 2, 1 fail |  | ✅ 1 of 1 |\n" in text
    assert "| level | server | client | codec |\n" in text
    assert "\n### 13 cases to look into\n" in text
    assert text.count("<details>") == 13
    assert "- **server**: <code>a fault of the suite</code>" in text


def test_a_failure_is_named_with_its_sentence_and_what_happened() -> None:
    one = page(small())
    wanted = (
        "fail server-frm-magic-wrong-lower-case\n"
        "HJP-FRM-2: A receiver MUST refuse with bad_magic a frame whose octets 0 to 3"
        " are not the magic.\nreply to 1, ok"
    )
    assert wanted in one.text
    assert "(#precedence)" not in one.text
    assert "    >     16  7B 22 69 64 22 3A 31 2C  JSON text" in one.text


def test_the_worst_come_first() -> None:
    found = re.findall(r"^- \S+ \*\*(\w+)\*\*", markdown(small()), re.MULTILINE)
    order = ["harness", "crash", "fail", "inconclusive", "warn"]
    assert [one for one in order if one in found] == list(dict.fromkeys(found))


def test_what_a_target_says_is_text() -> None:
    one = page(small())
    assert set(one.tags) <= TAGS
    assert one.attributes == []
    assert one.tags.count("details") == 13
    assert one.tags.count("pre") == 13
    assert "<script>alert(1)</script> <img src=x onerror=alert(2)>" in one.text
    assert "| **b** `c` [d](javascript:alert(3)) @root #1 http://x.test" in one.text
    assert "\u202e" not in one.text
    assert "\x1b" not in one.text


def test_no_target_speaks_outside_of_code() -> None:
    """Where platforms look for people, issues and addresses to link."""
    hostile = small()
    hostile["runs"][0]["stopped"] = HOSTILE
    hostile["runs"][0]["complete"] = False
    hostile["runs"][0]["dead"] = [HOSTILE]
    hostile["runs"][0]["cases"].append(
        case("server-cor-skip", "skip", "HJP-COR-8", message=HOSTILE)
    )
    rendered = MarkdownIt("commonmark").enable("table").render(markdown(hostile))
    outside = re.sub(r"<(pre|code)>.*?</\1>", "", rendered, flags=re.DOTALL)
    for word in ("@root", "#1", "http", "www", "alert"):
        assert word not in outside
        assert word in rendered


@pytest.mark.parametrize("bad", [1, 400, 12_000])
def test_it_is_bounded(bad: int) -> None:
    text = markdown(big(12_000, bad))
    assert len(text.encode()) < 900_000
    assert text.count("<details>") == min(bad, MAX_CARDS)
    assert text.count("**fail**") == min(bad, MAX_NAMED)
    assert (f"- and {bad - MAX_NAMED} more" in text) == (bad > MAX_NAMED)


def test_it_is_bounded_whatever_a_target_says() -> None:
    worst = copy.deepcopy(samples.HOSTILE_CASE)
    worst["message"] = "&" * 100_000
    worst["conversations"][0]["notes"] = ["\U0001f600<\x1b" * 10_000]
    skips = [
        case(f"server-cor-skip-{n}", "skip", "HJP-COR-8", message=f"{n}{HOSTILE}" * 99)
        for n in range(999)
    ]
    one = run("server", [worst] * 200 + skips, trouble=["<" * 9_000] * 99)
    one["target"]["name"] = HOSTILE * 1_000
    text = markdown(report(one))
    assert len(text.encode()) < 900_000
    assert "… and more, in the other reports</pre>" in text
    assert set(page(report(one)).tags) <= TAGS
