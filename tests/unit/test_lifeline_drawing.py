"""A life line drawn: as SVG, as a page, as rows of a terminal."""

from __future__ import annotations

import itertools
import re
from xml.etree import ElementTree as ET

import pytest

from kit.lives import eventful, life, voice
from watcher.cli.life_text import draw
from watcher.core.lifeline_page import page
from watcher.core.lifeline_svg import NARROW, WIDE, svg

SVG = "{http://www.w3.org/2000/svg}"


def picture(line, width=WIDE):
    return ET.fromstring(svg(line, width=width))  # noqa: S314  (our own words)


def texts(root):
    return [node.text for node in root.iter(f"{SVG}text") if node.text]


@pytest.mark.parametrize("width", [WIDE, NARROW, 240])
def test_a_picture_is_well_formed_and_stays_within_its_width(width):
    root = picture(eventful(), width)

    assert root.get("viewBox", "").startswith(f"0 0 {width} ")
    for node in root.iter():
        for side in ("x", "x1", "x2"):
            assert 0 <= float(node.get(side, 0)) <= width
        assert float(node.get("x", 0)) + float(node.get("width", 0)) <= width + 0.2


def test_who_does_not_see_the_picture_hears_all_of_it():
    root = picture(eventful())
    title, description = root.find(f"{SVG}title"), root.find(f"{SVG}desc")

    assert root.get("role") == "img"
    assert root.get("aria-labelledby") == f"{title.get('id')} {description.get('id')}"
    assert title.text == "Life line of Exampla & Söhne"
    for words in (
        "Opinion on 19 February 2009",
        "Suspended on 20 January 2014",
        "Authorised by 3 June 2015",
        "Revoked on 9 July 2021",
        "conflict about the status: Revoked (ema), Withdrawn (medpath)",
        "Japan: Authorised in 2012",
        "Switzerland: Authorised by 2019",
    ):
        assert words in description.text, words


def test_a_year_alone_is_drawn_as_all_its_days():
    root = picture(life(voice("wiki", 4, JP_granted="2012", EU_granted="2010-01-01")))
    year = (WIDE - 20) * 365 / 6169  # of the days from 2010 to the last one drawn

    (hatched,) = [node for node in root.iter(f"{SVG}rect") if "url(#" in node.get("fill", "")]
    assert float(hatched.get("width")) == pytest.approx(year, abs=1)


def test_no_label_covers_another():
    for width in (WIDE, NARROW):
        rows: dict[str, list[tuple[float, float]]] = {}
        for node in picture(eventful(), width).iter(f"{SVG}text"):
            if node.get("class") not in {"head", "soft"} and "CONFLICT" not in (node.text or ""):
                x, long = float(node.get("x")), len(node.text) * 6
                left = x - long if node.get("text-anchor") == "end" else x
                rows.setdefault(node.get("y"), []).append((left, left + long))
        for row in rows.values():
            ordered = sorted(row)
            assert all(one[1] <= two[0] for one, two in itertools.pairwise(ordered))


def test_a_disputed_date_stands_beside_the_one_taken_and_severity_has_words_and_a_shape():
    root = picture(eventful())

    assert "≠ 30 Aug 2021, says medpath" in texts(root)
    assert any(text.startswith("≠ CONFLICT about the status") for text in texts(root))
    marks = [node for node in root.iter(f"{SVG}path") if node.get("class") == "mark critical"]
    assert len(marks) == 1
    assert "Revoked 9 Jul 2021" in texts(root)


def test_a_page_needs_nothing_from_elsewhere_and_believes_no_text():
    html = page(eventful())

    assert "<script" not in html
    assert not re.search(r'(?:src|href)="|url\((?!#)|@import', html)
    assert "<draft>" not in html
    assert html.count("&lt;draft&gt;") > 1
    assert "Exampla &amp; Söhne" in html
    for words in ("prefers-color-scheme:dark", "@media print", "CONFLICT", "1 March 2016"):
        assert words in html
    ids = re.findall(r' id="([^"]+)"', html)
    assert len(ids) == len(set(ids)), "the same picture stands in it in two widths"


def test_a_terminal_of_eighty_columns_is_enough():
    rows = [row.plain for row in draw(eventful(), width=80)]

    assert max(map(len, rows)) <= 80 + len(" ≠ Withdrawn (medpath)")
    (eu,) = [row for row in rows if row.startswith("EU  ")]
    for sign in "─━╍‹▲≠□◇":
        assert sign in eu, sign
    assert re.search("□╍+‹━", eu), "suspended, and authorised again by a day we saw"
    assert any("2021-07-09" in row and "Revoked" in row and "ema" in row for row in rows)
    assert any(row.startswith("≠ CONFLICT  EU, the status") for row in rows)


def test_a_lone_decision_stands_in_its_heading_and_is_not_said_twice():
    root = picture(life(voice("ema", 1, EU_granted="2018-03-23")))

    headings = list(root.iter(f"{SVG}tspan"))
    assert [node.text for node in headings] == ["Authorised on 23 March 2018"]
    assert not any("Authorised" in text for text in texts(root))


def test_a_page_of_a_medicine_of_which_nothing_is_dated_has_no_tables():
    html = page(life(voice("ema", 1, product__brand_name="Exampla")))

    assert "Exampla" in html
    assert "<table" not in html
