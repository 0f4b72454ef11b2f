"""What an event log promises of many streams appended to at once."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import replace

import pytest
from sqlalchemy.engine.default import DefaultDialect

from factories import NOON, a_provenance, a_state, a_withdrawal
from kit.engines import place_at
from watcher.core.diff import baseline
from watcher.core.events import Cause, Change, Event, fold_events
from watcher.core.facts import Subject
from watcher.errors import VersionConflictError
from watcher.ports.store import Append, EventFilter
from watcher.store.store import SqlStore

NAME = "product.brand_name"


@pytest.fixture
def store(place):
    store = SqlStore(place, writable=True)
    yield store
    store.close()


def subject_of(number: int) -> Subject:
    return Subject("medicine", f"EMEA/H/C/{number:06d}")


def first_of(number: int) -> Append:
    """Return what begins the stream of a medicine of that number."""
    subject = subject_of(number)
    state = a_state() | {NAME: f"Exampla {number}"}
    return Append(
        stream=f"ema/{subject}",
        subject=subject,
        expected_version=0,
        events=(baseline(subject, state),),
        evidence=((),),
        state=state,
    )


def renamed(number: int, *, version: int = 1, to: str = "Novum") -> Append:
    """Return what gives a medicine another name, and nothing but a withdrawal to each third."""
    first = first_of(number)
    change = Change(path=NAME, action="changed", before=f"Exampla {number}", after=f"{to} {number}")
    event = Event(type="product.renamed", subject=first.subject, changes=(change,))
    if number % 3 == 0:
        event = replace(a_withdrawal(), subject=first.subject)
    return replace(
        first,
        expected_version=version,
        events=(event,),
        state=fold_events([event], first.state),
    )


def append_all(store, appends, cause=Cause.OBSERVED, **provenance):
    with store.writing() as work:
        told = [(each, a_provenance(**provenance)) for each in appends]
        return work.log.append_all(told, cause, NOON)


def kept(work):
    """Return all that stands in the log and the views."""
    told = [(each.position, each.hash) for each in work.log.read(EventFilter())]
    listed = work.search.listed(skip=0, most=1_000)
    return told, work.streams.digest(), work.search.every_word(), work.search.names(listed)


def test_streams_appended_to_at_once_stand_as_they_would_one_by_one(engine, tmp_path):
    assert engine
    firsts = [first_of(number) for number in range(250)]
    # some go on, some begin, and one goes on twice
    later = [*map(renamed, range(120)), first_of(300), renamed(7, version=2, to="Tertium")]
    found = []
    for name in ("one by one", "together"):
        store = SqlStore(place_at(tmp_path / name), writable=True)
        for capture, appends in (("first", firsts), ("later", later)):
            with store.writing() as work:
                by = a_provenance(capture=capture)
                if name == "one by one":
                    for each in appends:
                        work.log.append(each, by, Cause.OBSERVED, NOON)
                else:
                    work.log.append_all([(each, by) for each in appends], Cause.OBSERVED, NOON)
        with store.writing() as work:
            found.append(kept(work))
            work.streams.rebuild()
            assert kept(work) == found[-1]
        store.close()

    assert found[0] == found[1]
    assert len(found[0][0]) == 372


def test_a_conflict_in_the_middle_leaves_nothing_of_the_batch(store):
    append_all(store, [first_of(1), first_of(2)])
    with store.writing() as work:
        before = kept(work)

    with store.writing() as work:
        batch = [renamed(1), renamed(2, version=7), first_of(3)]
        with pytest.raises(VersionConflictError) as refused:
            work.log.append_all([(each, a_provenance(capture="b")) for each in batch],
                                Cause.OBSERVED, NOON)  # fmt: skip

    assert (refused.value.expected, refused.value.found) == (7, 1)
    with store.reading() as work:
        assert kept(work) == before
        assert [work.streams.get(first_of(n).stream).version for n in (1, 2, 3)] == [1, 1, 0]


def test_a_batch_told_again_is_appended_once_and_what_it_lacked_is_added(store):
    batch = [first_of(number) for number in range(4)]
    append_all(store, batch[:2], Cause.BASELINE)

    added = append_all(store, batch, Cause.BASELINE)
    again = append_all(store, batch, Cause.BASELINE)

    assert [(told.position, told.stream) for told in added] == [
        (3, batch[2].stream),
        (4, batch[3].stream),
    ]
    assert again == ()


def test_a_stream_that_is_told_of_twice_in_a_batch_goes_on_where_it_was(store):
    append_all(store, [first_of(1)])

    told = append_all(store, [renamed(1), renamed(1, version=2, to="Tertium")], capture="b")

    assert [each.version for each in told] == [2, 3]
    with pytest.raises(VersionConflictError):
        append_all(store, [renamed(1, version=3, to="a"), renamed(1, version=3, to="b")])
    with pytest.raises(VersionConflictError):
        append_all(store, [first_of(5), replace(first_of(5), events=(a_withdrawal(),))])


def test_each_append_of_a_batch_keeps_its_own_provenance(store):
    by = [a_provenance(observed_at=f"2026-11-2{day}T12:00:00.000000Z") for day in (3, 4)]
    with store.writing() as work:
        work.log.append_all(
            list(zip([first_of(1), first_of(2)], by, strict=True)), Cause.OBSERVED, NOON
        )

    with store.reading() as work:
        seen = work.log.observed_until([first_of(number).stream for number in (1, 2, 3)])
    assert seen == {
        first_of(n).stream: each.observed_at for n, each in zip((1, 2), by, strict=True)
    }


@contextmanager
def statements():
    """Count the statements that are sent to any database in the block."""
    sent: list[str] = []

    def noted(execute):
        def note(dialect, cursor, statement, *more, **named):
            sent.append(statement)
            execute(dialect, cursor, statement, *more, **named)

        return note

    # all that goes to a driver passes by here, also what passes by the library's events
    executed = DefaultDialect.do_execute, DefaultDialect.do_executemany
    DefaultDialect.do_execute, DefaultDialect.do_executemany = map(noted, executed)
    try:
        yield sent
    finally:
        DefaultDialect.do_execute, DefaultDialect.do_executemany = executed


def test_many_streams_are_asked_about_and_written_as_often_as_one(store):
    counts = []
    for numbers in (range(1, 2), range(2, 25)):
        with statements() as sent:
            append_all(store, map(first_of, numbers))
            append_all(store, map(renamed, numbers), capture="later")
        counts.append(len(sent))

    assert counts[0] == counts[1] > 0
