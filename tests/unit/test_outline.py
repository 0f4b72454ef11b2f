"""One outline of a page, whether it is HTML, Markdown or plain text."""

from __future__ import annotations

import time

import pytest

from watcher.errors import ReadError
from watcher.readers.outline import Block, Link, Outline, outline
from watcher.readers.reader import Payload

HOME = "https://example.org/en/page"


def of_html(body: str, url: str = HOME) -> Outline:
    source = f"<!doctype html><html lang='en'><body>\n{body}\n</body></html>"
    return outline(Payload(body=source.encode(), media_type="text/html", url=url))


def of_markdown(body: str, url: str = HOME) -> Outline:
    return outline(Payload(body=body.encode(), media_type="text/markdown", url=url))


def of_text(body: str) -> Outline:
    return outline(Payload(body=body.encode(), media_type="text/plain"))


def told(page: Outline) -> list[tuple[str, str]]:
    return [(block.kind, block.text) for block in page.blocks]


THE_SAME = [
    ("heading", "Product details"),
    ("text", "A paragraph with bold and a link."),
    ("item", "one"),
    ("item", "two & three"),
    ("heading", "More"),
    ("label", "Name"),
    ("value", "Alofisel"),
    ("label", "Areas"),
    ("value", "first"),
    ("value", "second"),
    ("row", "a | b | c"),
]


def test_html_and_markdown_of_one_page_have_one_outline():
    html = of_html(
        "<h2>Product details</h2><p>A paragraph with <b>bold</b> and a <a href='/x'>link</a>.</p>"
        "<ul><li>one<ul><li>two &amp; three</li></ul></li></ul><h3>More</h3>"
        "<dl><dt>Name</dt><dd>Alofisel</dd><dt>Areas</dt>"
        "<dd><ul><li>first</li><li>second</li></ul></dd></dl>"
        "<table><tr><td>a</td><td>b</td><td>c</td></tr></table>"
    )
    markdown = of_markdown(
        "## Product details\n\nA paragraph with **bold** and a [link](/x).\n\n- one\n"
        "    - two &amp; three\n\n### More\n\n- **Name**\n    - Alofisel\n- **Areas**\n"
        "        - first\n        - second\n\n| a | b | c |\n|---|---|---|\n"
    )

    assert told(html) == THE_SAME
    assert told(markdown) == THE_SAME
    assert html.blocks[1].links == (Link("link", "https://example.org/x"),)
    assert markdown.blocks[1].links == html.blocks[1].links
    assert [block.level for block in html.blocks[:5]] == [2, 0, 1, 2, 3]
    assert [block.level for block in markdown.blocks[:5]] == [2, 0, 1, 2, 3]


def test_a_block_tells_the_line_it_stands_in():
    html = of_html("<p>first</p>\n\n<div>\n  <p>\n  second &amp; more</p></div>\n<p>third</p>")

    assert [block.place for block in html.blocks] == ["line 2", "line 2", "line 7"]
    assert [block.place for block in of_text("one\n\n two").blocks] == ["line 1", "line 3"]


def test_what_is_not_meant_for_reading_is_not_there():
    page = of_html(
        "<script>var a = '<p>code</p>';</script><style>p { color: red }</style><nav>menu</nav>"
        "<div hidden>maintenance<p hidden>more</p></div><i aria-hidden='true'>icon</i>"
        "<p style='display: none'>gone</p><template><p>later</p></template><p>read me</p>"
    )

    assert told(page) == [("text", "read me")]


def test_words_meant_for_those_who_cannot_see_the_page_are_read():
    page = of_html(
        "<p><span class='visually-hidden'>Status:</span> Withdrawn</p>"
        "<a href='/feed' aria-label='RSS'><svg><path/></svg></a>"
    )

    assert told(page) == [("text", "Status: Withdrawn"), ("text", "RSS")]
    assert page.blocks[1].links == (Link("RSS", "https://example.org/feed"),)


def test_the_name_of_a_link_is_its_words_where_it_has_any():
    page = of_html("<p><a href='/x' title='Opens a file'>View</a></p>")

    assert told(page) == [("text", "View")]


def test_invisible_characters_and_kinds_of_space_do_not_matter():
    page = of_html("<p>Alo\u00adfisel\u00a0 is\n\t a&nbsp;medi\u200bcine</p><p>e\u0301</p>")

    assert told(page) == [("text", "Alofisel is a medicine"), ("text", "é")]


def test_a_line_break_begins_a_line_but_not_within_a_heading():
    page = of_html("<h1>Name<br>of it</h1><dl><dt>Holder</dt><dd>A<br>B</dd></dl>")

    assert told(page) == [
        ("heading", "Name of it"),
        ("label", "Holder"),
        ("value", "A"),
        ("value", "B"),
    ]


def test_text_around_a_block_stays_apart_from_it():
    page = of_html("<div>before<p>within</p>after</div>")

    assert [block.text for block in page.blocks] == ["before", "within", "after"]


def test_a_table_of_headers_and_values_gives_pairs_and_a_layout_table_gives_what_is_in_it():
    page = of_html(
        "<table><tr><th>ATC</th><td>L04</td></tr></table>"
        "<table><tr><td><h2>Left</h2><p>text</p></td><td>right</td></tr></table>"
        "<table><tr><td>Name</td><td>Alofisel</td></tr></table>"
    )

    assert told(page) == [
        ("label", "ATC"),
        ("value", "L04"),
        ("heading", "Left"),
        ("text", "text"),
        ("text", "right"),
        ("row", "Name | Alofisel"),
    ]
    pairs = [(label.text, [value.text for value in values]) for label, values in page.pairs()]
    assert pairs == [("ATC", ["L04"]), ("Name", ["Alofisel"])]


def test_a_card_that_is_one_link_gives_its_address_to_each_of_its_lines():
    page = of_html("<a href='/study'><h3>Title</h3><p>Abstract</p></a><p>plain</p>")

    assert [block.links for block in page.blocks] == [
        (Link("Title", "https://example.org/study"),),
        (Link("Abstract", "https://example.org/study"),),
        (),
    ]


def test_a_page_tells_its_title_its_language_and_its_address():
    page = outline(
        Payload(
            body=b"<html lang='de'><head><title> A  page </title>"
            b"<link rel='canonical' href='https://example.org/a'>"
            b"<meta property='article:published_time' content='2018-04-04'></head>"
            b"<body><p><a href='b'>next</a></p></body></html>"
        )
    )

    assert (page.title, page.language, page.is_closed) == ("A page", "de", True)
    assert page.meta["canonical"] == "https://example.org/a"
    assert page.meta["article:published_time"] == "2018-04-04"
    assert next(page.links()).url == "https://example.org/b"


def test_html_without_an_end_is_not_closed():
    page = outline(Payload(body=b"<html><body><p>cut", media_type="text/html"))

    assert not page.is_closed
    assert told(page) == [("text", "cut")]


def test_a_section_ends_at_the_next_heading_of_its_level():
    page = of_markdown("# A\n\n## Overview\n\none\n\n### Deeper\n\ntwo\n\n## Next\n\nthree\n")

    section = page.find("nothing", "OVERVIEW")

    assert section is not None
    assert section.title == "Overview"
    assert section.text() == "one\nDeeper\ntwo"
    assert page.find("Absent") is None
    assert [each.title for each in page.sections(2)] == ["Overview", "Next"]
    assert [heading.text for heading in page.headings()] == ["A", "Overview", "Deeper", "Next"]


def test_front_matter_is_no_text_and_names_the_page():
    page = outline(
        Payload(
            body=b"---\ndocument_pathfilename: example.org/en/alofisel.html\nversion: 1\n---\n"
            b"# Alofisel\n\n[next](/en/b)\n",
            media_type="text/plain; charset=utf-8",
        )
    )

    assert told(page) == [("heading", "Alofisel"), ("text", "next")]
    assert page.meta["canonical"] == "https://example.org/en/alofisel"
    assert next(page.links()).url == "https://example.org/en/b"


@pytest.mark.parametrize(
    ("source", "words"),
    [
        ("Tolerance &lt; 5 &amp; more", "Tolerance < 5 & more"),
        (r"snake\_case and 1\*2", "snake_case and 1*2"),
        ("bacteria called *E. coli* live", "bacteria called E. coli live"),
        ("antigen*: A/1 (X)*propagated", "antigen*: A/1 (X)*propagated"),
        ("<!-- image -->rest", "rest"),
        ("![icon](/i.png) rest", "rest"),
        ("[a [b] c](/x_(y))", "a [b] c"),
        ("one \ue000 two", "one two"),
        ("- not **all** bold", "not all bold"),
        ("1. first", "first"),
    ],
)
def test_the_marks_of_markdown_are_undone(source, words):
    assert of_markdown(source).text() == words


def test_lines_that_a_converter_ran_together_are_told_apart():
    page = of_markdown("- **Holder**\n    - Takeda \ue000 2665 Strand \ue000 Denmark\n")

    assert page.blocks[1] == Block(
        "value",
        "Takeda 2665 Strand Denmark",
        "line 2",
        2,
        (),
        ("Takeda", "2665 Strand", "Denmark"),
    )


def test_plain_text_is_kept_as_it_stands_but_for_its_headings_and_items():
    page = of_text("= Title =\n\n- Name: A | B =\n\n== Legal ==\n20. Dezember **2024** &amp;\n")

    assert told(page) == [
        ("heading", "Title"),
        ("item", "Name: A | B ="),
        ("heading", "Legal"),
        ("text", "20. Dezember **2024** &amp;"),
    ]
    assert [block.level for block in page.headings()] == [1, 2]


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (b"\xef\xbb\xbf<!DOCTYPE html><p>x", "text"),
        (b"<!-- saved -->\n<html><p>x", "text"),
        (b"# x", "heading"),
        (b"= x =", "heading"),
    ],
)
def test_a_page_without_a_type_is_known_by_its_first_words(body, kind):
    assert [(block.kind, block.text) for block in outline(Payload(body=body)).blocks] == [
        (kind, "x")
    ]


@pytest.mark.parametrize("href", ["http://[::1", "  https://example.org/a", "#top", "?q=1", ""])
def test_an_odd_address_breaks_nothing(href):
    assert of_html(f"<p><a href='{href}'>x</a></p>").blocks[0].text == "x"


BOMBS = {
    "nested": "<div>" * 10_000_000,
    "nested a little": "<div>" * 600,
    "nested inline": "<span>" * 9_000,
    "many": "<p>x</p>" * 400_000,
    "paragraphs within": "<div>" * 50_000 + "<p>" * 50_000,
    "disguised": "<x><div></x></div>" * 37_000,
    "formatting": "".join(f"<p><b id={n}>" for n in range(20_000)),
    "formatting, a little": "".join(f"<p><b hidden id={n}>" for n in range(9_000)),
    "attributes": "<p " + " ".join(f"a{n}" for n in range(300_000)) + ">",
    "options": "<select>" + "<option>x" * 60_000,
    "links": "".join(f"<p><a href={n}>" for n in range(20_000)),
    "long": "x" * 31_000_000,
    "hidden": "<div hidden>" * 400 + "x",
}


@pytest.mark.parametrize("name", BOMBS)
def test_a_hostile_page_is_read_or_refused_within_seconds(name):
    body = ("<html><body>" + BOMBS[name]).encode()
    start = time.process_time()

    try:
        page = outline(Payload(body=body, media_type="text/html"))
    except ReadError:
        page = Outline(())

    assert len(page.blocks) < 400_000
    assert time.process_time() - start < 20


@pytest.mark.parametrize(
    "text",
    ["[" * 50_000, "*" * 50_000, "[](" * 30_000, "| " * 50_000, "\\" * 50_000, "- " * 50_000],
)
def test_hostile_markdown_is_read_within_seconds(text):
    start = time.process_time()

    of_markdown(f"# A\n{text}\n")

    assert time.process_time() - start < 10


def test_a_text_of_too_many_lines_is_refused():
    with pytest.raises(ReadError, match="lines"):
        of_text("x\n" * 400_001)


def test_a_row_of_empty_cells_and_a_page_of_frames_say_nothing():
    assert told(of_html("<table><tr><td></td><td> </td></tr></table>")) == []
    framed = Payload(body=b"<html><frameset></frameset></html>", media_type="text/html", url=HOME)
    assert outline(framed).blocks == ()


def test_of_markdown_an_item_without_words_is_nothing_and_a_row_of_one_cell_is_text():
    assert told(of_markdown("- one\n- ![a picture](x.png)\n- two")) == [
        ("item", "one"),
        ("item", "two"),
    ]
    assert told(of_markdown("| a | b |\n|---|---|\n| ![c](d) | |\n")) == [("row", "a | b")]
    assert told(of_markdown("| alone |\n|---|\n| cell |\n")) == [
        ("text", "alone"),
        ("text", "cell"),
    ]


def test_a_heading_that_begins_with_a_line_break_tells_the_line_of_its_first_word():
    page = of_html("<p>One</p>\n<h2><br>\nProduct details</h2>")

    assert told(page) == [("text", "One"), ("heading", "Product details")]
    assert [block.place for block in page.blocks] == ["line 2", "line 4"]
