"""What changed between two moments, and what is left out because it is no news of the world."""

from __future__ import annotations

from dataclasses import replace

import pytest

from factories import ALOFISEL, a_provenance, a_state, a_withdrawal
from kit.pasts import Amended, Told, at, recorded, write
from watcher.core.amend import amendment
from watcher.core.diff import baseline
from watcher.core.events import Cause, Change, Event
from watcher.core.facts import Subject
from watcher.ports.store import Append
from watcher.services.between import between
from watcher.services.past import Moment
from watcher.store.store import SqlStore

NAME = "product.brand_name"
STATUS = "authorisation[EU].status"


class Log:
    """A log to append to, one event a day."""

    def __init__(self, store: SqlStore) -> None:
        self.store = store
        self.versions: dict[str, int] = {}
        self.day = 0

    def tell(self, event: Event, cause=Cause.OBSERVED, *, source="ema", day=0):
        self.day += 1
        stream = f"{source}/{event.subject}"
        version = self.versions.get(stream, 0)
        seen = a_provenance(source=source, capture=f"c{self.day}", observed_at=at(day or self.day))
        with self.store.reading() as work:
            before = work.streams.get(stream).state
        state = {**before, **{each.path: each.after for each in event.changes}}
        append = Append(
            stream=stream,
            subject=event.subject,
            expected_version=version,
            events=(event,),
            evidence=(),
            state=state,
        )
        with self.store.writing() as work:
            work.log.append(append, seen, cause, recorded(self.day))
        self.versions[stream] = version + 1


@pytest.fixture
def log(tmp_path):
    store = write(tmp_path / "w.db", [])
    yield Log(store)
    store.close()


def changed(path, before, after, kind="fact.changed", **more):
    change = Change(path=path, action="changed", before=before, after=after)
    return Event(type=kind, subject=ALOFISEL, changes=(change,), **more)


def observed(day):
    return Moment(axis="observed", at=at(day))


def effective(day, known_at=""):
    return Moment(axis="effective", at=f"{day}T00:00:00.000000Z", known_at=known_at)


def test_a_fact_is_told_from_to_with_the_event_that_tells_of_it(log):
    log.tell(baseline(ALOFISEL, a_state()), Cause.BASELINE)
    log.tell(a_withdrawal())

    found = between(log.store, observed(1), observed(2))

    (medicine,) = found.subjects
    assert (medicine.name, medicine.is_new) == ("Alofisel (darvadstrocel)", False)
    (fact,) = medicine.facts
    assert (fact.path, fact.before, fact.after) == (STATUS, "authorised", "withdrawn")
    assert (fact.source, fact.told_by) == ("ema", (2,))
    assert found.types == {"authorisation.withdrawn": 1}
    assert between(log.store, observed(2), observed(9)).subjects == ()


def test_what_was_there_and_back_again_is_no_fact_that_changed_and_two_events(log):
    log.tell(baseline(ALOFISEL, a_state()), Cause.BASELINE)
    log.tell(changed(NAME, "Alofisel", "Alofisil"))
    log.tell(changed(NAME, "Alofisil", "Alofisel"))

    (medicine,) = between(log.store, observed(1), observed(3)).subjects

    assert medicine.facts == ()
    assert [told.position for told in medicine.events] == [2, 3]


def test_corrections_and_better_readings_are_counted_and_not_listed(log):
    log.tell(baseline(ALOFISEL, a_state()), Cause.BASELINE)
    log.tell(changed(NAME, "Alofisel", "Alofisel®"), Cause.REREAD)
    log.tell(changed("product.atc_code", "L04", "L04AX08"), Cause.CORRECTED)
    log.tell(Event(type="event.corrected", subject=ALOFISEL, details={"of": "2"}))

    found = between(log.store, observed(1), observed(9))

    assert (found.subjects, found.types, found.put_right) == ((), {}, 2)


def test_an_event_set_aside_is_no_news_and_one_that_counts_again_is(log):
    log.tell(baseline(ALOFISEL, a_state()), Cause.BASELINE)
    log.tell(changed(NAME, "Alofisel", "Alofisil"))
    log.tell(amendment(Subject("source", "ema"), aside=[2], again=(), why="imported"))
    log.tell(amendment(Subject("source", "ema"), aside=(), again=[2], why="imported"))

    def told(first, last):
        moments = (Moment(axis="position", at=str(place)) for place in (first, last))
        found = between(log.store, *moments)
        return [each.position for medicine in found.subjects for each in medicine.events]

    assert told(1, 2) == [2]
    assert told(1, 3) == []
    assert told(3, 4) == [2], "it counts at the fourth position and did not at the third"


def test_a_medicine_not_known_before_is_new(log):
    log.tell(baseline(ALOFISEL, a_state()), Cause.BASELINE)

    (medicine,) = between(log.store, Moment(axis="position", at="0"), observed(1)).subjects

    assert medicine.is_new
    assert len(medicine.facts) == len(a_state())


def test_what_took_effect_is_asked_for_by_the_dates_known_at_a_time(log):
    log.tell(baseline(ALOFISEL, a_state()), Cause.BASELINE)
    dated = Change(path="authorisation[EU].withdrawn", action="added", after="2024-12-13")
    ending = a_withdrawal()
    log.tell(replace(ending, changes=(*ending.changes, dated)))

    days = ("2024-12-01", "2024-12-31")
    before = between(log.store, *(effective(day, recorded(1)) for day in days))
    after = between(log.store, *map(effective, days))
    later = between(log.store, effective("2024-12-13"), effective("2025-01-31"))

    assert before.subjects == later.subjects == ()
    (medicine,) = after.subjects
    (fact,) = medicine.facts
    assert (fact.path, fact.before, fact.after) == (STATUS, "authorised", "withdrawn")
    assert fact.told_by == (2,)
    assert after.types == {"authorisation.withdrawn": 1}


def test_one_medicine_is_compared_alone_and_the_answer_is_the_same(tmp_path):
    steps = [Told(1, 1, NAME, 3), Told(2, 2, NAME, 3), Told(1, 4, NAME, 4), Told(2, 5, NAME, 4)]
    store = write(tmp_path / "x.db", [*steps, Amended((3,), ()), Told(1, 3, NAME, 2)])
    everyone = between(store, observed(2), observed(9))
    alone = between(store, observed(2), observed(9), product="EMEA/H/C/000001")
    store.close()

    assert len(everyone.subjects) == 2
    assert alone.subjects == tuple(
        each for each in everyone.subjects if each.subject.endswith("000001")
    )
    assert [told.position for told in alone.subjects[0].events] == [6]
