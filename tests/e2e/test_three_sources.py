"""One withdrawal told by three sources: one alert, and what the others add or dispute."""

from __future__ import annotations

import pytest

from kit.faulty_server import FaultyServer
from kit.receivers import Mailbox
from kit.reference import article_before, medpath_before
from kit.station import settings, station
from watcher.demo.story import SCENES

EPAR = "/en/medicines/human/EPAR/alofisel"
MEDPATH = "/drug/approvals/ema/476c5a1bcef2d710"
WIKI = "/wiki/Darvadstrocel"


@pytest.fixture
def watching(tmp_path):
    yield from watched(
        tmp_path,
        {
            "id": "news",
            "events": ["authorisation.*", "market.*", "conflict.*"],
            "least": "high",
            "channels": ["pv"],
        },
    )


@pytest.fixture
def told_to_people(tmp_path):
    """Anna wants all of it at once; Ben has the claims of others in a digest, and no conflicts."""
    at_once = dict.fromkeys(("critical", "high", "normal", "low"), "now")
    yield from watched(
        tmp_path,
        {
            "id": "news",
            "events": ["authorisation.*", "corroboration.*"],
            "tell": ["anna"],
        },
        {"id": "claims", "sources": ["medpath"], "events": ["authorisation.*"], "tell": ["ben"]},
        people=[
            {"id": "anna", "channels": ["pv"], "when": at_once},
            {"id": "ben", "channels": ["ben"], "when": {"critical": "daily"}, "daily": "11:00"},
        ],
    )


def watched(tmp_path, *rules, **sections):
    with FaultyServer() as site, Mailbox() as box, Mailbox() as other:
        sources = [
            ("ema-alofisel", "EMA", "ema_medicine_page", EPAR, 1),
            ("medpath", "MedPath", "medpath_approval", MEDPATH, 3),
            ("wikipedia", "Wikipedia", "encyclopedia", WIKI, 4),
        ]
        path = settings(
            tmp_path,
            [
                {"id": name, "title": title, "reader": reader, "url": site.url(at), "tier": tier}
                for name, title, reader, at, tier in sources
            ],
            channels={"pv": box.address(), "ben": other.address()},
            rules=rules,
            **sections,
        )
        with station(path) as station_:
            station_.site, station_.box, station_.other = site, box, other
            yield station_


def text(watching, path, page):
    watching.site.page(path, page, media_type="text/plain; charset=utf-8")


@pytest.mark.realdata
def test_one_withdrawal_of_three_sources_is_one_alert_and_one_conflict(watching, seeds):
    medpath = (seeds / "001_92b3e7aa0e55c78f.txt").read_text(encoding="utf-8")
    article = (seeds / "000_173e4596d0b3a897.txt").read_text(encoding="utf-8")
    watching.site.page(EPAR, SCENES[2].body)
    text(watching, MEDPATH, medpath_before(medpath))
    text(watching, WIKI, article_before(article))
    watching.look()
    assert watching.types() == []

    text(watching, MEDPATH, medpath)
    watching.look("medpath")
    (first,) = watching.box.messages
    assert "UNCONFIRMED" in first.subject

    due = [source.id for source, _ in watching.watcher.due()]
    assert "ema-alofisel" in due, "an unconfirmed withdrawal asks the authority at once"

    watching.site.page(EPAR, SCENES[6].body)
    watching.look("ema-alofisel")
    text(watching, WIKI, article)
    watching.look("wikipedia")

    check_log(watching)
    subjects = [mail.subject for mail in watching.box.messages]
    assert len(subjects) == 4, subjects
    assert any("Japan" in subject for subject in subjects)
    first, confirmed = [mail for mail in watching.box.messages if "Withdrawn" in mail.subject]
    assert first.message["In-Reply-To"] is None
    assert confirmed.message["In-Reply-To"] == first.message["Message-ID"]
    assert "UNCONFIRMED" not in confirmed.subject


@pytest.mark.realdata
def test_one_case_is_one_alert_two_follow_ups_and_one_conflict_to_who_was_told(
    told_to_people, seeds
):
    here = told_to_people
    medpath = (seeds / "001_92b3e7aa0e55c78f.txt").read_text(encoding="utf-8")
    article = (seeds / "000_173e4596d0b3a897.txt").read_text(encoding="utf-8")
    here.site.page(EPAR, SCENES[2].body)
    text(here, MEDPATH, medpath_before(medpath))
    text(here, WIKI, article_before(article))
    here.look()
    text(here, MEDPATH, medpath)
    here.look("medpath")
    here.site.page(EPAR, SCENES[6].body)
    here.look("ema-alofisel", after=3600)
    text(here, WIKI, article)
    here.look("wikipedia", after=3600)

    first, *followed = here.box.messages
    assert first.message["In-Reply-To"] is None
    assert [mail.message["In-Reply-To"] for mail in followed] == [first.message["Message-ID"]] * 3
    assert "UNCONFIRMED" in first.subject
    assert sum("Withdrawn" in mail.subject for mail in here.box.messages) == 2
    (waits,) = {item.person for item in here.lines()}
    assert (waits, here.other.messages) == ("ben", [])

    here.clock.forward(86_400)
    here.watcher.alert()
    here.watcher.deliver()
    (digest,) = here.other.messages
    assert digest.subject.startswith("[DIGEST]")
    assert "confidence A" in digest.text or "confidence B" in digest.text


def check_log(watching):
    told = watching.types()
    assert told.count("authorisation.withdrawn") == 3
    assert told.count("encyclopedia.statement_changed") == 2
    (conflict,) = watching.log(types=("conflict.detected",))
    assert conflict.event.details["about"] == "actor"
    assert conflict.event.details["other"] == "European Medicines Agency (wikipedia)"
    (japan,) = watching.log(types=("market.ceased",))
    assert (japan.event.jurisdiction, japan.event.effective) == ("JP", "2026-01")
    added = watching.log(types=("corroboration.added",))
    assert [each.event.details["confidence"] for each in added] == ["B", "B"]
    assert added[1].event.details["precision"] == "month"
