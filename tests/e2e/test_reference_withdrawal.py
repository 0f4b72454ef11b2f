"""Alofisel on its aggregator's page: yesterday authorised, today withdrawn, and one mail."""

from __future__ import annotations

import pytest

from kit.clocks import StandingClock
from kit.faulty_server import FaultyServer
from kit.receivers import Mailbox
from kit.reference import medpath_before
from kit.station import settings, station
from watcher.core.events import Cause
from watcher.services.replay import rebuild

PATH = "/drug/approvals/ema/476c5a1bcef2d710"


@pytest.fixture
def page(seeds):
    return (seeds / "001_92b3e7aa0e55c78f.txt").read_text(encoding="utf-8")


def source(site):
    return {
        "id": "medpath-alofisel",
        "title": "MedPath",
        "reader": "medpath_approval",
        "url": site.url(PATH),
        "tier": 3,
    }


@pytest.mark.realdata
def test_the_withdrawal_of_alofisel_is_two_events_and_one_mail(tmp_path, page):
    with FaultyServer() as site, Mailbox() as box:
        path = settings(
            tmp_path,
            [source(site)],
            channels={"pv-team": box.address()},
            watch_lists=[{"id": "crohn", "title": "Crohn / ATMP", "substances": ["darvadstrocel"]}],
            rules=[
                {
                    "id": "endings",
                    "watch_list": "crohn",
                    "events": ["authorisation.*"],
                    "channels": ["pv-team"],
                }
            ],
        )
        with station(path, StandingClock()) as watching:
            site.page(PATH, medpath_before(page).encode(), media_type="text/plain; charset=utf-8")
            (first,) = watching.look()
            assert (first.baseline, first.events) == (1, ())
            assert box.messages == []

            site.page(PATH, page.encode(), media_type="text/plain; charset=utf-8")
            (second,) = watching.look()
            (again,) = watching.look()

            withdrawn, added = second.events
            assert again.events == ()
            assert watching.types() == ["authorisation.withdrawn", "document.added"]
            event = withdrawn.event
            assert withdrawn.cause is Cause.OBSERVED
            assert (event.jurisdiction, event.effective) == ("EU", "2024-12-13")
            assert event.details["requested_by"] == "Takeda Pharma A/S"
            assert event.details["requested_by_role"] == "marketing authorisation holder"
            assert event.details["reason_category"] == "not_stated"
            assert added.event.details["first_published"] == "2025-03-26"
            assert "II-0051-G" in added.event.details["title"]
            (mail,) = box.messages
            check_mail(mail)
            with watching.watcher.store.reading() as work:
                assert list(work.log.verify()) == [1, 2, 3, 4]  # and that it was sent
            assert rebuild(watching.watcher.store).is_equal


def check_mail(mail):
    """Every field of the sample alert that this source gives."""
    assert mail.subject.startswith("[CRITICAL]")
    for words in ("Alofisel", "darvadstrocel", "Authorised → Withdrawn", "13 Dec 2024"):
        assert words in mail.subject, words
    for words in (
        "EMEA/H/C/004258",
        "L04",
        "Takeda Pharma A/S",
        "13 December 2024 (to the day)",
        "as stated by MedPath",
        "marketing authorisation holder",
        "decision to permanently stop the marketing of the product in the EU",
        "not stated",
        "On 13 December 2024, the European Commission withdrew the marketing authorisation",
        "tier 3",
        "sha256:",
        "II-0051-G",
        "26 March 2025",
        "Crohn / ATMP",
        "darvadstrocel",
        "23 November 2026, 12:00:00 UTC",
        "previous good capture 23 November 2026, 00:00 UTC",
        "medpath_approval@",
    ):
        for part in (mail.text, mail.html):
            assert words in " ".join(part.split()), words
    assert "commercial" in mail.text
    assert mail.message["Message-ID"].startswith("<")
