"""Much at once: a few messages alone, the rest in one, every one of them told."""

from __future__ import annotations

import re
from collections import Counter
from datetime import time

import pytest

from kit.correcting import AUTHORISED, STATUS
from kit.office import WITHDRAWN, Office
from kit.plain_source import a_source
from watcher.core.recipients import BY_SEVERITY, Cadence, Person, Quiet
from watcher.core.rules import Rule
from watcher.core.throttle import MOST

pytestmark = pytest.mark.usefixtures("engine")

ANNA = Person(id="anna", channels=("anna",))
EAGER = Person(id="anna", channels=("anna",), cadences=dict.fromkeys(BY_SEVERITY, Cadence.NOW))
PRIME = {"flag[prime]": True}


@pytest.fixture
def office(tmp_path):
    made = []

    def make(*rules, people=(ANNA,)):
        made.append(Office(tmp_path, rules, people))
        return made[-1]

    yield make
    for each in made:
        each.store.close()


def told_of(office, box):
    """Return how often each medicine is named in what a box took, by its show command."""
    found = Counter()
    for letter in office.boxes[box].taken:
        found.update(set(re.findall(r"watcher show (\w+)", " ".join(letter.text.split()))))
    return found


def test_hundreds_of_critical_events_in_a_minute_are_a_few_messages_and_none_is_lost(office):
    many = 520
    here = office(Rule(id="r", events=("authorisation.*",), tell=("anna",)))
    here.flood(many, **{STATUS: "withdrawn"})
    here.tell()
    here.pass_by(seconds=59)
    alone = len(here.boxes["anna"].taken)
    here.pass_by(seconds=1)

    events = {told.event_id: told for told in here.log(types=("authorisation.withdrawn",))}
    taken = here.boxes["anna"].taken
    assert len(events) == many
    assert alone == MOST, "the summary that holds something critical comes after a minute"
    assert len(taken) == MOST + 2, "510 lines are two parts"
    named = told_of(here, "anna")
    assert {event[:12] for event in events} == {name[:12] for name in named}
    assert set(named.values()) == {1}
    here.pass_by(days=8)
    assert len(here.boxes["anna"].taken) == len(taken)


def test_what_is_not_critical_waits_for_the_end_of_the_window(office):
    here = office(Rule(id="r", tell=("anna",)), people=(EAGER,))
    here.flood(30, **PRIME)
    here.tell()
    here.pass_by(minutes=9)
    assert len(here.boxes["anna"].taken) == MOST
    here.pass_by(minutes=1)

    assert len(here.boxes["anna"].taken) == MOST + 1
    assert here.lines() == ()


def test_something_critical_hurries_what_waits_for_the_summary(office):
    here = office(Rule(id="r", tell=("anna",)), people=(EAGER,))
    here.says("ema", AUTHORISED)
    here.flood(30, **PRIME)
    here.tell()
    assert len(here.lines()) == 20
    here.look(WITHDRAWN, source=a_source(id="ema"), after=5)
    here.pass_by(minutes=1)

    taken = here.boxes["anna"].taken
    assert len(taken) == MOST + 1
    assert "1 critical" in taken[-1].subject
    assert here.lines() == ()


def test_a_channel_that_a_rule_names_is_spared_the_flood_too(office):
    here = office(Rule(id="r", events=("authorisation.*",), channels=("room",)), people=())
    here.flood(40, **{STATUS: "withdrawn"})
    here.tell()
    here.pass_by(minutes=1)

    assert len(here.boxes["room"].taken) == MOST + 1
    assert "30 happenings: 30 critical" in here.boxes["room"].taken[-1].subject


def test_what_waited_for_the_morning_does_not_come_as_a_flood_either(office):
    night = Quiet(begins=time(20), ends=time(7))
    sleeper = Person(id="anna", channels=("anna",), quiet=night, cadences=EAGER.cadences)
    here = office(Rule(id="r", tell=("anna",)), people=(sleeper,))
    here.pass_by(hours=14)
    here.flood(30, **PRIME)
    here.tell()
    assert here.boxes["anna"].taken == []
    here.pass_by(hours=6)
    assert len(here.boxes["anna"].taken) == MOST
    here.pass_by(minutes=10)
    assert len(here.boxes["anna"].taken) == MOST + 1


def test_after_a_quiet_while_messages_come_alone_again(office):
    here = office(Rule(id="r", events=("authorisation.*",), tell=("anna",)))
    here.flood(12, **{STATUS: "withdrawn"})
    here.tell()
    here.pass_by(minutes=11)
    before = len(here.boxes["anna"].taken)
    here.says("ema", {STATUS: "authorised"})
    here.says("ema", {STATUS: "suspended"})

    assert before == MOST + 1
    assert here.boxes["anna"].taken[-1].subject.startswith("[CRITICAL]")


def test_a_released_mass_larger_than_one_pass_is_told_once(office, monkeypatch):
    monkeypatch.setattr("watcher.services.alert._BATCH", 7)
    here = office(Rule(id="r", events=("authorisation.*",), tell=("anna",)))
    here.flood(40, **{STATUS: "withdrawn"})
    here.tell()
    here.pass_by(minutes=1)

    assert set(told_of(here, "anna").values()) == {1}
    assert len(told_of(here, "anna")) == 40
