"""The pages the demonstration's site shows: made here, in the structure of EMA's medicine pages.

The dates, numbers and titles are those EMA published for Alofisel (source: EMA); the pages around
them are a reconstruction and no copy.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from html import escape

_EMA = "https://www.ema.europa.eu"


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """One document card."""

    title: str
    kind: str
    first: str
    updated: str = ""
    reference: str = ""

    def html(self) -> str:
        """Return the card as EMA draws it."""
        slug = self.title.casefold().replace(" : ", "-").replace(" ", "-")
        reference = (
            f'<div class="reference-number"><span class="label">Reference Number:</span> '
            f'<span class="value">{escape(self.reference)}</span></div>'
            if self.reference
            else ""
        )
        updated = (
            f'<small class="last-updated"><span class="label">Last updated:</span> '
            f'<span class="value"><time>{self.updated}</time></span></small>'
            if self.updated
            else ""
        )
        return f"""
<div class="ema-file-wrapper"><div class="bcl-file" data-ema-document-type="{self.kind}">
  <div class="file-title-metadata"><p class="file-title mb-1 fw-bold">{escape(self.title)}</p>
  {reference}</div>
  <div class="file-language-links"><p class="language-meta">English (EN) (164.68 KB - PDF)</p>
  <small class="first-published"><span class="label">First published:</span>
  <span class="value"><time>{self.first}</time></span></small> {updated}
  <a class="standalone" href="{_EMA}/en/documents/{self.kind}/{slug}_en.pdf">View</a></div>
</div></div>"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """One state of the medicine's page."""

    status: str
    sentence: str
    overview: tuple[str, ...]
    dates: tuple[tuple[str, str], ...]
    documents: tuple[Document, ...]
    updated: str
    holder: tuple[str, ...] = ("Takeda Pharma A/S", "Delta Park 45", "2665 Vallensbaek Strand")
    orphan: bool = True
    noise: str = ""
    extra: tuple[str, ...] = field(default=())

    def html(self) -> str:
        """Return the page."""
        mark = self.status.casefold().replace(" ", "-")
        overview = "".join(f"<p>{escape(text)}</p>" for text in self.overview)
        documents = "".join(document.html() for document in self.documents)
        flags = _row("Orphan", "This medicine was designated an orphan medicine.") * self.orphan
        details = "".join(_row(label, value) for label, value in self.dates)
        holder = "<br>".join(escape(line) for line in self.holder)
        return f"""<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8">
<title>Alofisel | European Medicines Agency (EMA)</title>
</head><body>{self.noise}
<main class="main-content-wrapper">
<h1 class="content-banner-title card-title bcl-heading"><span>Alofisel</span></h1>
<a class="ema-rss-button" href="/en/individual-human-medicine.xml/66619">RSS</a>
<div class="heading-status"><div class="medicine-status" data-medicine-status="{mark}">
<p class="h5 status-title">{self.status}</p>
<div class="status-message"><p>{escape(self.sentence)}</p></div></div></div>
<div class="card-content-wrapper"><span class="fst-italic">darvadstrocel</span></div>
<div class="bundle-name"><span class="label">Medicine</span></div>
<div class="ema-bg-category"><span class="label">Human</span></div>
<h2 id="overview">Overview</h2>{overview}
<h2 id="product-details">Product details</h2><dl>
{_row("Name of medicine", "Alofisel")}{_row("Active substance", "darvadstrocel")}
{_row("International non-proprietary name (INN) or common name", "darvadstrocel")}
{_row("Therapeutic area (MeSH)", "Rectal Fistula")}
{_row("Anatomical therapeutic chemical (ATC) code", "L04")}</dl>
<h3>Pharmacotherapeutic group</h3><p>Immunosuppressants</p>
<h3>Therapeutic indication</h3><p>Treatment of complex perianal fistulas in adults with
non-active or mildly active luminal Crohn's disease.</p>
<h2 id="authorisation-details">Authorisation details</h2><dl>
{_row("EMA product number", "EMEA/H/C/004258")}{flags}
{_row("Advanced therapy", "This medicine is classified as an advanced therapy medicine.")}
<dt><div>Marketing authorisation holder</div></dt><dd><div>{holder}</div></dd>
{details}</dl>
<h2 id="assessment-history">Assessment history</h2>
<h3>Changes since initial authorisation of medicine</h3>{documents}
<p>This page was last updated on <time>{self.updated}</time></p>
</main></body></html>
"""


def _row(label: str, value: str) -> str:
    return f"<dt><div>{escape(label)}</div></dt><dd><div>{escape(value)}</div></dd>"


MAINTENANCE = """<!DOCTYPE html><html lang="en"><head><title>Maintenance</title></head><body>
<h1>We will be back soon</h1><p>This website is temporarily unavailable because of scheduled
maintenance. Please try again later.</p></body></html>
"""
"""What a site under maintenance answers, with status 200."""
