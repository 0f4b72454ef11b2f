"""MedPath's "EMA Approval" page: an aggregator's copy of what EMA says of one medicine.

The page mixes what is current (status, overview) with what is stale (questions and answers from the
time of the approval), prints the authorisation's date right below the word "Withdrawn", and lists
some documents twice. Its dates may be a day early, since it once rendered them in another time
zone; they are kept as stated.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from watcher.core.facts import Fact, Reading, Record, Subject, Value, in_order
from watcher.core.identity import is_atc_code, product_number, slug
from watcher.core.status import ENDED, AuthorisationStatus, authorisation_status
from watcher.core.text import fold, shorten, squash
from watcher.errors import ReadError
from watcher.readers import medpath_sections as page
from watcher.readers.agreement import agree
from watcher.readers.blocks import Block
from watcher.readers.holder import holder
from watcher.readers.medpath_sections import READER, Section
from watcher.readers.outline import outline
from watcher.readers.public_summary import summary_facts
from watcher.readers.reader import Payload, Reader
from watcher.readers.sentences import sentences
from watcher.readers.statements import authorisation_statements

_KIND = "EMA Approval"
_KNOWN = frozenset(
    {"", "basic information", "overview summary", "authorisations", "active substances"}
    | {"documents", "overview q&a", "footer"}
)
_COUNTED = {
    "authorisations": "authorisations",
    "active substances": "active_substances",
    "documents": "documents",
    "overview q&a": "qa",
}
_ATC_LABEL = re.compile(r"ATC Code\s*:?\s*(.+)", re.IGNORECASE)
_CHINESE = re.compile(r"[\u3400-\u9fff]")
_TREATMENT_OF = re.compile(
    r"\bgranted (?:a )?(?:conditional )?marketing authori[sz]ation .{0,120}? for the treatment of "
    r"(?P<what>.+?)\.?$"
)
_COPYRIGHT = re.compile(r"© (?P<year>\d{4})\b")


@dataclass(slots=True)
class _Row:
    """One authorisation, gathered line by line.

    Attributes:
        number: The line of its product number.
        status: The line of its status, once met.
        date: The line of its date, once met.
        others: Lines that are neither: the holder, or a word we do not know.
    """

    number: Block
    status: Block | None = None
    date: Block | None = None
    others: list[Block] = field(default_factory=list)

    @property
    def known_status(self) -> AuthorisationStatus | None:
        return authorisation_status(self.status.text) if self.status else None


def read(payload: Payload) -> Reading:
    """Return what the page says: one record for each authorisation it lists.

    Raises:
        ReadError: A section is missing, a list is shorter or longer than it says, the page has no
            end, or a status word is unknown.
    """
    found = page.sections(outline(payload).blocks)
    rows = _rows(page.required(found, "authorisations"))
    shared = _shared(found)
    told = _statements(found)
    read_rows = [_of_row(row, payload.url) for row in rows]
    records: list[Record] = []
    notes: list[str] = []
    for row, (subject, facts) in zip(rows, read_rows, strict=True):
        if any(record.subject == subject for record in records):
            raise _unknown(expected="each authorisation once", found=row.number)
        stated = told if len(rows) == 1 else _fitting(told, row, rows)
        own = (fact for fact in shared if not _names_another(fact, subject.id))
        agreement = agree([*facts, *stated, *own])
        records.append(Record(subject, agreement.facts))
        notes += (f"the page contradicts itself on {each}" for each in agreement.conflicts)
        if subject.id.startswith("slug:"):
            notes.append(f"damaged product number {row.number.text!r} at {row.number.place}")
    unknown = [f"unknown section {name!r}" for name in found if name not in _KNOWN]
    return Reading(reader=READER, records=tuple(records), unknown=(*unknown, *notes))


def _rows(section: Section) -> list[_Row]:
    """Return the authorisations listed, as many as the heading says."""
    rows: list[_Row] = []
    for block in section.blocks:
        if block.text.startswith("EMEA/"):
            rows.append(_Row(block))
        elif not rows:
            raise _unknown(expected="a product number", found=block)
        elif rows[-1].status is None and authorisation_status(block.text):
            rows[-1].status = block
        elif rows[-1].date is None and page.date_of(block.text):
            rows[-1].date = block
        else:
            rows[-1].others.append(block)
    page.checked(section, len(rows))
    return rows


def _of_row(row: _Row, url: str) -> tuple[Subject, list[Fact]]:
    """Return the subject of an authorisation and what its lines say.

    The date is the authorisation's own, whatever status it stands below.
    """
    status = row.known_status
    if row.status is None or status is None or len(row.others) > 1:
        raise _unknown(
            expected="a status we know, one holder and one date",
            found=(row.others or [row.number])[-1],
        )
    number = product_number(row.number.text)
    facts = [_fact("product.number", number, row.number)] if number else []
    if number is None:
        facts.append(_fact("product.number_as_printed", row.number.text, row.number))
    facts.append(_fact("authorisation[EU].status", status.value, row.status))
    if row.date:
        facts.append(_fact("authorisation[EU].granted", page.date_of(row.date.text), row.date))
    if row.others:
        facts.append(_fact("authorisation[EU].holder", holder(row.others[0].text), row.others[0]))
    return Subject("medicine", number or f"slug:{slug(url) or squash(row.number.text)}"), facts


def _fitting(told: Sequence[Fact], row: _Row, rows: Sequence[_Row]) -> list[Fact]:
    """Return the overview's statements for one of several authorisations.

    The overview does not say which it speaks of. An ending it tells belongs to the one that ended,
    if only one did; one of several withdrawn is never all of them withdrawn.
    """
    ended = [each for each in rows if each.known_status in ENDED]
    return list(told) if ended == [row] else []


def _names_another(fact: Fact, number: str) -> bool:
    """Return whether a document's title names a procedure of another product than `number`."""
    procedure = fact.value.get("procedure") if isinstance(fact.value, dict) else None
    if not isinstance(procedure, str) or not number.startswith("EMEA/"):
        return False
    return not procedure.startswith(f"{number}/")


def _shared(found: dict[str, Section]) -> list[Fact]:
    """Return what the page says of the medicine whatever authorisation it has."""
    substances = page.required(found, "active substances")
    page.checked(substances, len(substances.blocks))
    names = [block.text for block in substances.blocks]
    listed = page.documents(page.listings(page.required(found, "documents")))
    return [
        *_head(found[""], {fold(name) for name in names}),
        *_basic(found.get("basic information")),
        Fact(
            "product.active_substance",
            in_order(names),
            ", ".join(names),
            substances.blocks[0].place if substances.blocks else "",
        ),
        *_summary(found),
        *(
            _fact(f"document[{key}]", value, listing.title)
            for key, (listing, value) in listed.items()
        ),
        *_questions(found.get("overview q&a")),
    ]


def _head(section: Section, substances: set[str]) -> Iterator[Fact]:
    """Yield what stands above the first section, unlabelled: known by its form and its order."""
    lines = [block for block in section.blocks if block.text not in {page.SITE, _KIND}]
    if not lines:
        raise _unknown(expected="the medicine's name", found=None)
    yield _fact("product.brand_name", lines[0].text, lines[0])
    above: Block | None = None
    areas: list[Block] | None = None
    for block in lines[1:]:
        if fold(block.text) in substances:
            yield _fact("product.inn", [fold(block.text)], block)
            areas = []
        elif areas is not None:
            areas.append(block)
        elif is_atc_code(block.text):
            yield _fact("product.atc_code", block.text, block)
        elif _CHINESE.search(block.text):
            yield _fact("translation[zh].pharmacotherapeutic_group", block.text, block)
        elif above and _CHINESE.search(above.text):
            yield _fact("product.pharmacotherapeutic_group", block.text, block)
        above = block
    if areas:
        yield _fact("product.therapeutic_area", in_order(each.text for each in areas), areas[0])


def _basic(section: Section | None) -> Iterator[Fact]:
    for block in section.blocks if section else ():
        match = _ATC_LABEL.fullmatch(block.text)
        if match and is_atc_code(match[1]):
            yield _fact("product.atc_code", match[1], block)


def _statements(found: dict[str, Section]) -> list[Fact]:
    """Return what the overview states of the authorisation, then what the answers still say.

    Of the answers only the date of the grant counts: they stay on the page after a withdrawal.
    """
    overview, asked = found.get("overview summary"), found.get("overview q&a")
    told = authorisation_statements(overview.blocks if overview else ())
    stale = authorisation_statements(asked.blocks if asked else ())
    return [*told, *(fact for fact in stale if fact.path == "authorisation[EU].granted")]


def _summary(found: dict[str, Section]) -> Iterator[Fact]:
    overview, asked = found.get("overview summary"), found.get("overview q&a")
    for sentence in sentences(overview.blocks if overview else ()):
        if match := _TREATMENT_OF.search(sentence.text):
            yield Fact("indication.text_short", match["what"], sentence.text, sentence.place)
            break
    yield from summary_facts(asked.blocks if asked else ())


def _questions(section: Section | None) -> Iterator[Fact]:
    for answer in page.answers(section) if section else ():
        paragraphs: list[Value] = [block.text for block in answer.paragraphs]
        heading = answer.question.text
        value: dict[str, Value] = {
            "heading": heading,
            "paragraphs": paragraphs,
            "hash": answer.hash,
        }
        yield _fact(f"qa[{heading}]", value, answer.question)


def furniture(payload: Payload) -> tuple[Fact, ...]:
    """Return what the page says of itself: its name, its counts, the year of its copyright.

    None of it is a fact about a medicine, so it is in no record and never compared.
    """
    read_outline = outline(payload)
    blocks = read_outline.blocks
    found = page.sections(blocks)
    facts = [
        _fact(path, block.text, block)
        for path, words in (("page.site", page.SITE), ("page.kind", _KIND))
        if (block := next((each for each in blocks if each.text == words), None))
    ]
    facts += (
        _fact(f"{_COUNTED[name]}.count", part.count, part.heading)
        for name, part in found.items()
        if part.heading and name in _COUNTED
    )
    for block in blocks:
        if match := _COPYRIGHT.match(block.text):
            facts.append(_fact("page.copyright_year", match["year"], block))
    titled = [block for block in blocks if block.text.endswith(f"{_KIND} | {page.SITE}")]
    title = read_outline.title if not titled else titled[-1].text
    place = titled[-1].place if titled else "title"
    return (*facts, Fact("page.html_title", title, title, place))


def _fact(path: str, value: Value, block: Block) -> Fact:
    return Fact(path, value, block.text, block.place)


def _unknown(*, expected: str, found: Block | None) -> ReadError:
    return ReadError(
        reader=READER,
        expected=expected,
        found=shorten(found.text) if found else "nothing",
        place=found.place if found else "",
    )


MEDPATH_APPROVAL = Reader(
    name="medpath_approval",
    version=1,
    about="MedPath's approval page of one medicine (aggregator).",
    read=read,
    markers=(_KIND,),
    ends_with="</html>",
)
