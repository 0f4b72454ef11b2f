"""What fuzzing does to a page: damage as networks, editors and enemies do it.

Every mutation takes the bytes and a source of randomness and returns other bytes; the same seed
gives the same bytes. Those that need a structure (JSON, a zip) leave other bytes to the plain ones.
"""

from __future__ import annotations

import json
import re
import zipfile
import zlib
from collections.abc import Callable, Sequence
from io import BytesIO
from random import Random
from typing import Any

LARGEST = 8_000_000
"""A mutation that would make more bytes than this is not applied."""

HOT = (
    *(b"[", b"]", b"{", b"}", b'"', b"\\", b"<", b">", b"</", b"&#0;", b"&#xD800;", b"&#55296;"),
    *(b"&#99999999999;", b"<!--", b"-->", b"<![CDATA[", b"]]>", b"<script>", b"<table>", b"<dt>"),
    *(b"\x00", b"\x1f", b"\x85", b"\xa0", b"\xff\xfe", b"\xef\xbb\xbf", b"\xed\xa0\x80", b"\xc0"),
    *(b"\xe2\x80\xae", b"\xe2\x80\x8f", b"\xe2\x80\xa8", b"\xe2\x80\x8b", b"\xcc\x81", b"\xc4\xb0"),
    *(b"null", b"NaN", b"Infinity", b"-0", b"1e999", b"0", b"-1", b"9" * 30, b"true", b'""', b"\n"),
    *(b"31/02/2024", b"0000-00-00", b"99/99/9999", b"29 February 2023", b"2024", b"13/12/2024"),
    *(b"\xd9\xa1\xd9\xa2/\xd9\xa1\xd9\xa2/\xd9\xa2\xd9\xa0\xd9\xa2\xd9\xa4", b"\xc2\xb2", b"|"),
    *(b"EMEA/H/C/004258", b"EMEA/H/C005201", b"EU/1/17/1261", b"http://[", b"javascript:x", b"//"),
    *(
        b"https://\xc3\xa4.example:99999/",
        b"#",
        b"- ",
        b"**",
        b"[x](y)",
        b"= ",
        b"{{",
        b"}}",
        b"%s",
    ),
    *(
        b"Withdrawn",
        b"Authorised",
        b"withdrawn",
        b"Status",
        b"Date",
        b": ",
        b", ",
        b";",
        b"\t",
        b"\r",
    ),
)
_TAG = re.compile(rb"<[^<>]{1,200}>")
_WORD = re.compile(rb"[A-Za-z][A-Za-z ]{2,30}")
_NUMBER = re.compile(rb"\d+")
_LITERAL = re.compile(rb'"(?:[^"\\]|\\.){0,200}"|\b\d+\b|\bnull\b|\btrue\b|\bfalse\b')
_ENCODINGS = ("utf-16", "utf-16-le", "utf-32", "latin-1", "cp1252", "utf-7", "cp037", "utf-8-sig")


def _span(body: bytes, random: Random) -> tuple[int, int]:
    at = random.randrange(len(body) + 1)
    return at, min(len(body), at + int(random.expovariate(1 / 40)))


def flip(body: bytes, random: Random) -> bytes:
    damaged = bytearray(body or b"\0")
    for _ in range(random.choice((1, 1, 2, 8))):
        damaged[random.randrange(len(damaged))] ^= 1 << random.randrange(8)
    return bytes(damaged)


def cut(body: bytes, random: Random) -> bytes:
    at = random.randrange(len(body) + 1)
    return body[:at] if random.random() < 0.8 else body[at:]


def remove(body: bytes, random: Random) -> bytes:
    start, end = _span(body, random)
    return body[:start] + body[end:]


def repeat(body: bytes, random: Random) -> bytes:
    start, end = _span(body, random)
    times = random.choice((2, 2, 3, 50, 2000))
    return body[:start] + body[start:end] * times + body[end:]


def insert(body: bytes, random: Random) -> bytes:
    start, end = _span(body, random)
    kept = start if random.random() < 0.5 else end
    return body[:start] + random.choice(HOT) * random.choice((1, 1, 1, 3)) + body[kept:]


def instead(pattern: re.Pattern[bytes]) -> Callable[[bytes, Random], bytes]:
    """Return a mutation that removes, doubles, swaps or replaces what a pattern finds."""

    def changed(body: bytes, random: Random) -> bytes:
        found = list(pattern.finditer(body[:300_000]))
        if not found:
            return insert(body, random)
        one, other = random.choice(found), random.choice(found)
        new = random.choice((b"", one[0] * 2, other[0], random.choice(HOT), one[0].swapcase()))
        return body[: one.start()] + new + body[one.end() :]

    return changed


def lines(body: bytes, random: Random) -> bytes:
    rows = body.split(b"\n")
    at, to = random.randrange(len(rows)), random.randrange(len(rows))
    match random.randrange(5):
        case 0:
            del rows[min(at, to) : min(at, to) + random.choice((1, 1, 3, 20))]
        case 1:
            rows.insert(to, rows[at])
        case 2:
            rows[at], rows[to] = rows[to], rows[at]
        case 3:
            many = random.choice((2, 30, 1000))
            rows[at:at] = [rows[to]] * min(many, LARGEST // (len(rows[to]) + 1))
        case _:
            rows[at] = b" ".join(rows[at : at + 3])
    return b"\n".join(rows)


def attribute(body: bytes, random: Random) -> bytes:
    found = list(_TAG.finditer(body[:300_000]))
    if not found:
        return insert(body, random)
    tag = random.choice(found)
    name = random.choice((b"href", b"class", b"id", b"datetime", b"colspan", b"rowspan", b"lang"))
    value = random.choice((b"", b"x" * 5000, b"99999999", b"-1", *HOT[:40]))
    times = random.choice((1, 1, 1, 300))
    at = tag.end() - 1
    return body[:at] + (b" " + name + b'="' + value + b'"') * times + body[at:]


def giant(body: bytes, random: Random) -> bytes:
    at = random.randrange(len(body) + 1)
    unit = random.choice(
        (b"a", b"a ", b"<b>", b"(", b"[", b"1", b",", b"- ", b"\xc3\xa9", b"|", b"&")
    )
    if random.random() < 0.6:
        # what a page says already, said again and again, is what its reader looks for
        start = random.randrange(len(body) + 1)
        unit = body[start : start + random.randrange(1, 25)] or unit
        unit = unit.replace(b"\n", b" ") + random.choice((b"", b" ", random.choice(HOT)))
    many = random.choice((3000, 60_000, 400_000)) // len(unit)
    return body[:at] + unit * many + body[at:]


def charset(body: bytes, random: Random) -> bytes:
    name = random.choice(_ENCODINGS)
    if random.random() < 0.3:
        return body.replace(b"utf-8", name.encode()).replace(b"UTF-8", name.encode())
    return body.decode("utf-8", "replace").encode(name, "replace")


def nest(body: bytes, random: Random) -> bytes:
    at, _ = _span(body, random)
    opening, closing = random.choice(
        (
            (b"[", b"]"),
            (b'{"a":', b"}"),
            (b"<div>", b"</div>"),
            (b"<ul><li>", b"</ul>"),
            (b"(", b")"),
        )
    )
    depth = random.choice((30, 600, 3000, 100_000))
    return body[:at] + opening * depth + closing * random.choice((0, depth)) + body[at:]


def _values() -> tuple[object, ...]:
    return (
        *(
            None,
            True,
            False,
            0,
            -1,
            10**30,
            2**63,
            1.5,
            float("nan"),
            float("inf"),
            "",
            " ",
            "\ud800",
        ),
        *(
            "\x00",
            "a\u202eb",
            "\ufeff",
            "x" * 100_000,
            [],
            {},
            [[]],
            [None],
            {"": None},
            {"\ud800": 1},
        ),
        *(
            {"é": 1},
            ["a", 1],
            "31/02/2024",
            "0000-00-00",
            "99999-01-01",
            "2024-13-01",
            "²³/١٢/٢٠٢٤",
        ),
        *(
            "EMEA/H/C005201",
            "EMEA/H/C/²",
            "http://[::",
            "Withdrawn",
            "No",
            "\u2028",
            "İ",
            "ﬁ",
            1e308,
        ),
    )


def json_values(body: bytes, random: Random) -> bytes:
    """Swap a value, rename, drop or double a member, or nest one deeply, where it is JSON."""
    try:
        whole = json.loads(body)
    except (ValueError, RecursionError):
        return instead(_LITERAL)(body, random)
    spot = _spot(whole, random)
    if spot is None:
        return json.dumps(random.choice(_values())).encode()
    holder, key = spot
    match random.randrange(5):
        case 0:
            del holder[key]
        case 1 if isinstance(holder, dict):
            holder[random.choice((str(key).upper(), f"{key} ", f"{key}\ud800", "", "é"))] = holder[
                key
            ]
        case 1:
            holder.extend([holder[key]] * random.choice((1, 40)))
        case 2:
            holder[key] = [holder[key]] if random.random() < 0.5 else {"value": holder[key]}
        case _:
            holder[key] = random.choice(_values())
    return json.dumps(whole, ensure_ascii=random.random() < 0.8).encode("utf-8", "surrogatepass")


def _spot(whole: Any, random: Random) -> tuple[Any, Any] | None:
    """Return a random member: what holds it and its key there."""
    found: tuple[Any, Any] | None = None
    inner = whole
    while isinstance(inner, dict | list) and inner and (found is None or random.random() < 0.75):
        key = random.choice(list(inner) if isinstance(inner, dict) else range(len(inner)))
        found, inner = (inner, key), inner[key]
    return found


def _unpacked(packed: zipfile.ZipFile, entry: zipfile.ZipInfo) -> bytes:
    with packed.open(entry) as part:
        return part.read(LARGEST)


def zip_members(body: bytes, random: Random) -> bytes:
    """Damage a part of a zip and pack it again, or take a part away, rename it or double it."""
    try:
        with zipfile.ZipFile(BytesIO(body)) as packed:
            parts = [(each.filename, _unpacked(packed, each)) for each in packed.infolist()]
    except (zipfile.BadZipFile, zlib.error, EOFError, RuntimeError, OSError, ValueError):
        return flip(body, random)
    if not parts:
        return insert(body, random)
    at = max(random.randrange(len(parts)), random.randrange(len(parts)))
    name, content = parts[at]
    match random.randrange(8):
        case 0:
            del parts[at]
        case 1:
            parts[at] = (
                random.choice((f"{name}x", name.upper(), "../up", "", "xl/new.xml")),
                content,
            )
        case 2:
            parts[at] = (name, random.choice(parts)[1])
        case _:
            parts[at] = (name, random.choice(PLAIN)(content, random))
    out = BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as packed:
        for each, held in parts:
            packed.writestr(each or "none", held)
    return out.getvalue()


PLAIN: tuple[Callable[[bytes, Random], bytes], ...] = (
    *(flip, cut, remove, repeat, insert, insert, lines, lines, attribute, giant, charset, nest),
    *(instead(_TAG), instead(_WORD), instead(_WORD), instead(_NUMBER), instead(_LITERAL)),
)


def mutate(body: bytes, others: Sequence[bytes], random: Random) -> bytes:
    """Return `body` after one to five mutations, now and then spliced with another page."""
    for _ in range(random.choice((1, 1, 1, 2, 2, 3, 5))):
        if random.random() < 0.04:
            other = random.choice(others)
            changed = cut(body, random)[:LARGEST] + other[random.randrange(len(other) + 1) :]
        elif body.startswith(b"PK\x03\x04"):
            changed = (zip_members if random.random() < 0.9 else random.choice(PLAIN))(body, random)
        elif body[:1] in {b"{", b"["} and random.random() < 0.6:
            changed = json_values(body, random)
        else:
            changed = random.choice(PLAIN)(body, random)
        body = changed if len(changed) <= LARGEST else body
    return body
