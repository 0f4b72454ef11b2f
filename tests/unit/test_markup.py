"""One small Markdown of our own, and what each family of services makes of it."""

from __future__ import annotations

from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from watcher.notify.markup import (
    COMMONMARK,
    FLAVOURS,
    IRC,
    LONGEST_IRC_LINE,
    MATRIX,
    MRKDWN,
    PLAIN,
    TEAMS,
    TELEGRAM,
    TITLED_COMMONMARK,
    Piece,
    flavour,
    lines_of,
    plain,
)
from watcher.notify.render import escape_markdown

texts = st.text(st.characters(exclude_characters="\n", exclude_categories=["Cs"]), max_size=80)


def written(chat: str, wanted=COMMONMARK) -> str:
    return wanted.write(lines_of(chat))


def test_a_line_is_taken_apart_into_what_is_set_off():
    (line,) = lines_of(r"**a \*b\*** `watcher show 1` · https://x.org/y · key \_k")

    assert line == (
        Piece("strong", "a *b*"),
        Piece("text", " "),
        Piece("code", "watcher show 1"),
        Piece("text", " · "),
        Piece("link", "https://x.org/y"),
        Piece("text", " · key _k"),
    )


@given(texts)
def test_what_was_escaped_is_read_back_as_it_was(text):
    (line,) = lines_of(escape_markdown(text))

    assert plain(line) == text.replace("@", "@\u200b").replace("://", ":\u200b//")
    assert {piece.kind for piece in line} <= {"text"}


@given(st.lists(texts, min_size=1, max_size=5))
def test_our_own_markdown_written_anew_is_read_as_the_same(lines):
    chat = "\n".join(escape_markdown(line) for line in lines)

    assert lines_of(written(chat)) == lines_of(chat)


@pytest.mark.parametrize(
    "wanted", {each.name: each for each in (PLAIN, *FLAVOURS.values())}.values()
)
def test_no_flavour_calls_anybody_or_opens_an_address_of_a_source(wanted):
    told = written(escape_markdown("@here <!here> <at>A</at> https://evil.example"), wanted)

    assert "@here" not in told
    assert "https://evil" not in told
    assert wanted.form == "text" or "<at>" not in told
    assert wanted.name in {"plain", "irc", "commonmark", "teams"} or "<!here>" not in told


@pytest.mark.parametrize("start", ["# a", "> a", "- a", "+ a", "1. a", "12) a", "=== a"])
def test_a_line_of_a_source_begins_no_heading_list_or_quotation(start):
    told = written(escape_markdown(start))

    assert told != start
    assert "\\" in told[:4]


@given(texts)
def test_no_text_opens_a_tag_where_the_form_is_html(text):
    class Tags(HTMLParser):
        def __init__(self) -> None:
            super().__init__()
            self.tags: list[str] = []
            self.text = ""

        def handle_starttag(self, tag, attrs):  # noqa: ARG002
            self.tags.append(tag)

        def handle_data(self, data):
            self.text += data

    for wanted in (MATRIX, TELEGRAM):
        page = Tags()
        page.feed(written(f"**{escape_markdown(text)}**", wanted))
        page.close()
        assert len(page.tags) <= 1


def test_slack_gets_its_own_bold_its_links_in_angles_and_entities():
    told = written(r"**a & b** `x` https://x.org/?a=1&b=2 \*", MRKDWN)

    assert told == "*a &amp; b* `x` <https://x.org/?a=1&amp;b=2> \u200b*\u200b"


def test_teams_gets_paragraphs_and_no_code():
    assert written("**a**\n`b` https://x.org", TEAMS) == "**a**\n\nb [https://x.org](https://x.org)"


@given(st.text(max_size=1_500))
def test_no_line_is_too_long_for_irc_and_no_word_is_lost(text):
    lines = IRC.write(lines_of(escape_markdown(" ".join(text.split())))).split("\n")

    assert max(len(line.encode("utf-8", "replace")) for line in lines) <= LONGEST_IRC_LINE
    inert = " ".join(text.split()).replace("@", "@\u200b").replace("://", ":\u200b//")
    assert "".join(lines).replace(" ", "") == inert.replace(" ", "")


def test_a_service_we_know_nothing_of_gets_plain_text():
    assert flavour("nobody") is PLAIN
    assert flavour("ntfy") is PLAIN
    assert flavour("ntfy", asks_for="markdown") is TITLED_COMMONMARK
