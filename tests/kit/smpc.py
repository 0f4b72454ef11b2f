"""Product information for tests: EMA's template around a few invented sentences."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

HEADINGS = {
    "1": "NAME OF THE MEDICINAL PRODUCT",
    "2": "QUALITATIVE AND QUANTITATIVE COMPOSITION",
    "3": "PHARMACEUTICAL FORM",
    "4": "CLINICAL PARTICULARS",
    "4.1": "Therapeutic indications",
    "4.2": "Posology and method of administration",
    "4.3": "Contraindications",
    "4.4": "Special warnings and precautions for use",
    "4.5": "Interaction with other medicinal products and other forms of interaction",
    "4.6": "Fertility, pregnancy and lactation",
    "4.7": "Effects on ability to drive and use machines",
    "4.8": "Undesirable effects",
    "4.9": "Overdose",
    "5": "PHARMACOLOGICAL PROPERTIES",
    "5.1": "Pharmacodynamic properties",
    "5.2": "Pharmacokinetic properties",
    "5.3": "Preclinical safety data",
    "6": "PHARMACEUTICAL PARTICULARS",
    "6.1": "List of excipients",
    "6.2": "Incompatibilities",
    "6.3": "Shelf life",
    "6.4": "Special precautions for storage",
    "6.5": "Nature and contents of container",
    "6.6": "Special precautions for disposal",
    "7": "MARKETING AUTHORISATION HOLDER",
    "8": "MARKETING AUTHORISATION NUMBER(S)",
    "9": "DATE OF FIRST AUTHORISATION/RENEWAL OF THE AUTHORISATION",
    "10": "DATE OF REVISION OF THE TEXT",
}
CHAPTERS = frozenset({"4", "5", "6"})
GERMAN = {
    "1": "BEZEICHNUNG DES ARZNEIMITTELS",
    "4.1": "Anwendungsgebiete",
    "4.2": "Dosierung und Art der Anwendung",
    "4.3": "Gegenanzeigen",
    "4.4": "Besondere Warnhinweise und Vorsichtsmaßnahmen für die Anwendung",
}


def summary(
    texts: Mapping[str, Sequence[str]] | None = None, headings: Mapping[str, str] = HEADINGS
) -> list[str]:
    """The lines of a summary of product characteristics; sections not given say their number."""
    lines: list[str] = []
    for number, title in headings.items():
        dot = "." if "." not in number else ""
        lines.append(f"{number}{dot} {title}")
        if number not in CHAPTERS:
            lines += (texts or {}).get(number, [f"Text of section {number}."])
    return lines


def contents() -> list[str]:
    """A table of contents in front of it, with dots and page numbers."""
    return ["TABLE OF CONTENTS", *(f"{n} {title} ....... 3" for n, title in HEADINGS.items())]


def annexes(texts: Mapping[str, Sequence[str]] | None = None) -> list[list[str]]:
    """Product information as pages of lines, each with its number at the end."""
    lines = ["ANNEX I", "SUMMARY OF PRODUCT CHARACTERISTICS", *summary(texts)]
    cut = len(lines) // 2
    pages = [
        lines[:cut],
        lines[cut:],
        ["ANNEX II", "A. MANUFACTURER RESPONSIBLE FOR BATCH RELEASE", "Maker, Town"],
        ["ANNEX III", "LABELLING AND PACKAGE LEAFLET"],
        ["A. LABELLING", "1. NAME OF THE MEDICINAL PRODUCT", "Testol 5 mg tablets", "2. STATEMENT"],
        ["B. PACKAGE LEAFLET", "1. What Testol is and what it is used for", "It is for tests."],
    ]
    return [[*page, str(number)] for number, page in enumerate(pages, 1)]
