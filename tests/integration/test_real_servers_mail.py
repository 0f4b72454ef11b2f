"""The whole way to a mailbox: Postfix as people run it, and servers with the moods of real ones."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from threading import Event

import pytest

from kit.authority import authority
from kit.correcting import AUTHORISED, WITHDRAWN, Bench
from kit.happenings import SOURCES, corroborated
from kit.postfix import Postfix, postfix
from kit.receivers import Mailbox
from kit.sending import refusal, way
from watcher.core.message import compose
from watcher.core.rules import Rule
from watcher.notify.render import render
from watcher.services.deliver import deliver

LETTER = render(compose(corroborated(), why="a rule", sources=SOURCES), key="4f2a90c1b7")
TWO = (Rule(id="endings", events=("authorisation.*",), channels=("pv", "chat")),)
DAY = 86_400


@pytest.fixture(scope="session")
def mta() -> Iterator[Postfix]:
    with postfix() as server:
        yield server


@pytest.fixture
def bench(tmp_path) -> Iterator[Bench]:
    """A bench whose one message waits for `pv` and `chat`."""
    bench = Bench(tmp_path, rules=TWO)
    bench.look(AUTHORISED)
    yield bench
    bench.store.close()


def came(what: Callable[[], list], count: int) -> list:
    """Return what came once there is enough of it; Postfix delivers in its own time."""
    for _ in range(200):
        if len(what()) >= count:
            break
        Event().wait(0.05)
    return what()


def states(bench: Bench) -> list[tuple[str, str, int]]:
    return [(each.channel, each.state, each.attempts) for each in bench.outbox()]


def test_postfix_delivers_what_we_hand_it_whole(mta):
    answer = way(mta.address()).send(LETTER)

    (mail, *_) = came(mta.mails, 1)
    assert answer.startswith("250 2.0.0 Ok: queued as")
    assert mail["Subject"] == LETTER.subject
    assert mail["Message-ID"] == "<4f2a90c1b7@example.org>"
    assert mail["List-Id"] == "watcher <watcher.example.org>"
    text, html = (mail.get_body((kind,)).get_content() for kind in ("plain", "html"))
    assert text.replace("\r\n", "\n") == LETTER.text
    assert html.replace("\r\n", "\n") == LETTER.html
    assert "status=sent (delivered to maildir)" in mta.log


def test_a_correction_lies_in_the_same_thread(mta):
    mailbox = lambda: mta.mails("b")  # noqa: E731
    sender = way(mta.address("b@example.org"))
    sender.send(LETTER)
    sender.send(replace(LETTER, key="4f2a-corrected", in_reply_to=LETTER.key))

    by_id = {mail["Message-ID"]: mail for mail in came(mailbox, 2)}
    follow_up = by_id["<4f2a-corrected@example.org>"]
    assert follow_up["References"] == follow_up["In-Reply-To"] == "<4f2a90c1b7@example.org>"


def test_postfix_knows_no_such_mailbox_and_says_so_for_good(mta):
    error = refusal(mta.address("nobody@example.org"))

    assert error.kind == "permanent"
    assert "550 5.1.1" in str(error)


def test_a_message_goes_through_starttls_and_login(bench, tmp_path, monkeypatch):
    vouched = authority(tmp_path)
    monkeypatch.setenv("SSL_CERT_FILE", str(vouched.ca))
    with Mailbox(tls=vouched, login=("watcher", "p@ss/w:1")) as box:
        bench.boxes["pv"] = way(box.address())
        bench.look(WITHDRAWN)

    (mail,) = box.messages
    assert mail.is_encrypted
    assert mail.login == "watcher"
    assert mail.subject.startswith("[CRITICAL] Alofisel: Authorised → Withdrawn")


def test_a_greylisting_server_has_the_message_once_after_the_second_attempt(bench):
    with Mailbox(greylist=1) as box:
        bench.boxes["pv"] = way(box.address())
        bench.look(WITHDRAWN)
        assert ("pv", "pending", 1) in states(bench)
        bench.clock.forward(DAY)
        deliver(bench.store, bench.boxes, bench.clock)

    assert ("pv", "delivered", 2) in states(bench)
    assert len(box.messages) == 1


def test_a_message_taken_after_we_stopped_waiting_comes_twice_under_one_id(bench):
    with Mailbox(is_silent=True) as box:
        bench.boxes["pv"] = way(box.address(), seconds=2.0)
        bench.look(WITHDRAWN)
        assert ("pv", "pending", 1) in states(bench)
        box.is_silent = False
        bench.boxes["pv"] = way(box.address())
        bench.clock.forward(DAY)
        deliver(bench.store, bench.boxes, bench.clock)

    assert ("pv", "delivered", 2) in states(bench)
    assert len(box.messages) == 2
    assert len({mail.message["Message-ID"] for mail in box.messages}) == 1
    assert len({mail.message["X-Watcher-Key"] for mail in box.messages}) == 1


def test_of_two_recipients_the_one_who_is_refused_costs_the_other_nothing(bench):
    with Mailbox() as taking, Mailbox(refuse="451 4.2.2 mailbox full") as full:
        bench.boxes["pv"] = way(taking.address("anna@example.org"))
        bench.boxes["chat"] = way(full.address("ben@example.org"))
        bench.look(WITHDRAWN)
        full.refuse = ""
        bench.clock.forward(DAY)
        deliver(bench.store, bench.boxes, bench.clock)

    assert sorted(states(bench)) == [("chat", "delivered", 2), ("pv", "delivered", 1)]
    assert [mail.recipients for mail in taking.messages] == [("anna@example.org",)]
    assert [mail.recipients for mail in full.messages] == [("ben@example.org",)]
