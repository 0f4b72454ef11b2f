"""Laws of reading EMA's medicine page: what is only dress must not change what is read."""

from __future__ import annotations

import re
from contextlib import suppress
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from watcher.core.compare import nature
from watcher.core.facts import Value
from watcher.errors import ReadError
from watcher.readers.dates import edtf
from watcher.readers.ema_medicine_page import read
from watcher.readers.outline import outline
from watcher.readers.reader import Payload

PAGES = Path(__file__).parents[1] / "golden" / "ema_medicine_page"
HTML = {page.stem: page.read_text(encoding="utf-8") for page in sorted(PAGES.glob("*.html"))}
MARKDOWN = {
    page.stem: page.read_text(encoding="utf-8")
    for page in sorted(PAGES.glob("*.md"))
    if page.name != "README.md"
}
WITHDRAWN = HTML["alofisel_withdrawn_2025"]
TAG = re.compile(r"<([a-z][a-z0-9]*)((?:\s+[a-z-]+(?:=\"[^\"]*\")?)*)\s*>")
ATTRIBUTE = re.compile(r"[a-z-]+(?:=\"[^\"]*\")?")
BANNER = (
    "On Monday, 12 January 2026, between 07:00 and 10:00 CET (Amsterdam time), this website will "
    "be unavailable due to scheduled maintenance."
)


def state(text: str) -> dict[str, Value]:
    kind = "text/markdown" if text.startswith("---") else "text/html"
    return read(Payload(body=text.encode(), media_type=kind)).records[0].state()


STATES = {name: state(page) for name, page in (HTML | MARKDOWN).items()}


@given(name=st.sampled_from(sorted(HTML)), order=st.randoms(use_true_random=False))
@settings(max_examples=25, deadline=None)
def test_the_order_of_attributes_does_not_matter(name, order):
    def shuffled(tag: re.Match[str]) -> str:
        attributes = ATTRIBUTE.findall(tag[2])
        order.shuffle(attributes)
        return f"<{' '.join([tag[1], *attributes])}>"

    assert state(TAG.sub(shuffled, HTML[name])) == STATES[name]


@given(
    name=st.sampled_from(sorted(HTML)),
    number=st.integers(0, 10**6),
    word=st.text("abz-", max_size=9),
)
@settings(max_examples=25, deadline=None)
def test_random_ids_and_class_names_do_not_matter(name, number, word):
    page = re.sub(r"\b(id|class)=\"[^\"]*\"", rf'\1="{word}{number}"', HTML[name])
    page = re.sub(r"#file-language-dropdown-\d+", f"#file-language-dropdown-{number}", page)

    assert state(page) == STATES[name]


@given(name=st.sampled_from(sorted(MARKDOWN)), number=st.integers(0, 10**6))
@settings(max_examples=10, deadline=None)
def test_random_anchors_in_markdown_do_not_matter(name, number):
    page = re.sub(
        r"#(file-language-dropdown|more-information-on-alofisel)-\d+",
        rf"#\1-{number}",
        MARKDOWN[name],
    )

    assert state(page) == STATES[name]


@given(name=st.sampled_from(sorted(HTML)), space=st.text(" \t\n\u00a0\u200b", max_size=4))
@settings(max_examples=25, deadline=None)
def test_white_space_between_blocks_does_not_matter(name, space):
    page = re.sub(r"(?<=>)\n(?=<)", f"\n{space}\n", HTML[name])

    assert state(page) == STATES[name]


@given(name=st.sampled_from(sorted(HTML)), data=st.data())
@settings(max_examples=20, deadline=None)
def test_the_sites_own_banner_does_not_matter_wherever_the_site_puts_it(name, data):
    page = HTML[name]
    places = [place.start() for place in re.finditer(r"<main|</main>|</body>", page)]
    at = data.draw(st.sampled_from(places))

    assert state(f"{page[:at]}<div><p>{BANNER}</p></div>{page[at:]}") == STATES[name]


@given(name=st.sampled_from(sorted(MARKDOWN)))
@settings(max_examples=10, deadline=None)
def test_a_banner_below_the_badges_of_markdown_does_not_matter(name):
    page = re.sub(r"(?m)^(.*Medicine Human .*)$", rf"\1\n\n{BANNER}", MARKDOWN[name], count=1)

    assert BANNER in page
    assert state(page) == STATES[name]


@pytest.mark.parametrize("style", ["run_on", "lines", "bullets"])
def test_a_page_and_its_markdown_say_the_same(style):
    """Only what a style does not carry may differ: the day of first publication, address lines."""
    page, copy = STATES["alofisel_withdrawn_2025"], STATES[f"alofisel_markdown_{style}"]

    assert page.keys() - copy.keys() == {"page.first_published"}
    assert copy.keys() - page.keys() == set()
    differing = {path for path in copy if copy[path] != page[path]}
    assert differing <= {"authorisation[EU].holder"}
    for path in differing:
        assert nature(path, page[path], copy[path]) == "respelled"


@given(cut=st.integers(0, len(WITHDRAWN) - len("</html>")))
@settings(max_examples=40, deadline=None)
def test_a_page_cut_anywhere_is_refused(cut):
    with pytest.raises(ReadError):
        state(WITHDRAWN[:cut])


@given(noise=st.text(max_size=300), at=st.integers(0, len(WITHDRAWN)))
@settings(max_examples=60, deadline=None)
def test_noise_gives_a_reading_or_a_refusal_and_nothing_else(noise, at):
    page = WITHDRAWN[:at] + noise.replace("\ud800", "") + WITHDRAWN[at:]

    with suppress(ReadError):
        found = read(Payload(body=page.encode(errors="replace"), media_type="text/html"))

        assert found.records[0].state()["authorisation[EU].status"] == "withdrawn"


@given(
    body=st.binary(max_size=400),
    kind=st.sampled_from(["text/html", "text/markdown", "", "text/plain"]),
)
@settings(max_examples=100, deadline=None)
def test_any_bytes_have_an_outline(body, kind):
    for block in outline(Payload(body=body, media_type=kind)).blocks:
        assert block.text
        assert block.place.startswith("line ")


@given(day=st.dates(date(1900, 1, 1), date(2199, 12, 31)))
@settings(max_examples=60)
def test_one_day_is_one_date_in_every_form(day):
    forms = [
        edtf(f"{day:%d/%m/%Y}", order="day_first"),
        edtf(f"{day:%m/%d/%Y}", order="month_first"),
        edtf(f"{day.day} {day:%B} {day.year}"),
        edtf(f"{day:%B} {day.day}, {day.year}"),
        edtf(f"{day.year}年{day.month}月{day.day}日", language="ja"),
        edtf(f"{day:%Y%m%d}"),
    ]

    assert forms == [day.isoformat()] * len(forms)
