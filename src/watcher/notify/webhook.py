"""Signed web hooks: a message as a CloudEvent, for a program that can check who sent it.

The signature is that of Standard Webhooks: HMAC with SHA-256 over `id.timestamp.body`, in base64
behind `v1,`. The id is made of the message's key, so that a message sent twice is known for one.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import json
import re
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from watcher.core import wording
from watcher.core.text import tidy
from watcher.errors import DeliveryError, FetchError
from watcher.notify.markup import lines_of, plain
from watcher.notify.redact import scheme
from watcher.ports import Answer, Clock, Envelope, Post, Poster

SCHEMES = {"webhook+https": "https", "webhook+http": "http"}
"""What an address begins with, and what it is asked over; `http` to private addresses only."""
LEAST_SECRET = 24
"""Bytes of the shortest secret that Standard Webhooks allows."""
MOST_PATIENCE = 86_400.0
"""Seconds: the longest pause that a receiver may ask for."""
SOURCE = "/messages"
TYPE = "watcher.told.{kind}"
_ID = re.compile(r"[A-Za-z0-9_-]{1,64}")
_OURS = frozenset({"secret", "allow_private"})
_NOT_SENT = frozenset({"address", "dns", "tls", "unreachable"})
"""Kinds of failure after which the receiver cannot have the message."""
_BUSY = frozenset({429, 503})
_GONE = 410


@dataclass(frozen=True, slots=True, kw_only=True)
class HookAddress:
    """Where a hook is and how it knows us.

    Attributes:
        url: The http(s) address; it may have a token in it and is never shown.
        secret: The key of the signature.
        allow_private: Whether the address may be private or loopback.
    """

    url: str = field(repr=False)
    secret: bytes = field(repr=False)
    allow_private: bool = False


def hook_address(address: str) -> HookAddress:
    """Return what a `webhook+https://…?secret=…` address says.

    Raises:
        ValueError: It cannot be used; the message shows no part of it.
    """
    parts = urlsplit(address)
    query = parse_qsl(parts.query, keep_blank_values=True)
    ours = {name: value for name, value in query if name in _OURS}
    kept = urlencode([(name, value) for name, value in query if name not in _OURS])
    allow_private = ours.get("allow_private", "no") == "yes"
    if not parts.hostname:
        message = "a web hook needs a host: webhook+https://host/path?secret=${HOOK_SECRET}"
        raise ValueError(message)
    if parts.username or parts.password:
        message = "a web hook takes no user and password: it knows us by the signature"
        raise ValueError(message)
    if scheme(address) == "webhook+http" and not allow_private:
        message = "webhook+http would send in clear: write webhook+https, or allow_private=yes"
        raise ValueError(message)
    url = urlunsplit((SCHEMES[scheme(address)], parts.netloc, parts.path or "/", kept, ""))
    return HookAddress(url=url, secret=_secret(ours), allow_private=allow_private)


def _secret(given: dict[str, str]) -> bytes:
    """Return the key that `secret=` stands for: base64 behind `whsec_`, else the text itself."""
    written = given.get("secret", "")
    encoded = written.removeprefix("whsec_")
    try:
        key = base64.b64decode(encoded, validate=True) if encoded != written else written.encode()
    except binascii.Error:
        message = "the secret of the web hook begins with whsec_ and is not base64 after it"
        raise ValueError(message) from None
    if len(key) < LEAST_SECRET:
        message = (
            f"a web hook needs a secret of at least {LEAST_SECRET} bytes: ?secret=${{HOOK_SECRET}}"
        )
        raise ValueError(message)
    return key


@dataclass(frozen=True, slots=True, kw_only=True)
class WebhookChannel:
    """A way to a program that takes signed CloudEvents.

    Attributes:
        address: Where it is.
        poster: What asks it, guarded and bounded.
        seconds: How long the whole exchange may take.
    """

    id: str
    address: HookAddress
    poster: Poster = field(repr=False)
    clock: Clock
    seconds: float

    def send(self, envelope: Envelope) -> str:
        """Post it and return that it was taken.

        Raises:
            DeliveryError: `refused` where the receiver said no or was not reached, `unknown` where
                it did not answer, `permanent` where it is gone for good (410).
        """
        body = cloud_event(envelope)
        headers = signed(envelope.key, body, self.address.secret, self.clock.now())
        post = Post(
            url=self.address.url,
            headers={"Content-Type": "application/cloudevents+json; charset=utf-8", **headers},
            body=body,
            seconds=self.seconds,
            allow_private=self.address.allow_private,
        )
        try:
            answer = self.poster.post(post)
        except FetchError as error:
            raise _unanswered(error) from None  # what the error says shows the address
        return _outcome(answer, self.clock.now())


def signed(key: str, body: bytes, secret: bytes, now: datetime) -> dict[str, str]:
    """Return the headers by which a receiver knows a message, its age and its sender.

    Args:
        key: The message's key.
        body: The very bytes that are sent.
        secret: The key of the signature.
        now: When it is sent.
    """
    timestamp = str(int(now.timestamp()))
    known_by = hook_id(key)
    over = f"{known_by}.{timestamp}.".encode() + body
    mark = base64.b64encode(hmac.digest(secret, over, "sha256")).decode()
    return {
        "webhook-id": known_by,
        "webhook-timestamp": timestamp,
        "webhook-signature": f"v1,{mark}",
    }


def hook_id(key: str) -> str:
    """Return a message's key where it can stand in a signature, else its digest."""
    if _ID.fullmatch(key):
        return key
    return hashlib.sha256(key.encode("utf-8", "replace")).hexdigest()


def cloud_event(envelope: Envelope) -> bytes:
    """Return a message as a CloudEvent 1.0 in structured mode; the same message, the same bytes.

    `data` holds the message in words, as five lines and as a whole, and beside them what it tells
    in values for programs (`watcher.core.message_data`).
    """
    told = dict(envelope.data)
    attributes: dict[str, object] = {
        "specversion": "1.0",
        "id": hook_id(envelope.key),
        "source": SOURCE,
        "type": TYPE.format(kind=told.get("kind", "message")),
        "subject": str(told.get("subject", "")),
        "time": str(told.get("recorded_at", "")),
        "datacontenttype": "application/json",
        "severity": str(told.get("severity", "")),
        "inreplyto": hook_id(envelope.in_reply_to) if envelope.in_reply_to else "",
    }
    data = {
        **told,
        "key": envelope.key,
        "title": tidy(envelope.subject),
        "lines": [plain(line) for line in lines_of(envelope.chat)] if envelope.chat else [],
        "text": envelope.text,
        "acknowledgement": wording.FOOT_ORIGIN,
        "disclaimer": wording.FOOT_DISCLAIMER,
    }
    event = {name: value for name, value in attributes.items() if value} | {"data": data}
    return json.dumps(event, ensure_ascii=False, sort_keys=True).encode("utf-8", "replace")


def _unanswered(error: FetchError) -> DeliveryError:
    if error.kind in _NOT_SENT:
        message = f"the web hook was not reached: {_WHY_NOT[error.kind]}"
        return DeliveryError(message, kind="refused")
    message = f"the web hook did not answer ({error.kind}): unknown whether it has it"
    return DeliveryError(message, kind="unknown")


_WHY_NOT = {
    "address": "its address is private or not one we ask; allow_private=yes in it lets it through",
    "dns": "its name cannot be resolved",
    "tls": "its certificate is not trusted",
    "unreachable": "no connection",
}


def _outcome(answer: Answer, now: datetime) -> str:
    """Return that it was taken, or raise what else the status means."""
    if 200 <= answer.status < 300:
        return f"taken by the web hook ({answer.status})"
    if answer.status == _GONE:
        message = "the web hook answered 410: it is gone and takes no more"
        raise DeliveryError(message, kind="permanent")
    if 300 <= answer.status < 400:
        message = f"the web hook answered {answer.status}: redirects are not followed"
        raise DeliveryError(message, kind="refused")
    pause = _pause(answer, now) if answer.status in _BUSY else None
    message = f"the web hook answered {answer.status}"
    raise DeliveryError(message, kind="refused", retry_after=pause)


def _pause(answer: Answer, now: datetime) -> float | None:
    """Return the seconds that `Retry-After` asks for, in either of its forms; bounded."""
    asked = answer.headers.get("retry-after", "").strip()
    if asked.isascii() and asked.isdigit():
        return min(float(asked[:9]), MOST_PATIENCE)
    try:
        until = parsedate_to_datetime(asked)
    except ValueError:
        return None
    moment = until if until.tzinfo else until.replace(tzinfo=UTC)
    return min(max((moment - now).total_seconds(), 0.0), MOST_PATIENCE)
