"""Many subjects changed alike at once: one notice to the operator, and held back from the rest."""

from __future__ import annotations

from dataclasses import replace

import pytest

from factories import a_state
from kit.clocks import StandingClock
from kit.plain_source import URL, ScriptedFetcher, a_reader, a_source, a_toolbox, page
from watcher.core.rules import Rule
from watcher.errors import NotFoundError, OperationalError
from watcher.ports import Envelope
from watcher.ports.store import EventFilter
from watcher.services.alert import alert
from watcher.services.check import check
from watcher.services.decisions import Decider
from watcher.services.holding import dismiss, held_batches, held_events, release

pytestmark = pytest.mark.usefixtures("engine")

BY = Decider(who="m. weber", request="1")
NAMES = [f"medicine:EMEA/H/C/{number:06d}" for number in range(100)]
BEFORE = {name: a_state(**{"product.brand_name": name}) for name in NAMES}
EVERYTHING = [
    Rule(id="all", channels=("pv",)),
    Rule(id="operator", events=("source.*",), channels=("operator",)),
]


class Bench:
    def __init__(self, folder):
        self.clock = StandingClock()
        self.fetcher = ScriptedFetcher()
        self.tools = a_toolbox(folder, self.fetcher, self.clock)
        self.source = a_source(a_reader(lists_all=True))

    def look(self, states):
        self.fetcher.says(page(states))
        self.clock.sleep(3600)
        outcome = check(self.source, URL, self.tools)
        alert(self.tools.store, EVERYTHING, letter, self.clock)
        return [told.event.type for told in outcome.events]

    def queued(self, channel):
        with self.tools.store.reading() as work:
            return [each for each in work.outbox.latest(1000) if each.channel == channel]

    def told(self, channel):
        """Return the cases that a channel is told of, alone or in the summary of many."""
        with self.tools.store.reading() as work:
            lines = [each.case for each in work.digests.due("9999") if each.channel == channel]
        return [*(each.case for each in self.queued(channel)), *lines]

    def log(self, **which):
        with self.tools.store.reading() as work:
            return list(work.log.read(EventFilter(**which)))


def letter(case, _why, _known, _recipient):
    return Envelope(key=case.key, subject=case.lead.event.type, text="")


@pytest.fixture
def bench(tmp_path):
    bench = Bench(tmp_path)
    bench.look(BEFORE)
    yield bench
    bench.tools.store.close()


def changed(count, **facts):
    return {
        name: {**state, **facts} if number < count else state
        for number, (name, state) in enumerate(BEFORE.items())
    }


RELABELLED = {"authorisation[EU].status": "withdrawn"}


def test_a_mass_stands_in_the_log_is_told_to_the_operator_and_to_no_one_else(bench):
    told = bench.look(changed(40, **RELABELLED))

    assert told.count("authorisation.withdrawn") == 40
    assert told.count("source.changed_in_bulk") == 1
    assert bench.queued("pv") == []
    assert [each.envelope.subject for each in bench.queued("operator")] == [
        "source.changed_in_bulk"
    ]
    (batch,) = held_batches(bench.tools.store)
    assert (batch.state, batch.events, batch.alike) == ("held", 40, "authorisation.withdrawn")
    assert len(held_events(bench.tools.store, batch.batch)) == 40


def test_what_changed_beside_a_mass_is_told_as_ever(bench):
    states = changed(40, **{"flag[prime]": True})
    states[NAMES[70]] = {**BEFORE[NAMES[70]], **RELABELLED}
    bench.look(states)

    assert [each.envelope.subject for each in bench.queued("pv")] == ["authorisation.withdrawn"]


def test_a_released_mass_is_told_once_and_a_dismissed_one_never(bench):
    bench.look(changed(40, **RELABELLED))
    (batch,) = held_batches(bench.tools.store)

    release(bench.tools.store, batch.batch, "checked with EMA", BY, bench.clock)
    alert(bench.tools.store, EVERYTHING, letter, bench.clock)
    alert(bench.tools.store, EVERYTHING, letter, bench.clock)

    assert len(bench.told("pv")) == len(set(bench.told("pv"))) == 40
    assert [each.state for each in held_batches(bench.tools.store)] == ["told"]
    with pytest.raises(OperationalError, match="was told before"):
        dismiss(bench.tools.store, batch.batch, "too late", replace(BY, request="2"), bench.clock)


def test_a_dismissed_mass_needs_a_reason_and_is_told_to_no_one(bench):
    bench.look(changed(40, **RELABELLED))
    (batch,) = held_batches(bench.tools.store)

    with pytest.raises(OperationalError, match="say why"):
        dismiss(bench.tools.store, batch.batch, " ", BY, bench.clock)
    dismiss(bench.tools.store, batch.batch, "a relaunch", BY, bench.clock)
    alert(bench.tools.store, EVERYTHING, letter, bench.clock)

    assert bench.queued("pv") == []
    assert [(each.state, each.why) for each in held_batches(bench.tools.store)] == [
        ("dismissed", "a relaunch")
    ]
    assert len(bench.log(types=("authorisation.withdrawn",))) == 40


def test_few_changes_are_no_mass(bench):
    told = bench.look(changed(15, **RELABELLED))

    assert "source.changed_in_bulk" not in told
    assert len(set(bench.told("pv"))) == 15


def test_a_batch_that_is_not_there_is_missed_by_name(bench):
    with pytest.raises(NotFoundError, match="nothing-of-the-sort"):
        held_events(bench.tools.store, "nothing-of-the-sort")
