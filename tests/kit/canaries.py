"""Canaries: secrets that sing when they are found where no secret may be."""

from __future__ import annotations

from base64 import b64encode, urlsafe_b64encode
from collections.abc import Iterator, Mapping
from pathlib import Path
from urllib.parse import quote

CANARIES = {
    "CANARY_PASSWORD": "c4nary/p@ss w0rd!",
    "CANARY_TOKEN": "c4narytokenAAAA1111bbbb",
    "CANARY_QUERY": "c4naryquery+2222",
    "CANARY_HEADER": "c4naryheader3333",
    "CANARY_MAIL": "c4narymail;4444",
    "CANARY_PING": "c4naryping5555",
}


def forms(secret: str) -> Iterator[bytes]:
    """Every form in which a secret may be met."""
    plain = secret.encode()
    yield plain
    yield quote(secret, safe="").encode()
    yield quote(secret).encode()
    yield secret.encode("unicode_escape")
    for shift in range(3):
        # in the middle of something longer, base64 depends on where it begins
        for encoded in (b64encode, urlsafe_b64encode):
            yield encoded(b"x" * shift + plain)[4 if shift else 0 : -4]


def sung(data: bytes, canaries: Mapping[str, str] = CANARIES) -> list[str]:
    """The names of the canaries that are found in `data`, in whatever form."""
    return [
        name for name, secret in canaries.items() if any(form in data for form in forms(secret))
    ]


def sung_in(folder: Path, canaries: Mapping[str, str] = CANARIES) -> list[str]:
    """Where in a folder's files, names included, a canary is found."""
    return [
        f"{path.relative_to(folder)}: {name}"
        for path in sorted(folder.rglob("*"))
        for name in sung(
            str(path).encode() + (path.read_bytes() if path.is_file() else b""), canaries
        )
    ]
