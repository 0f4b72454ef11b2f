"""RSS feeds for tests, in the form EMA's have."""

from __future__ import annotations

from collections.abc import Iterable
from html import escape

FRIDAY = "Fri, 13 Mar 2026 16:35:00 +0100"


def epar(words: str, category: str = "Human") -> str:
    return f"{category} medicines European public assessment report (EPAR): {words}"


def item(title: str, published: str = FRIDAY, link: str = "") -> str:
    return (
        f"<item><title>{escape(title)}</title><link>{escape(link)}</link>"
        f"<description>{escape(title)}</description><pubDate>{published}</pubDate>"
        f'<guid isPermaLink="false">{escape(link or title)}</guid></item>'
    )


def feed(items: Iterable[str], built: str = FRIDAY) -> bytes:
    return (
        '<?xml version="1.0" encoding="utf-8"?>\n'
        '<rss version="2.0" xmlns:atom="http://www.w3.org/2005/Atom"><channel>'
        "<title>Human medicines: updates</title>"
        "<link>https://www.ema.europa.eu/en/human-medicine-new.xml</link>"
        '<atom:link href="https://www.ema.europa.eu/en/human-medicine-new.xml" rel="self"/>'
        f"<description>What changed</description><lastBuildDate>{built}</lastBuildDate>"
        f"{''.join(items)}</channel></rss>"
    ).encode()
