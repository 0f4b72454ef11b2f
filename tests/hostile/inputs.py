"""Hostile inputs, each with what reads it: what an attacker would send, sized to the limits."""

from __future__ import annotations

import gzip
import io
import json
import lzma
import struct
import tarfile
import zipfile
import zlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass

MB = 1_000_000
XLSX_PARTS = {
    "[Content_Types].xml": b'<?xml version="1.0"?><Types xmlns="http://schemas.openxmlformats.org/'
    b'package/2006/content-types"><Default Extension="xml" ContentType="application/xml"/>'
    b'<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.'
    b'relationships+xml"/><Override PartName="/xl/workbook.xml" ContentType="application/vnd.'
    b'openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/></Types>',
    "_rels/.rels": b'<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/'
    b'relationships"><Relationship Id="rId1" Type="http://schemas.openxmlformats.org/'
    b'officeDocument/2006/relationships/officeDocument" Target="xl/workbook.xml"/></Relationships>',
    "xl/workbook.xml": b'<workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/'
    b'main" xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"><sheets>'
    b'<sheet name="A" sheetId="1" r:id="rId1"/></sheets></workbook>',
    "xl/_rels/workbook.xml.rels": b'<Relationships xmlns="http://schemas.openxmlformats.org/'
    b'package/2006/relationships"><Relationship Id="rId1" Type="http://schemas.openxmlformats.org/'
    b'officeDocument/2006/relationships/worksheet" Target="worksheets/sheet1.xml"/>'
    b"</Relationships>",
}
SHEET = (
    b'<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">%b</worksheet>'
)


@dataclass(frozen=True, slots=True)
class Hostile:
    """One input.

    Attributes:
        family: What it is: HTML, XML, …
        name: What is nasty about it, in a few words.
        way: What reads it: a reader's name, or `yaml`, `tar`, `warc`, `gzip` ….
        make: Makes it; called in the process that is measured, before the clock starts.
        bound: What keeps it in bounds.
        seconds: How long it may take.
        suffix: Of the file, for archives.
    """

    family: str
    name: str
    way: str
    make: Callable[[], bytes]
    bound: str
    seconds: float = 10.0
    suffix: str = ""


def repeated(piece: str | bytes, count: int, before: bytes = b"", after: bytes = b"") -> bytes:
    data = piece.encode() if isinstance(piece, str) else piece
    return before + data * count + after


def html(body: str, count: int) -> Callable[[], bytes]:
    return lambda: repeated(
        body, count, b"<html><body><h1>Alofisel</h1>EMA product number ", b"</body></html>"
    )


def feed(items: bytes, doctype: bytes = b"") -> bytes:
    return (
        b'<?xml version="1.0"?>' + doctype + b'<rss version="2.0"><channel><title>t</title>'
        b"<link>https://www.ema.europa.eu/</link>" + items + b"</channel></rss>"
    )


def laughs() -> bytes:
    lines = [b'<!ENTITY a0 "ha">']
    lines += [b'<!ENTITY a%d "%b">' % (n, b"&a%d;" % (n - 1) * 10) for n in range(1, 12)]
    return feed(b"<item><title>&a11;</title></item>", b"<!DOCTYPE rss [" + b"".join(lines) + b"]>")


def workbook(sheet: bytes, **more: bytes) -> bytes:
    parts = {**XLSX_PARTS, "xl/worksheets/sheet1.xml": SHEET.replace(b"%b", sheet), **more}
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as book:
        for name, content in parts.items():
            book.writestr(name, content)
    return packed.getvalue()


def cells(addresses: Iterable[str]) -> bytes:
    inside = "".join(f'<c r="{each}" t="str"><v>x</v></c>' for each in addresses)
    return (
        f'<dimension ref="A1:XFD1048576"/><sheetData><row r="1">{inside}</row></sheetData>'.encode()
    )


def overlapping() -> bytes:
    """A zip whose directory names one packed part a thousand times: 1 MB becomes a gigabyte."""
    part = zlib.compressobj(9, zlib.DEFLATED, -15)
    data = bytes(MB)
    packed = part.compress(data) + part.flush()
    crc = zlib.crc32(data)
    sizes = struct.pack("<III", crc, len(packed), len(data))
    local = b"PK\x03\x04" + struct.pack("<HHHHH", 20, 0, 8, 0, 33) + sizes
    body = local + struct.pack("<HH", 15, 0) + b"xl/workbook.xml" + packed
    directory = b""
    for number in range(150):
        name = b"xl/workbook.xml" if number == 0 else b"xl/sheet%03d.xml" % number
        directory += b"PK\x01\x02" + struct.pack("<HHHHHH", 20, 20, 0, 8, 0, 33) + sizes
        directory += struct.pack("<HHHHHII", len(name), 0, 0, 0, 0, 0, 0) + name
    end = struct.pack("<HHHHIIH", 0, 0, 150, 150, len(directory), len(body), 0)
    return body + directory + b"PK\x05\x06" + end


def a_pdf(*objects: bytes, pages: bytes = b"<</Type/Pages/Kids[3 0 R]/Count 1>>") -> bytes:
    body = b"%PDF-1.5\n"
    offsets = []
    for number, each in enumerate((b"<</Type/Catalog/Pages 2 0 R>>", pages, *objects), start=1):
        offsets.append(len(body))
        body += b"%d 0 obj\n%b\nendobj\n" % (number, each)
    table = b"".join(b"%010d 00000 n \n" % offset for offset in offsets)
    size = len(offsets) + 1
    return body + (
        b"xref\n0 %d\n0000000000 65535 f \n%btrailer<</Size %d/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF"
        % (size, table, size, len(body))
    )


def stream(data: bytes, extra: bytes = b"") -> bytes:
    packed = zlib.compress(data, 9)
    return b"<</Length %d/Filter/FlateDecode%b>>stream\n%b\nendstream" % (
        len(packed),
        extra,
        packed,
    )


PAGE = (
    b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 600 800]/Contents 4 0 R"
    b"/Resources<</Font<</F 5 0 R>>>>>>"
)
FONT = b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>"


def text_pdf(count: int) -> bytes:
    return a_pdf(PAGE, stream(b"BT /F 1 Tf " + b"(x) Tj " * count + b"ET"), FONT)


def tar(*members: tuple[tarfile.TarInfo, bytes], mode: str = "w:gz") -> bytes:
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode=mode) as archive:  # type: ignore[call-overload]
        for info, data in members:
            info.size = len(data)
            archive.addfile(info, io.BytesIO(data))
    return packed.getvalue()


def member(name: str, kind: bytes = tarfile.REGTYPE, link: str = "") -> tarfile.TarInfo:
    info = tarfile.TarInfo(name)
    info.type, info.linkname = kind, link
    return info


def long_name(size: int) -> bytes:
    """A tar whose one header says that the name of what follows has so many bytes."""
    info = member("././@LongLink", tarfile.GNUTYPE_LONGNAME)
    info.size = size
    packer = zlib.compressobj(9, wbits=31)
    head = packer.compress(info.tobuf(tarfile.GNU_FORMAT))
    return head + b"".join(packer.compress(b"a" * MB) for _ in range(size // MB)) + packer.flush()


def packed_zeros(size: int, level: int = 9) -> bytes:
    packer = zlib.compressobj(level, wbits=31)
    block = bytes(MB)
    return b"".join(packer.compress(block) for _ in range(size // MB)) + packer.flush()


def warc(length: int | str, body: bytes, http: bytes = b"HTTP/1.1 200 OK\r\n\r\n") -> bytes:
    return (
        b"WARC/1.0\r\nWARC-Type: response\r\nWARC-Date: 2024-01-01T00:00:00Z\r\n"
        b"WARC-Target-URI: https://www.ema.europa.eu/a\r\nContent-Type: application/http; "
        b"msgtype=response\r\nContent-Length: %b\r\n\r\n%b%b\r\n\r\n"
        % (str(length).encode(), http, body)
    )


def yaml_laughs() -> bytes:
    lines = ["a: &a [x, x, x, x, x, x, x, x, x, x]"]
    for before, after in zip("abcdefgh", "bcdefghi", strict=True):
        lines.append(f"{after}: &{after} [{', '.join([f'*{before}'] * 10)}]")
    return "\n".join(lines).encode()


def a_nested_list(depth: int) -> bytes:
    return b"[" * depth + b"]" * depth


def xz_of_a_large_dictionary() -> bytes:
    filters = [
        {
            "id": lzma.FILTER_LZMA2,
            "dict_size": 1 << 30,
            "mode": lzma.MODE_FAST,
            "mf": lzma.MF_HC3,
            "depth": 1,
        }
    ]
    # the header alone matters: what it asks for is allocated before the first byte is unpacked
    small = bytearray(
        lzma.compress(bytes(MB), lzma.FORMAT_XZ, filters=[{**filters[0], "dict_size": 1 << 20}])
    )
    small[16] = 36  # the dictionary's size in the block header: 1 gigabyte
    small[20:24] = struct.pack("<I", zlib.crc32(bytes(small[12:20])))
    return bytes(small)


def json_rows(row: object, count: int) -> bytes:
    one = json.dumps(row).encode()
    return b'{"data":[' + b",".join([one] * count) + b"]}"


def gzipped(data: bytes) -> bytes:
    return gzip.compress(data)


def one_large() -> bytes:
    info = member("2024-01-01_large.html")
    info.size = 1_000 * MB
    return gzipped(info.tobuf()) + packed_zeros(1_000 * MB)


def warc_of_zeros(size: int) -> bytes:
    return joined(warc(size + 19, b"")[:-4], size)


def sparse_tar() -> bytes:
    info = member("2024-01-01_large.html")
    info.size = 99 * MB
    return info.tobuf() + bytes(99 * MB + 1024)


def joined(head: bytes, size: int) -> bytes:
    packer = zlib.compressobj(9, wbits=31)
    packed = packer.compress(head)
    return packed + b"".join(packer.compress(bytes(MB)) for _ in range(size // MB)) + packer.flush()
