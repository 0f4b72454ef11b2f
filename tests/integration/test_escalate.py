"""Nobody acknowledges: somebody else is told, once, and with who had it."""

from __future__ import annotations

import itertools
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime

import pytest

from kit.answering import HALF_AN_HOUR, PEOPLE, RULE, answering, by
from kit.clocks import StandingClock
from watcher.runtime.desk import hands
from watcher.services.acknowledge import acknowledge, assign, judge
from watcher.services.orders import carry_out

pytestmark = pytest.mark.usefixtures("engine")

NIGHT = {"begins": "00:00", "ends": "08:00"}
CARLA_SLEEPS = [*PEOPLE[:2], {**PEOPLE[2], "quiet": NIGHT}]
TWO_IN_THE_MORNING = datetime(2026, 11, 22, 2, 0, tzinfo=UTC)
"""The second look, of which they are told, is a day later."""


@pytest.fixture
def here(tmp_path):
    with answering(tmp_path) as here:
        yield here


def escalated(here):
    here.clock.forward(HALF_AN_HOUR)
    done = here.watcher.escalate()
    here.watcher.deliver()
    return done


def test_what_nobody_acknowledges_in_time_is_told_to_somebody_else_once(here):
    case = here.told()
    here.clock.forward(HALF_AN_HOUR - 1)
    assert here.watcher.escalate() == 0
    here.clock.forward(1)
    assert here.watcher.escalate() == 1
    here.clock.forward(86_400)
    assert here.watcher.escalate() == 0
    here.watcher.deliver()

    (message,) = here.of_kind("escalation")
    assert (message.person, message.channel, message.state) == ("carla", "carla-box", "delivered")
    assert message.case == case
    assert message.severity == 3
    (event,) = here.log(types=("alert.escalated",))
    assert event.event.details["to"] == "carla"
    assert here.state(case).escalated_at == event.recorded_at


def test_the_message_says_first_that_nobody_answered_and_who_had_it(here):
    case = here.told()
    first = here.outbox()[0].envelope
    assign(here.watcher.store, case, "ben", "", by(), here.clock)
    escalated(here)

    (message,) = here.of_kind("escalation")
    letter = message.envelope
    flat = " ".join(letter.text.split())
    assert letter.subject.startswith("ESCALATED [CRITICAL] ")
    assert letter.in_reply_to == first.key
    assert "Nobody has acknowledged this since 23 November 2026, 12:00 UTC." in flat
    assert "told to Anna Visser (delivered 23 November 2026, 12:00 UTC), Ben Smit" in flat
    assert "It was given to Ben Smit, who has not acknowledged it." in flat
    assert "ESCALATED" in letter.html
    assert "ESCALATED" in letter.chat


@pytest.mark.parametrize("answer", ["acknowledge", "irrelevant", "wrong"])
def test_an_answer_in_time_stops_it(here, answer):
    case = here.told()
    here.clock.forward(HALF_AN_HOUR - 1)
    if answer == "acknowledge":
        acknowledge(here.watcher.store, case, "", by(), here.clock)
    else:
        judge(here.watcher.store, case, answer, "because", by(), here.clock)

    assert escalated(here) == 0
    assert here.of_kind("escalation") == []


def test_what_is_critical_passes_the_night(tmp_path):
    with answering(tmp_path, people=CARLA_SLEEPS, clock=StandingClock(TWO_IN_THE_MORNING)) as here:
        here.told()

        assert escalated(here) == 1
        assert here.of_kind("escalation")[0].state == "delivered"


def test_what_is_not_critical_waits_for_the_morning(tmp_path):
    rule = {**RULE, "severity": "lowered"}
    clock = StandingClock(TWO_IN_THE_MORNING)
    with answering(tmp_path, people=CARLA_SLEEPS, rule=rule, clock=clock) as here:
        here.told()
        assert escalated(here) == 1
        (message,) = here.of_kind("escalation")
        assert (message.state, message.severity) == ("pending", 2)
        here.clock.forward(7 * 3600)
        here.watcher.deliver()

        assert here.of_kind("escalation")[0].state == "delivered"


def test_who_stands_in_for_somebody_away_is_told_as_well(tmp_path):
    away = {"first": "2026-11-20", "last": "2026-11-30", "cover": "ben"}
    people = [*PEOPLE[:2], {**PEOPLE[2], "away": [away]}]
    with answering(tmp_path, people=people) as here:
        here.told()
        escalated(here)

        found = {each.person: each.envelope.text for each in here.of_kind("escalation")}
        assert set(found) == {"carla", "ben"}
        assert "stands in for Carla Rossi until 2026-11-30" in " ".join(found["ben"].split())


def test_what_was_taken_back_is_not_passed_on(here):
    case = here.told()
    event = next(each for each in here.log() if each.event.type == "authorisation.withdrawn")
    wrong = {"event": str(event.position), "why": "misread", "right": [], "source_is_wrong": False}
    carry_out("correct", wrong, hands(here.watcher), by())

    assert escalated(here) == 0
    assert here.of_kind("escalation") == []
    assert here.state(case).escalated_at == ""


class KilledError(BaseException):
    """What a kill looks like from inside."""


@dataclass(slots=True)
class KilledStore:
    """A store whose process is killed at a step: before a commit, or after it."""

    store: object
    at: int
    steps: int = 0

    def step(self):
        self.steps += 1
        if self.steps == self.at:
            raise KilledError

    @contextmanager
    def writing(self):
        with self.store.writing() as work:
            yield work
            self.step()
        self.step()

    def reading(self):
        return self.store.reading()


def test_killed_at_any_step_each_case_is_passed_on_once(tmp_path):
    for at in itertools.count(1):
        folder = tmp_path / str(at)
        folder.mkdir()
        with answering(folder) as here:
            here.told(1)
            here.told(2)
            here.clock.forward(HALF_AN_HOUR)
            killed = replace(here.watcher, store=KilledStore(here.watcher.store, at))
            try:
                done = killed.escalate()
            except KilledError:
                done = -1
            here.watcher.escalate()
            assert len(here.of_kind("escalation")) == 2, f"killed at step {at}"
            assert here.types().count("alert.escalated") == 2, f"killed at step {at}"
            if done >= 0:
                break
    assert at == 5


def test_that_nobody_is_left_to_tell_stands_in_the_log_and_is_not_tried_again(here):
    case = here.told()
    with here.watcher.store.writing() as work:
        work.case_states.put(replace(work.case_states.get(case), escalate_to="gone"))

    assert escalated(here) == 1
    assert here.watcher.escalate() == 0
    (event,) = here.log(types=("alert.escalated",))
    assert event.event.details["to"] == "nobody: gone is not in sources.yaml"
