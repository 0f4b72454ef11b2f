"""What the servers of the showroom answer, day by day; Alofisel's facts are those EMA published."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from functools import cache
from pathlib import Path
from urllib.parse import urlsplit

from kit.bulk import bulk
from kit.clocks import StandingClock
from kit.pdf import pdf
from kit.showroom_medicines import EVENTFUL, rows_on
from kit.smpc import annexes
from watcher.demo.pages import MAINTENANCE, Document, Page
from watcher.demo.story import AFTER, BEFORE
from watcher.ports import Answer, Request

EMA, MEDPATH, WIKI = "www.ema.europa.eu", "trial.medpath.com", "en.wikipedia.org"
REGISTER = "ec.europa.eu"
TABLE = f"https://{EMA}/en/documents/report/medicines-output-medicines_json-report_en.json"
PAGE = f"https://{EMA}/en/medicines/human/EPAR/alofisel"
LEAFLET = f"https://{EMA}/en/documents/product-information/alofisel-epar-product-information_en.pdf"
APPROVAL = f"https://{MEDPATH}/drug/approvals/ema/476c5a1bcef2d710"
ARTICLE = f"https://{WIKI}/wiki/Darvadstrocel"
ENTRY = f"https://{REGISTER}/health/documents/community-register/html/h1261.htm"
COPY = "https://register.example.org/medicines.json"
ROBOTS = "User-agent: *\nAllow: /\n"
GOLDEN = Path(__file__).parents[1] / "golden"
TOLD = date(2025, 1, 21)
"""The day on which the sources tell that Alofisel's authorisation was withdrawn."""
_VARIATION = Document(
    title="Alofisel-H-C-004258-II-0051-G : EPAR - Assessment report - Variation",
    kind="variation-report",
    first="12/11/2024",
    reference="EMA/CHMP/511532/2024",
)
_CALLED = (
    ("Exemplar", "Alofisel"),
    ("examplestrocel", "darvadstrocel"),
    ("Examplestrocel", "Darvadstrocel"),
    ("Example Pharma A/S", "Takeda Pharma A/S"),
    ("Sample Street 1,1234 Sampletown", "Delta Park 45,2665 Vallensbaek Strand"),
    ("EMEA/H/C/009999", "EMEA/H/C/004258"),
    ("H-C-009999", "H-C-004258"),
    ("L04AX99", "L04AX08"),
    ("AX99", "AX08"),
    ("Sample Syndrome", "Rectal Fistula"),
    ("2 May 2024", "23 March 2018"),
    ("May 2, 2024", "Mar 23, 2018"),
    ("May 3, 2024", "Apr 4, 2018"),
    ("March 1, 2024", "Dec 15, 2017"),
    ("8 October 2019", "8 October 2009"),
    ("January 9, 2031", "March 26, 2025"),
    ("sample fistulas", "complex perianal fistulas"),
    ("14 November 2030", "13 December 2024"),
    ("in May 2024", "in March 2018"),
    ("in November 2030", "in December 2024"),
    ("In November 2030", "In December 2024"),
    ("EX-601", "Cx601"),
    ("June 2027", "September 2021"),
    ("January 2032", "January 2026"),
    ("In 2028", "In 2021"),
    ("SAMPLE II", "ADMIRE-CD II"),
    ("SAMPLE", "ADMIRE-CD"),
    ("Example Pharma", "Takeda Pharma"),
    ("© 2031", "© 2025"),
)


@dataclass(slots=True)
class Servers:
    """The servers of the showroom's sources.

    Attributes:
        clock: Tells when they are asked.
        fault: Called with each request before it is answered; an answer of its own goes instead.
        says: What an address says instead of what the story has it say.
    """

    clock: StandingClock
    fault: Callable[[Request, date], Answer | None] = lambda _request, _day: None
    says: dict[str, bytes] = field(default_factory=dict)

    def ask(self, request: Request) -> Answer:
        """Answer a request as the day has it."""
        if urlsplit(request.url).path == "/robots.txt":
            return _answer(request, ROBOTS.encode(), "text/plain")
        day = self.clock.now().date()
        if (faulty := self.fault(request, day)) is not None:
            return faulty
        media_type, body = _PAGES[request.url]
        return _answer(request, self.says.get(request.url) or body(day), media_type)


def _answer(request: Request, body: bytes, media_type: str) -> Answer:
    etag = f'"{hashlib.sha256(body).hexdigest()[:16]}"'
    headers = {"etag": etag, "content-type": media_type}
    if request.etag == etag:
        return Answer(url=request.url, status=304, headers=headers)
    return Answer(url=request.url, status=200, headers=headers, body=body)


def fault(request: Request, day: date) -> Answer | None:
    """Answer as servers do on their bad days."""
    host, ordinal = urlsplit(request.url).hostname, day.toordinal()
    if request.url == PAGE and day == date(2024, 12, 8):
        headers = {"content-type": "text/html; charset=utf-8"}
        return Answer(url=request.url, status=200, headers=headers, body=MAINTENANCE.encode())
    if host == MEDPATH and date(2024, 11, 18) <= day <= date(2024, 11, 20):
        return _refusal(request, 403, "Access denied")
    if host == WIKI and ordinal % 37 == 0:
        return _refusal(request, 429, "Too many requests")
    if host == EMA and day == date(2025, 1, 4):
        return _refusal(request, 503, "Service unavailable")
    if host == REGISTER and day >= date(2025, 1, 19):
        return _refusal(request, 503, "Service unavailable")
    return None


def _refusal(request: Request, status: int, words: str) -> Answer:
    body = f"<!doctype html><title>{words}</title><h1>{words}</h1>".encode()
    return Answer(url=request.url, status=status, headers={"content-type": "text/html"}, body=body)


@cache
def _table(day: date) -> bytes:
    return bulk(*rows_on(day), at=f"{day.isoformat()}T05:02:29Z").encode()


def _changed(day: date) -> date:
    """Return the last day on which the table changed: it is printed anew only then."""
    while day > date(2024, 10, 25) and rows_on(day) == rows_on(
        date.fromordinal(day.toordinal() - 1)
    ):
        day = date.fromordinal(day.toordinal() - 1)
    return day


_last_change = cache(_changed)


@cache
def page_on(day: date) -> Page:
    """Return Alofisel's page at the authority on a day."""
    if day >= TOLD:
        return replace(AFTER, documents=(*AFTER.documents, _VARIATION))
    if day >= date(2024, 11, 13):
        return replace(BEFORE, documents=(*BEFORE.documents, _VARIATION), updated="12/11/2024")
    return BEFORE


def _leaflet(day: date) -> bytes:
    warnings = ["Hypersensitivity to bovine serum cannot be excluded."]
    effects = ["The most common adverse reactions are anal abscess and proctalgia."]
    if day >= date(2024, 12, 3):
        warnings.append("Transmission of infectious agents cannot be ruled out entirely.")
        effects = [
            "The most common adverse reactions are anal abscess, proctalgia and anal fistula."
        ]
    texts = {
        "1": ["Alofisel 5 million cells/mL suspension for injection"],
        "4.1": [
            "Alofisel is indicated for the treatment of complex perianal fistulas in adult",
            "patients with non-active or mildly active luminal Crohn's disease.",
        ],
        "4.4": warnings,
        "4.8": effects,
    }
    return pdf(annexes(texts))


def _renamed(text: str) -> str:
    for old, new in _CALLED:
        text = text.replace(old, new)
    return text


def _approval(day: date) -> bytes:
    name = "withdrawn_text" if day >= TOLD else "authorised_before"
    return _renamed((GOLDEN / f"medpath_approval/{name}.txt").read_text("utf-8")).encode()


def _article(day: date) -> bytes:
    text = _renamed((GOLDEN / "encyclopedia/withdrawn_text.txt").read_text("utf-8"))
    if day < date(2025, 1, 22):
        lines = (line.partition(" Darvadstrocel was withdrawn")[0] for line in text.splitlines())
        kept = (line.partition(" In December 2024, the European")[0] for line in lines)
        text = "\n".join(kept)
    for later in (
        " In January 2026, the marketing of Alofisel in Japan was discontinued.",
        " In January 2026, Takeda Pharma discontinued sales of Alofisel in Japan.",
    ):
        text = text.replace(later, "")
    return text.encode()


def _entry(_day: date) -> bytes:
    text = (GOLDEN / "union_register/product_withdrawn.html").read_text("utf-8")
    head, _, rest = text.partition('{"id": "3"')
    text = head.rstrip().rstrip(",") + rest[rest.index("}];") + 1 :]
    for old, new in (
        ("WITHDRAWN", "ACTIVE"),
        ("testolin", "darvadstrocel"),
        ("Testol", "Alofisel"),
        ("testol", "alofisel"),
        ("Tester A/S", "Takeda Pharma A/S"),
        ("12/11/2025", "02/10/2024"),
    ):
        text = text.replace(old, new)
    return text.encode()


def _copy(day: date) -> bytes:
    """Return a register that is slow to hear, and has one date otherwise."""
    found = [dict(told) for told, _ in EVENTFUL]
    if day >= date(2025, 1, 17):
        found[1] |= {
            "medicine_status": "Suspended",
            "suspension_of_marketing_authorisation_date": "13/01/2025",
        }
    return bulk(*found, at="2024-10-25T05:00:00Z").encode()


_HTML, _TEXT = "text/html; charset=utf-8", "text/plain; charset=utf-8"
_PAGES: Mapping[str, tuple[str, Callable[[date], bytes]]] = {
    TABLE: ("application/json", lambda day: _table(_last_change(day))),
    PAGE: (_HTML, lambda day: page_on(day).html().encode()),
    LEAFLET: ("application/pdf", cache(_leaflet)),
    APPROVAL: (_TEXT, _approval),
    ARTICLE: (_TEXT, _article),
    ENTRY: (_HTML, _entry),
    COPY: ("application/json", cache(_copy)),
}
