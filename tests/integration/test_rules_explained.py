"""Who is told of an event, who is not, and why; and what really became of it."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest
from typer.testing import CliRunner

from kit.answering import answering, by
from kit.clocks import StandingClock
from watcher.cli.main import app
from watcher.cli.ruling import audience_of
from watcher.core.recipients import Cadence
from watcher.errors import NotFoundError
from watcher.services.acknowledge import acknowledge
from watcher.services.explain import explain_event

NIGHT = datetime(2026, 11, 22, 22, 0, tzinfo=UTC)
"""A day before what happens, in the middle of a night in Amsterdam."""
PEOPLE = (
    {
        "id": "anna",
        "title": "Anna Visser",
        "channels": ["anna-box"],
        "zone": "Europe/Amsterdam",
        "quiet": {"begins": "20:00", "ends": "07:00"},
        "away": [{"first": "2026-11-20", "last": "2026-11-30", "cover": "ben"}],
    },
    {"id": "ben", "title": "Ben Smit", "channels": ["ben-box"], "when": {"critical": "daily"}},
    {"id": "carla", "title": "Carla Rossi", "channels": ["carla-box"]},
)
RULE = {"id": "endings", "events": ["authorisation.*"], "least": "high", "tell": ["anna"]}


@pytest.fixture
def here(tmp_path):
    with answering(tmp_path, people=PEOPLE, rule=RULE, clock=StandingClock(NIGHT)) as house:
        yield house


def explained(house, kind="authorisation.withdrawn"):
    event = house.log(types=(kind,), without_baseline=False)[-1]
    return explain_event(
        house.watcher.store, str(event.position), audience_of(house.watcher.config)
    )


def run(tmp_path, *arguments):
    done = CliRunner().invoke(app, [*arguments, "--config", str(tmp_path / "sources.yaml")])
    assert done.exit_code == 0, done.output
    return done.stdout


def test_each_reader_is_told_of_with_channel_time_and_reason(here):
    here.told(2)
    found = explained(here)

    anna, ben = found.tellings
    assert (anna.person, anna.channel, anna.plan.cadence) == ("anna", "anna-box", Cadence.NOW)
    assert anna.plan.reason == "at once: critical passes quiet hours"
    assert ben.plan.cadence is Cadence.DAILY
    assert "stands in for Anna Visser until 2026-11-30" in ben.why
    assert found.untold == ("carla",)
    assert [str(each) for each in found.rules] == ["endings: told (anna), everything is watched"]


def test_what_it_says_is_what_the_service_did(here):
    here.told(2)
    found = explained(here)

    assert [(each.channel, each.person) for each in found.messages] == [("anna-box", "anna")]
    assert [(each.channel, each.person) for each in found.digests] == [("ben-box", "ben")]
    told = {each.channel: each.plan.at for each in found.tellings}
    assert datetime.fromisoformat(found.digests[0].due) == told["ben-box"]
    assert found.before_rules == ()


def test_the_first_reading_tells_no_one_and_says_so(here):
    with here.watcher.store.reading() as work:
        first = next(
            told.event.type
            for told in here.log(without_baseline=False)
            if told.event.subject.kind == "medicine"
        )
        assert work.log.head()
    found = explained(here, first)

    assert found.before_rules[0].startswith("it was known when we first looked")
    assert found.rules[0].reason == "cause is baseline: only observed events alert"
    assert not any(each.is_told for each in found.tellings)


def test_the_answer_of_a_person_stands_beside_it(here):
    case = here.told(2)
    acknowledge(here.watcher.store, case, "seen it", by("b. smit"), here.clock)
    found = explained(here)

    assert found.state.state == "acknowledged"
    assert [each.event.details["why"] for each in found.answers] == ["seen it"]


def test_a_rule_says_why_it_is_silent(here):
    here.told(2)
    others = here.log(types=("alert.sent",))
    found = explain_event(
        here.watcher.store, str(others[-1].position), audience_of(here.watcher.config)
    )

    assert found.rules[0].reason.endswith("only a rule that names it is told")


def test_an_event_that_is_not_there_is_said_to_be_missing(here):
    with pytest.raises(NotFoundError):
        explain_event(here.watcher.store, "999999", audience_of(here.watcher.config))


def test_the_command_tells_it_to_people_and_to_machines(here, tmp_path):
    here.told(2)
    event = here.log(types=("authorisation.withdrawn",))[-1].position

    told = run(tmp_path, "rules", "explain", str(event))
    for words in ("Anna Visser", "stands in for", "no rule leads to: Carla Rossi", "delivered"):
        assert words in told

    plain = json.loads(run(tmp_path, "rules", "explain", str(event), "--json"))
    assert plain["rules"] == [{"rule": "endings", "tells": True, "why": "everything is watched"}]
    assert [each["channel"] for each in plain["messages"]] == ["anna-box"]
    assert "envelope" not in plain["messages"][0]


@pytest.mark.usefixtures("here")
def test_the_rules_are_told_in_sentences(tmp_path):
    told = run(tmp_path, "rules", "list")

    assert "tells of authorisation.*, from high on" in told
    assert "to Anna Visser, as each has asked" in told
    assert "not disturbed from 20:00 to 07:00, but for what is critical" in told
    assert "away from 2026-11-20 to 2026-11-30; Ben Smit is told as well" in told
