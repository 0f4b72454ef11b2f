"""What a person is told of an answer: the verdict, its reason and the signals it was judged by."""

from __future__ import annotations

import pytest

from kit.judging import ANYTHING, ASKED, PAGE, a_reader, judged
from watcher.core.verdict import Judgement, Verdict
from watcher.ports import Answer
from watcher.readers.judge import judge

PDF = "https://regulator.example/documents/leaflet_en.pdf"


def a_page(body: str, *, title: str = "Regulator", lang: str = "en") -> str:
    head = f"<head><title>{title}</title></head>"
    return f'<!DOCTYPE html><html lang="{lang}">{head}<body>{body}</body></html>'


@pytest.mark.parametrize(
    ("answer", "verdict", "reason", "signals"),
    [
        (
            {"body": "", "status": 304},
            Verdict.UNCHANGED,
            "the server says it has not changed",
            ("status 304",),
        ),
        (
            {"url": f"{ASKED}.html"},
            Verdict.OK,
            "",
            ("status 200", f"redirected to {ASKED}.html", "marker EMA product number"),
        ),
        ({"reader": ANYTHING}, Verdict.OK, "", ("status 200",)),
        (
            {"headers": {"cf-mitigated": "challenge"}},
            Verdict.BLOCKED,
            "a firewall's challenge",
            ("status 200", "Cloudflare header cf-mitigated: challenge"),
        ),
        (
            {"body": a_page("Soon.", title="Site under maintenance"), "status": 503}
            | {"headers": {"retry-after": "120"}},
            Verdict.MAINTENANCE,
            "not the page but a notice",
            (
                "status 503",
                "maintenance notice title: site under maintenance",
                "retry-after: 120",
            ),
        ),
        ({"body": "  "}, Verdict.EMPTY, "no body", ("status 200", "2 bytes")),
        (
            {"body": b"%PDF-1.7 %%EOF"},
            Verdict.WRONG_PAGE,
            "a PDF file where text is expected",
            ("status 200", "begins as PDF"),
        ),
        (
            {"body": b"%PDF-1.7", "asked": PDF, "url": PDF, "reader": ANYTHING},
            Verdict.TRUNCATED,
            "a PDF file without its end",
            ("status 200",),
        ),
        (
            {"body": a_page("<script src='/bm-verify'></script>Wait.")},
            Verdict.BLOCKED,
            "not the page but a notice",
            ("status 200", "Akamai challenge script: bm-verify"),
        ),
        (
            {"body": a_page("Please log in to continue.")},
            Verdict.BLOCKED,
            "not the page but a notice",
            ("status 200", "login words: please log in to continue"),
        ),
        (
            {"asked": PDF, "url": PDF, "reader": ANYTHING},
            Verdict.WRONG_PAGE,
            "a page where a file is expected",
            ("status 200",),
        ),
        (
            {"body": PAGE.replace('lang="en"', 'lang="de"')},
            Verdict.WRONG_PAGE,
            "another language",
            ("status 200", "language de, not en"),
        ),
        (
            {"body": a_page("<p>One.</p>"), "reader": ANYTHING},
            Verdict.EMPTY,
            "a page without text",
            ("status 200", "4 characters"),
        ),
        (
            {"body": "[1, 2", "reader": ANYTHING},
            Verdict.TRUNCATED,
            "JSON that opens [ and does not close it",
            ("status 200",),
        ),
        (
            {"body": a_page("<p>Something else altogether.</p>")}
            | {"reader": a_reader(markers=("EMA number", "Agency number"))},
            Verdict.WRONG_PAGE,
            "none of what stands on every page of this kind: 'EMA number' or 'Agency number'",
            ("status 200", "title 'Regulator'"),
        ),
    ],
)
def test_each_verdict_says_its_reason_and_by_what_it_was_judged(answer, verdict, reason, signals):
    assert judged(**answer) == Judgement(verdict, reason, signals)


@pytest.mark.parametrize(
    "header", [{"x-dd-b": "0"}, {"cf-mitigated": "none"}, {"x-vercel-mitigated": "log"}]
)
def test_a_firewall_that_let_us_through_is_no_challenge(header):
    assert judged(headers=header).verdict is Verdict.OK


def test_a_firewalls_script_is_looked_for_in_pages_and_not_in_what_a_text_speaks_of():
    text = "The firewall sets bm-verify, and its page is called px-captcha."

    assert judged(text, reader=ANYTHING).verdict is Verdict.OK
    assert judged(a_page(f"<p>{text}</p>"), reader=ANYTHING).verdict is Verdict.BLOCKED


@pytest.mark.parametrize("mark", ["'", "’", "‘"])
def test_an_apostrophe_is_one_however_it_is_set(mark):
    page = a_page(f"<p>Sorry, but we can{mark}t find the page. Try the start page.</p>")

    assert judged(page, reader=ANYTHING).verdict is Verdict.NOT_FOUND


@pytest.mark.parametrize("body", ["X", "\n\nX\n"])
def test_a_body_of_a_single_letter_is_a_body(body):
    assert judged(body, reader=ANYTHING).verdict is Verdict.OK


def test_twenty_characters_are_a_text_and_nineteen_are_none():
    assert judged(a_page("a" * 20), reader=ANYTHING).verdict is Verdict.OK
    assert judged(a_page("a" * 19), reader=ANYTHING).verdict is Verdict.EMPTY


def test_an_answer_that_states_no_type_is_judged_by_what_it_holds():
    answer = Answer(url=ASKED, status=200, body=PAGE.encode())

    assert judge(answer, ASKED, a_reader()).verdict is Verdict.OK


def test_a_marker_is_looked_for_in_the_charset_that_the_header_states():
    page = PAGE.replace("EMA product number", "Číslo přípravku").encode("iso-8859-2")
    stated = {"content-type": "text/html; charset=iso-8859-2"}
    reader = a_reader(markers=("Číslo přípravku",))

    assert judged(page, headers=stated, reader=reader).verdict is Verdict.OK


def test_a_file_has_its_own_end_and_not_that_of_a_page():
    pdf = b"%PDF-1.7 EMA product number: attached is <html lang=de> and [ %%EOF"

    assert judged(pdf).verdict is Verdict.OK


@pytest.mark.parametrize("query", ["", "?page=1", "?file=list.html"])
def test_a_page_in_place_of_json_is_another_page_whatever_was_asked_of_the_list(query):
    asked = f"https://regulator.example/en/medicines.json{query}"

    assert judged(asked=asked, url=asked, reader=ANYTHING).verdict is Verdict.WRONG_PAGE


@pytest.mark.parametrize(
    ("body", "verdict"),
    [
        ('\n {"a": [1]}\n', Verdict.OK),
        ("\n [1, 2]\n", Verdict.OK),
        ('\n {"a": [1]\n', Verdict.TRUNCATED),
        ("\n [{}\n", Verdict.TRUNCATED),
    ],
)
def test_json_has_to_close_what_it_opens_whatever_space_is_around_it(body, verdict):
    assert judged(body, reader=ANYTHING).verdict is verdict


@pytest.mark.parametrize(
    ("asked", "lang"), [("no", "nb"), ("nb", "no"), ("en", "mul"), ("en", "und"), ("en", "zxx")]
)
def test_two_names_of_one_language_and_words_for_none_are_no_other_language(asked, lang):
    url = f"https://regulator.example/{asked}/exemplar"
    page = PAGE.replace('lang="en"', f'lang="{lang}"')

    assert judged(page, asked=url, url=url).verdict is Verdict.OK


@pytest.mark.parametrize(
    ("stated", "verdict"),
    [
        ("en-GB", Verdict.OK),
        ("EN", Verdict.OK),
        ("de-AT", Verdict.WRONG_PAGE),
        ("de, en", Verdict.OK),
        ("de-AT, en-GB", Verdict.OK),
    ],
)
def test_a_header_names_the_language_of_a_page_only_where_it_names_one(stated, verdict):
    silent = PAGE.replace(' lang="en"', "")

    assert judged(silent, headers={"content-language": stated}).verdict is verdict
