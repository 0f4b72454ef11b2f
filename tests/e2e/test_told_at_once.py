"""News is told as it is found: nobody waits for the end of a pass, nor for the next tick."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from kit import replies
from kit.ema_site import AUTHORISED, ENDED
from kit.failing import Faults
from kit.faulty_server import FaultyServer
from kit.line import PAGE, Receiver, at_work, begun
from kit.process import command
from kit.receivers import Mailbox
from kit.station import settings

pytestmark = pytest.mark.e2e

FIRST, SECOND = "/en/medicines/human/EPAR/alofisel", "/en/medicines/human/EPAR/other"
OTHER = AUTHORISED.replace("EMEA/H/C/004258", "EMEA/H/C/009999").replace("Alofisel", "Other")


def test_what_a_look_of_the_service_finds_is_sent_before_any_tick(tmp_path):
    folder = begun(tmp_path / "here", PAGE)
    receiver = Receiver(Faults())

    with at_work(folder, PAGE, PAGE.after, days=2, receiver=receiver) as line:
        service = line.service
        service._look_at([*service.watcher.due()])
        assert service._sending.finish(10)

    assert [told.subject for told in receiver.taken if "Withdrawn" in told.subject]


def test_a_mail_that_fails_at_once_leaves_the_look_as_it_was_and_goes_with_a_later_tick(tmp_path):
    folder = begun(tmp_path / "here", PAGE)
    receiver = Receiver(Faults(at=1))

    with at_work(folder, PAGE, PAGE.after, days=2, receiver=receiver) as line:
        line.passes(after=0)
        assert line.last_look().verdict.is_good
        assert not receiver.taken
        line.passes(after=3600)

    assert [told.subject for told in receiver.taken if "Withdrawn" in told.subject]


def test_a_pass_sends_what_a_page_says_before_it_has_seen_the_last_page(tmp_path):
    with FaultyServer() as site, Mailbox() as box:
        urls = [site.url(FIRST), site.url(SECOND)]
        source = {"id": "ema", "reader": "ema_medicine_page", "urls": urls}
        settings(tmp_path, [source], channels={"pv": box.address()})
        site.page(FIRST, AUTHORISED)
        site.page(SECOND, OTHER)
        assert command(tmp_path, "once").returncode == 0
        site.page(FIRST, ENDED)
        site.script(SECOND, [once_a_mail_came(box, replies.page(OTHER))])

        done = command(tmp_path, "once")

    assert done.returncode == 0, done.stderr
    assert "1 messages queued, 1 delivered" in done.stderr
    assert [mail.subject for mail in box.messages if "Withdrawn" in mail.subject]


def once_a_mail_came(box: Mailbox, reply: replies.Reply) -> replies.Reply:
    """Return a reply that is held back until a mail was taken; where none comes, there is none."""

    def answer(seen: replies.Seen) -> Iterator[replies.Piece]:
        box.wait_for(1, seconds=10)
        yield from reply(seen)

    return answer
