"""A message that was given up: the operator hears through another channel, or the log says so."""

from __future__ import annotations

import logging
import threading

import pytest

from kit.clocks import StandingClock
from kit.correcting import AUTHORISED
from kit.office import WITHDRAWN, Office
from kit.plain_source import URL
from kit.station import settings, station
from watcher.core.rules import Rule
from watcher.errors import DeliveryError
from watcher.ports import Envelope
from watcher.runtime.embedded import Service, Stop

DEAD = DeliveryError("404", kind="permanent")
NEWS = Rule(id="news", events=("authorisation.*",), channels=("pv",))


@pytest.fixture
def office(tmp_path):
    made = []

    def make(*channels):
        ops = Rule(id="ops", events=("alert.*",), channels=channels)
        made.append(Office(tmp_path, (NEWS, ops)))
        made[-1].boxes["pv"].fault = DEAD
        made[-1].look(AUTHORISED)
        return made[-1]

    yield make
    for each in made:
        each.store.close()


def end(office):
    """Let it be withdrawn, and the service go on for a while; return what no one could be told."""
    office.look(WITHDRAWN)
    unheard = []
    for _ in range(20):
        office.clock.forward(60)
        unheard += office.tell().unheard
    return unheard


def test_the_operator_hears_through_another_channel_and_not_through_the_dead_one(office):
    here = office("pv", "chat")

    assert end(here) == []
    assert len(here.boxes["chat"].taken) == 1
    assert [(each.channel, each.state) for each in here.outbox()] == [
        ("pv", "given_up"),
        ("chat", "delivered"),
    ]


def test_where_the_dead_channel_is_the_only_one_nobody_can_be_told_and_that_is_said(office):
    here = office("pv")
    (unheard,) = end(here)

    assert unheard.event.type == "alert.given_up"
    assert len(here.outbox()) == 1


def test_two_dead_channels_do_not_tell_of_each_other_for_ever(office):
    here = office("pv", "chat")
    here.boxes["chat"].fault = DEAD
    unheard = end(here)

    assert [each.event.subject.id for each in unheard] == ["chat"]
    assert len(here.outbox()) == 2


def test_that_a_message_was_delivered_is_told_to_nobody_whatever_a_rule_names(office):
    here = office("chat")
    here.boxes["pv"].fault = None
    end(here)

    assert len(here.log(types=("alert.sent",))) == 1
    assert here.boxes["chat"].taken == []


class Stuck:
    """A channel whose receiver says nothing until it is let go."""

    id = "stuck"

    def __init__(self):
        self.let_go = threading.Event()

    def send(self, _envelope):
        self.let_go.wait(30)
        raise DeliveryError("no answer", kind="unknown")  # noqa: EM101


def test_the_services_tick_does_not_wait_for_a_channel_that_hangs(tmp_path):
    rules = [{"id": "r", "events": ["alert.*"], "channels": ["quick"]}]
    source = {"id": "ema", "reader": "ema_medicines", "url": "http://127.0.0.1:9/medicines.json"}
    channels = {"quick": "folder:quick", "stuck": "folder:stuck"}
    path = settings(tmp_path, [source], channels=channels, rules=rules)
    with station(path, StandingClock()) as here:
        stuck = Stuck()
        here.watcher.channels["stuck"] = stuck
        service = Service(here.watcher, Stop(), logging.getLogger("test"))
        for number in range(3):
            with here.watcher.store.writing() as work:
                for name in channels:
                    letter = Envelope(key=f"{name}-{number}", subject="s", text="t")
                    work.outbox.put(letter.key, "", name, letter, "2026-01-01T00:00:00.000000Z")
            service.deliver()
        states = [(each.channel, each.state) for each in here.outbox()]
        stuck.let_go.set()
        service._sending.finish(10)

    assert states.count(("quick", "delivered")) == 3
    assert states.count(("stuck", "sending")) == 1


def test_the_service_says_loudly_when_no_operator_can_be_told(tmp_path, caplog):
    rules = [{"id": "r", "channels": ["gone"]}]
    source = {"id": "ema", "reader": "ema_medicines", "url": URL}
    path = settings(tmp_path, [source], channels={"gone": "folder:x"}, rules=rules)
    with station(path, StandingClock()) as here:
        service = Service(here.watcher, Stop(), logging.getLogger("test"))
        with here.watcher.store.writing() as work:
            letter = Envelope(key="k", subject="s", text="t")
            work.outbox.put("k", "", "missing", letter, "2026-01-01T00:00:00.000000Z")
        service.deliver()
        with caplog.at_level(logging.ERROR):
            service.tell()

    (line,) = [record.getMessage() for record in caplog.records if record.levelname == "ERROR"]
    assert "channel missing took no message" in line
