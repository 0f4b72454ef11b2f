"""Files among the answers: of what kind, whether one is expected, and whether it is whole."""

from __future__ import annotations

import re

_KINDS = (
    (b"%PDF-", "PDF"),
    (b"PK\x03\x04", "ZIP"),
    (b"\xd0\xcf\x11\xe0", "old Office file"),
    (b"\x89PNG", "PNG"),
    (b"GIF8", "GIF"),
    (b"\xff\xd8\xff", "JPEG"),
    (b"\x1f\x8b", "gzip"),
    (b"\x28\xb5\x2f\xfd", "zstd"),
)
_EXPECTED = (
    (re.compile(r"\.pdf(?:-\d+)?$"), frozenset({"PDF"})),
    (re.compile(r"\.(?:xlsx|docx|zip|epub)(?:-\d+)?$"), frozenset({"ZIP"})),
    (re.compile(r"\.(?:xls|doc)(?:-\d+)?$"), frozenset({"old Office file", "ZIP"})),
)
_ENDINGS = {"PDF": (b"%%EOF", 2_048), "ZIP": (b"PK\x05\x06", 66_000)}
"""How a whole file of a kind ends, and how many bytes from its end at most."""
_ANY_FILE = frozenset({"PDF", "ZIP", "old Office file"})
_FILE_TYPE = re.compile(r"application/(?:pdf|zip|vnd\.(?:ms-excel|openxml)|octet-stream)")


def kind_of(body: bytes) -> str:
    """Return what kind of file a body is by its first bytes; empty: text."""
    for magic, kind in _KINDS:
        if body.startswith(magic):
            return kind
    has_mark = body.startswith((b"\xff\xfe", b"\xfe\xff"))
    return "binary" if b"\x00" in body[:1024] and not has_mark else ""


def kinds_at(url: str) -> frozenset[str]:
    """Return the kinds of file that an address promises; empty: none."""
    path = url.partition("?")[0].casefold()
    return next((kinds for pattern, kinds in _EXPECTED if pattern.search(path)), frozenset())


def kinds_stated(media_type: str) -> frozenset[str]:
    """Return the kinds of file that a Content-Type promises; empty: none."""
    return _ANY_FILE if _FILE_TYPE.match(media_type) else frozenset()


def is_whole(kind: str, body: bytes) -> bool:
    """Return whether a file of this kind has its end."""
    ending, within = _ENDINGS.get(kind, (b"", 0))
    return ending in body[-within:]
