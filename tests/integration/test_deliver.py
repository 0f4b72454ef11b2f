"""Receivers that refuse, hang, hang up and die: nothing lost, nobody else kept waiting."""

from __future__ import annotations

import threading
import time
from dataclasses import replace

import pytest

from kit.clocks import StandingClock
from kit.correcting import BY, Box
from kit.engines import place_at
from kit.receivers import Mailbox, Webhook
from kit.scripted_mail import ScriptedServer
from watcher.core import backoff
from watcher.core.capture import instant
from watcher.errors import DeliveryError, OperationalError
from watcher.notify.channels import channel
from watcher.ports import Envelope
from watcher.ports.cases import CaseState
from watcher.ports.store import EventFilter
from watcher.ports.telling import Waiting
from watcher.services.deliver import channels_due, deliver, deliver_through
from watcher.services.resend import Period, resend, resend_period
from watcher.store.store import SqlStore

pytestmark = pytest.mark.usefixtures("engine")


class Post:
    """An outbox on disk, a clock, and what was recorded."""

    def __init__(self, folder):
        self.store = SqlStore(place_at(folder / "watcher.db"), writable=True)
        self.clock = StandingClock()

    def put(self, *keys, channel="pv", **more):
        at = instant(self.clock.now())
        with self.store.writing() as work:
            for key in keys:
                letter = Envelope(key=key, subject=f"about {key}", text=key)
                message = Waiting(
                    id=0, key=key, case="", channel=channel, envelope=letter, state="pending"
                )
                work.outbox.add(replace(message, next_attempt=at, created_at=at, **more))

    def send(self, *boxes, forward=0.0):
        self.clock.forward(forward)
        return deliver(self.store, {box.id: box for box in boxes}, self.clock)

    def states(self):
        with self.store.reading() as work:
            return [each.state for each in work.outbox.latest(1000)]

    def events(self, kind):
        with self.store.reading() as work:
            return [told.event for told in work.log.read(EventFilter(types=(kind,)))]

    def health(self, name="pv"):
        with self.store.reading() as work:
            return work.channel_health.get(name)


@pytest.fixture
def post(tmp_path):
    post = Post(tmp_path)
    yield post
    post.store.close()


DOWN = DeliveryError("answered 500")


def test_every_delivery_is_an_event_in_the_commit_that_marks_it(post):
    post.put("a", person="anna", kind="alert")
    post.send(Box("pv"))

    (sent,) = post.events("alert.sent")
    assert str(sent.subject) == "channel:pv"
    assert dict(sent.details) == {
        "message": "1",
        "key": "a",
        "attempts": "1",
        "person": "anna",
        "kind": "alert",
    }


@pytest.mark.one_engine
def test_an_hour_of_a_dead_receiver_loses_nothing_and_asks_it_seldom(post):
    keys = [f"k{number}" for number in range(10)]
    post.put(*keys)
    pv = Box("pv", fault=DOWN)
    tried = sum(len(post.send(pv, forward=1)) for _ in range(3600))
    pv.fault = None
    for _ in range(120):
        post.send(pv, forward=60)

    assert tried <= 12, "three failures, then one message a rest: 1, 2, 4, 8, 16, 32 minutes"
    assert sorted(each.key for each in pv.taken) == sorted(keys)
    assert post.states() == ["delivered"] * 10
    assert post.health().failures == 0


def test_one_message_finds_out_that_a_channel_is_well_again_and_the_others_follow(post):
    post.put("a", "b", "c", "d")
    pv = Box("pv", fault=DOWN)
    for _ in range(3):
        post.send(pv, forward=1)
    assert channels_due(post.store, post.clock) == ()
    pv.fault = None
    assert post.send(pv, forward=10) == ()
    post.send(pv, forward=400)

    assert [each.key for each in pv.taken] == ["a", "b", "c", "d"]


def test_a_receiver_that_says_no_for_good_is_asked_once_and_the_operator_hears(post):
    post.put("a")
    post.send(Box("pv", fault=DeliveryError("550 no such user", kind="permanent")))

    assert post.states() == ["given_up"]
    (event,) = post.events("alert.given_up")
    assert event.details["reason"] == "550 no such user"


def test_a_message_is_given_up_after_a_fortnight_and_not_before(post):
    post.put("a")
    pv = Box("pv", fault=DOWN)
    tries = 0
    for _ in range(60):
        tries += len(post.send(pv, forward=86_400))

    assert (tries, post.states()) == (backoff.GIVE_UP_AFTER, ["given_up"])


def test_a_pause_that_the_receiver_asks_for_is_kept(post):
    post.put("a")
    pv = Box("pv", fault=DeliveryError("busy", retry_after=7200))
    post.send(pv)
    pv.fault = None
    assert post.send(pv, forward=7100) == ()
    assert len(post.send(pv, forward=100)) == 1


class Hangs:
    """A channel whose receiver says nothing until it is let go."""

    id = "stuck"

    def __init__(self):
        self.let_go = threading.Event()
        self.asked = threading.Event()

    def send(self, _envelope):
        self.asked.set()
        self.let_go.wait(30)
        message = "no answer in time"
        raise DeliveryError(message, kind="unknown")


@pytest.mark.one_engine
def test_a_channel_that_hangs_delays_no_other_by_a_second(post):
    stuck, arrived = Hangs(), threading.Event()

    class Quick(Box):
        def send(self, envelope):
            arrived.set()
            return super().send(envelope)

    post.put("a", channel="stuck")
    post.put("b", channel="quick")
    lane = threading.Thread(target=post.send, args=(stuck, Quick("quick")))
    began = time.monotonic()
    lane.start()
    assert arrived.wait(10)
    spent = time.monotonic() - began
    assert stuck.asked.wait(10)
    stuck.let_go.set()
    lane.join(10)

    assert spent < 1.0
    assert post.states() == ["pending", "delivered"]


def test_a_lane_stops_between_two_messages_when_the_service_ends(post):
    post.put("a", "b")
    pv = Box("pv")
    tried = deliver_through(post.store, "pv", {"pv": pv}, post.clock, lambda: len(pv.taken) == 1)

    assert len(tried) == 1
    assert post.states() == ["delivered", "pending"]


def test_the_gravest_goes_first(post):
    post.put("light", severity=0)
    post.put("grave", severity=3)
    pv = Box("pv")
    post.send(pv)

    assert [each.key for each in pv.taken] == ["grave", "light"]


def test_what_was_judged_wrong_before_it_went_is_not_sent(post):
    post.put("a", case="c")
    with post.store.writing() as work:
        work.case_states.put(CaseState(case="c", state="wrong"))
    pv = Box("pv")
    post.send(pv)

    assert (pv.taken, post.states()) == ([], ["cancelled"])


@pytest.mark.one_engine
@pytest.mark.parametrize("kind", ["500", "resets", "refuses"])
def test_a_real_receiver_that_misbehaves_gets_everything_in_the_end(post, kind):
    post.put("a", "b", "c")
    with Mailbox() as box, Webhook([500, 500, 500, 200]) as hook:
        if kind == "500":
            way = channel("pv", hook.json_address(), clock=post.clock)
        elif kind == "resets":
            with ScriptedServer({"DATA": ""}) as server:
                post.send(channel("pv", server.address, clock=post.clock))
            way = channel("pv", box.address(), clock=post.clock)
        else:
            box.greylist = 3
            way = channel("pv", box.address(), clock=post.clock)
        for _ in range(60):
            post.send(way, forward=120)
        mails = [mail.message["X-Watcher-Key"] for mail in box.messages]

    assert post.states() == ["delivered"] * 3
    assert len(hook.posts) == 6 if kind == "500" else sorted(mails) == ["a", "b", "c"]


def test_all_of_a_time_is_sent_again_with_its_keys(post):
    post.put("old")
    post.clock.forward(3600)
    since = instant(post.clock.now())
    post.put("a", "b")
    pv = Box("pv")
    post.send(pv)
    post.clock.forward(1)
    resend_period(post.store, Period(channel="pv", since=since), "lost", BY, post.clock)
    post.send(pv)

    assert [each.key for each in pv.taken] == ["old", "a", "b", "a", "b"]
    (decision,) = post.events("alert.resent")
    assert (decision.details["messages"], decision.details["who"]) == ("2", BY.who)


def test_a_dead_channels_messages_go_through_another_one_once(post):
    post.put("a", "b")
    gone = DeliveryError("404", kind="permanent")
    post.send(Box("pv", fault=gone))
    post.clock.forward(1)
    since = "2026-01-01T00:00:00.000000Z"
    period = Period(channel="pv", since=since, to="chat")
    resend_period(post.store, period, "", BY, post.clock)
    chat = Box("chat")
    post.send(chat)

    assert sorted(each.key for each in chat.taken) == ["a", "b"]
    with pytest.raises(OperationalError, match="no message to send again"):
        resend_period(post.store, period, "", replace(BY, request="b" * 32), post.clock)


def test_a_person_who_sends_again_has_a_closed_channel_tried_at_once(post):
    post.put("a", "b", "c")
    pv = Box("pv", fault=DOWN)
    for _ in range(3):
        post.send(pv, forward=1)
    pv.fault = None
    resend(post.store, 1, "it is well", BY, post.clock)
    post.send(pv)

    assert [each.key for each in pv.taken] == ["a"]


def test_what_was_cancelled_after_it_was_found_due_is_not_sent(post):
    post.put("a", "b")

    class Cancelling(Box):
        def send(self, envelope):
            with post.store.writing() as work:
                (other,) = work.outbox.with_key("b")
                work.outbox.update(replace(other, state="cancelled"))
            return super().send(envelope)

    pv = Cancelling("pv")
    post.send(pv)

    assert [each.key for each in pv.taken] == ["a"]
    assert post.states() == ["delivered", "cancelled"]
