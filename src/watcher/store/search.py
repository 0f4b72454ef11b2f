"""The words medicines are found by: a view beside the streams', in the same transaction.

An inverted index in plain tables, the same on every database. What begins so is a range of the
index of words; what has it in its middle is a range of the index of their endings.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from typing import Any, NamedTuple, TypeAlias

import sqlalchemy as sa

from watcher.core.facts import State, Subject
from watcher.core.search_words import (
    IN_PART,
    MANY,
    SHORT,
    is_findable,
    types_told,
    words_of,
)
from watcher.ports.search import Found
from watcher.store import codec
from watcher.store.driver import Ready
from watcher.store.many import add_rows, rows_about
from watcher.store.schema import begins, events, search_endings, search_names, search_words, streams

_MEDICINE, _SUBSTANCE = "medicine:", "substance:"
_CHUNK = 400
_NEAR, _EACH = 60, 300
_NAMED = ("name", "substance", "number")  # as in _NAMES
_ARTICLE_NAMES = ("name", "substance")
_PAIR = "({}, {})"
_Place: TypeAlias = tuple[str, str]
"""Subject and source."""
_Row: TypeAlias = tuple[str, str, str, str]
"""Subject, source, kind and word."""

_words = search_words.c
_KEY = search_words.primary_key.columns
_GONE = Ready(
    sa.delete(search_words).where(*(each == sa.bindparam(f"of_{each.name}") for each in _KEY))
)
_UNNAME = Ready(sa.delete(search_names).where(search_names.c.subject == sa.bindparam("of_subject")))
# CROSS: SQLite is not to turn the order around; on PostgreSQL it means what a comma means
_OF = (
    "SELECT subject, source, kind, word FROM (VALUES {}) AS wanted CROSS JOIN search_words"
    " WHERE subject = column1 AND source = column2 AND kind"
)
_KNOWN, _KNOWN_TYPES = f"{_OF} <> 'event'", f"{_OF} = 'event'"
_WHOLE = "SELECT word FROM search_endings WHERE ending IN ({}) AND word = ending"
_NAMES = (
    "SELECT subject, kind, min(word) FROM search_words WHERE subject IN ({})"
    " AND kind IN ('name', 'substance', 'number') GROUP BY subject, kind"
)


class Telling(NamedTuple):
    """What a source tells of a subject.

    Attributes:
        subject: The subject.
        source: The source.
        state: All it says now; None: nothing by which the subject is found has changed.
        types: The types of what happened.
    """

    subject: Subject
    source: str
    state: State | None
    types: AbstractSet[str]


class SqlSearch:
    """The words in one transaction of a database."""

    def __init__(self, connection: sa.Connection) -> None:
        self._connection = connection
        # what this transaction knows to stand there: an append tells of the same types again
        self._told: dict[_Place, set[str]] = {}

    def keep(self, tellings: Sequence[Telling]) -> None:
        """Keep the words of what sources say, and the types of what happened as they tell it.

        Args:
            tellings: One at most of a subject and a source.
        """
        findable = [each for each in tellings if is_findable(each.subject)]
        known = self._known([each for each in findable if each.state is not None])
        told = self._types(findable)
        new: list[_Row] = []
        gone: list[_Row] = []
        renamed: list[str] = []
        for each in findable:
            at = _place(each)
            fresh = {("event", name) for name in each.types - told[at]}
            told[at] |= each.types
            if each.state is not None:
                wanted = set(words_of(each.subject, each.state))
                gone += ((*at, *word) for word in sorted(known[at] - wanted))
                fresh |= wanted - known[at]
                renamed += [at[0]] * (known[at] != wanted)
            new += ((*at, *word) for word in sorted(fresh))
        self._remove(gone)
        self._add(new)
        self._name(renamed)

    def drop(self, subject: str, source: str) -> None:
        """Take all words of what a source says of a subject away."""
        at = (_words.subject == subject, _words.source == source)
        if self._connection.execute(sa.delete(search_words).where(*at)).rowcount:
            self._name([subject])
        self._told.pop((subject, source), None)

    def clear(self) -> None:
        """Take all words away."""
        for table in (search_words, search_endings, search_names):
            self._connection.execute(sa.delete(table))
        self._told.clear()

    def fill(self) -> None:
        """Keep the words of every stream as it stands in the view and the log."""
        query = sa.select(streams.c.subject, streams.c.source, streams.c.state)
        for row in self._connection.execute(query).all():
            state = codec.decode_state(row.state)
            self.keep([Telling(Subject.parse(row.subject), row.source, state, frozenset())])
        kinds = sa.select(events.c.subject, events.c.source, events.c.type).distinct()
        for row in self._connection.execute(kinds).all():
            self.keep([Telling(Subject.parse(row.subject), row.source, None, {row.type})])

    def matching(self, token: str) -> Iterator[Found]:
        """Yield the words that a token may be answered by; see the port."""
        is_short = len(token) < SHORT
        columns = sa.select(_words.subject, _words.kind, _words.word)
        prefixed = columns.where(begins(_words.word, token), _words.kind != "event")
        if is_short:
            prefixed = prefixed.where(_words.kind.not_in(MANY))
        wanted: list[sa.Select[Any]] = [prefixed]
        if not is_short:
            ends = sa.select(search_endings.c.word).where(begins(search_endings.c.ending, token))
            wanted.append(columns.where(_words.word.in_(ends), _words.kind.in_(IN_PART)))
        if types := types_told(token):
            wanted.append(columns.where(_words.word.in_(types), _words.kind == "event"))
        for row in self._connection.execute(sa.union(*wanted)):
            yield Found(row.subject, row.kind, row.word)

    def like(self, token: str, most: int) -> tuple[Found, ...]:
        """Return words that share most runs of letters with a token; see the port."""
        runs = {token[at : at + SHORT] for at in range(max(1, len(token) - SHORT + 1))}
        shared: Counter[str] = Counter()
        for run in sorted(runs)[:_NEAR]:
            near = sa.select(search_endings.c.word).where(begins(search_endings.c.ending, run))
            shared.update(set(self._connection.execute(near.limit(_EACH)).scalars()))
        near_words = [
            word for word, _ in shared.most_common() if abs(len(word) - len(token)) <= SHORT
        ][:most]
        query = sa.select(_words.subject, _words.kind, _words.word).where(
            _words.word.in_(near_words), _words.kind.in_(("name", "substance", "alias"))
        )
        rows = self._connection.execute(query.order_by(_words.word, _words.kind, _words.subject))
        return tuple(Found(*row) for row in rows)

    def listed(self, *, skip: int, most: int) -> tuple[str, ...]:
        """Return subjects by name; see the port."""
        query = sa.select(search_names.c.subject).where(_stands_for_itself())
        order = (search_names.c.name, search_names.c.subject)
        rows = self._connection.execute(query.order_by(*order).offset(skip).limit(most))
        return tuple(rows.scalars())

    def count(self) -> int:
        """Return how many `listed` has."""
        return self._count(_stands_for_itself())

    def medicines(self) -> int:
        """Return how many medicines there are."""
        return self._count(begins(search_names.c.subject, _MEDICINE))

    def names(self, subjects: Sequence[str]) -> Mapping[str, str]:
        """Return what subjects are listed by."""
        query = sa.select(search_names.c.subject, search_names.c.name)
        if len(subjects) > _CHUNK:
            return {row.subject: row.name for row in self._connection.execute(query)}
        some = query.where(search_names.c.subject.in_(subjects))
        return {row.subject: row.name for row in self._connection.execute(some)}

    def articles(self, subjects: Iterable[str]) -> Mapping[str, tuple[str, ...]]:
        """Return by medicine the substances whose articles name it."""
        return self._related(subjects, ("name",), _SUBSTANCE, _ARTICLE_NAMES)

    def named_by(self, articles: Iterable[str]) -> Mapping[str, tuple[str, ...]]:
        """Return by substance the medicines that its article names."""
        return self._related(articles, _ARTICLE_NAMES, _MEDICINE, ("name",))

    def every_word(self) -> tuple[tuple[str, str, str, str], ...]:
        """Return all that is kept; see the port."""
        query = sa.select(search_words).order_by(*search_words.primary_key.columns)
        return tuple(tuple(row) for row in self._connection.execute(query))

    def _related(
        self, subjects: Iterable[str], own: Sequence[str], other: str, theirs: Sequence[str]
    ) -> Mapping[str, tuple[str, ...]]:
        """Return the subjects of another kind that share a word with each of these."""
        one, two = search_words.alias("one"), search_words.alias("two")
        joined = one.join(two, sa.and_(two.c.word == one.c.word, two.c.kind.in_(theirs)))
        query = (
            sa.select(one.c.subject, two.c.subject.label("other"))
            .select_from(joined)
            .where(one.c.kind.in_(own), begins(two.c.subject, other))
            .distinct()
        )
        found: dict[str, set[str]] = {}
        wanted = list(subjects)
        for start in range(0, len(wanted), _CHUNK):
            some = query.where(one.c.subject.in_(wanted[start : start + _CHUNK]))
            for row in self._connection.execute(some):
                found.setdefault(row.subject, set()).add(row.other)
        return {subject: tuple(sorted(others)) for subject, others in found.items()}

    def _count(self, which: sa.ColumnElement[bool]) -> int:
        query = sa.select(sa.func.count()).select_from(search_names).where(which)
        return self._connection.execute(query).scalar() or 0

    def _known(self, tellings: Sequence[Telling]) -> dict[_Place, set[tuple[str, str]]]:
        """Return the words that are kept of each, but for types."""
        found: dict[_Place, set[tuple[str, str]]] = {_place(each): set() for each in tellings}
        for subject, source, kind, word in rows_about(self._connection, _KNOWN, [*found], _PAIR):
            found[subject, source].add((kind, word))
        return found

    def _types(self, tellings: Sequence[Telling]) -> dict[_Place, set[str]]:
        """Return the types of events that are kept of each; what is added to them is known."""
        new = [at for each in tellings if (at := _place(each)) not in self._told]
        self._told |= {at: set() for at in new}
        for subject, source, _, word in rows_about(self._connection, _KNOWN_TYPES, new, _PAIR):
            self._told[subject, source].add(word)
        return self._told

    def _remove(self, rows: Sequence[_Row]) -> None:
        _GONE.run_for_each(
            self._connection,
            [
                {"of_subject": subject, "of_source": source, "of_kind": kind, "of_word": word}
                for subject, source, kind, word in rows
            ],
        )

    def _add(self, rows: Sequence[_Row]) -> None:
        add_rows(self._connection, "search_words (subject, source, kind, word)", rows)
        # all endings of a word stand there together, the whole word among them, or none does
        in_part = sorted({word for _, _, kind, word in rows if kind in IN_PART})
        whole = {word for (word,) in rows_about(self._connection, _WHOLE, [(w,) for w in in_part])}
        endings = [
            (word[at:], word)
            for word in in_part
            if word not in whole
            for at in range(max(1, len(word) - SHORT + 1))
        ]
        add_rows(self._connection, "search_endings (ending, word)", endings)

    def _name(self, subjects: Sequence[str]) -> None:
        """Keep what subjects are listed by: their first name, else their substance or number."""
        if not subjects:
            return
        by_kind: dict[str, dict[str, str]] = {subject: {} for subject in subjects}
        wanted = [(subject,) for subject in by_kind]
        for subject, kind, word in rows_about(self._connection, _NAMES, wanted):
            by_kind[subject][kind] = word
        _UNNAME.run_for_each(self._connection, [{"of_subject": subject} for subject in by_kind])
        names = [
            (subject, next(words[kind] for kind in _NAMED if kind in words))
            for subject, words in by_kind.items()
            if words
        ]
        add_rows(self._connection, "search_names (subject, name)", names)


def _place(telling: Telling) -> _Place:
    return str(telling.subject), telling.source


def _stands_for_itself() -> sa.ColumnElement[bool]:
    """Return that a subject is a medicine, or a substance whose article names none."""
    one, two = search_words.alias("article"), search_words.alias("named")
    named = (
        sa.select(sa.literal(1))
        .select_from(one.join(two, sa.and_(two.c.word == one.c.word, two.c.kind == "name")))
        .where(
            one.c.subject == search_names.c.subject,
            one.c.kind.in_(_ARTICLE_NAMES),
            begins(two.c.subject, _MEDICINE),
        )
    )
    return sa.or_(begins(search_names.c.subject, _MEDICINE), ~sa.exists(named))
