"""Rules and people as sentences that a pharmacist can agree to or object to."""

from __future__ import annotations

from datetime import date, time

from watcher.core.recipients import Absence, Cadence, Group, Person, Quiet
from watcher.core.rules import Rule, WatchList
from watcher.core.rules_in_words import person_in_words, rule_in_words
from watcher.core.taxonomy import Severity

PEOPLE = {
    "anna": Person(
        id="anna",
        title="Anna Visser",
        channels=("mail", "chat"),
        zone="Europe/Amsterdam",
        quiet=Quiet(begins=time(20), ends=time(7)),
        away=(Absence(first=date(2026, 12, 21), last=date(2027, 1, 3), cover="ben"),),
    ),
    "ben": Person(id="ben", channels=("mail",)),
}
GROUPS = {"pv": Group(id="pv", title="Pharmacovigilance", people=("anna", "ben"))}


def test_a_rule_says_what_of_which_medicines_it_tells_whom_and_what_if_nobody_answers():
    rule = Rule(
        id="endings",
        watch_list=WatchList(
            id="crohn", title="Crohn", substances=("darvadstrocel", "Cx601"), atc=("L04",)
        ),
        events=("authorisation.*", "market.*"),
        least=Severity.HIGH,
        jurisdictions=("EU",),
        tiers=(1, 2),
        tell=("pv",),
        channels=("board",),
        cadences={Severity.HIGH: Cadence.DAILY},
        shift=1,
        escalate_to=("anna",),
        escalate_after=4 * 3600,
    )

    assert rule_in_words(rule, PEOPLE, GROUPS) == (
        "tells of authorisation.* or market.*, from high on, in EU or where no place is stated, "
        "by sources of tier 1 or 2",
        "about the medicines of “Crohn”: substance darvadstrocel or Cx601 and ATC code L04",
        "takes them for one step graver than they are",
        "to Pharmacovigilance (Anna Visser and ben) (high: in the daily digest)",
        "to whoever reads board, at once",
        "and to Anna Visser if nobody answers within 4 hours",
    )


def test_a_rule_without_filters_tells_of_everything():
    lines = rule_in_words(Rule(id="all", tell=("ben",)), PEOPLE, GROUPS)

    assert lines == (
        "tells of everything that happens to medicines",
        "about all medicines",
        "to ben, as each has asked",
    )


def test_a_person_is_told_of_with_nights_digests_and_holidays():
    assert person_in_words(PEOPLE["anna"], PEOPLE) == (
        "reads mail and chat; clocks of Europe/Amsterdam",
        "critical and high: at once",
        "normal: in the digest of 07:30",
        "low: in the digest of Monday, 07:30",
        "not disturbed from 20:00 to 07:00, but for what is critical",
        "away from 2026-12-21 to 2027-01-03; ben is told as well",
    )


def test_a_rule_that_makes_light_of_what_one_source_says_and_tells_nobody_itself():
    rule = Rule(
        id="quiet", sources=("wikipedia",), shift=-1, escalate_to=("ben",), escalate_after=90
    )

    assert rule_in_words(rule, PEOPLE, GROUPS) == (
        "tells of everything that happens to medicines, as wikipedia says",
        "about all medicines",
        "takes them for one step lighter than they are",
        "and to ben if nobody answers within 90 seconds",
    )


def test_who_has_no_quiet_hours_and_nobody_to_stand_in_is_told_of_without():
    person = Person(
        id="ben",
        channels=("mail",),
        away=(Absence(first=date(2026, 8, 1), last=date(2026, 8, 14)),),
    )

    assert person_in_words(person, PEOPLE)[0] == "reads mail; clocks of UTC"
    assert person_in_words(person, PEOPLE)[-1] == "away from 2026-08-01 to 2026-08-14"
    assert not any("disturbed" in line for line in person_in_words(person, PEOPLE))
