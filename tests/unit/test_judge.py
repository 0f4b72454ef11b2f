"""One answer after another before the judge: the kinds of doubt, in the order it asks them."""

from __future__ import annotations

import json

import pytest

from kit.judging import ANYTHING, PAGE, a_reader, judged
from watcher.core.verdict import Verdict
from watcher.readers.page_look import look
from watcher.readers.registry import READERS


def test_the_page_we_asked_for_is_ok_and_says_by_what_it_was_known():
    assert judged().verdict is Verdict.OK
    assert judged().signals == ("status 200", "marker EMA product number")


def test_not_modified_is_unchanged_whatever_else_came():
    assert judged("", status=304).verdict is Verdict.UNCHANGED


@pytest.mark.parametrize(
    ("status", "verdict"),
    [
        (201, Verdict.ERROR),
        (202, Verdict.ERROR),
        (204, Verdict.EMPTY),
        (206, Verdict.TRUNCATED),
        (302, Verdict.ERROR),
        (400, Verdict.ERROR),
        (401, Verdict.BLOCKED),
        (403, Verdict.BLOCKED),
        (404, Verdict.NOT_FOUND),
        (410, Verdict.NOT_FOUND),
        (418, Verdict.ERROR),
        (429, Verdict.ERROR),
        (500, Verdict.ERROR),
        (502, Verdict.ERROR),
        (503, Verdict.ERROR),
        (522, Verdict.ERROR),
    ],
)
def test_a_status_that_brings_no_page_never_is_ok(status, verdict):
    assert judged(status=status).verdict is verdict
    assert judged("", status=status).verdict is verdict


def test_asking_too_often_keeps_what_the_server_said_on_when_to_come_back():
    assert "retry-after: 120" in judged(status=429, headers={"retry-after": "120"}).signals


@pytest.mark.parametrize("status", [200, 202, 403, 405, 503])
@pytest.mark.parametrize(
    "header",
    [
        {"cf-mitigated": "challenge"},
        {"x-amzn-waf-action": "captcha"},
        {"x-amzn-waf-action": "challenge"},
    ],
)
def test_a_challenge_that_a_header_admits_is_blocked_whatever_status_and_body(status, header):
    judgement = judged(status=status, headers=header)

    assert judgement.verdict is Verdict.BLOCKED
    assert any(next(iter(header)) in signal for signal in judgement.signals)


@pytest.mark.parametrize("body", ["", " \n\t ", "\x00\x00"])
def test_no_body_is_empty(body):
    assert judged(body).verdict is Verdict.EMPTY


def test_a_page_whose_every_word_is_in_scripts_is_empty():
    script = "<html><body><script>var t = 'EMA product number';</script><div></div></body></html>"

    assert judged(script).verdict is Verdict.EMPTY


def test_a_page_without_its_end_is_truncated_even_where_a_marker_stands_in_it():
    assert judged(PAGE.removesuffix("</html>")).verdict is Verdict.TRUNCATED
    assert judged(PAGE[:60]).verdict is not Verdict.OK


def test_a_page_may_end_with_a_comment_of_the_cache_that_served_it():
    assert judged(PAGE + "\n<!-- served from cache -->\n").verdict is Verdict.OK


def test_the_end_mark_does_not_bind_a_rendering_that_is_no_html():
    markdown = "# Exemplar\n\nEMA product number EMEA/H/C/009999\n"

    assert judged(markdown, headers={"content-type": "text/markdown"}).verdict is Verdict.OK


@pytest.mark.parametrize("body", ['{"meta": {"total_records": 3}, "data": [{"a": ', "[1, 2"])
def test_json_that_never_closes_is_truncated(body):
    assert judged(body, reader=ANYTHING).verdict is Verdict.TRUNCATED


def test_a_feed_without_its_end_is_truncated():
    reader = a_reader(markers=(), ends_with="</rss>")

    assert judged("<rss><channel><item>", reader=reader).verdict is Verdict.TRUNCATED
    assert judged("<rss><channel></channel></rss>", reader=reader).verdict is Verdict.OK


def test_another_language_is_another_page_also_where_only_the_header_says_so():
    german = PAGE.replace('lang="en"', 'lang="de-AT"')
    silent = PAGE.replace(' lang="en"', "")

    assert judged(german).verdict is Verdict.WRONG_PAGE
    assert judged(silent, headers={"content-language": "fr"}).verdict is Verdict.WRONG_PAGE
    assert judged(PAGE.replace('lang="en"', 'lang="en-GB"')).verdict is Verdict.OK
    assert judged(german, asked="https://x.example/a", url="").verdict is Verdict.OK


def test_a_page_that_bears_no_marker_is_another_page():
    other = PAGE.replace("EMA product number", "Our product number")

    judgement = judged(other)

    assert judgement.verdict is Verdict.WRONG_PAGE
    assert "'EMA product number'" in judgement.reason


def test_a_marker_is_found_across_inline_tags_and_odd_spaces():
    spaced = PAGE.replace("EMA product number", "<b>EMA</b>&nbsp;product\n <i>number</i>")

    assert judged(spaced).verdict is Verdict.OK


def test_a_marker_that_only_scripts_hold_still_tells_the_page():
    page = PAGE.replace("EMA product number", "Number").replace(
        "</body>", "<script>var dataSet = [{}];</script></body>"
    )

    assert judged(page, reader=a_reader(markers=("var dataSet",))).verdict is Verdict.OK


@pytest.mark.parametrize(
    "body", [b"%PDF-1.7\n...%%EOF\n", b"PK\x03\x04....", b"\x89PNG....", b"\x00\x01\x02binary"]
)
def test_a_file_where_text_is_expected_is_another_page(body):
    assert judged(body).verdict is Verdict.WRONG_PAGE


XLSX = "https://regulator.example/en/documents/report/medicines_en.xlsx"


def test_a_file_that_was_asked_for_is_ok_when_it_is_whole():
    whole = b"PK\x03\x04" + b"." * 50 + b"PK\x05\x06" + b"\0" * 18
    reader = a_reader(markers=("Category",), ends_with="")

    assert judged(whole, asked=XLSX, url=XLSX, reader=reader).verdict is Verdict.OK
    assert judged(whole[:40], asked=XLSX, url=XLSX, reader=reader).verdict is Verdict.TRUNCATED


def test_a_file_from_any_address_is_ok_where_its_bytes_bear_the_readers_marker():
    whole = b"PK\x03\x04...xl/workbook.xml..." + b"PK\x05\x06" + b"\0" * 18
    reader = a_reader(markers=('"medicine_status"', "xl/workbook.xml"), ends_with="")

    assert judged(whole, reader=reader).verdict is Verdict.OK
    assert judged(whole.replace(b"xl/", b"word/"), reader=reader).verdict is Verdict.WRONG_PAGE


@pytest.mark.parametrize(
    "asked",
    [
        "https://regulator.example/en/documents/leaflet",
        "https://regulator.example/download?id=7",
        "https://regulator.example/en/medicines.json",
        "https://regulator.example/leaflet.doc",
    ],
)
@pytest.mark.parametrize("stated", ["application/pdf", "application/x-download", "text/html"])
def test_a_pdf_for_the_reader_of_pdfs_is_ok_whatever_its_address_and_type_promise(asked, stated):
    pdf, headers = b"%PDF-1.7\n...\n%%EOF\n", {"content-type": stated}
    reader = READERS["pdf_text"]

    judgement = judged(pdf, asked=asked, url=asked, headers=headers, reader=reader)
    half = judged(pdf[:12], asked=asked, url=asked, headers=headers, reader=reader)

    assert (judgement.verdict, judgement.signals) == (Verdict.OK, ("status 200", "marker %PDF-"))
    assert half.verdict is Verdict.TRUNCATED


@pytest.mark.parametrize("suffix", ["xlsx", "xls", "pdf", "json", "html"])
def test_a_list_that_bears_the_readers_marker_is_ok_under_any_suffix(suffix):
    asked = f"https://regulator.example/en/documents/report/medicines_en.{suffix}"
    body = '{"data": [{"medicine_status": "Authorised"}]}'

    judgement = judged(body, asked=asked, url=asked, reader=READERS["ema_medicines"])

    assert judgement.verdict is Verdict.OK


def test_a_page_that_bears_the_readers_marker_unseen_is_ok_under_any_suffix():
    asked = "https://regulator.example/en/products.json"
    page = "<html><body><p>All products of the register.<script>var dataSet=[1]</script></html>"

    assert judged(page, asked=asked, url=asked, reader=ANYTHING).verdict is Verdict.WRONG_PAGE
    reader = a_reader(markers=("var dataSet",))
    assert judged(page, asked=asked, url=asked, reader=reader).verdict is Verdict.OK


def test_a_pdf_without_its_end_is_truncated():
    pdf = "https://regulator.example/documents/x_en.pdf-0"

    assert judged(b"%PDF-1.4\n..", asked=pdf, url=pdf, reader=ANYTHING).verdict is Verdict.TRUNCATED


def test_a_page_where_a_file_was_asked_for_is_another_page():
    assert judged(asked=XLSX, url=XLSX, reader=ANYTHING).verdict is Verdict.WRONG_PAGE
    report = "https://regulator.example/en/medicines.json"
    assert judged(asked=report, url=report, reader=ANYTHING).verdict is Verdict.WRONG_PAGE


def test_an_article_that_an_api_does_not_have_is_not_found():
    body = json.dumps({"query": {"pages": {"-1": {"title": "Exemplar", "missing": ""}}}})

    assert judged(body, reader=ANYTHING).verdict is Verdict.NOT_FOUND


def test_utf16_is_text_and_no_binary_file():
    headers = {"content-type": "text/html; charset=utf-16"}

    assert judged(PAGE.encode("utf-16"), headers=headers).verdict is Verdict.OK


def test_a_hostile_page_is_looked_at_in_one_pass():
    seen = look("<html><title>a<title>" + "<div><!-- " * 50_000 + "<script" * 50_000)

    assert seen.is_html
    assert len(seen.text) < 100


def test_a_look_sees_what_a_person_sees():
    seen = look(
        '<!doctype html>\n<html lang="en-GB"><head><title>A &amp; B</title>'
        "<style>p{}</style></head>"
        "<body><!-- no --><h1>Head<span>line</span></h1><h1>Second</h1><p>One<b>two</b></p><p>3</p>"
        "<script>if (a<b) {}</script><noscript>No scripts</noscript></body></html>"
    )

    assert (seen.title, seen.headline, seen.language) == ("A & B", "Headline", "en")
    assert seen.text == "Headline Second Onetwo 3"
    assert seen.without_scripts == "No scripts"


@pytest.mark.realdata
def test_no_real_page_of_a_medicine_is_taken_for_something_else(shared_data):
    pages = sorted((shared_data / "ema_pages" / "versions").rglob("*.md"))
    rendered = {"content-type": "text/markdown; charset=utf-8"}

    for reader in (a_reader(), ANYTHING):
        verdicts = {
            judged(page.read_bytes(), headers=rendered, reader=reader).verdict for page in pages
        }
        assert verdicts == {Verdict.OK}
    assert len(pages) == 213


def test_a_short_page_that_asks_for_a_password_is_a_login_whatever_it_says():
    page = (
        "<html><head><title>Regulator</title></head><body><p>Welcome to the regulator.</p>"
        '<form action="/in"><input name="who"><input type="password" name="how"></form>'
        "</body></html>"
    )
    found = judged(page)

    assert found.verdict is Verdict.BLOCKED
    assert "a field for a password" in found.signals
