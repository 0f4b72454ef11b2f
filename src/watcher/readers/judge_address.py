"""Where a redirect ended: the page we asked for, or a place that sites send lost visitors to."""

from __future__ import annotations

import re
from urllib.parse import SplitResult, unquote, urlsplit

from watcher.core.verdict import Judgement, Verdict


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


LANGUAGES = _words(
    "bg cs da de el en es et fi fr ga hr hu is it ja lt lv mt nb nl no pl pt ro ru sk sl sv zh"
)
"""Languages as sources write them in addresses; `eu` is not one of them, it is the Union."""

_LOGIN = _words(
    "account accounts auth authorize cas ecas idp log-in login oauth oauth2 sign-in signin sso"
)
_CONSENT = _words("consent cookie-consent cookiewall cookies-required privacy-gate")
_SEARCH = _words("search search-results results find recherche suche zoeken ricerca")
_MISSING = _words("404 not-found notfound page-not-found error404 404.html error error.html")
_MAINTENANCE = _words("maintenance maintenance.html unavailable sorry")
_HOME = _words("home homepage default.aspx index.html index.htm index.php start welcome")

_SINKS = (
    (_LOGIN, Verdict.BLOCKED, "a login"),
    (_CONSENT, Verdict.BLOCKED, "a consent wall"),
    (_MAINTENANCE, Verdict.MAINTENANCE, "a maintenance notice"),
    (_MISSING, Verdict.NOT_FOUND, "an error page"),
    (_SEARCH, Verdict.WRONG_PAGE, "a search"),
)


def language_of(url: str) -> str:
    """Return the language an address names, `en` in `/en/medicines` or `…_en.pdf`; else empty."""
    parts = urlsplit(url)
    for segment in _segments(parts):
        if segment in LANGUAGES:
            return segment
    suffix = re.search(r"_([a-z]{2})\.\w{2,4}(?:-\d+)?$", parts.path)
    if suffix and suffix[1] in LANGUAGES:
        return suffix[1]
    host = (parts.hostname or "").split(".")[0]
    return host if host in LANGUAGES else ""


def is_same(one: str, other: str) -> bool:
    """Return whether two addresses name one page: scheme, `www.`, case and a last slash aside."""
    first, second = urlsplit(one), urlsplit(other)
    return _host(first) == _host(second) and _segments(first) == _segments(second)


def led_elsewhere(requested: str, answered: str) -> Judgement | None:
    """Return what a redirect from `requested` to `answered` means, or None where it means nothing.

    A redirect to another item of the same list is another medicine: sites reuse addresses, so it
    is for a person to say whether a medicine was renamed.
    """
    if not answered:
        return None
    asked, given = urlsplit(requested), urlsplit(answered)
    signal = (f"redirected to {answered}",)
    new = {*_segments(given), *_labels(given)} - {*_segments(asked), *_labels(asked)}
    for words, verdict, place in _SINKS:
        if new & words:
            return Judgement(verdict, f"redirected to {place}", signal)
    if _is_home(given) and not _is_home(asked):
        return Judgement(Verdict.WRONG_PAGE, "redirected to the home page", signal)
    if language_of(requested) and language_of(answered) not in {"", language_of(requested)}:
        return Judgement(Verdict.WRONG_PAGE, "redirected to another language", signal)
    return _another_item(asked, given, signal)


def _another_item(
    asked: SplitResult, given: SplitResult, signal: tuple[str, ...]
) -> Judgement | None:
    before, after = _segments(asked), _segments(given)
    if not before or not after or _stem(before[-1]) == _stem(after[-1]):
        return None
    if _host(asked) != _host(given):
        return Judgement(Verdict.WRONG_PAGE, "redirected to a page of another site", signal)
    if before[:-1] == after[:-1] and not _is_file(before[-1]):
        return Judgement(Verdict.WRONG_PAGE, "redirected to another page of the same list", signal)
    return None


def _host(parts: SplitResult) -> str:
    return (parts.hostname or "").removeprefix("www.")


def _labels(parts: SplitResult) -> list[str]:
    """Return the host's names without its domain: `login` of login.example.org."""
    return _host(parts).split(".")[:-2]


def _segments(parts: SplitResult) -> list[str]:
    path = unquote(parts.path).casefold()
    return [segment for segment in path.split("/") if segment]


def _is_home(parts: SplitResult) -> bool:
    return all(part in _HOME or part in LANGUAGES for part in _segments(parts))


def _is_file(name: str) -> bool:
    return bool(re.search(r"\.(?!html?$|php$|aspx?$)[a-z]{2,5}(?:-\d+)?$", name))


def _stem(name: str) -> str:
    """Return an address's last part without what serves it: `.html`, `.php`."""
    return re.sub(r"\.(?:html?|php|aspx?)$", "", name)
