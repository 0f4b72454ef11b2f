"""An encyclopaedia's article on a drug: Wikipedia as page, as API answer or as plain text.

Anyone may have written it, so all it says is one voice among others: every claim keeps its own
jurisdiction and its own words. Who may be given a medicine (`Rx-only`) is never read as an
authorisation, and a market withdrawal never as the end of an authorisation.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import pairwise

from watcher.core.facts import Fact, Reading, Record, Subject, split_path
from watcher.core.text import fold, shorten, tidy
from watcher.errors import ReadError
from watcher.readers.agreement import agree
from watcher.readers.blocks import Block, Outline
from watcher.readers.characters import without_surrogates
from watcher.readers.dates import edtf_or_nothing
from watcher.readers.encyclopedia_infobox import box_facts, parameters
from watcher.readers.encyclopedia_sentences import regulatory_facts
from watcher.readers.encyclopedia_studies import study_facts, support_facts
from watcher.readers.outline import outline
from watcher.readers.reader import Payload, Reader
from watcher.readers.sentences import Sentence, sentences
from watcher.readers.wikitext import plain

_READER = "encyclopedia@1"

_BRAND = re.compile(
    r"\bsold under the (?:brand|trade) names? (?P<brand>[A-Z][\w®™ -]{0,80}?)"
    r"(?= among| and |,|\)| is\b| for\b|\.)"
)
_TREATS = re.compile(
    r"\bis (?:a|an|the)\b.{0,200}?\bused (?:to treat|for the treatment of|in the treatment of) "
    r"(?P<what>.+?)\.?$"
)
_CONTAINS = re.compile(r"^It contains (?P<what>.+?)\.?$")
_APPROVED_FOR = re.compile(
    r"\b(?:was|is|has been) approved by .{2,80}? for the treatment of (?P<what>.+?)\.?$"
)
_WORKS = re.compile(r"\bworks by (?P<what>.+?)\.?$")
_DESCRIBED = (
    ("product.brand_name", _BRAND, "brand"),
    ("indication.text", _TREATS, "what"),
    ("product.composition", _CONTAINS, "what"),
    ("indication.text_short", _APPROVED_FOR, "what"),
    ("mechanism.text", _WORKS, "what"),
)

_EDIT_MARK = re.compile(r"\s*\[\s*edit\s*\]\s*")
_OLD_REVISION = re.compile(r"[?&]oldid=(\d+)")
_LAST_EDITED = re.compile(r"last edited on (?P<day>\d{1,2} [A-Z][a-z]{2,8} \d{4})")
_QUALIFIER = re.compile(r"\s*\([^()]*\)$")
"""What tells an article from others of its name: `Exemplar (medication)`."""
_IS_DRUG = re.compile(
    r"\b(?:medication|medicine|medicinal|drug|vaccine|antibody|therapy|treatment|antibiotic)\b"
)
_TITLE_SUFFIX = re.compile(r"\s+[-–—]\s+Wikipedia.*$")


@dataclass(frozen=True, slots=True)
class _Article:
    """An article, however it came.

    Attributes:
        title: Its title.
        body: Its outline.
        revision: The number of the revision, or empty.
        published: When that revision was saved, RFC 3339 or EDTF, or empty.
    """

    title: str
    body: Outline
    revision: str = ""
    published: str = ""


def read(payload: Payload) -> Reading:
    """Return what the article says of its substance.

    Raises:
        ReadError: It is no article on a drug, or has no title.
    """
    article = _article(payload)
    told = list(sentences(block for block in article.body.blocks if block.kind == "text"))
    box = box_facts(parameters(article.body))
    name = _QUALIFIER.sub("", article.title)
    lead = next((each for each in told if fold(each.text).startswith(fold(name))), None)
    if not fold(name) or not (box or (lead and _IS_DRUG.search(lead.text))):
        found = shorten(article.body.text()) or "nothing"
        raise ReadError(reader=_READER, expected="an article on a drug", found=found)
    agreement = agree(
        [
            *_about_page(article),
            *box,
            *_identity(name, lead),
            *_descriptions(told),
            *regulatory_facts(told),
            *_statements(told),
            *_support(told),
            *study_facts(article.body),
        ]
    )
    record = Record(Subject("substance", fold(name)), agreement.facts)
    unknown = tuple(f"the article contradicts itself on {each}" for each in agreement.conflicts)
    return Reading(reader=_READER, records=(record,), published=article.published, unknown=unknown)


def _about_page(article: _Article) -> Iterator[Fact]:
    heading = next(iter(article.body.headings()), None)
    is_printed = heading is not None and fold(heading.text) == fold(article.title)
    yield Fact(
        "page.title",
        article.title,
        article.title,
        heading.place if heading and is_printed else "title",
    )
    if article.revision:
        yield Fact("page.revision", article.revision, article.revision, "revision")


def _identity(name: str, lead: Sentence | None) -> Iterator[Fact]:
    """Yield the substance's name: what the article is on, as its first sentence spells it."""
    if lead:
        yield Fact("product.inn", [fold(name)], lead.text, lead.place)


def _descriptions(told: list[Sentence]) -> Iterator[Fact]:
    """Yield the first sentence of each kind that describes the medicine."""
    for path, pattern, group in _DESCRIBED:
        for sentence in told:
            if match := pattern.search(sentence.text):
                yield Fact(path, tidy(match[group]), sentence.text, sentence.place)
                break


def _statements(told: list[Sentence]) -> Iterator[Fact]:
    """Yield what the article says of the medicine's standing in each territory, in its own words.

    A sentence that is edited without another date or actor is still an edit of what is claimed.
    """
    said: dict[str, list[Sentence]] = {}
    for sentence in told:
        keys = {split_path(fact.path).key for fact in regulatory_facts([sentence])}
        for key in sorted(keys - {""}):
            said.setdefault(key, []).append(sentence)
    for key, found in said.items():
        text = " ".join(sentence.text for sentence in found)
        yield Fact(f"statement[{key}]", text, text, found[0].place)


def _support(told: list[Sentence]) -> Iterator[Fact]:
    """Yield which study an approval rests on, said in the sentence after the approval's."""
    for before, after in pairwise(told):
        for fact in regulatory_facts([before]):
            if fact.path.endswith("].granted"):
                code = fact.path.removeprefix("authorisation[").partition("]")[0]
                yield from support_facts([after], code)


def _article(payload: Payload) -> _Article:
    if payload.body.lstrip()[:1] == b"{":
        return _from_api(payload)
    body = _without_edit_marks(outline(payload))
    edited = _LAST_EDITED.search(body.text())
    links = (_OLD_REVISION.search(link.url) for link in body.links())
    revision = next((match[1] for match in links if match), "")
    return _Article(
        _title_of(body), body, revision, edtf_or_nothing(edited["day"]) if edited else ""
    )


def _without_edit_marks(article: Outline) -> Outline:
    """Return the outline without the `[edit]` that a page prints beside its headings."""
    cleaned = (replace(block, text=_EDIT_MARK.sub("", block.text)) for block in article.blocks)
    return replace(article, blocks=tuple(block for block in cleaned if block.text))


def _title_of(article: Outline) -> str:
    """Return the article's title: its first main heading, else the page's own title."""
    top: list[Block] = [block for block in article.headings() if block.level == 1]
    return top[0].text if top else _TITLE_SUFFIX.sub("", article.title)


def _from_api(payload: Payload) -> _Article:
    """Return the article in an answer of the Action API or the REST API.

    Raises:
        ReadError: It is neither, or holds no article.
    """
    try:
        answer: dict[str, object] = json.loads(payload.text())  # it begins with a brace
    except (ValueError, RecursionError) as error:
        found = shorten(str(error))
        raise ReadError(reader=_READER, expected="JSON of the article", found=found) from error
    for form in (_parsed, _queried, _rest):
        if found_article := form(answer):
            return found_article
    raise ReadError(
        reader=_READER,
        expected="an article in parse.text, query.pages or source",
        found=shorten(payload.text()),
    )


def _parsed(answer: dict[str, object]) -> _Article | None:
    """Return the article of `action=parse`: its HTML, or its wikitext."""
    parse = answer.get("parse")
    if not isinstance(parse, dict):
        return None
    title, revision = _stated(parse.get("title")), _stated(parse.get("revid"))
    if html := _text(parse.get("text")):
        page = Payload(body=f"<html><body>{html}</body></html>".encode(), media_type="text/html")
        return _Article(title, _without_edit_marks(outline(page)), revision)
    source = _text(parse.get("wikitext"))
    return _Article(title, _of_wikitext(source), revision) if source else None


def _queried(answer: dict[str, object]) -> _Article | None:
    """Return the article of `action=query&prop=revisions`, in either format version."""
    query = answer.get("query")
    pages = query.get("pages") if isinstance(query, dict) else None
    listed = list(pages.values()) if isinstance(pages, dict) else pages
    page = listed[0] if isinstance(listed, list) and listed else None
    revisions = page.get("revisions") if isinstance(page, dict) else None
    if not isinstance(page, dict) or not isinstance(revisions, list) or not revisions:
        return None
    latest = revisions[0]
    if not isinstance(latest, dict):
        return None
    slots = latest.get("slots")
    main = slots.get("main") if isinstance(slots, dict) else latest
    source = _text(main)
    if not source:
        return None
    return _Article(
        _stated(page.get("title")),
        _of_wikitext(source),
        _stated(latest.get("revid")),
        _stated(latest.get("timestamp")),
    )


def _rest(answer: dict[str, object]) -> _Article | None:
    """Return the article of the REST API's page, with its source."""
    source, latest = _text(answer.get("source")), answer.get("latest")
    if not source:
        return None
    stated = latest if isinstance(latest, dict) else {}
    return _Article(
        _stated(answer.get("title")),
        _of_wikitext(source),
        _stated(stated.get("id")),
        _stated(stated.get("timestamp")),
    )


def _text(value: object) -> str:
    """Return a text that the API gives plainly or below `*` or `content`."""
    if isinstance(value, dict):
        value = value.get("*") or value.get("content")
    return without_surrogates(value) if isinstance(value, str) else ""


def _stated(value: object) -> str:
    """Return a title, number or time that the API gives, in one line; empty where it gives none."""
    is_number = isinstance(value, int) and not isinstance(value, bool)
    return tidy(str(value)) if is_number or isinstance(value, str) else ""


def _of_wikitext(source: str) -> Outline:
    return outline(Payload(body=plain(source).encode(), media_type="text/plain"))


ENCYCLOPEDIA = Reader(
    name="encyclopedia",
    version=1,
    about="An encyclopaedia's article on a drug (Wikipedia: page, API or text).",
    read=read,
    markers=(
        "From Wikipedia, the free encyclopedia",
        "Infobox",
        "Clinical data",
        '"revid"',
        '"content_model"',
    ),
    ends_with="</html>",
)
