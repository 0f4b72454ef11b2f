"""The reference pages as they stood before what they tell of happened."""

from __future__ import annotations

ENDINGS = (
    " Darvadstrocel was withdrawn from the EU market in December 2024.",
    " In January 2026, the marketing of Alofisel in Japan was discontinued.",
    " In December 2024, the European Medicines Agency withdrew the marketing authorization for"
    " Alofisel (darvadstrocel) upon request of Takeda Pharma.",
    " Darvadstrocel was withdrawn from the European Union market in December 2024. In January"
    " 2026, Takeda Pharma discontinued sales of Alofisel in Japan.",
)


def medpath_before(page: str) -> str:
    """Return the aggregator's page: authorised, no withdrawal, eleven documents."""
    head, _, rest = page.partition("On 13 December 2024, the European Commission withdrew")
    _, _, rest = rest.partition("\n\n")
    page = (head + rest).replace("\nWithdrawn\n", "\nAuthorised\n")
    start = page.index("Alofisel-H-C-004258-II-0051-G")
    end = page.index("Alofisel : Orphan maintenance", start)
    page = (page[:start] + page[end:]).replace("Documents (12)", "Documents (11)")
    sentence = page.index(" The European Public Assessment Report (EPAR) for Alofisel is updated")
    return page[:sentence] + page[page.index("\n", sentence) :]


def article_before(article: str) -> str:
    """Return the encyclopaedia's article without the endings in the EU and Japan."""
    for sentence in ENDINGS:
        assert sentence in article
        article = article.replace(sentence, "")
    return article
