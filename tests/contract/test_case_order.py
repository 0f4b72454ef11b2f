"""In what order lists have cases, and page by page."""

from __future__ import annotations

import pytest

from factories import ALOFISEL, NOON, a_provenance, a_withdrawal, an_append
from watcher.core.events import Cause, Event
from watcher.core.taxonomy import Severity
from watcher.errors import NotFoundError
from watcher.ports import Envelope
from watcher.ports.cases import CaseRow, CaseState, WhichCases
from watcher.ports.telling import DigestItem
from watcher.store.store import SqlStore

CASES = 12
NORMAL = Event(type="document.added", subject=ALOFISEL)


@pytest.fixture
def store(place):
    """Twelve cases: every third lead is a withdrawal, every fourth case is answered."""
    store = SqlStore(place, writable=True)
    with store.writing() as work:
        for number in range(1, CASES + 1):
            told = a_withdrawal() if number % 3 == 0 else NORMAL
            append = an_append(told, version=number - 1)
            work.log.append(append, a_provenance(capture=f"c{number}"), Cause.OBSERVED, NOON)
            row = CaseRow(
                key=key(number),
                happening="",
                axis="",
                after="",
                effective="",
                lead=number,
                opened_at=f"2024-12-{number:02}",
            )
            work.cases.open(row, [number])
            state = "acknowledged" if number % 4 == 0 else "assigned" if number == 7 else "open"
            work.case_states.put(CaseState(case=row.key, state=state))
    yield store
    store.close()


def key(number):
    return f"{number:032x}"


def leads(found):
    return [each.lead for each in found]


def test_the_gravest_come_first_then_the_newest_whatever_their_state(store):
    with store.reading() as work:
        found = work.case_states.gravest(("open", "assigned"), 100)

    assert leads(found) == [9, 6, 3, 11, 10, 7, 5, 2, 1]
    assert [each.gravity for each in found[:4]] == [3, 3, 3, 1]


@pytest.mark.parametrize("size", [1, 2, 4, 9])
def test_page_by_page_every_open_case_is_shown_once_in_the_same_order(store, size):
    shown, below = [], None
    with store.reading() as work:
        while page := work.case_states.gravest(("open", "assigned"), size, below):
            shown += leads(page)
            below = (page[-1].gravity, page[-1].lead)

        assert shown == leads(work.case_states.gravest(("open", "assigned"), 100))
        assert work.case_states.count_open() == len(shown)


def test_a_case_is_as_grave_as_it_was_told_to_be(store):
    with store.writing() as work:
        work.case_states.put(CaseState(case=key(1), severity=Severity.HIGH.rank))

        assert work.case_states.get(key(1)).gravity == 2
        assert leads(work.case_states.gravest(("open",), 4)) == [9, 6, 3, 1]


@pytest.mark.parametrize(
    ("which", "expected"),
    [
        (WhichCases(), list(range(12, 0, -1))),
        (WhichCases(states=("acknowledged",)), [12, 8, 4]),
        (WhichCases(least=Severity.CRITICAL.rank), [12, 9, 6, 3]),
        (WhichCases(before=5), [4, 3, 2, 1]),
        (WhichCases(since="2024-12-10"), [12, 11, 10]),
        (WhichCases(since="2024-12-03", until="2024-12-05"), [4, 3]),
        (WhichCases(until="2024-12-03"), [2, 1]),
        (WhichCases(states=("wrong",)), []),
    ],
)
def test_the_newest_come_first_among_those_that_are_meant(store, which, expected):
    with store.reading() as work:
        assert leads(work.case_states.newest(which, 100)) == expected
        assert leads(work.case_states.newest(which, 1)) == expected[:1]


def test_what_is_of_no_case_is_in_no_list(store):
    with store.writing() as work:
        work.case_states.put(CaseState(case="f" * 32))

        assert "f" * 32 not in {each.case for each in work.case_states.gravest((), 100)}
        assert "f" * 32 not in {each.case for each in work.case_states.newest(WhichCases(), 100)}


def test_many_cases_are_asked_for_at_once(store):
    with store.reading() as work:
        by_position = work.cases.of_events([1, 2, 99])

        assert {position: row.key for position, row in by_position.items()} == {
            1: key(1),
            2: key(2),
        }
        assert work.cases.with_keys([key(3), "nonsense"])[key(3)] == work.cases.of_event(3)
        assert work.cases.all_positions([key(4), key(5)]) == {key(4): (4,), key(5): (5,)}
        assert sorted(work.log.at([3, 1, 99])) == [1, 3]
        assert work.log.at([3])[3] == work.log.find("3")


def test_who_heard_of_cases_is_told_without_their_letters(store):
    letter = Envelope(key="m", subject="withdrawn", text="withdrawn")
    with store.writing() as work:
        work.outbox.put("m", key(1), "pv", letter, NOON)
        line = {"person": "anna", "channel": "anna-box", "cadence": "daily", "due": NOON}
        work.digests.add(DigestItem(**line, case=key(2), key="d"))

        (told,) = work.outbox.heard([key(1), key(2)])
        (waits,) = work.digests.heard([key(1), key(2)])
    assert (told.case, told.channel, told.state) == (key(1), "pv", "pending")
    assert (waits.case, waits.person, waits.state) == (key(2), "anna", "waits for a digest")


def test_an_event_is_found_by_the_beginning_of_its_id_though_it_be_figures_alone(store):
    with store.reading() as work:
        told = work.log.find("3")
        assert work.log.find(told.event_id[:8].upper()) == told
        for figures in ("999", "99999999", "0" * 12):
            with pytest.raises(NotFoundError):
                work.log.find(figures)
