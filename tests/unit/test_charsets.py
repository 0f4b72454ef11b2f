"""From bytes to text: byte order mark, header, meta, then a guess; no statement is just trusted."""

from __future__ import annotations

import codecs

import pytest

from watcher.readers.reader import Payload

TEXT = "Alofisel – autorisé pour l’Union européenne, médicament à base de cellules, état révisé"
META = '<meta charset="{}">'


@pytest.mark.parametrize(
    ("encoded", "stated"),
    [
        ("utf-8", "text/html; charset=utf-8"),
        ("utf-8", "text/html"),
        ("cp1252", "text/html; charset=windows-1252"),
        ("cp1252", "text/html; charset=iso-8859-1"),
        ("cp1252", "text/html; charset=us-ascii"),
        ("utf-8", "text/html; charset=iso-8859-1"),
        ("utf-8", "text/html; charset=gb18030"),
        ("utf-8", "text/html; charset=x-none"),
        ("utf-16-le", "text/html; charset=utf-16-le"),
        ("iso8859-15", "text/html; charset=iso-8859-15"),
    ],
)
def test_a_text_is_read_in_the_charset_it_is_written_in(encoded, stated):
    text = TEXT.replace("–", "-").replace("’", "'") if encoded == "iso8859-15" else TEXT

    assert Payload(body=text.encode(encoded), media_type=stated).text() == text


@pytest.mark.parametrize("stated", ["", "text/html; charset=utf-8", "text/html; charset=latin1"])
@pytest.mark.parametrize(
    ("mark", "encoded"),
    [
        (codecs.BOM_UTF8, "utf-8"),
        (codecs.BOM_UTF16_LE, "utf-16-le"),
        (codecs.BOM_UTF16_BE, "utf-16-be"),
    ],
)
def test_a_byte_order_mark_is_believed_before_any_statement(mark, encoded, stated):
    assert Payload(body=mark + TEXT.encode(encoded), media_type=stated).text() == TEXT


@pytest.mark.parametrize(
    ("meta", "encoded"), [("windows-1252", "cp1252"), ("ISO-8859-1", "cp1252")]
)
def test_a_page_may_state_its_charset_itself(meta, encoded):
    page = META.format(meta) + TEXT

    assert Payload(body=page.encode(encoded), media_type="text/html").text() == page


def test_a_header_that_cannot_be_right_gives_way_to_the_page():
    page = META.format("windows-1252") + TEXT

    assert Payload(body=page.encode("cp1252"), media_type="text/html; charset=utf-8").text() == page


def test_without_any_statement_the_likeliest_charset_is_taken():
    read = Payload(body=(TEXT * 20).encode("cp1252"), media_type="text/html").text()

    assert "européenne" in read


@pytest.mark.parametrize("charset", ["utf-7", "unicode-escape", "punycode", "undefined", "rot13"])
def test_a_charset_that_no_page_has_is_not_used(charset):
    body = rb"+ADw-script+AD4- \u003cb\u003e"

    assert Payload(body=body, media_type=f"text/html; charset={charset}").text() == body.decode()


def test_bytes_of_no_charset_are_read_with_marks_where_they_do_not_fit():
    text = Payload(body=bytes(range(256)) * 4, media_type="text/html; charset=utf-8").text()

    assert len(text) >= 256


@pytest.mark.parametrize("stated", ["text/html; charset=utf-8", "text/html"])
def test_what_is_said_to_be_utf_8_and_is_none_of_it_is_read_as_browsers_read_it(stated):
    page = META.format("utf-8") + TEXT

    assert Payload(body=page.encode("cp1252"), media_type=stated).text() == page


def test_what_is_utf_8_but_for_some_bytes_has_marks_for_those_alone():
    body = TEXT.encode().replace("état".encode(), b"\xe9tat")
    text = Payload(body=body, media_type="text/html; charset=utf-8").text()

    assert text == TEXT.replace("état", "\ufffdtat")
