"""People, groups and what rules say of them, as `sources.yaml` tells it."""

from __future__ import annotations

from datetime import date, time
from pathlib import Path

import pytest

from watcher.config.load import checked
from watcher.core.recipients import Absence, Cadence, Quiet
from watcher.core.taxonomy import Severity
from watcher.errors import ConfigError

START = """\
contact: mailto:tests@watcher.example.org
sources:
  - {id: ema, reader: ema_medicines, url: "https://ema.example/list.json", every: 12h, tier: 1}
channels:
  - {id: anna-mail, url: "folder:messages"}
  - {id: ben-mail, url: "folder:messages"}
"""
PEOPLE = """\
people:
  - id: anna
    title: Anna Visser
    channels: [anna-mail]
    zone: Europe/Amsterdam
    quiet: {begins: "20:00", ends: "07:00"}
    when: {normal: weekly}
    daily: "08:15"
    away: [{first: "2026-12-21", last: "2027-01-03", cover: ben}]
  - {id: ben, channels: [ben-mail]}
groups:
  - {id: pv, people: [anna, ben]}
"""
RULE = """\
rules:
  - {id: endings, events: [authorisation.*], tell: [pv], escalate: {after: 30m, to: [ben]},
     when: {high: daily}, severity: raised}
"""


def config(text):
    return checked(text.encode(), Path("sources.yaml"), {}, {"ema_medicines"})


def problems(text):
    with pytest.raises(ConfigError) as caught:
        config(text)
    return [(problem.line, problem.key, problem.message) for problem in caught.value.problems]


def test_people_are_read_with_their_nights_digests_and_absences():
    anna, ben = config(START + PEOPLE + RULE).people

    assert (anna.title, anna.channels, anna.zone) == (
        "Anna Visser",
        ("anna-mail",),
        "Europe/Amsterdam",
    )
    assert anna.quiet == Quiet(begins=time(20), ends=time(7))
    assert anna.cadences[Severity.NORMAL] is Cadence.WEEKLY
    assert anna.cadences[Severity.CRITICAL] is Cadence.NOW
    assert anna.daily == time(8, 15)
    assert anna.away == (Absence(first=date(2026, 12, 21), last=date(2027, 1, 3), cover="ben"),)
    assert (ben.quiet, ben.zone) == (None, "UTC")


def test_a_rule_tells_people_when_it_wants_and_escalates():
    (rule,) = config(START + PEOPLE + RULE).rules

    assert (rule.tell, rule.channels) == (("pv",), ())
    assert rule.cadences == {Severity.HIGH: Cadence.DAILY}
    assert (rule.escalate_to, rule.escalate_after) == (("ben",), 1800)
    assert rule.weighed(Severity.HIGH) is Severity.CRITICAL
    assert rule.weighed(Severity.CRITICAL) is Severity.CRITICAL


def test_escalation_comes_after_four_hours_where_nothing_is_said():
    (rule,) = config(START + PEOPLE + RULE.replace("after: 30m, ", "")).rules

    assert rule.escalate_after == 4 * 3600


@pytest.mark.parametrize(
    ("there", "instead", "key", "told"),
    [
        ("channels: [anna-mail]", "channels: [anna]", "people[anna].channels[1]", "anna-mail"),
        ("cover: ben", "cover: bob", "people[anna].away[1].cover", "no person 'bob'"),
        ("people: [anna, ben]", "people: [anna, bob]", "groups[pv].people[2]", "no person 'bob'"),
        ('"08:15"', "815", "people[anna].daily", "put it in quotes"),
        ('"08:15"', '"8:15"', "people[anna].daily", 'a time such as "07:30"'),
        ('ends: "07:00"', 'ends: "20:00"', "people[anna].quiet", "same time"),
        ('last: "2027-01-03"', 'last: "2026-01-03"', "people[anna].away[1].last", "before the"),
        ('first: "2026-12-21"', 'first: "2026-13-21"', "people[anna].away[1].first", "a day such"),
        ("Europe/Amsterdam", "Europe/Amsterdm", "people[anna].zone", "Europe/Amsterdam"),
        ("tell: [pv]", "tell: [pw]", "rules[endings].tell[1]", "no person or group 'pw'"),
        ("tell: [pv], ", "", "rules[endings].tell", "name people to tell, or channels"),
        ("tell: [pv]", "channels: [ben-mail]", "rules[endings].when", "goes with tell"),
        ("to: [ben]", "to: [channel]", "rules[endings].escalate.to[1]", "no person or group"),
        ("normal: weekly", "normal: hourly", "people[anna].when.normal", "now, daily, weekly"),
    ],
)
def test_what_is_wrong_is_told_at_its_key(there, instead, key, told):
    text = START + PEOPLE + RULE
    assert there in text

    found = problems(text.replace(there, instead))

    assert any(at == key and told in message for _, at, message in found), found


def test_an_id_may_not_be_a_persons_and_a_groups():
    found = problems(START + PEOPLE.replace("id: pv", "id: anna") + RULE.replace("[pv]", "[anna]"))

    assert any("anna" in message for _, _, message in found)
