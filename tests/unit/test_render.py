"""One message in three forms that say the same, whatever a source has put into it."""

from __future__ import annotations

import re
from dataclasses import replace
from html.parser import HTMLParser

import pytest

from kit.happenings import JAPAN, SOURCES, corroborated, notice, withdrawal
from watcher.core import wording
from watcher.core.message import Message, SourceName, compose
from watcher.core.taxonomy import Severity
from watcher.notify.html_mail import _PAINT, html_mail
from watcher.notify.render import SHAPES, WIDTH, clean, render, web_address

HOSTILE = '<script src="//x">@channel\r\nBcc: a@b\x00 \u202eevil *b* `c` [x](javascript:1)'


def message(case=None, **more) -> Message:
    return compose(case or corroborated(), why="a rule", sources=SOURCES, **more)


def envelope(case=None, **more):
    return render(message(case, **more), key="4f2a90c1")


def hostile():
    """The withdrawal as a page would tell it that wants to do harm."""
    case = withdrawal()
    facts = {**case.facts, "product.brand_name": HOSTILE, "product.inn": [HOSTILE]}
    event = replace(case.lead.event, details={**case.lead.event.details, "reason_text": HOSTILE})
    origin = replace(case.lead.provenance, url='javascript:alert("x")')
    return replace(case, facts=facts, lead=replace(case.lead, event=event, provenance=origin))


class Tags(HTMLParser):
    """Collects the tags, addresses and text of a page."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.addresses: list[str] = []
        self.text = ""
        self.feed(page)

    def handle_starttag(self, tag, attrs):
        self.tags.add(tag)
        self.addresses += [value for name, value in attrs if name in {"href", "src"} and value]

    def handle_data(self, data):
        self.text += f" {data}"


def test_the_text_keeps_its_columns_but_for_what_cannot_be_broken():
    for line in envelope(known={"wikipedia": JAPAN}).text.splitlines():
        longest = max(map(len, line.split()), default=0)
        assert len(line) <= WIDTH or longest > 40, line


def test_text_and_html_say_the_same():
    told = envelope(known={"wikipedia": JAPAN})
    html = " ".join(Tags(told.html).text.split())

    for part in message(known={"wikipedia": JAPAN}).sections:
        assert part.label in html
        for line in part.lines:
            for words in (line.text, line.note, line.term):
                assert words in html, words
                assert all(word in told.text for word in words.split()), words


def test_a_long_name_of_a_source_stands_before_what_it_says():
    sources = {**SOURCES, "ema": SourceName("Union Register of medicinal products", 1)}
    told = render(compose(withdrawal(), why="a rule", sources=sources), key="k").text

    assert "CORROBORATION  Union Register of medicinal products: not yet checked" in told


def test_a_command_is_not_broken_over_two_lines():
    commands = re.findall(r"watcher (?:show|verify) [0-9a-f]{12}", envelope().text)

    assert len(commands) == 2


def test_chat_is_five_lines_with_title_change_date_source_and_command():
    title, what, when, who, where = envelope().chat.split("\n")

    assert title == "**▲ CRITICAL · UNCONFIRMED – Alofisel (darvadstrocel)**"
    assert what == "**EU marketing authorisation: Authorised → Withdrawn**"
    assert when.startswith("effective 13 December 2024 (to the day), as stated by MedPath")
    assert who == "MedPath (tier 3, an aggregator) · confidence C"
    command, link, credit, key = where.split(" · ")
    assert re.fullmatch(r"`watcher show [0-9a-f]{12}`", command)
    assert link.startswith("https://")
    assert (credit, key) == (wording.FOOT_BRIEF, "key 4f2a90c1")


def test_every_form_carries_the_key_so_that_a_double_can_be_seen():
    told = envelope()

    assert all("4f2a90c1" in form for form in (told.text, told.html, told.chat))


def test_html_holds_nothing_to_fetch_and_knows_the_dark():
    page = envelope().html
    tags = Tags(page)

    assert tags.tags.isdisjoint({"img", "script", "link", "iframe", "form", "object"})
    assert all(address.startswith("https://") for address in tags.addresses)
    assert "url(" not in page
    assert '<meta name="color-scheme" content="light dark">' in page
    assert "@media (prefers-color-scheme:dark)" in page
    assert "max-width:600px" in page


def test_severity_is_a_word_and_a_shape_and_a_colour():
    page = envelope().html

    assert re.search(r"background:#b3261e[^>]*>▲ CRITICAL<", page)
    assert len({SHAPES[badge] for badge in ("CRITICAL", "HIGH", "NORMAL", "LOW", "OPERATOR")}) == 5


def test_what_to_do_is_a_button_above_all_that_is_to_be_read():
    address = "https://watcher.example.org/act/abc"
    page = envelope(links={"acknowledge": address}).html

    assert Tags(page).addresses[0] == address
    assert Tags(page).addresses.count(address) == 2
    assert "Acknowledge" not in envelope().html.split("WHAT CHANGED")[0]


def test_a_notice_to_operators_looks_like_one():
    assert "■ OPERATOR · NORMAL" in envelope(notice("source.blocked")).html


def luminance(colour: str) -> float:
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
    ]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    lighter, darker = sorted((luminance(one), luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


@pytest.mark.parametrize("paint", _PAINT.values(), ids=_PAINT)
def test_every_colour_can_be_read_in_light_and_dark(paint):
    assert contrast(paint.ink, "#ffffff") >= 4.5
    assert contrast(paint.ink_in_the_dark, "#15171a") >= 4.5
    assert contrast("#ffffff", paint.badge) >= 4.5


@pytest.mark.parametrize(
    ("ink", "paper"),
    [
        ("#5a626b", "#ffffff"),
        ("#5a626b", "#f4f3f0"),
        ("#1558b0", "#ffffff"),
        ("#a7adb4", "#15171a"),
        ("#a7adb4", "#20242a"),
        ("#9cc4ff", "#15171a"),
    ],
)
def test_small_print_and_links_can_be_read_too(ink, paper):
    assert contrast(ink, paper) >= 4.5


def test_what_a_page_says_is_never_markup():
    page = envelope(hostile()).html

    assert "<script" not in page
    assert Tags(page).tags.isdisjoint({"script", "img"})
    assert not [address for address in Tags(page).addresses if "javascript" in address]


def test_what_a_page_says_makes_no_header_and_no_line_of_its_own():
    told = envelope(hostile())

    assert not re.search(r"[\r\n\x00\u202e]", told.subject)
    assert not re.search(r"^Bcc:", told.text, re.MULTILINE)
    assert "\u202e" not in told.text + told.html + told.chat


def test_what_a_page_says_calls_nobody_in_a_chat():
    lines = envelope(hostile()).chat.split("\n")

    assert len(lines) == 5
    assert "@channel" not in "".join(lines)
    assert "\\*b\\*" in lines[0]
    assert "javascript" not in lines[-1]


def test_an_address_in_a_chat_holds_nothing_markup_would_act_on():
    assert web_address("https://x.org/a_b*c`d)e@f") == "https://x.org/a_b%2Ac%60d%29e%40f"
    assert web_address("javascript:alert(1)") == ""


def test_clean_text_is_one_line_without_control_or_direction_marks():
    assert clean("a\r\n b\x07\u2028c\u202ed\u200b") == "a b\ufffd cd"


def test_a_very_long_subject_is_cut_with_a_mark():
    long = replace(message(), subject="x" * 1_000)

    assert len(render(long, key="k").subject) == 240
    assert render(long, key="k").subject.endswith("…")


def test_a_message_with_a_long_change_tells_it_in_words_and_not_in_large_type():
    long = replace(message(), change=message().change._replace(after="x" * 60))

    assert "font-size:28px" not in html_mail(long, "▲")


def test_every_severity_has_a_shape():
    assert {severity.value.upper() for severity in Severity} < SHAPES.keys()
