"""An address the guard would not ask: a capture, and an event for the operator at once."""

from __future__ import annotations

from dataclasses import replace

import pytest

from kit import replies
from kit.faulty_server import FaultyServer
from kit.plain_source import ScriptedFetcher
from kit.station import settings, station
from watcher.core.verdict import Verdict
from watcher.demo.story import SCENES
from watcher.errors import FetchRefusedError

EPAR = "/en/medicines/human/EPAR/alofisel"
OPERATOR = [{"id": "operator", "events": ["source.*", "fetch.*"], "channels": ["ops"]}]
BESIDE = "http://169.254.169.254/latest/meta-data/"


@pytest.fixture
def site():
    with FaultyServer() as site:
        site.page(EPAR, SCENES[2].body)
        yield site


@pytest.fixture
def watching(tmp_path, site):
    source = {"id": "ema", "reader": "ema_medicine_page", "url": site.url(EPAR)}
    path = settings(tmp_path, [source], channels={"ops": "folder:messages"}, rules=OPERATOR)
    with station(path) as watching:
        yield watching


def test_a_redirect_to_a_metadata_service_is_told_at_once_and_once(watching, site):
    watching.look()
    site.script(EPAR, [replies.redirect(BESIDE)])

    [refused] = watching.look()
    for _ in range(4):
        watching.look()

    assert refused.capture.verdict is Verdict.REFUSED
    assert refused.capture.signals == ("address",)
    told, lasting = watching.log()
    assert lasting.event.type == "source.unreachable", "told like any trouble that lasts"
    assert (told.event.type, str(told.event.subject)) == ("fetch.refused", "source:ema")
    assert "169.254.169.254" in told.event.details["reason"]
    assert len(watching.outbox()) == 2


def test_another_reason_is_told_too_and_a_return_is_told_and_starts_anew(watching, site):
    watching.look()
    site.script(EPAR, [replies.redirect(BESIDE)])
    watching.look()
    site.page(EPAR, SCENES[2].body)
    watching.look()
    site.script(EPAR, [replies.redirect("gopher://127.0.0.1:6379/")])
    watching.look()

    assert watching.types() == ["fetch.refused", "source.recovered", "fetch.refused"]
    assert watching.log()[1].event.changes[0].path.startswith("refused[http")


def test_a_way_from_https_to_http_is_another_reason_than_a_private_address(watching):
    reasons = ["address", "redirect", "address"]
    scripted = ScriptedFetcher([FetchRefusedError("no", kind=kind) for kind in reasons])
    watching.watcher = replace(
        watching.watcher, tools=replace(watching.watcher.tools, fetcher=scripted)
    )
    for _ in reasons:
        watching.look()

    told = watching.log()
    refused = [event for event in told if event.event.type == "fetch.refused"]
    assert len(refused) == 2
    assert told[1].event.changes[0].after == ["address", "redirect"]


def test_what_robots_txt_forbids_is_no_attack(watching, site):
    site.robots("User-agent: *\nDisallow: /")

    watching.look()

    assert watching.log() == []
