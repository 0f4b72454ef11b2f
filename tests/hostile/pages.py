"""Hostile pages and files that a source could answer with, and the readers that meet them."""

from __future__ import annotations

import json

from hostile.inputs import (
    FONT,
    MB,
    PAGE,
    Hostile,
    a_nested_list,
    a_pdf,
    cells,
    feed,
    html,
    json_rows,
    laughs,
    overlapping,
    stream,
    text_pdf,
    workbook,
)

_TAGS = "tags, depth and attributes counted before parsing"
_XML = "no document type; elements, depth and bytes counted as they stream by"
_ZIP = "parts, sizes, ratio and the farthest cell checked before the library sees any"
_PDF = "a process of its own: 120 s, bounded memory, pages and pieces counted"
_JSON = "bytes and values counted before decoding"
_TEXT = "searches of linear time"
_BULK = "ema_medicines"
_PAGE = "ema_medicine_page"

HTML = (
    Hostile("HTML", "100,000 nested div", _PAGE, html("<div>", 100_000), _TAGS),
    Hostile("HTML", "140,000 tags within 490 others", _PAGE, html("<b><i></b>", 46_000), _TAGS),
    Hostile(
        "HTML",
        "one tag of 300,000 attributes",
        _PAGE,
        lambda: (
            b"<html><body "
            + b"".join(b"a%d='' " % n for n in range(300_000))
            + b">EMA product number"
        ),
        _TAGS,
    ),
    Hostile("HTML", "50 MB in one line", _PAGE, html("Withdrawn 13/12/2024 ", 2_380_000), _TAGS),
    Hostile("HTML", "149,000 rows of one cell", "generic", html("<tr><td>x", 74_000), _TAGS),
    Hostile("HTML", "misplaced tables", _PAGE, html("<table><a><td>", 45_000), _TAGS),
    Hostile("HTML", "140,000 links", "generic", html("<a href='/a'>x</a>", 70_000), _TAGS),
    Hostile(
        "HTML",
        "a million entities",
        _PAGE,
        html("&amp;&#0;&CounterClockwiseContourIntegral;", 1_000_000),
        _TAGS,
    ),
    Hostile("HTML", "20 MB of comments", _PAGE, html("<!-- -- > --!", 1_500_000), _TAGS),
    Hostile(
        "HTML", "5 MB of NUL", _PAGE, lambda: b"<html>EMA product number" + bytes(4_900_000), _TAGS
    ),
    Hostile(
        "HTML", "20 MB of NUL", _PAGE, lambda: b"<html>EMA product number" + bytes(20 * MB), _TAGS
    ),
    Hostile("HTML", "10 MB tag without an end", _PAGE, html("<a ", 3_000_000), _TAGS),
    Hostile(
        "HTML", "quotes without an end", _PAGE, lambda: b"<html><a " + b"'\"" * 2_400_000, _TAGS
    ),
)
TEXT = (
    Hostile(
        "Text",
        "a million templates opened",
        "encyclopedia",
        lambda: b"Alofisel\n{{Infobox drug\n" + b"{{" * MB,
        _TEXT,
    ),
    Hostile(
        "Text",
        "a million links opened",
        "encyclopedia",
        lambda: b"Alofisel\n{{Infobox drug\n|a=b}}" + b"[[File:" * 700_000,
        _TEXT,
    ),
    Hostile(
        "Text",
        "a million references opened",
        "encyclopedia",
        lambda: b"Alofisel\n{{Infobox drug}}" + b"<ref " * 900_000,
        _TEXT,
    ),
    Hostile(
        "Text",
        "5 MB of spaces and dates",
        "medpath_approval",
        lambda: b"Drug Approval " + b"13 December " * 400_000,
        _TEXT,
    ),
    Hostile(
        "Text",
        "a line of 5 MB",
        "research_library",
        lambda: b"# Research\n" + b"a b. " * 990_000,
        _TEXT,
    ),
    Hostile("Text", "20 MB in no charset", _PAGE, lambda: b"\xff\x81" * 10 * MB, _TEXT),
)
JSON = (
    Hostile(
        "JSON",
        "ten million empty rows",
        _BULK,
        lambda: b'{"data":[' + b"{}," * (10 * MB) + b"{}]}",
        _JSON,
    ),
    Hostile(
        "JSON",
        "a million nested lists",
        _BULK,
        lambda: b'{"data":' + a_nested_list(MB) + b"}",
        _JSON,
    ),
    Hostile(
        "JSON",
        "a number of a million digits",
        _BULK,
        lambda: b'{"data":[{"a":' + b"9" * MB + b"}]}",
        _JSON,
    ),
    Hostile(
        "JSON",
        "150,000 rows of other keys",
        _BULK,
        lambda: json.dumps({"data": [{f"k{n}": "v"} for n in range(150_000)]}).encode(),
        _JSON,
    ),
    Hostile(
        "JSON",
        "50 MB of rows",
        _BULK,
        lambda: json_rows({"name": "x" * 40, "status": "y"}, 700_000),
        _JSON,
    ),
    Hostile(
        "JSON",
        "a row of a million keys",
        _BULK,
        lambda: b'{"data":[{' + b",".join(b'"%d":1' % n for n in range(MB)) + b"}]}",
        _JSON,
    ),
    Hostile(
        "JSON",
        "register of nested lists",
        "union_register",
        lambda: b"<html><script>var dataSet = " + a_nested_list(MB) + b";</script></html>",
        _JSON,
    ),
)
XML = (
    Hostile("XML", "billion laughs", "ema_feed", laughs, _XML),
    Hostile(
        "XML",
        "quadratic entity",
        "ema_feed",
        lambda: feed(
            b"<item><title>" + b"&a;" * 100_000 + b"</title></item>",
            b'<!DOCTYPE rss [<!ENTITY a "' + b"x" * 100_000 + b'">]>',
        ),
        _XML,
    ),
    Hostile(
        "XML",
        "external entity",
        "ema_feed",
        lambda: feed(
            b"<item><title>&a;</title></item>",
            b'<!DOCTYPE rss [<!ENTITY a SYSTEM "file:///etc/passwd">]>',
        ),
        _XML,
    ),
    Hostile(
        "XML",
        "external document type",
        "ema_feed",
        lambda: feed(b"", b'<!DOCTYPE rss SYSTEM "http://127.0.0.1/x.dtd">'),
        _XML,
    ),
    Hostile("XML", "a million nested elements", "ema_feed", lambda: feed(b"<a>" * MB), _XML),
    Hostile("XML", "a million empty elements", "ema_feed", lambda: feed(b"<a/>" * MB), _XML),
    Hostile(
        "XML",
        "one item of 9 MB",
        "ema_feed",
        lambda: feed(b"<item><title>" + b"x" * 9 * MB + b"</title></item>"),
        _XML,
    ),
    Hostile(
        "XML",
        "100,000 attributes",
        "ema_feed",
        lambda: feed(b"<item " + b"".join(b"a%d='' " % n for n in range(100_000)) + b"/>"),
        _XML,
    ),
    Hostile(
        "XML",
        "text between 2 million comments",
        "ema_feed",
        lambda: feed(b"<item><title>" + b"a<!---->" * 1_200_000 + b"</title></item>"),
        _XML,
    ),
)
EXCEL = (
    Hostile(
        "Excel",
        "zip bomb, 1,000:1",
        _BULK,
        lambda: workbook(b"<sheetData>" + b" " * 30 * MB + b"</sheetData>"),
        _ZIP,
    ),
    Hostile("Excel", "overlapping parts", _BULK, overlapping, _ZIP),
    Hostile(
        "Excel",
        "a cell in the last corner",
        _BULK,
        lambda: workbook(cells(["A1", "XFD1048576"])),
        _ZIP,
    ),
    Hostile("Excel", "a dimension that lies", _BULK, lambda: workbook(cells(["A1"])), _ZIP),
    Hostile(
        "Excel",
        "billion laughs in a part",
        _BULK,
        lambda: workbook(b"<sheetData/>", **{"xl/sharedStrings.xml": laughs()}),
        _ZIP,
    ),
    Hostile(
        "Excel",
        "a link to another workbook",
        _BULK,
        lambda: workbook(
            b"<sheetData/>", **{"xl/externalLinks/externalLink1.xml": b"<externalLink/>"}
        ),
        _ZIP,
    ),
    Hostile(
        "Excel",
        "4 million cells",
        _BULK,
        lambda: workbook(
            b"<sheetData>" + b'<row r="1"><c r="A1"/></row>' * 1_300_000 + b"</sheetData>"
        ),
        _ZIP,
    ),
    Hostile(
        "Excel",
        "formulas",
        _BULK,
        lambda: workbook(
            b'<sheetData><row r="1"><c r="A1"><f>WEBSERVICE("http://127.0.0.1/")</f></c></row></sheetData>'
        ),
        _ZIP,
    ),
)
PDF = (
    Hostile(
        "PDF",
        "stream bomb, 300 MB",
        "pdf_text",
        lambda: a_pdf(PAGE, stream(b" " * 300 * MB), FONT),
        _PDF,
        20,
    ),
    Hostile("PDF", "two million pieces of text", "pdf_text", lambda: text_pdf(2 * MB), _PDF, 20),
    Hostile(
        "PDF",
        "5.8 million characters",
        "pdf_text",
        lambda: a_pdf(
            PAGE,
            stream(b"BT /F 1 Tf " + (b"(" + b"lorem ipsum " * 80 + b") Tj ") * 6_000 + b"ET"),
            FONT,
        ),
        _PDF,
        20,
    ),
    Hostile(
        "PDF",
        "a tree of pages that holds itself",
        "pdf_text",
        lambda: a_pdf(
            PAGE, stream(b""), FONT, pages=b"<</Type/Pages/Kids[2 0 R 2 0 R]/Count 99999999>>"
        ),
        _PDF,
    ),
    Hostile(
        "PDF",
        "a page named 3,001 times",
        "pdf_text",
        lambda: a_pdf(
            PAGE,
            stream(b""),
            FONT,
            pages=b"<</Type/Pages/Kids[" + b"3 0 R " * 3001 + b"]/Count 3001>>",
        ),
        _PDF,
    ),
    Hostile(
        "PDF",
        "a form that draws itself",
        "pdf_text",
        lambda: a_pdf(
            PAGE.replace(b"/Font", b"/XObject<</X 6 0 R>>/Font"),
            stream(b"/X Do"),
            FONT,
            stream(
                b"/X Do",
                b"/Type/XObject/Subtype/Form/BBox[0 0 1 1]/Resources<</XObject<</X 6 0 R>>>>",
            ),
        ),
        _PDF,
    ),
    Hostile(
        "PDF",
        "60 MB of nothing",
        "pdf_text",
        lambda: b"%PDF-1.5\n" + b"1 0 obj " * 7_000_000 + b"%%EOF",
        _PDF,
        20,
    ),
)
PAGES = (*HTML, *TEXT, *JSON, *XML, *EXCEL, *PDF)
"""All of them."""
