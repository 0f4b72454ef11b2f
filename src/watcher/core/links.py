"""One-time links: what a reader of a message may do about its case without signing in.

A link carries what it is for, for whom and until when, and a seal over all of it, so that nothing
has to be kept for it and nobody can make or change one without the key. It can be used once: what
it asks for is decided under an id of its own, and nothing is decided under one id twice.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal, TypeAlias, get_args

from watcher.errors import LinkError

Action: TypeAlias = Literal["acknowledge", "assign", "irrelevant", "wrong"]
"""What a link asks for: `irrelevant` and `wrong` are judgements."""

ACTIONS: tuple[Action, ...] = get_args(Action)
LASTING = timedelta(days=30)
"""How long a link can be used: a holiday is shorter, and a mailbox is read by others later."""
LONGEST = 1_000
"""Characters of the longest token that is looked at."""
PURPOSE = "one-time links 1"
"""What the key is derived for; another number makes all links void."""
SEAL = 16
"""Bytes of a seal: half of an HMAC-SHA256, which RFC 2104 allows, so that links are short."""
_VERSION = 1


@dataclass(frozen=True, slots=True)
class Link:
    """What a link says.

    Attributes:
        case: The case's key.
        recipient: Whom it was sent to: `person:anna`, or `channel:pv-team`, whoever reads that.
        action: What it asks for.
        expires: When it ends, in seconds since 1970 (UTC).
    """

    case: str
    recipient: str
    action: Action
    expires: int

    def request(self, key: bytes) -> str:
        """Return the id that it decides under: 32 hexadecimal digits that only the key tells."""
        told = json.dumps(["request", self.case, self.recipient, self.action, self.expires])
        return hmac.digest(key, told.encode(), "sha256")[:16].hex()

    @property
    def person(self) -> str:
        """Return the id of the person it was sent to; empty: a channel has it."""
        kind, _, name = self.recipient.partition(":")
        return name if kind == "person" else ""

    @property
    def channel(self) -> str:
        """Return the id of the channel it was sent to; empty: a person has it."""
        kind, _, name = self.recipient.partition(":")
        return name if kind == "channel" else ""


def derived(secret: bytes, purpose: str) -> bytes:
    """Return a key of 32 bytes for one purpose, from a secret that also serves others.

    HKDF with SHA-256 (RFC 5869) without salt; from the result nobody finds the secret.
    """
    extracted = hmac.digest(bytes(hashlib.sha256().digest_size), secret, "sha256")
    return hmac.digest(extracted, purpose.encode() + b"\x01", "sha256")


def action_links(
    case: str, recipient: str, key: bytes, base: str, now: datetime
) -> Mapping[Action, str]:
    """Return the address for each thing that a reader may do about a case.

    The same arguments make the same links, so that a message made anew after a crash is the same.

    Args:
        case: The case's key.
        recipient: Whom the message goes to; see `Link.recipient`.
        key: The key they are sealed with, of 32 bytes.
        base: Where our pages are seen from outside: `https://watcher.example.org/`.
        now: When the message is made.
    """
    expires = int((now + LASTING).timestamp())
    offered = (Link(case, recipient, action, expires) for action in ACTIONS)
    return {each.action: f"{base.rstrip('/')}/act/{token(each, key)}" for each in offered}


def token(link: Link, key: bytes) -> str:
    """Return a link as the text that stands in an address."""
    said = [_VERSION, link.case, link.recipient, ACTIONS.index(link.action), link.expires]
    body = json.dumps(said, ensure_ascii=False, separators=(",", ":")).encode()
    return _text(body + _seal(body, key))


def read(text: str, key: bytes, now: datetime) -> Link:
    """Return the link that a token carries.

    Raises:
        LinkError: We did not make it so, or its time is over.
    """
    raw = _bytes(text)
    body, seal = raw[:-SEAL], raw[-SEAL:]
    if not hmac.compare_digest(_seal(body, key), seal):
        raise _refused()
    version, *said = json.loads(body)
    if version != _VERSION:
        raise _refused()
    case, recipient, action, expires = said
    if expires <= now.timestamp():
        message = f"this link's time is over: links can be used for {LASTING.days} days"
        raise LinkError(message, kind="expired")
    return Link(case, recipient, ACTIONS[action], expires)


def _seal(body: bytes, key: bytes) -> bytes:
    return hmac.digest(key, body, "sha256")[:SEAL]


def _text(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


def _bytes(text: str) -> bytes:
    """Return the bytes of a token; only the one text that we would write for them is read."""
    if len(text) > LONGEST or not text.isascii():
        raise _refused()
    try:
        raw = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except binascii.Error as error:
        raise _refused() from error
    if _text(raw) != text:
        raise _refused()
    return raw


def _refused() -> LinkError:
    return LinkError("this link is not one of ours, or was changed on its way", kind="forged")
