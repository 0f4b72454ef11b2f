"""The faults a site is made to have, and what has to become of each."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from watcher.core.verdict import Verdict
from watcher.selftest import replies
from watcher.selftest.pages import table
from watcher.selftest.replies import Reply

_JSON: Final = {"Content-Type": "application/json"}
_HTML: Final = {"Content-Type": "text/html; charset=utf-8"}
_CHALLENGE = (
    "<!DOCTYPE html><html lang=en><head><title>Just a moment...</title></head><body>"
    "<div id=challenge-error-text>Enable JavaScript and cookies to continue</div></body></html>"
)
_NOTICE = (
    "<!DOCTYPE html><html><head><title>Maintenance</title></head><body><h1>Scheduled maintenance"
    "</h1><p>This site is temporarily unavailable. Please try again later.</p></body></html>"
)
_LOGIN = (
    "<!DOCTYPE html><html><head><title>Sign in</title></head><body><h1>Sign in</h1><form>"
    "<input type=password></form></body></html>"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """One thing that goes wrong at a source.

    Attributes:
        name: What, in a few words.
        reply: How the site answers meanwhile.
        verdicts: What the capture may be called; anything else breaks the promise.
        promise: What is kept, in a few words.
        tells: The operator's events that have to come of it at once.
    """

    name: str
    reply: Reply
    verdicts: frozenset[Verdict]
    promise: str
    tells: tuple[str, ...] = ()


_DOUBT = "no event from doubt"
_WHOLE = "half an answer is never a page"
_LIMITS = "time and size are bounded"
_GUARD = "we are never the way in"
_FAR_LESS = "absence is not removal"


def _fault(name: str, reply: Reply, promise: str, *verdicts: Verdict) -> Fault:
    return Fault(name=name, reply=reply, verdicts=frozenset(verdicts), promise=promise)


def _page(body: str | bytes, status: int = 200, kind: Mapping[str, str] = _HTML) -> Reply:
    return replies.answer(body, status, kind)


def _statuses() -> tuple[Fault, ...]:
    return (
        _fault("status 500", _page("oops", 500), _DOUBT, Verdict.ERROR),
        _fault("503, come back in 2 minutes", replies.unavailable(120), _DOUBT, Verdict.ERROR),
        _fault("429, asked too often", replies.too_many_requests(60), _DOUBT, Verdict.ERROR),
        _fault("404, the page is gone", replies.not_found(), _FAR_LESS, Verdict.NOT_FOUND),
        _fault("403, a firewall", _page(_CHALLENGE, 403), _DOUBT, Verdict.BLOCKED),
    )


def _clothes() -> tuple[Fault, ...]:
    maintenance = (Verdict.MAINTENANCE, Verdict.WRONG_PAGE)
    return (
        _fault("a challenge with status 200", _page(_CHALLENGE), _DOUBT, Verdict.BLOCKED),
        _fault("a maintenance notice with 200", _page(_NOTICE), _DOUBT, *maintenance),
        _fault("a login with 200", _page(_LOGIN), _DOUBT, Verdict.BLOCKED, Verdict.WRONG_PAGE),
        _fault("an empty page", _page("", kind=_JSON), _FAR_LESS, Verdict.EMPTY),
        _fault(
            "two thirds of the rows are gone", _page(table(rows=4), kind=_JSON), _FAR_LESS,
            Verdict.SHRUNK, Verdict.TRUNCATED, Verdict.UNREADABLE,
        ),
        _fault(
            "no row is left", _page(table(rows=0), kind=_JSON), _FAR_LESS,
            Verdict.SHRUNK, Verdict.TRUNCATED, Verdict.UNREADABLE, Verdict.WRONG_PAGE,
        ),
    )  # fmt: skip


def _halves() -> tuple[Fault, ...]:
    body = table()
    half = body[: len(body) // 2]
    return (
        _fault("shorter than it says", replies.short(half, len(body)), _WHOLE, Verdict.TRUNCATED),
        _fault(
            "a last chunk missing", replies.chunked([half], cut=True), _WHOLE, Verdict.TRUNCATED
        ),
        _fault("gzip cut, right length", replies.gzip_cut(body, 300), _WHOLE, Verdict.TRUNCATED),
        _fault("half, and no length at all", replies.unmeasured(half), _WHOLE, Verdict.TRUNCATED),
    )


def _silences() -> tuple[Fault, ...]:
    dripped = replies.drip(replies.answer(table(), 200, _JSON), gap=0.05)
    return tuple(
        _fault(name, reply, promise, Verdict.UNREACHABLE)
        for name, reply, promise in (
            ("the connection breaks", replies.reset(), _DOUBT),
            ("hangs up without a word", replies.hang_up(), _DOUBT),
            ("says nothing for ever", replies.silence(), _LIMITS),
            ("a byte now and then", dripped, _LIMITS),
            ("a body a byte at a time", replies.drip_body(table(), gap=0.05), _LIMITS),
            ("a body without an end", replies.endless_body(), _LIMITS),
            ("headers without an end", replies.endless_headers(), _LIMITS),
            ("a gzip bomb of 100 MB", replies.gzip_bomb(100_000_000), _LIMITS),
            ("brotli nobody asked for", replies.encoded(bytes(600), "br"), _LIMITS),
            ("no HTTP at all", lambda _: [b"SSH-2.0-OpenSSH_9.2\r\n\r\n"], _DOUBT),
            ("redirects in a circle", replies.redirect("/medicines.json"), _LIMITS),
        )
    )


def _attacks() -> tuple[Fault, ...]:
    places = {
        "a redirect to a cloud's passwords": "http://169.254.169.254/latest/meta-data/",
        "a redirect to the next machine": "http://10.0.0.1/",
        "a redirect to this machine": "http://2130706433/",
        "a redirect to a file": "file:///etc/passwd",
    }
    return tuple(
        Fault(
            name=name,
            reply=replies.redirect(place),
            verdicts=frozenset({Verdict.REFUSED}),
            promise=_GUARD,
            tells=("fetch.refused",),
        )
        for name, place in places.items()
    )


def faults() -> tuple[Fault, ...]:
    """Return every fault of the self-test, in order."""
    return (*_statuses(), *_clothes(), *_halves(), *_silences(), *_attacks())
