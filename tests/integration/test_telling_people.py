"""The right people, once, in time: nights, digests, threads, corrections and cases left open."""

from __future__ import annotations

from datetime import date, time

import pytest

from kit.correcting import AUTHORISED, BY, SUSPENDED, WHY
from kit.office import WITHDRAWN, Office, digest_letter
from kit.plain_source import URL, a_source
from watcher.core.recipients import Absence, Cadence, Group, Person, Quiet
from watcher.core.rules import Rule
from watcher.core.taxonomy import Severity
from watcher.services.acknowledge import acknowledge
from watcher.services.check import note_failure
from watcher.services.digests import due
from watcher.services.telling_people import reached

pytestmark = pytest.mark.usefixtures("engine")

SOON = dict.fromkeys(Severity, Cadence.NOW)
DAILY = dict.fromkeys(Severity, Cadence.DAILY)
NIGHT = Quiet(begins=time(20), ends=time(7))
ANNA = Person(id="anna", title="Anna", channels=("anna",), cadences=SOON)
BEN = Person(id="ben", title="Ben", channels=("ben",), cadences=DAILY)
SLEEPER = Person(id="eva", title="Eva", channels=("eva",), cadences=SOON, quiet=NIGHT)
ALL = Rule(id="all", tell=("anna", "ben"))
ENDINGS = Rule(id="endings", events=("authorisation.*",), tell=("anna", "ben"))
WITHDRAWAL = "authorisation.withdrawn"


@pytest.fixture
def office(tmp_path):
    made = []

    def make(*rules, people=(ANNA, BEN), groups=()):
        made.append(Office(tmp_path, rules, people, groups))
        return made[-1]

    yield make
    for each in made:
        each.store.close()


def threads(office, box):
    return [each.in_reply_to for each in office.boxes[box].taken]


def test_one_is_told_at_once_and_the_other_in_the_digest_of_the_morning(office):
    here = office(ALL)
    here.look(AUTHORISED)
    here.look(WITHDRAWN)

    assert len(here.subjects("anna")) == 1
    assert here.subjects("ben") == []
    here.pass_by(hours=21)
    (digest,) = here.subjects("ben")
    assert digest == "[DIGEST] 24 November 2026 – 1 happening: 1 critical"
    here.pass_by(days=3)
    assert len(here.subjects("ben")) == 1, "nothing waits, so there is no digest"
    assert len(here.subjects("anna")) == 1


def test_first_readings_are_passed_over_and_what_follows_them_is_not(office):
    here = office(ALL)
    here.look(AUTHORISED)
    with here.store.reading() as work:
        assert work.log.head() == work.checkpoint("alert") == 1
    here.look(WITHDRAWN)

    assert len(here.subjects("anna")) == 1
    with here.store.reading() as work:
        assert work.checkpoint("alert") > 1


def test_what_is_high_waits_for_the_end_of_the_night_and_what_is_critical_does_not(office):
    here = office(Rule(id="r", tell=("eva",)), people=(SLEEPER,))
    here.look(SUSPENDED)
    here.pass_by(hours=13)
    here.look(AUTHORISED)
    here.look(WITHDRAWN)

    assert ["→ Withdrawn" in subject for subject in here.subjects("eva")] == [True]
    here.pass_by(hours=4)
    assert len(here.subjects("eva")) == 1
    here.pass_by(hours=3)
    assert len(here.subjects("eva")) == 2


def test_the_first_alert_names_person_list_rule_and_whom_they_stand_in_for(office):
    away = Absence(first=date(2026, 11, 20), last=date(2026, 11, 30), cover="anna")
    gone = Person(id="kai", title="Kai", channels=("kai",), cadences=SOON, away=(away,))
    group = Group(id="team", people=("kai",))
    here = office(Rule(id="r", tell=("team",)), people=(gone, ANNA), groups=(group,))
    here.look(AUTHORISED)
    here.look(WITHDRAWN)

    (letter,) = here.boxes["anna"].taken
    text = " ".join(letter.text.split())
    assert "Anna, who stands in for Kai until 2026-11-30: watch list “everything”" in text
    assert "rule r" in text
    assert len(here.boxes["kai"].taken) == 1


def test_the_authoritys_word_reaches_in_the_thread_who_had_the_claim(office):
    claims = Rule(id="claims", sources=("wiki",), tell=("anna", "ben"))
    here = office(claims)
    for source, tier in (("wiki", 4), ("ema", 1)):
        here.says(source, AUTHORISED, tier=tier)
    here.says("wiki", WITHDRAWN, tier=4)
    here.pass_by(hours=21)
    here.says("ema", WITHDRAWN)
    here.pass_by(hours=24)

    first, second = here.boxes["anna"].taken
    assert (first.in_reply_to, second.in_reply_to) == ("", first.key)
    assert len(here.boxes["ben"].taken) == 2, "who had it in a digest hears of it in the next one"


def test_a_conflict_goes_to_everyone_who_had_the_claim_whatever_their_rules_say(office):
    here = office(Rule(id="r", events=("authorisation.*",), tell=("anna",)), people=(ANNA,))
    for source, tier in (("wiki", 4), ("ema", 1)):
        here.says(source, AUTHORISED, tier=tier)
    here.says("wiki", WITHDRAWN, tier=4)
    here.says("ema", AUTHORISED)

    assert len(here.boxes["anna"].taken) == 2
    assert threads(here, "anna")[1] == here.boxes["anna"].taken[0].key


def test_that_a_source_is_well_again_goes_to_who_heard_that_it_was_not(office):
    ops = Rule(id="ops", events=("source.*",), least=Severity.NORMAL, tell=("anna",))
    here = office(ops, people=(ANNA,))
    here.look(AUTHORISED)
    for _ in range(4):
        here.clock.forward(3600)
        note_failure(a_source(), URL, "no route", here.tools)
    here.tell()
    here.look(WITHDRAWN)

    down, well = here.boxes["anna"].taken
    assert "well again" in well.subject or "recovered" in well.subject or "back" in well.subject
    assert well.in_reply_to == down.key


def test_a_correction_answers_the_message_or_the_digest_that_told_it(office):
    here = office(ENDINGS)
    here.look(AUTHORISED)
    here.look(WITHDRAWN)
    here.pass_by(hours=21)
    done = here.correct(here.last(WITHDRAWAL))

    assert (done.told, done.cancelled) == (2, 0)
    for box in ("anna", "ben"):
        first, second = here.boxes[box].taken
        assert second.subject.startswith("CORRECTION")
        assert second.in_reply_to == first.key


def test_a_case_corrected_before_its_digest_is_told_as_taken_back_and_not_as_true(office):
    here = office(ENDINGS, people=(BEN, ANNA))
    here.look(AUTHORISED)
    here.look(WITHDRAWN)
    here.correct(here.last(WITHDRAWAL))
    here.pass_by(hours=21)

    (digest,) = here.boxes["ben"].taken
    text = " ".join(digest.text.split())
    assert digest.subject.endswith("1 happening: 1 taken back")
    assert "NOT SO: Alofisel" in text
    assert f"taken back before you were told: {WHY}" in text


def test_a_digest_that_has_not_gone_is_made_anew_when_a_line_of_it_is_corrected(office):
    here = office(ENDINGS)
    here.look(AUTHORISED)
    here.look(WITHDRAWN)
    here.clock.forward(21 * 3600)
    due(here.store, digest_letter, here.clock, here.people)
    done = here.correct(here.last(WITHDRAWAL))

    assert (done.told, done.cancelled) == (1, 1)
    (digest,) = here.boxes["ben"].taken
    assert "NOT SO" in digest.text


def test_a_digest_says_who_has_acknowledged_what_it_tells(office):
    here = office(ENDINGS)
    here.look(AUTHORISED)
    here.look(WITHDRAWN)
    acknowledge(here.store, here.outbox()[0].case, "with QA", BY, here.clock)
    here.pass_by(hours=21)

    text = " ".join(here.boxes["ben"].taken[0].text.split())
    assert f"acknowledged, says {BY.who}: with QA" in text


def test_a_later_rule_that_wants_it_at_once_takes_the_line_out_of_the_digest(office):
    here = office(
        Rule(id="wiki", sources=("wiki",), tell=("ben",)),
        Rule(id="ema", sources=("ema",), tell=("ben",), cadences={Severity.CRITICAL: Cadence.NOW}),
    )
    for source, tier in (("wiki", 4), ("ema", 1)):
        here.says(source, AUTHORISED, tier=tier)
    here.says("wiki", WITHDRAWN, tier=4)
    assert [each.case for each in here.lines()]
    here.says("ema", WITHDRAWN)

    assert here.lines() == ()
    assert len(here.boxes["ben"].taken) == 1


def test_a_told_case_stands_open_and_escalates_when_its_rule_says(office):
    rule = Rule(id="r", tell=("anna",), escalate_to=("ben", "boss"), escalate_after=3600)
    here = office(rule)
    here.look(AUTHORISED)
    here.look(WITHDRAWN)

    with here.store.reading() as work:
        (state,) = work.case_states.open()
        assert (state.state, state.severity) == ("open", 3)
        assert state.escalate_to == "ben,boss"
        assert state.escalate_at == "2026-11-23T12:00:00.000000Z"
        (heard,) = reached(work, state.case)
    assert (heard.channel, heard.person, heard.may_have_it) == ("anna", "anna", True)


def test_the_time_until_escalation_begins_when_the_digest_is_due(office):
    here = office(Rule(id="r", tell=("ben",), escalate_to=("anna",), escalate_after=3600))
    here.look(AUTHORISED)
    here.look(WITHDRAWN)

    with here.store.reading() as work:
        (state,) = work.case_states.open()
    assert state.escalate_at == "2026-11-24T08:30:00.000000Z"
