"""What stands behind a case, as rows of its page: dates, sources, messages and answers in words."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from watcher.core import wording
from watcher.core.edtf import Edtf, in_words, is_edtf
from watcher.core.events import Recorded
from watcher.core.phrases import (
    Sources,
    capital,
    date_role,
    date_with_precision,
    from_to,
    instant,
    label,
    path_in_words,
    source_name,
    tier,
    value_in_words,
    what,
)
from watcher.core.sections import quotes
from watcher.ports.telling import Waiting
from watcher.services.case_page import Bystander, CasePage, Teller
from watcher.services.cases import Naming
from watcher.web.medicine_rows import kept_page

STATES = {
    "pending": "waits",
    "sending": "is being sent",
    "delivered": "delivered",
    "given_up": "given up",
    "cancelled": "not sent: it was wrong",
}
"""What the states of a message are called."""
_WORDS_OF_A_SENTENCE, _MOST_WORDS = 4, 8
_ABOUT = {"date": "the date", "actor": "who decided", "requested_by": "who asked"}


@dataclass(frozen=True, slots=True)
class DateCell:
    """One date: what it is the date of, in words, how precise, and who says so."""

    role: str
    words: str
    note: str
    at: str = ""


@dataclass(frozen=True, slots=True)
class Quote:
    """Words a change was read from, where they stand, and the kept page with them marked."""

    words: str
    place: str
    kept: str


@dataclass(frozen=True, slots=True)
class Said:
    """A quote with who is quoted; one of several words is a sentence, else a field of a table."""

    source: str
    quote: Quote

    @property
    def is_sentence(self) -> bool:
        """Return whether it can be read as it stands."""
        return self.quote.words.count(" ") >= _WORDS_OF_A_SENTENCE


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """What one source says of a case.

    Attributes:
        source: What people call it.
        source_id: Its id.
        tier: `tier 1, an authority`.
        says: What it says.
        date: The date that it gives, in its role; empty: none.
        seen: When we saw it say so, RFC 3339 UTC; empty: it has not told of this.
        stance: `lead`, `agrees`, `differs` or `silent`.
        differences: Where it contradicts the lead, in words.
        url: Where it says so.
        quotes: Its words.
        position: Of its event; 0: none.
    """

    source: str
    source_id: str
    tier: str
    says: str
    date: str = ""
    seen: str = ""
    stance: str
    differences: tuple[str, ...] = ()
    url: str = ""
    quotes: tuple[Quote, ...] = ()
    position: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class ToldRow:
    """Somebody who was told, how, and what became of it."""

    who: str
    way: str
    kind: str
    state: str
    at: str
    answer: str
    number: int = 0


@dataclass(frozen=True, slots=True)
class ConflictRow:
    """One contradiction: about what, both sides with who says so, and the event of it."""

    about: str
    sides: tuple[str, ...]
    position: int
    at: str


def date_cells(page: CasePage, sources: Sources) -> tuple[DateCell, ...]:
    """Return the dates of a case, each in its role: stated, published, seen, recorded."""
    event, origin = page.lead.event, page.lead.provenance
    stated = wording.AS_STATED.format(source=source_name(page.lead, sources))
    by = wording.PUBLISHED_BY.format(source=source_name(page.lead, sources))
    before = wording.PREVIOUS.format(when=instant(origin.previously, seconds=False))
    cells = [_stated(date_role(event), event.effective, stated)]
    if announced := event.details.get("announced", ""):
        cells.append(_stated(label("announced"), announced, stated))
    cells += [
        _stated("published", origin.published, by),
        _instant("seen by us", origin.observed_at, before if origin.previously else ""),
        _instant("recorded", page.lead.recorded_at, f"event {page.lead.position} of the log"),
    ]
    return tuple(cells)


def _stated(role: str, date: str, note: str) -> DateCell:
    if not date:
        return DateCell(role, wording.NOT_STATED, "")
    if not is_edtf(date):
        return _instant(role, date, note)
    precision = wording.PRECISION[Edtf.parse(date).precision]
    return DateCell(role, in_words(date), f"{precision}, {note}", date)


def _instant(role: str, at: str, note: str) -> DateCell:
    return DateCell(role, instant(at, seconds=False), note, at)


def statements(page: CasePage, naming: Naming) -> tuple[Statement, ...]:
    """Return what each source says of a case: who tells of it first, then the others by tier."""
    told = (_told(each, page, naming.sources) for each in page.tellers)
    return (*told, *(_silent(each, naming.sources) for each in page.bystanders))


def _told(teller: Teller, page: CasePage, sources: Sources) -> Statement:
    told, event = teller.told, teller.told.event
    facts = page.case.facts if teller.is_lead else {}
    date = f"{date_role(event)} {date_with_precision(event.effective)}" if event.effective else ""
    stance = "lead" if teller.is_lead else "differs" if teller.differences else "agrees"
    return Statement(
        source=source_name(told, sources),
        source_id=told.provenance.source if told.provenance.source in sources else "",
        tier=tier(told),
        says=str(from_to(event)) if event.details.get("after") else capital(what(event, facts)),
        date=date,
        seen=told.provenance.observed_at,
        stance=stance,
        differences=tuple(
            f"{_ABOUT[each.about]}: {in_words(each.other)}, not {in_words(each.one)}"
            for each in teller.differences
        ),
        url=told.provenance.url,
        quotes=quotes_of(told),
        position=told.position,
    )


def _silent(each: Bystander, sources: Sources) -> Statement:
    named = sources[each.source]
    words = f"{wording.TIERS.get(named.tier, '')}"
    says = capital(wording.SAYS_NOTHING)
    if each.path:
        template = wording.SAYS_SAME if each.is_same else wording.SAYS_OTHERWISE
        value = value_in_words(each.path, each.value)
        says = f"{capital(template.format(value=value))} ({path_in_words(each.path)})"
    stance = "silent" if not each.path else "agrees" if each.is_same else "differs"
    return Statement(
        source=named.name,
        source_id=each.source,
        tier=wording.TIER.format(tier=named.tier, kind=words),
        says=says,
        stance=stance,
    )


def quotes_of(told: Recorded) -> tuple[Quote, ...]:
    """Return the words that an event was read from, each with its place in the kept page."""
    digest = told.provenance.snapshot
    return tuple(
        Quote(line.text, line.note, kept_page(digest, line.text, line.note))
        for line in quotes(told)
    )


def words_of(page: CasePage, sources: Sources) -> tuple[Said, ...]:
    """Return the words that tell of a case, whoever's: each once, the best sources' first.

    A table says it in a field and an authority's page in a sentence: the sentence is what a person
    wants to read, so that every source's words are shown and not only those it was first read from.
    """
    found: dict[str, Said] = {}
    for each in sorted(page.tellers, key=lambda each: each.told.provenance.tier):
        said = [Said(source_name(each.told, sources), quote) for quote in quotes_of(each.told)]
        for one in sorted(said, key=lambda one: not one.quote.words[:1].isupper()):
            words = " ".join(one.quote.words.split())
            if not any(words in known for known in found):
                found[words] = one
    return tuple(found.values())[:_MOST_WORDS]


def conflict_rows(page: CasePage, sources: Sources) -> tuple[ConflictRow, ...]:
    """Return where sources contradict one another in a case, each side with who says it."""
    return tuple(
        ConflictRow(
            about=_ABOUT.get(told.event.details["about"], told.event.details["about"]),
            sides=tuple(_side(told.event.details[side], sources) for side in ("one", "other")),
            position=told.position,
            at=told.recorded_at,
        )
        for told in page.conflicts
    )


def _side(words: str, sources: Sources) -> str:
    """Return `12 December 2024, says MedPath` of `2024-12-12 (medpath)`."""
    said, _, source = words.rpartition(" (")
    named = sources.get(source.rstrip(")"))
    return f"{in_words(said)}, says {named.name}" if named else words


def told_rows(page: CasePage, naming: Naming) -> Iterator[ToldRow]:
    """Yield who was told of a case, and what became of each message."""
    for each in page.messages:
        yield ToldRow(
            who=naming.person(each.person) if each.person else "whoever reads it",
            way=each.channel,
            kind=each.kind.replace("_", " "),
            state=state_in_words(each),
            at=each.delivered_at or each.created_at,
            answer=each.answer,
            number=each.id,
        )
    for item in page.lines:
        yield ToldRow(
            who=naming.person(item.person) if item.person else "whoever reads it",
            way=item.channel,
            kind=f"{item.cadence} digest" if item.cadence != "summary" else "summary",
            state="told in it" if item.told_in else "waits for it",
            at=item.due,
            answer="",
        )


def state_in_words(message: Waiting) -> str:
    """Return what became of a message: `delivered`, `waits, tried once`."""
    words = STATES.get(message.state, message.state)
    if message.state == "delivered" or not message.attempts:
        return words
    times = "once" if message.attempts == 1 else f"{message.attempts} times"
    return f"{words}, tried {times}"
