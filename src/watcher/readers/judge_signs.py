"""By what a page in the page's clothes is known: firewalls, logins, notices and errors.

The wordings are those that the firewalls and servers named beside them send, most of them also
with status 200. None of them decides on its own about a page that bears the reader's own markers:
an article may speak of captchas, and EMA announces maintenance on top of pages that are whole.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from watcher.core.text import fold
from watcher.core.verdict import Verdict
from watcher.readers.page_look import Look


@dataclass(frozen=True, slots=True)
class Sign:
    """One sign that a page is not the page: whose it is, what it means and how it is known.

    Its pattern is compiled when it is first looked for: most programs end before they need one.
    """

    name: str
    verdict: Verdict
    pattern: str


def _signs(verdict: Verdict, patterns: Mapping[str, str]) -> tuple[Sign, ...]:
    return tuple(Sign(name, verdict, pattern) for name, pattern in patterns.items())


HEADERS: tuple[tuple[str, str, re.Pattern[str]], ...] = (
    ("Cloudflare", "cf-mitigated", re.compile(r"challenge|block")),
    ("AWS WAF", "x-amzn-waf-action", re.compile(r"challenge|captcha|block")),
    ("DataDome", "x-dd-b", re.compile(r"[12]")),
    ("Vercel", "x-vercel-mitigated", re.compile(r"challenge|deny")),
    ("Sucuri", "x-sucuri-block", re.compile(r".+")),
)
"""Headers that only a firewall's answer has, and what their value must hold."""

SOURCE = _signs(
    Verdict.BLOCKED,
    {
        # Not "/cdn-cgi/challenge-platform/": Cloudflare puts that into real pages too.
        "Cloudflare challenge": r"\b_cf_chl_opt\b|id=.cf-challenge|/cdn-cgi/l/chk_",
        "AWS WAF challenge": r"\bgokuprops\b|\bawswafcookiedomainlist\b",
        "Akamai challenge": r"/_sec/cp_challenge/|\bsec-if-cpt-container\b|\bbm-verify\b",
        "Imperva challenge": r"incapsula incident id|id=.main-iframe.[^>]*_incapsula_resource",
        "DataDome challenge": r"captcha-delivery\.com",
        "PerimeterX challenge": r"\bpx-captcha\b",
        "Anubis challenge": r"/\.within\.website/x/cmd/anubis",
        "DDoS-Guard challenge": r"/\.well-known/ddos-guard/js-challenge",
    },
)
"""Script names that only challenge pages have; looked for in the source of short pages."""

_BLOCKED_TITLES = """
just a moment...|just a moment…|attention required!|access denied
access to this page has been denied|please wait...|checking your browser|checking your browser...
ddos-guard|human verification|robot or human?|are you a robot?|are you human?|verify you are human
security check|bot verification|pardon our interruption|pardon our interruption...
request rejected|web page blocked|web page blocked!|making sure you're not a bot!
you have been blocked|sorry, you have been blocked|request blocked
error: the request could not be satisfied|403 forbidden|403 error|forbidden|401 unauthorized
unauthorized|client challenge|vercel security checkpoint|one moment, please...|un instant…
sucuri website firewall|captcha verification|einen moment…|nur einen moment…
"""
_LOGIN_TITLES = """
log in|login|sign in|sign-in|user login|user account|eu login|ecas|authentication required
sign in to your account|log in to your account|please log in
"""
_CONSENT_TITLES = """
before you continue|before you continue to google search|cookie consent|consent
your privacy choices|we value your privacy|privacy settings|cookies required
your choices regarding cookies on this site
"""
_MAINTENANCE_TITLES = """
site under maintenance|under maintenance|maintenance|scheduled maintenance|site maintenance
website maintenance|planned maintenance|maintenance mode|down for maintenance|system maintenance
we'll be back soon|we'll be back soon!|be right back|temporarily unavailable|service unavailable
503 service unavailable|503 service temporarily unavailable|website unavailable
website temporarily unavailable|site temporarily unavailable|service temporarily unavailable
"""
_NOT_FOUND_TITLES = """
page not found|404|404 not found|not found|error 404|404 error|404 page not found
404 - page not found|page cannot be found|page could not be found|this page could not be found
page does not exist|we can't find that page|we couldn't find that page|seite nicht gefunden
page introuvable|página no encontrada|pagina non trovata|pagina niet gevonden
the page you requested was not found
"""


def _titles(lines: str) -> frozenset[str]:
    return frozenset(title for line in lines.strip().splitlines() for title in line.split("|"))


TITLES: tuple[tuple[str, Verdict, frozenset[str]], ...] = (
    ("firewall", Verdict.BLOCKED, _titles(_BLOCKED_TITLES)),
    ("login", Verdict.BLOCKED, _titles(_LOGIN_TITLES)),
    ("consent wall", Verdict.BLOCKED, _titles(_CONSENT_TITLES)),
    ("maintenance notice", Verdict.MAINTENANCE, _titles(_MAINTENANCE_TITLES)),
    ("page not found", Verdict.NOT_FOUND, _titles(_NOT_FOUND_TITLES)),
)
"""Whole titles and headings, folded; "Access denied to insulin" is none of them."""

PHRASES = (
    *_signs(
        Verdict.BLOCKED,
        {
            "Cloudflare": (
                r"enable javascript and cookies to continue|checking your browser before accessing"
                r"|needs to review the security of your connection|sorry, you have been blocked"
                r"|checking if the site connection is secure|performance & security by cloudflare"
            ),
            "CloudFront": (
                r"request blocked\. we can't connect to the server"
                r"|generated by cloudfront|the request could not be satisfied"
            ),
            "AWS WAF": r"we need to verify that you're not a robot",
            "Akamai": r"you don't have permission to access .{1,300} on this server|edgesuite\.net",
            "Imperva": r"incapsula incident id|request unsuccessful\. incapsula|powered by imperva",
            "F5": r"the requested url was rejected\. please consult with your administrator",
            "Sucuri": r"sucuri website firewall",
            "Google": r"unusual traffic from your (?:computer )?network",
            "captcha": (
                r"\b(?:complete|solve|enter|pass) the (?:following )?(?:captcha|security check)"
                r"|\bverif(?:y|ying) (?:that )?you are (?:a )?human"
                r"|\b(?:confirm|prove|verify) (?:that )?you(?: are|'re) (?:human|not a (?:ro)?bot)"
                r"|press (?:&|and) hold|i'm not a robot|making sure you're not a bot"
                r"|please enable js and disable any ad blocker"
            ),
            "ban": (
                r"\byour ip(?: address)? (?:has been|was|is) (?:temporarily )?(?:blocked|banned)"
                r"|\bautomated (?:access|requests|queries|traffic) (?:is|are|has|have) "
                r"|\byou have been (?:blocked|denied access)"
            ),
            "login": (
                r"\byou (?:must|need to|have to) (?:be logged in|log in|sign in)\b"
                r"|\bplease (?:log|sign) in to (?:continue|view|access|see)\b"
            ),
            "consent wall": (
                r"\bbefore you continue\b.{0,200}\bcookies\b"
                r"|\b(?:must|need to|have to) (?:accept|allow|consent to) (?:the |our |all )?"
                r"cookies"
                r"|\baccept (?:the |our |all )?cookies to (?:continue|proceed|access|enter)"
            ),
        },
    ),
    *_signs(
        Verdict.MAINTENANCE,
        {
            "maintenance notice": (
                r"\b(?:undergoing|carrying out|performing|down for|closed for|undertaking) "
                r"(?:some |a |an )?(?:\w+ )?(?:maintenance|work\b|upgrade)"
                r"|\b(?:site|website|service|page|system|portal) is (?:currently|temporarily|now) "
                r"(?:unavailable|down|offline|closed|under maintenance|not available)"
                r"|\bdue to (?:\w+ )?maintenance, .{0,80}(?:unavailable|not available|offline)"
            ),
        },
    ),
    *_signs(
        Verdict.NOT_FOUND,
        {
            "page not found": (
                r"\bpage .{0,60}\b(?:could not be found|couldn't be found|cannot be found"
                r"|can't be found|was not found|does not exist|doesn't exist|no longer exists"
                r"|has been removed|is no longer available)"
                r"|\bwe (?:can't|cannot|couldn't|could not) find (?:the|that|this) page"
            ),
            "no such article": (
                r"does not have an article with this exact name|\"code\" ?: ?\"missingtitle\""
                r"|\"missing\" ?: ?(?:\"\"|true)"
            ),
        },
    ),
    *_signs(
        Verdict.EMPTY,
        {
            "an empty shell": (
                r"\byou need to enable javascript to (?:run|use|view) this "
                r"|\bthis (?:app|application|site|page|website) (?:requires|needs) javascript"
            ),
        },
    ),
)
"""Phrases of whole sentences, folded, with a straight apostrophe; looked for on short pages."""

_PARTS = re.compile(r"\s+[|–—·•:-]\s+|\s*\|\s*")


def by_header(headers: Mapping[str, str]) -> str:
    """Return the header by which a firewall gives itself away, with its owner; empty: none."""
    for owner, name, pattern in HEADERS:
        value = headers.get(name, "").casefold()
        if value and pattern.search(value):
            return f"{owner} header {name}: {value[:60]}"
    return ""


def by_title(seen: Look) -> tuple[str, Verdict] | None:
    """Return what the page's title or first heading says it is, where that is no page."""
    parts = [part for text in (seen.title, seen.headline) for part in _parts(text)]
    for name, verdict, titles in TITLES:
        for part in parts:
            if part in titles:
                return f"{name} title: {part}", verdict
    return None


def by_source(source: str) -> tuple[str, Verdict] | None:
    """Return the challenge whose script stands in the page's source."""
    return _first(SOURCE, source.casefold(), "script")


def by_phrase(text: str) -> tuple[str, Verdict] | None:
    """Return whose sentence stands in what the page shows."""
    return _first(PHRASES, _plain(text), "words")


def _first(signs: Iterable[Sign], text: str, kind: str) -> tuple[str, Verdict] | None:
    for sign in signs:
        if found := re.search(sign.pattern, text):
            return f"{sign.name} {kind}: {found[0][:60]}", sign.verdict
    return None


def _plain(text: str) -> str:
    return fold(text).replace("’", "'").replace("‘", "'")


def _parts(title: str) -> list[str]:
    """Return a title whole and in the parts that bars and dashes make, folded."""
    plain = _plain(title)
    return [plain, *(part for part in _PARTS.split(plain) if part)]
