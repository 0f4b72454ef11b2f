"""Pages of invented medicines in the structure of EMA's: all of it follows from a seed.

Each page has 120 kB: a menu, the status, an overview, 30 to 60 documents, a footer, style sheets.
`Site.change` makes news, `Site.noise` what is none: another token, another counter, a banner.
"""

from __future__ import annotations

import hashlib
import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from html import escape

from watcher.demo.pages import Document

SIZE = 120 * 1024
_BEGAN = datetime(2026, 1, 1, tzinfo=UTC)
_SYLLABLES = [
    "al",
    "be",
    "co",
    "da",
    "el",
    "fi",
    "go",
    "ha",
    "im",
    "ju",
    "ka",
    "lo",
    "mi",
    "no",
    "or",
    "pe",
    "qu",
    "ra",
    "su",
    "ti",
    "ul",
    "ve",
    "wo",
    "xa",
    "yo",
    "ze",
    "bri",
    "cla",
    "dru",
    "fle",
    "gly",
    "hep",
    "ifa",
    "kel",
    "mab",
    "nib",
    "pra",
    "tin",
    "vir",
    "zum",
]
_WORDS = [
    "the",
    "a",
    "of",
    "in",
    "for",
    "with",
    "patients",
    "medicine",
    "treatment",
    "study",
    "authorisation",
    "holder",
    "benefit",
    "risk",
    "assessment",
    "clinical",
    "disease",
    "adult",
    "dose",
    "safety",
    "efficacy",
    "substance",
    "reported",
    "common",
    "reaction",
    "committee",
    "opinion",
    "product",
    "leaflet",
    "variation",
    "procedure",
    "data",
    "compared",
    "response",
    "weeks",
    "months",
    "injection",
    "tablet",
    "monitoring",
    "measure",
    "plan",
    "report",
    "decision",
    "commission",
    "union",
]
_KINDS = (
    "overview", "rmp-summary", "product-information", "all-authorised-presentations",
    "procedural-steps-after", "variation-report", "smop", "assessment-report", "dhpc", "psusa",
)  # fmt: skip
_HOLDERS = ("Norvanta Pharma A/S", "Helixor Therapeutics B.V.", "Quintara SAS", "Fjordgen AB")
_SENTENCES = {
    "Authorised": "This medicine is authorised for use in the European Union",
    "Withdrawn": "This medicine's authorisation has been withdrawn",
}


def _some(chance: random.Random, count: int) -> str:
    return " ".join(chance.choices(_WORDS, k=count)).capitalize()


@dataclass(frozen=True, slots=True, kw_only=True)
class MedicinePage:
    """One page as it is now."""

    number: int
    name: str
    substance: str
    holder: str
    authorised: date
    overview: str
    documents: tuple[Document, ...]
    token: str
    views: int = 1
    banner: str = "Search medicines and documents"
    withdrawn: date | None = None
    updated: date = date(2026, 1, 1)
    modified: datetime = _BEGAN

    @property
    def slug(self) -> str:
        return f"{self.name.casefold()}-{self.number:05d}"

    @property
    def path(self) -> str:
        return f"/en/medicines/human/EPAR/{self.slug}"

    @property
    def product(self) -> str:
        return f"EMEA/H/C/{4000 + self.number:06d}"

    @property
    def status(self) -> str:
        return "Withdrawn" if self.withdrawn else "Authorised"

    def body(self) -> bytes:
        """Return the page, padded with a style sheet to the size of a real one."""
        page = "".join(self._parts())
        sheet = ".bcl-row{display:flex;margin:0 auto;padding:.5rem 1rem;color:#003399}\n"
        left = max(0, SIZE - len(page.encode()) - len("<style></style></body></html>\n"))
        style = (sheet * (left // len(sheet) + 1))[:left]
        return f"{page}<style>{style}</style></body></html>\n".encode()

    def _parts(self) -> Iterator[str]:
        ended = f"{self.withdrawn:%d/%m/%Y}" if self.withdrawn else ""
        yield f"""<!DOCTYPE html>
<html lang="en" dir="ltr"><head><meta charset="utf-8"><meta name="csrf-token" content="{self.token}">
<title>{self.name} | European Medicines Agency (EMA)</title></head><body>
<div class="site-banner">{self.banner}</div>{MENU}
<main class="main-content-wrapper"><section id="medicine-status">
<h1 class="content-banner-title card-title bcl-heading"><span>{self.name}</span></h1>
<a class="ema-rss-button" href="/en/individual-human-medicine.xml/{60_000 + self.number}">RSS</a>
<div class="heading-status"><div class="medicine-status" data-medicine-status="{self.status.lower()}">
<p class="h5 status-title">{self.status}</p>
<div class="status-message"><p>{escape(_SENTENCES[self.status])}</p></div></div></div>
<div class="bundle-name"><span class="label">Medicine</span></div>
<div class="ema-bg-category"><span class="label">Human</span></div></section>
<h2 id="overview">Overview</h2><p>{self.overview}</p>
<h2 id="product-details">Product details</h2><dl>{_row("Name of medicine", self.name)}
{_row("Active substance", self.substance)}
{_row("International non-proprietary name (INN) or common name", self.substance)}
{_row("Anatomical therapeutic chemical (ATC) code", "L04AA")}</dl>
<h2 id="authorisation-details">Authorisation details</h2><dl>{_row("EMA product number", self.product)}
{_row("Marketing authorisation holder", self.holder)}
{_row("Marketing authorisation issued", f"{self.authorised:%d/%m/%Y}")}
{_row("Withdrawal of marketing authorisation", ended) if ended else ""}</dl>
<section id="documents"><h2 id="assessment-history">Assessment history</h2>
<h3>Changes since initial authorisation of medicine</h3>"""
        yield from (document.html() for document in self.documents)
        yield f"""</section><p>This page was last updated on <time>{self.updated:%d/%m/%Y}</time></p>
</main><aside><p>This page was viewed {self.views} times. Was it helpful?</p></aside>{FOOTER}
<script type="application/json">{{"token":"{self.token}","node":{60_000 + self.number}}}</script>"""


def _row(label: str, value: str) -> str:
    return f"<dt><div>{escape(label)}</div></dt><dd><div>{escape(value)}</div></dd>"


def _menu() -> str:
    chance = random.Random("menu")
    items = (
        f'<li class="mega-menu__item"><a class="mega-menu__link dropdown-item" data-level="2" '
        f'href="/en/section/{number}">{_some(chance, 4)}</a></li>'
        for number in range(250)
    )
    return f'<header><nav aria-label="Main"><ul class="navbar-nav">{"".join(items)}</ul></nav></header>'


MENU = _menu()
FOOTER = f"<footer><ul>{'<li><a href=/en/about>About us and this site</a></li>' * 40}</ul></footer>"


class Site:
    """The pages of one site and the truth of what happened on them."""

    def __init__(self, count: int, seed: int = 20_261_130) -> None:
        self.pages = [_page(number, seed) for number in range(count)]
        self._seed = seed
        self._served: dict[str, tuple[MedicinePage, bytes, str]] = {}

    def serve(self, number: int) -> tuple[bytes, str, datetime]:
        """Return a page's bytes, its ETag and when it was changed."""
        page = self.pages[number]
        known = self._served.get(page.path)
        if known is None or known[0] is not page:
            body = page.body()
            known = (page, body, f'"{hashlib.blake2b(body, digest_size=8).hexdigest()}"')
            self._served[page.path] = known
        return known[1], known[2], page.modified

    def change(self, fraction: float, seed: int, now: datetime) -> list[Mapping[str, str]]:
        """Withdraw every other of some pages' medicines, add a document to the rest; tell which."""
        chance = random.Random(f"change {self._seed} {seed}")
        chosen = chance.sample(range(len(self.pages)), max(1, round(len(self.pages) * fraction)))
        told = []
        for turn, number in enumerate(chosen):
            page = self.pages[number]
            if turn % 2 == 0 and page.withdrawn is None:
                changed, kind = replace(page, withdrawn=date(2026, 11, 1 + turn % 20)), "status"
            else:
                newest = _document(chance, page.name, 100 + len(page.documents), date(2026, 10, 1))
                changed = replace(page, documents=(newest, *page.documents))
                kind = "doc_added"
            self.pages[number] = replace(changed, modified=now, updated=now.date())
            told.append({"path": page.path, "kind": kind})
        return told

    def noise(self, seed: int, now: datetime) -> int:
        """Change every page in what means nothing."""
        chance = random.Random(f"noise {self._seed} {seed}")
        self.pages = [
            replace(
                page,
                token=f"{chance.getrandbits(128):032x}",
                views=page.views + chance.randrange(1, 50),
                banner=f"Maintenance is planned for day {seed}: some services may be slow",
                modified=now,
            )
            for page in self.pages
        ]
        return len(self.pages)


def _page(number: int, seed: int) -> MedicinePage:
    chance = random.Random(f"{seed}:{number}")
    name = "".join(chance.choices(_SYLLABLES, k=3)).capitalize()
    authorised = date(2005, 1, 1) + timedelta(days=chance.randrange(7_000))
    return MedicinePage(
        number=number,
        name=name,
        substance="".join(chance.choices(_SYLLABLES, k=4)),
        holder=chance.choice(_HOLDERS),
        authorised=authorised,
        overview=". ".join(_some(chance, 14) for _ in range(50)),
        documents=tuple(
            _document(chance, name, place, authorised) for place in range(chance.randint(30, 60))
        ),
        token=f"{chance.getrandbits(128):032x}",
    )


def _document(chance: random.Random, name: str, place: int, first: date) -> Document:
    kind = _KINDS[place % len(_KINDS)]
    published = first + timedelta(days=chance.randrange(1_500))
    updated = published + timedelta(days=chance.randrange(30, 900))
    return Document(
        title=f"{name} : EPAR - {kind.replace('-', ' ').capitalize()} {place}",
        kind=kind,
        first=f"{published:%d/%m/%Y}",
        updated=f"{updated:%d/%m/%Y}",
        reference=f"EMA/{chance.randrange(100_000, 999_999)}/{published.year}",
    )


def paths(pages: Sequence[MedicinePage]) -> list[str]:
    return [page.path for page in pages]
