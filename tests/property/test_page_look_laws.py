"""What the judge sees at little cost is what it would see at full cost."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from watcher.readers.page_look import has_text, look, plainly_shows

MARKS = (
    *("<", ">", "</", "<!--", "-->", "<script>", "</script>", "<style", "</Style>", "<title>"),
    *("</title>", "<h1>", "</h1>", "<noscript>", "</noscript>", "<svg>", "</svg>", "<p>", "<br/>"),
    *("</div", "<ſcript", "<divx", "&amp;", "&#", "&lt", "\u0301", "\u00ad", " ", "\n", "marker"),
    *("marker word", "word", "m", "=", '"'),
)
pages = st.lists(st.sampled_from(MARKS), max_size=40).map(lambda marks: "<html>" + "".join(marks))


@given(pages)
def test_what_is_plainly_shown_is_shown(page):
    seen = look(page)

    if plainly_shows(page, "marker word"):
        assert "marker word" in f"{seen.title} {seen.text}".casefold()


@given(pages)
def test_a_page_that_plainly_has_text_has_so_much(page):
    shown = len(look(page).text)

    assert not has_text(page, shown)
    assert not has_text(page, shown + 1)


def test_a_marker_in_a_cell_of_its_own_is_plainly_shown_and_one_in_a_script_or_a_tag_is_not():
    assert plainly_shows("<html><body><td>EMA product number</td>", "EMA product number")
    assert not plainly_shows("<html><script> EMA product number </script>", "EMA product number")
    assert not plainly_shows("<html><p title= EMA product number >x", "EMA product number")
    assert not plainly_shows("<html><!-- EMA product number -->x", "EMA product number")


def test_a_long_page_plainly_has_text_and_one_of_scripts_has_not():
    assert has_text(f"<html><body><p>{'words of a page ' * 40}</p>", 20)
    assert not has_text(f"<html><body><script>{'words of a page ' * 40}</script>", 20)
    assert not has_text("<html><body><p>short</p>", 20)


def test_an_unfinished_tag_ends_where_the_next_begins():
    seen = look("<html><svg></svg><divx</p>after")

    assert seen.text == "after"
