"""One-time links: what a reader of a message may do about its case without signing in.

A link carries what it is for, for whom and until when, and a seal over all of it, so that nothing
has to be kept for it and nobody can make or change one without the key. It can be used once: what
it asks for is decided under its own id, and what was decided under an id is not decided again.
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
_SEAL = hashlib.sha256().digest_size
_VERSION = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """What a link says.

    Attributes:
        case: The case's key.
        recipient: Whom it was sent to: `person:anna`, or `channel:pv-team`, whoever reads that.
        action: What it asks for.
        expires: When it ends, in seconds since 1970 (UTC).
        id: 32 hexadecimal digits: the request that it decides under.
    """

    case: str
    recipient: str
    action: Action
    expires: int
    id: str

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
    extracted = hmac.digest(bytes(_SEAL), secret, "sha256")
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
    return {
        action: f"{base.rstrip('/')}/act/{token(_link(case, recipient, action, expires, key), key)}"
        for action in ACTIONS
    }


def _link(case: str, recipient: str, action: Action, expires: int, key: bytes) -> Link:
    told = json.dumps(["id", case, recipient, action, expires]).encode()
    identity = hmac.digest(key, told, "sha256")[:16].hex()
    return Link(case=case, recipient=recipient, action=action, expires=expires, id=identity)


def token(link: Link, key: bytes) -> str:
    """Return a link as the text that stands in an address."""
    said = [_VERSION, link.case, link.recipient, link.action, link.expires, link.id]
    body = json.dumps(said, ensure_ascii=False, separators=(",", ":")).encode()
    return _text(body + hmac.digest(key, body, "sha256"))


def read(text: str, key: bytes, now: datetime) -> Link:
    """Return the link that a token carries.

    Raises:
        LinkError: We did not make it so, or its time is over.
    """
    raw = _bytes(text)
    body, seal = raw[:-_SEAL], raw[-_SEAL:]
    if not hmac.compare_digest(hmac.digest(key, body, "sha256"), seal):
        raise _refused()
    link = _parsed(body)
    if link.expires <= now.timestamp():
        message = "this link's time is over: links can be used for 30 days"
        raise LinkError(message, kind="expired")
    return link


def _parsed(body: bytes) -> Link:
    """Return what a sealed body says; one of another version is none of ours."""
    version, *said = json.loads(body)
    if version != _VERSION:
        raise _refused()
    case, recipient, action, expires, identity = said
    return Link(case=case, recipient=recipient, action=action, expires=expires, id=identity)


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
