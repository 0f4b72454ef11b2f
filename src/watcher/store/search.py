"""The words medicines are found by: a view beside the streams', in the same transaction.

An inverted index in plain tables, the same on every database. What begins so is a range of the
index of words; what has it in its middle is a range of the index of their endings.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

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
from watcher.store.schema import begins, events, search_endings, search_names, search_words, streams

_MEDICINE, _SUBSTANCE = "medicine:", "substance:"
_CHUNK = 400
_NEAR, _EACH = 60, 300
_NAMED = ("name", "substance", "number")
_ARTICLE_NAMES = ("name", "substance")

_words = search_words.c
_INSERT = sa.insert(search_words)
_ENDINGS = sa.insert(search_endings)
_DELETE_NAME = sa.delete(search_names).where(search_names.c.subject == sa.bindparam("of_subject"))
_INSERT_NAME = sa.insert(search_names)
_OF = sa.select(_words.kind, _words.word).where(
    _words.subject == sa.bindparam("of_subject"), _words.source == sa.bindparam("of_source")
)
_KNOWN, _KNOWN_TYPES = _OF.where(_words.kind != "event"), _OF.where(_words.kind == "event")
_WHOLE = sa.select(search_endings.c.word).where(
    search_endings.c.ending == search_endings.c.word,
    search_endings.c.ending.in_(sa.bindparam("some", expanding=True)),
)
_CALLED = (
    sa.select(_words.kind, sa.func.min(_words.word).label("word"))
    .where(_words.subject == sa.bindparam("of_subject"), _words.kind.in_(_NAMED))
    .group_by(_words.kind)
)


class SqlSearch:
    """The words in one transaction of a database."""

    def __init__(self, connection: sa.Connection) -> None:
        self._connection = connection
        # what this transaction knows to stand there: an append tells of the same types again
        self._told: dict[tuple[str, str], set[str]] = {}

    def put(self, subject: Subject, source: str, state: State) -> None:
        """Keep the words of what a source says of a subject now."""
        if not is_findable(subject):
            return
        known = self._known(subject, source)
        wanted = set(words_of(subject, state))
        self._remove(subject, source, known - wanted)
        self._add(subject, source, wanted - known)
        if known != wanted:
            self._name(str(subject))

    def tell(self, subject: Subject, source: str, types: Iterable[str]) -> None:
        """Keep that events of these types happened to a subject, as a source tells."""
        if not is_findable(subject):
            return
        known = self._types(subject, source)
        new = set(types) - known
        self._add(subject, source, {("event", name) for name in new})
        known |= new

    def drop(self, subject: str, source: str) -> None:
        """Take all words of what a source says of a subject away."""
        at = (_words.subject == subject, _words.source == source)
        if self._connection.execute(sa.delete(search_words).where(*at)).rowcount:
            self._name(subject)
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
            self.put(Subject.parse(row.subject), row.source, codec.decode_state(row.state))
        kinds = sa.select(events.c.subject, events.c.source, events.c.type).distinct()
        for row in self._connection.execute(kinds).all():
            self.tell(Subject.parse(row.subject), row.source, (row.type,))

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

    def _known(self, subject: Subject, source: str) -> set[tuple[str, str]]:
        at = {"of_subject": str(subject), "of_source": source}
        return {(row.kind, row.word) for row in self._connection.execute(_KNOWN, at)}

    def _types(self, subject: Subject, source: str) -> set[str]:
        """Return the types of events that are kept of a subject; what is added to it is known."""
        key = (str(subject), source)
        if key not in self._told:
            at = {"of_subject": key[0], "of_source": key[1]}
            self._told[key] = {row.word for row in self._connection.execute(_KNOWN_TYPES, at)}
        return self._told[key]

    def _remove(self, subject: Subject, source: str, gone: Iterable[tuple[str, str]]) -> None:
        for kind, word in gone:
            at = (_words.subject == str(subject), _words.source == source)
            which = (*at, _words.kind == kind, _words.word == word)
            self._connection.execute(sa.delete(search_words).where(*which))

    def _add(self, subject: Subject, source: str, new: Iterable[tuple[str, str]]) -> None:
        rows = [
            {"subject": str(subject), "source": source, "kind": kind, "word": word}
            for kind, word in sorted(new)
        ]
        if not rows:
            return
        self._connection.execute(_INSERT, rows)
        self._end({row["word"] for row in rows if row["kind"] in IN_PART})

    def _end(self, words: Iterable[str]) -> None:
        """Keep the endings of words that are found by any part of them.

        All endings of a word stand there together, the whole word among them, or none does.
        """
        wanted = sorted(words)
        known: set[str] = set()
        for start in range(0, len(wanted), _CHUNK):
            some = {"some": wanted[start : start + _CHUNK]}
            known.update(self._connection.execute(_WHOLE, some).scalars())
        endings = [
            {"ending": word[at:], "word": word}
            for word in wanted
            if word not in known
            for at in range(max(1, len(word) - SHORT + 1))
        ]
        if endings:
            self._connection.execute(_ENDINGS, endings)

    def _name(self, subject: str) -> None:
        """Keep what a subject is listed by: its first name, else its substance or number."""
        at = {"of_subject": subject}
        by_kind = {row.kind: row.word for row in self._connection.execute(_CALLED, at)}
        self._connection.execute(_DELETE_NAME, at)
        if name := next((by_kind[kind] for kind in _NAMED if kind in by_kind), ""):
            self._connection.execute(_INSERT_NAME, {"subject": subject, "name": name})


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
