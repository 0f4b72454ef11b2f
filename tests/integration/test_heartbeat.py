"""The weekly proof that we watch: once a week to each reader, whatever happens to the service."""

from __future__ import annotations

import json
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from typer.testing import CliRunner

from kit.answering import PATH, answering
from kit.bulk import bulk
from kit.clocks import RealClock, StandingClock
from kit.receivers import Mailbox
from watcher.cli.main import app
from watcher.core.heartbeat import Heartbeat
from watcher.core.note import Note
from watcher.errors import ConfigError
from watcher.notify.anchor import with_note
from watcher.notify.channels import channel
from watcher.ports import Envelope

DAY = 86_400
MONDAY = datetime(2026, 11, 23, 7, 45, tzinfo=UTC)
ANNA = {"id": "anna", "title": "Anna", "channels": ["anna-box"], "zone": "Europe/Amsterdam"}
BEN = {"id": "ben", "title": "Ben", "channels": ["ben-box"], "zone": "America/New_York"}
ENDINGS = {"id": "endings", "events": ["authorisation.*"], "tell": ["anna"]}
EVERYTHING = {"to": ["anna"], "weekday": "mon", "at": "07:45"}


@pytest.fixture
def here(tmp_path):
    with a_house(tmp_path) as house:
        yield house


def a_house(folder, heartbeat=EVERYTHING, **sections):
    """An office that begins on a Thursday evening."""
    clock = StandingClock(MONDAY - timedelta(days=4))
    return answering(
        folder, people=[ANNA, BEN], rule=ENDINGS, clock=clock, heartbeat=heartbeat, **sections
    )


def sent(house):
    return [each for each in house.outbox() if each.kind == "heartbeat"]


def until(house, moment):
    house.clock.forward((moment - house.clock.now()).total_seconds())


def test_one_comes_at_the_hour_of_the_reader_and_not_before(here):
    until(here, MONDAY - timedelta(hours=1, seconds=1))  # 07:44:59 in Amsterdam
    assert here.watcher.heartbeat() == 0

    until(here, MONDAY - timedelta(hours=1))
    assert here.watcher.heartbeat() == 1
    assert here.watcher.heartbeat() == 0

    (one,) = sent(here)
    assert (one.person, one.channel, one.case) == ("anna", "anna-box", "")
    assert one.key == "heartbeat:anna:everything:2026-11-23T06:45:00.000000Z"
    assert here.types(types=("heartbeat.sent",)) == ["heartbeat.sent"]


def test_it_tells_how_often_and_how_well_we_looked(here):
    until(here, MONDAY - timedelta(hours=1))
    here.watcher.seal()
    here.watcher.heartbeat()
    text = sent(here)[0].envelope.text

    assert "1 look, 1 good (100 %)" in " ".join(text.split())
    assert "Nothing changed on this list." in text
    assert "3 medicines on this list" in text
    assert "sha256:" in text
    assert "The first of these reports." in " ".join(text.split())


def test_a_time_without_a_good_look_is_told_as_a_gap(here):
    here.look(after=12 * 3600)
    until(here, MONDAY - timedelta(hours=1))
    here.watcher.heartbeat()

    envelope = sent(here)[0].envelope
    assert "no good look of it since 20 Nov" in " ".join(envelope.text.split())
    assert "not watched as it should be" in envelope.subject


def test_looks_as_often_as_the_schedule_says_leave_no_gap_though_one_failed(here):
    for at in range(6):
        here.site.page(PATH, "" if at == 3 else bulk(*here.rows), media_type="application/json")
        here.look(after=12 * 3600)
    until(here, MONDAY - timedelta(hours=1))
    here.watcher.heartbeat()

    text = " ".join(sent(here)[0].envelope.text.split())
    assert "7 looks, 6 good (85 %)" in text
    assert "None longer than the schedule lets expect." in text
    assert sent(here)[0].envelope.subject.endswith("nothing changed")


def test_what_happened_on_the_list_is_told_and_what_did_not_is_not(tmp_path):
    lists = [
        {"id": "two", "title": "Medicine two", "products": ["EMEA/H/C/000002"]},
        {"id": "three", "products": ["EMEA/H/C/000003"]},
        {"id": "none", "products": ["Nothing"]},
    ]
    heartbeat = {**EVERYTHING, "watch_lists": ["two", "three", "none"]}
    with a_house(tmp_path, heartbeat, watch_lists=lists) as house:
        house.told(2)
        until(house, MONDAY)
        assert house.watcher.heartbeat() == 3
        texts = {each.key.split(":")[2]: each.envelope for each in sent(house)}

    assert "1 happening" in texts["two"].subject
    assert "EU marketing authorisation" in texts["two"].text
    assert "not acknowledged: " in texts["two"].text
    assert "nothing changed" in texts["three"].subject
    assert "No medicine that our sources state is on this list" in texts["none"].text


def test_the_signed_note_stands_in_it_to_the_letter(here):
    here.watcher.seal()
    until(here, MONDAY)
    here.watcher.heartbeat()
    envelope = sent(here)[0].envelope
    with here.watcher.store.reading() as work:
        note = work.proof.last_checkpoint().note

    assert envelope.text.endswith(note)
    assert Note.parse(note).text in envelope.text
    assert note.splitlines()[-1] in envelope.html


def test_one_that_is_late_says_so_and_how_many_never_came(here):
    until(here, MONDAY)
    here.watcher.heartbeat()
    until(here, MONDAY + timedelta(days=23))  # the service was down for three weeks
    assert here.watcher.heartbeat() == 1

    text = " ".join(sent(here)[1].envelope.text.split())
    assert "This report was due on 14 December 2026" in text
    assert "2 before it never came." in text
    assert here.watcher.heartbeat() == 0


def test_what_was_told_once_is_not_told_in_the_next(here):
    here.told(2)
    until(here, MONDAY)
    here.watcher.heartbeat()
    until(here, MONDAY + timedelta(days=7))
    here.watcher.heartbeat()

    first, second = (each.envelope.subject for each in sent(here))
    assert "1 happening" in first
    assert "nothing changed" in second


def test_each_reader_has_it_in_their_own_zone(tmp_path):
    with a_house(tmp_path, {**EVERYTHING, "to": ["anna", "ben"]}) as house:
        until(house, MONDAY)
        assert house.watcher.heartbeat() == 1
        until(house, MONDAY + timedelta(hours=5))
        assert house.watcher.heartbeat() == 1

        assert [each.person for each in sent(house)] == ["anna", "ben"]


class Killed(BaseException):
    """What a kill looks like from inside."""


class Dying:
    """A store whose process is killed at the last moment before a commit."""

    def __init__(self, store):
        self.store, self.reading = store, store.reading

    @contextmanager
    def writing(self):
        with self.store.writing() as work:
            yield work
            raise Killed


class Raced:
    """A store to which another process writes between our reading and our writing."""

    def __init__(self, store, other):
        self.store, self.other, self.reading = store, other, store.reading

    def writing(self):
        self.other()
        return self.store.writing()


def test_a_kill_before_the_commit_leaves_nothing_and_the_next_start_sends_one(here):
    until(here, MONDAY)
    watcher = here.watcher
    dying = replace(watcher, store=Dying(watcher.store))
    with pytest.raises(Killed):
        dying.heartbeat()
    assert sent(here) == []
    assert here.types(types=("heartbeat.sent",)) == []

    assert watcher.heartbeat() == 1
    assert len(sent(here)) == 1


def test_two_processes_at_once_send_one(here):
    until(here, MONDAY)
    watcher = here.watcher
    racing = replace(watcher, store=Raced(watcher.store, watcher.heartbeat))

    assert racing.heartbeat() == 0
    assert len(sent(here)) == 1


def test_a_clock_that_ran_ahead_stops_no_heartbeat_for_good(here):
    until(here, MONDAY)
    here.watcher.heartbeat()
    here.clock.forward(365 * DAY)
    assert here.watcher.heartbeat() == 1
    here.clock.forward(-358 * DAY)
    assert here.watcher.heartbeat() == 1
    assert here.watcher.heartbeat() == 0

    assert len({each.key for each in sent(here)}) == 3


def test_nobody_is_sent_one_who_has_asked_for_none(tmp_path):
    with answering(tmp_path, people=[ANNA], rule=ENDINGS) as house:
        house.clock.forward(14 * DAY)
        assert house.watcher.heartbeat() == 0


def test_a_message_without_a_note_stays_as_it_is():
    envelope = Envelope(key="k", subject="s", text="t", html="<body></body>")

    assert with_note(envelope, "") is envelope
    assert "&lt;b&gt;" in with_note(envelope, "<b>").html


def test_a_list_that_is_not_there_is_refused_when_the_file_is_read(tmp_path):
    path = tmp_path / "sources.yaml"
    broken = a_house(tmp_path, {**EVERYTHING, "watch_lists": ["gone"]})
    with pytest.raises(ConfigError, match="there is no watch list") as caught, broken:
        pass

    assert "heartbeat.watch_lists" in str(caught.value)
    assert json.loads(path.read_text("utf-8"))["heartbeat"]["watch_lists"] == ["gone"]


def test_the_week_before_is_the_last_one_due():
    plan = Heartbeat(to=("anna",))

    assert plan.last_due("UTC", MONDAY) == MONDAY
    assert plan.last_due("UTC", MONDAY - timedelta(seconds=1)) == MONDAY - timedelta(days=7)


def test_the_checkpoint_in_a_delivered_mail_holds_the_log_to_its_word(tmp_path):
    with Mailbox() as box, a_house(tmp_path) as house:
        house.watcher.seal()
        until(house, MONDAY)
        house.watcher.heartbeat()
        mail = channel("anna-box", box.address(), clock=RealClock())
        mail.send(sent(house)[0].envelope)
        text = box.messages[0].text
        note = tmp_path / "kept.txt"
        note.write_text(text.partition("to be kept as it is:\n\n")[2], encoding="utf-8")

        command = ["verify", "--config", str(tmp_path / "sources.yaml"), "--checkpoint", str(note)]
        held = CliRunner().invoke(app, command)
        assert held.exit_code == 0, held.output

        note.write_text(note.read_text("utf-8").replace("at 2026", "at 2025"), encoding="utf-8")
        assert CliRunner().invoke(app, command).exit_code != 0
