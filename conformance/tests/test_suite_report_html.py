import base64
import copy
import hashlib
import json
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from html.parser import HTMLParser
from itertools import pairwise
from pathlib import Path
from typing import Any

import chromium
import pytest
import report_samples as samples
from chromium import Browser
from report_samples import HOSTILE, big, case, conformant, report, run, small

from hjp_conformance.reports.html import html
from hjp_conformance.reports.packing import packed
from hjp_conformance.reports.shape import Report

needs_chromium = pytest.mark.skipif(
    chromium.PROGRAM is None, reason="there is no Chromium here"
)


class Page(HTMLParser):
    """What stands in a page: elements, and the text of those that are asked for."""

    def __init__(self, text: str):
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.texts: dict[str, list[str]] = {}
        self._inside = ""
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))
        self._inside = tag
        self.texts.setdefault(tag, []).append("")

    def handle_endtag(self, tag: str) -> None:
        self._inside = ""

    def handle_data(self, data: str) -> None:
        if self._inside:
            self.texts[self._inside][-1] += data

    def tags(self) -> Counter[str]:
        return Counter(tag for tag, _ in self.found)

    def all(self, tag: str, name: str) -> list[str | None]:
        return [
            attrs[name]
            for found, attrs in self.found
            if (found, name in attrs) == (tag, True)
        ]

    def rows(self) -> list[str]:
        """The ids of the rows that are shown."""
        return [text for text in self.texts.get("code", []) if is_name(text)]


def is_name(text: str) -> bool:
    return bool(re.fullmatch(r"(server|client|codec)-[a-z0-9-]+|HJP-[A-Z]+-\d+", text))


# The page as it is written


def test_the_parts_of_the_page() -> None:
    text = html(small())
    page = Page(text)
    assert page.texts["title"] == ["NOT CONFORMANT: HJP/1 conformance"]
    assert "<b>3</b> of <b>18</b> cases pass" in text
    assert page.rows().count(samples.MAGIC["id"]) == 1
    assert page.tags()["article"] == 3
    wrong = '<tr class="wrong"><td>16<td><mark>7B</mark> 22 69 64 22 3A 31 2C<td>JSON'
    assert wrong in text
    assert "<tr><td>0<td><u>68</u> 6A 70 FF<td>magic<td>FRM-2<td>hjp.\n" in text
    assert "--case server-frm-magic-wrong-lower-case</code>" in text


def test_a_target_that_is_right() -> None:
    text = html(conformant())
    assert "<title>CONFORMANT: HJP/1 conformance</title>" in text
    assert "Nothing to look into." in text
    assert "<details" not in text


def test_a_selection_and_known_failures_are_told() -> None:
    part, as_expected = html(samples.partial()), html(samples.known())
    assert "<title>CONFORMANT as far as 41 of 777 cases go: HJP/1 conf" in part
    assert "cases pass, 736 of 777 not run.</p>" in part
    assert "</svg> AS EXPECTED, NOT CONFORMANT</h1>" in as_expected
    assert '<header class="v-known">' in as_expected
    assert '<article class="run v-known">' in as_expected
    assert "not run" not in as_expected


def test_headings_leave_no_level_out() -> None:
    levels = [
        int(tag[1])
        for tag, _ in Page(html(small())).found
        if tag in ("h1", "h2", "h3", "h4")
    ]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(two <= one + 1 for one, two in pairwise(levels))


def test_ids_are_unique_and_what_is_labelled_is_there() -> None:
    page = Page(html(small()))
    ids = [attrs["id"] for _, attrs in page.found if "id" in attrs]
    assert len(ids) == len(set(ids))
    assert set(page.all("section", "aria-labelledby")) <= set(ids)


def test_nothing_is_loaded_from_elsewhere() -> None:
    page = Page(html(small()))
    for tag, attrs in page.found:
        assert tag not in ("img", "iframe", "object", "embed", "base", "form:action")
        assert "src" not in attrs
        href = attrs.get("href") or "#"
        assert href.startswith(("#", "data:image/svg+xml,")), href


def test_the_policy_lets_only_these_scripts_and_styles_run() -> None:
    text = html(small())
    page = Page(text)
    (policy,) = [
        attrs["content"] for tag, attrs in page.found if attrs.get("http-equiv")
    ]
    assert policy is not None
    assert policy.startswith("default-src 'none'; script-src 'sha256-")
    assert "unsafe" not in policy
    for tag in ("style", "script"):
        content = page.texts[tag][0].encode()
        digest = base64.b64encode(hashlib.sha256(content).digest()).decode()
        assert f"{tag}-src 'sha256-{digest}'" in policy
    for _, attrs in page.found:
        assert not any(name == "style" or name.startswith("on") for name in attrs)


def test_what_a_target_says_is_text() -> None:
    clean = copy.deepcopy(small())
    clean["runs"][0]["target"]["name"] = "clean"
    for one in clean["runs"][0]["cases"]:
        if one["id"] == samples.HOSTILE_CASE["id"]:
            one["message"] = "clean\nclean"
            one["conversations"][0]["notes"] = ["clean"]
    assert Page(html(small())).tags() == Page(html(clean)).tags()
    text = html(small())
    assert "<script>alert(1)" not in text
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in text
    assert "\u202e" not in text
    assert "\x1b" not in text


def test_the_script_makes_no_markup() -> None:
    script = Page(html(conformant())).texts["script"][0]
    for word in ("innerHTML", "outerHTML", "insertAdjacent", "document.write", "eval("):
        assert word not in script


@pytest.mark.parametrize("bad", [1, 400, 12_000])
def test_it_is_small_enough_to_be_sent(bad: int) -> None:
    text = html(big(12_000, bad))
    assert len(text.encode()) < 3_000_000
    cards = text.count("<details")
    assert (cards == bad) == (bad < 1_000)
    left = "had no room here" in text
    assert left == (cards < bad)


def test_data_is_unpacked_as_it_was() -> None:
    cases = [
        case("codec-frm-a", "pass", "HJP-FRM-1", title="\U0001f600\U0001f600 one"),
        case("codec-frm-a-b", "pass", "HJP-FRM-1", title="\U0001f600\U0001f601 two"),
        case("codec-frm-a-b", "pass", "HJP-FRM-1", title="\U0001f600"),
        case("codec-met-c", "fail", "HJP-MET-1", title="", broken=["HJP-MET-2"]),
    ]
    data = packed(report(run("codec", cases)))
    found, id_, title = [], b"", b""
    for shared_id, rest_id, shared_title, rest_title, *_ in data["runs"][0]["cases"]:
        id_ = id_[: 2 * shared_id] + rest_id.encode("utf-16-le")
        title = title[: 2 * shared_title] + rest_title.encode("utf-16-le")
        found.append((id_.decode("utf-16-le"), title.decode("utf-16-le")))
    assert found == [(one["id"], one["title"]) for one in cases]
    assert data["ids"][data["runs"][0]["cases"][3][-1][0]] == "HJP-MET-2"


def test_a_shuffled_run_is_shown_in_the_order_of_its_ids() -> None:
    cases = [case(f"codec-frm-{one}", "pass", "HJP-FRM-1") for one in "cab"]
    data = packed(report(run("codec", cases, shuffle=7)))
    assert [row[1][-1] for row in data["runs"][0]["cases"]] == ["a", "b", "c"]


def test_a_chapter_that_nobody_has_named_is_shown() -> None:
    whole = small()
    whole["areas"] = {"FRM": "Frame"}
    assert '<th scope="row"><b>MET</b>' in html(whole)


# The page in a browser


@dataclass
class Shower:
    """Shows pages in a browser."""

    browser: Browser
    folder: Path

    def open(self, text: str, fragment: str = "") -> None:
        file = self.folder / "report.html"
        file.write_text(text, encoding="utf-8")
        self.browser.open(file.as_uri() + fragment)

    def page(self) -> Page:
        """What it has become."""
        return Page(self.browser.run("document.documentElement.outerHTML"))


@pytest.fixture(scope="module")
def shower(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shower]:
    folder = tmp_path_factory.mktemp("browser")
    with Browser(folder / "profile") as browser:
        yield Shower(browser, folder)


def shown(shower: Shower, whole: Report, fragment: str) -> Page:
    shower.open(html(whole), fragment)
    page = shower.page()
    assert shower.browser.console == []
    return page


def status(page: Page) -> str:
    (place,) = [
        n for n, (tag, attrs) in enumerate(page.found) if attrs.get("id") == "count"
    ]
    number = sum(tag == "p" for tag, _ in page.found[:place])
    return page.texts["p"][number].replace("\u202f", "")


@needs_chromium
@pytest.mark.parametrize(
    ("fragment", "told", "ids"),
    [
        ("", "13 of 18 cases", {"server-frm-magic-wrong-lower-case"}),
        ("#?verdict=all", "18 of 18 cases", {"server-frm-magic-right"}),
        ("#?verdict=crash", "1 of 18 cases", {samples.CRASH["id"]}),
        ("#?verdict=all&mode=codec", "2 of 18 cases", {"codec-frm-empty"}),
        ("#?verdict=all&area=FRM&q=RIGHT%20magic", "1 of 18 cases", set()),
        ("#?verdict=all&level=SHOULD", "1 of 18 cases", {samples.SLOW["id"]}),
        ("#?verdict=all&req=HJP-LIF-7", "2 of 18 cases", {samples.TWO["id"]}),
        ("#?q=nothing+has+this", "0 of 18 cases", set()),
        ("#?view=requirements&verdict=fail", "6 of 13 requirements", {"HJP-FRM-2"}),
        ("#?view=requirements&verdict=all&q=magic", "1 of 13 requirements", set()),
    ],
)
def test_the_filter(shower: Shower, fragment: str, told: str, ids: set[str]) -> None:
    page = shown(shower, small(), fragment)
    assert status(page) == told
    rows = page.rows()
    assert len(rows) == int(told.split()[0])
    assert ids <= set(rows)


@needs_chromium
def test_a_case_has_an_address(shower: Shower) -> None:
    id_ = samples.TWO["id"]
    page = shown(shower, small(), f"#{id_}")
    assert page.rows() == [id_]
    assert [
        attrs["id"] for tag, attrs in page.found if tag == "details" and "open" in attrs
    ] == [id_]
    assert page.tags()["table"] == 3 + 4


@needs_chromium
def test_a_case_that_passed_has_an_address(shower: Shower) -> None:
    page = shown(shower, small(), "#server-frm-magic-right")
    assert page.rows() == ["server-frm-magic-right"]
    assert page.tags()["details"] == 1
    assert "#HJP-FRM-2" in page.all("a", "href")  # it is open and filled


@needs_chromium
def test_a_requirement_has_an_address(shower: Shower) -> None:
    page = shown(shower, small(), "#HJP-ERR-10")
    assert page.rows() == ["HJP-ERR-10"]
    assert "#server-frm-magic-wrong-lower-case" in page.all("a", "href")
    # The case saw another of its requirements broken.
    assert page.all("details", "class") == ["case v-inconclusive"]


@needs_chromium
def test_a_list_of_thousands_is_made_as_it_is_looked_at(shower: Shower) -> None:
    page = shown(shower, big(), "#?verdict=all")
    assert status(page) == "12000 of 12000 cases"
    assert 100 <= len(page.rows()) < 1_000
    page = shown(shower, big(), "#?verdict=all&q=deep+at-start+codec-met")
    count = int(status(page).split()[0])
    wanted = [
        one
        for one in big()["runs"][0]["cases"]
        if "codec-met-generated-deep-at-start" in one["id"]
    ]
    assert count == len(wanted)


@needs_chromium
def test_in_a_browser_too_what_a_target_says_is_text(shower: Shower) -> None:
    whole = small()
    for one in whole["runs"][0]["cases"]:
        one["message"] = HOSTILE
    page = shown(shower, whole, "#?verdict=all")
    assert page.tags()["script"] == 2
    assert page.tags()["img"] == 0
    data: Any = json.loads(page.texts["script"][1])
    assert any(
        "<script>alert(1)</script>" in str(row) for row in data["runs"][0]["cases"]
    )


@needs_chromium
def test_the_policy_is_kept_and_a_fault_in_the_page_would_be_seen(
    shower: Shower,
) -> None:
    script = "<script>document.title = 'no'</script>"
    shower.open(html(small()).replace("</body>", f"{script}</body>"))
    assert shower.page().texts["title"] == ["NOT CONFORMANT: HJP/1 conformance"]
    told = " ".join(shower.browser.console)
    assert "Content Security Policy" in told
    shower.open(html(small()).replace('id="count"', 'id="other"'))
    assert "TypeError" in " ".join(shower.browser.console)


@needs_chromium
def test_no_script_can_make_markup_of_text(shower: Shower) -> None:
    shower.open(html(small()))
    attempt = "try { document.body.innerHTML = '<b>'; 1 } catch (error) { error.name }"
    assert shower.browser.run(attempt) == "TypeError"


# Somebody uses it

ROWS = "document.querySelectorAll('#rows > li').length"
FORM = "document.getElementById('filter').elements"


def choose(shower: Shower, name: str, value: str) -> None:
    shower.browser.run(
        f"{FORM}.{name}.value = {value!r};"
        f"{FORM}.{name}.dispatchEvent(new Event('input', {{bubbles: true}}))"
    )


@needs_chromium
def test_the_keyboard_is_enough(shower: Shower) -> None:
    browser = shower.browser
    shower.open(html(small()))
    browser.key("/", "/")
    assert browser.run("document.activeElement.name") == "q"
    for letter in "crash":
        browser.key(letter, letter)
    assert browser.run(f"{FORM}.q.value") == "crash"
    assert status(shower.page()) == "0 of 18 cases"
    browser.run(f"{FORM}.q.value = ''")
    choose(shower, "verdict", "crash")
    assert status(shower.page()) == "1 of 18 cases"
    assert browser.run("location.hash") == "#?verdict=crash"
    browser.run("document.querySelector('#rows summary').focus()")
    browser.key("Enter", "\r")
    assert browser.run("document.querySelector('#rows details').open") is True
    browser.run("document.querySelector('[type=reset]').click()")
    assert status(shower.page()) == "18 of 18 cases"
    browser.run("document.querySelector('[data-view=requirements]').click()")
    assert status(shower.page()) == "13 of 13 requirements"
    assert browser.console == []


@needs_chromium
def test_what_was_chosen_has_an_address(shower: Shower) -> None:
    shower.open(html(small()))
    choose(shower, "verdict", "all")
    choose(shower, "area", "FRM")
    choose(shower, "q", "a & b=c #d")
    fragment = shower.browser.run("location.hash")
    shower.open(html(small()), fragment)
    assert shower.browser.run(f"{FORM}.q.value") == "a & b=c #d"
    assert shower.browser.run(f"{FORM}.area.value") == "FRM"
    assert shower.browser.run(f"{FORM}.verdict.value") == "all"


@needs_chromium
def test_links_lead_from_a_case_to_its_requirement_and_back(shower: Shower) -> None:
    shower.open(html(small()), f"#{samples.MAGIC['id']}")
    shower.browser.run("document.querySelector('.cites a').click()")
    follow = "new Promise(done => setTimeout(done, 0))"
    shower.browser.call("Runtime.evaluate", expression=follow, awaitPromise=True)
    assert shower.page().rows()[0] == "HJP-FRM-2"
    shower.browser.run("document.querySelector('#rows .cites a').click()")
    shower.browser.call("Runtime.evaluate", expression=follow, awaitPromise=True)
    assert shower.page().rows() == [samples.MAGIC["id"]]
    assert shower.browser.console == []


@needs_chromium
def test_more_rows_come_when_they_are_asked_for(shower: Shower) -> None:
    shower.open(html(big()), "#?verdict=all")
    before = shower.browser.run(ROWS)
    shower.browser.run("document.getElementById('further').click()")
    assert shower.browser.run(ROWS) >= before + 100


@needs_chromium
def test_thousands_of_cases_are_filtered_at_once(shower: Shower) -> None:
    shower.open(html(big()), "#?verdict=all")
    measure = f"""(() => {{
        const times = [];
        for (const text of ["d", "de", "dee", "deep", "deep 1", "", "x", "0"]) {{
            {FORM}.q.value = text;
            const start = performance.now();
            {FORM}.q.dispatchEvent(new Event("input", {{bubbles: true}}));
            times.push(performance.now() - start);
        }}
        return times.sort((a, b) => a - b)[4];
    }})()"""
    # Some milliseconds; more than this on a busy machine would be another algorithm.
    assert shower.browser.run(measure) < 250


@needs_chromium
def test_themes(shower: Shower) -> None:
    browser = shower.browser
    color = "getComputedStyle(document.body).backgroundColor"
    shower.open(html(small()))
    found = {}
    for scheme in ("light", "dark"):
        features = [{"name": "prefers-color-scheme", "value": scheme}]
        browser.call("Emulation.setEmulatedMedia", features=features)
        found[scheme] = browser.run(color)
    assert found["light"] != found["dark"]
    click = "document.getElementById('theme').click()"
    wanted = [("light", "light"), ("dark", "dark"), ("auto", "dark")]
    for name, like in wanted:
        browser.run(click)
        assert browser.run("document.getElementById('theme').textContent").endswith(
            name
        )
        assert browser.run(color) == found[like]
    browser.run(click)
    shower.open(html(small()))
    assert browser.run(color) == found["light"]  # it was kept
    browser.run("localStorage.clear()")
    browser.call("Emulation.setEmulatedMedia", features=[])


@needs_chromium
def test_nothing_is_wider_than_a_phone(shower: Shower) -> None:
    size = {"width": 360, "height": 700, "deviceScaleFactor": 2, "mobile": True}
    shower.browser.call("Emulation.setDeviceMetricsOverride", **size)
    for fragment in ("", f"#{samples.LONG['id']}", "#?view=requirements&verdict=all"):
        shower.open(html(small()), fragment)
        wide = shower.browser.run("document.documentElement.scrollWidth")
        assert wide <= 360, fragment
    shower.browser.call("Emulation.clearDeviceMetricsOverride")


@needs_chromium
def test_printed_cases_are_open(shower: Shower) -> None:
    shower.open(html(small()))
    opened = "document.querySelectorAll('#rows details[open]').length"
    shower.browser.run("dispatchEvent(new Event('beforeprint'))")
    assert shower.browser.run(opened) == 13
    shower.browser.run("dispatchEvent(new Event('afterprint'))")
    assert shower.browser.run(opened) == 0
