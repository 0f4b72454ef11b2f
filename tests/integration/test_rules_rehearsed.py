"""Rules over the past of the log: what differs is told, what does not is not, nothing is sent."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date

import pytest
from typer.testing import CliRunner

from kit.answering import PEOPLE, answering
from kit.clocks import StandingClock
from watcher.cli.main import app
from watcher.cli.ruling import audience_of
from watcher.cli.ruling_text import bar
from watcher.core.rules import WatchList
from watcher.services.explain import Audience
from watcher.services.rehearse_rules import rehearse_rules

RULE = {"id": "endings", "events": ["authorisation.*"], "least": "high", "tell": ["anna", "ben"]}


@pytest.fixture
def here(tmp_path):
    with answering(tmp_path, rule=RULE, clock=StandingClock()) as house:
        house.told(2)
        house.told(3)
        yield house


def rehearsed(house, audience=None, **more):
    return rehearse_rules(
        house.watcher.store, audience or audience_of(house.watcher.config), **more
    )


def with_rules(house, *rules):
    told = audience_of(house.watcher.config)
    return Audience(rules=rules, people=told.people, groups=told.groups)


def test_the_rules_that_told_tell_the_same_again(here):
    found = rehearsed(here)

    assert [(each.channel, each.sign) for each in found] == [
        ("anna-box", "="),
        ("ben-box", "="),
        ("anna-box", "="),
        ("ben-box", "="),
    ]
    assert {each.severity for each in found} == {"critical"}
    assert all(each.would.at[:10] == each.was.at[:10] for each in found)


def test_who_would_be_told_newly_or_no_longer_is_told_with_the_reason(here):
    here_rules = audience_of(here.watcher.config).rules
    other = with_rules(here, replace(here_rules[0], tell=("carla", "anna")))
    found = rehearsed(here, other)

    assert sorted((each.sign, each.person) for each in found) == [
        ("+", "carla"),
        ("+", "carla"),
        ("=", "anna"),
        ("=", "anna"),
        ("−", "ben"),
        ("−", "ben"),
    ]
    assert {each.why for each in found if each.sign == "−"} == {"no rule leads to this channel"}


def test_nothing_is_told_by_no_rules_at_all(here):
    assert {each.sign for each in rehearsed(here, with_rules(here))} == {"−"}


def test_it_is_asked_as_things_stood_then(here):
    """A medicine that has moved on since is judged by what was known when it was told."""
    with here.watcher.store.reading() as work:
        before = work.log.head()
    columns = ("international_non_proprietary_name_common_name", "active_substance")
    here.rows[1] = {**here.rows[1], **dict.fromkeys(columns, "othersub")}
    here.say()
    here.look()
    here_rules = audience_of(here.watcher.config).rules
    listed = WatchList(id="mine", substances=("substance2",))
    found = rehearsed(here, with_rules(here, replace(here_rules[0], watch_list=listed)))

    with here.watcher.store.reading() as work:
        assert work.log.head() > before
    assert sorted(each.sign for each in found) == ["=", "=", "−", "−"]


def test_only_the_days_asked_for_are_gone_through(here):
    last = rehearsed(here)[-1].at

    assert len(rehearsed(here, since=last)) == 2
    assert rehearsed(here, until="2020-01-01T00:00:00Z") == ()


def test_nothing_is_written_and_nothing_is_sent(here, tmp_path):
    before = (here.log(without_baseline=False), here.outbox())
    config = str(tmp_path / "sources.yaml")
    other = tmp_path / "other.yaml"
    told = json.loads((tmp_path / "sources.yaml").read_text("utf-8"))
    told["rules"][0]["tell"] = ["carla"]
    other.write_text(json.dumps(told), encoding="utf-8")

    done = CliRunner().invoke(app, ["rules", "rehearse", "--rules", str(other), "--config", config])
    machine = CliRunner().invoke(app, ["rules", "rehearse", "--json", "--config", config])

    assert done.exit_code == machine.exit_code == 0, done.output
    for words in ("Carla Rossi", "no rule leads to this channel", "█"):
        assert words in done.stdout
    assert "2 cases: 2 would be told newly, 4 no longer, 0 as they were" in done.stderr
    assert {each["sign"] for each in json.loads(machine.stdout)} == {"="}
    assert (here.log(without_baseline=False), here.outbox()) == before


def test_a_bar_a_day_is_as_high_as_its_share():
    day = date(2026, 11, 22)

    assert bar({day: 8, date(2026, 11, 24): 1}, day, date(2026, 11, 25)) == "█·▁·"
    assert len(bar({day: 1}, day, date(2027, 11, 22))) <= 60
    assert len(PEOPLE) == 3
