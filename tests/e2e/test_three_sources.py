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
    with FaultyServer() as site, Mailbox() as box:
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
            channels={"pv": box.address()},
            rules=[
                {
                    "id": "news",
                    "events": ["authorisation.*", "market.*", "conflict.*"],
                    "least": "high",
                    "channels": ["pv"],
                }
            ],
        )
        with station(path) as station_:
            station_.site, station_.box = site, box
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
