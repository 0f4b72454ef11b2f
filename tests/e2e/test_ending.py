"""Asked to end in the middle of a look: soon, cleanly, and the look is made when it is back."""

from __future__ import annotations

import json
import signal
import time
from datetime import UTC, datetime

import pytest

from kit import replies
from kit.bulk import bulk, row, withdrawn
from kit.faulty_server import FaultyServer
from kit.process import command, service, terminate
from kit.receivers import Mailbox
from kit.station import settings

PATH = "/medicines.json"
JSON = "application/json"

pytestmark = pytest.mark.e2e


@pytest.fixture
def site():
    with FaultyServer() as site:
        yield site


@pytest.fixture
def box():
    with Mailbox() as box:
        yield box


@pytest.fixture
def in_the_middle(tmp_path, site, box):
    """A service in the middle of a look at a site that says nothing; a look was made before."""
    source = {"id": "ema", "reader": "ema_medicines", "url": site.url(PATH), "every": "1s"}
    settings(tmp_path, [source], channels={"pv": box.address()})
    site.page(PATH, bulk(row(1), row(2)), media_type=JSON)
    assert command(tmp_path, "once").returncode == 0
    site.script(PATH, [replies.silence()])
    seen = len(site.asked(PATH))
    with service(tmp_path) as process:
        site.wait_for(seen + 1, PATH)
        yield process


def found_when_it_is_back(folder, site, box):
    """Start it again, on a site that has news; return what was told."""
    site.page(PATH, bulk(row(1), withdrawn(2)), media_type=JSON)
    asked = len(site.asked(PATH))
    with service(folder) as process:
        site.wait_for(asked + 1, PATH)
        (mail,) = box.wait_for(1, 30)
        assert terminate(process)[0] == 0
    assert command(folder, "verify").returncode == 0
    return mail.subject


def test_asked_to_end_it_waits_for_no_server_that_says_nothing(tmp_path, site, box, in_the_middle):
    began = time.monotonic()
    code, said = terminate(in_the_middle)

    assert (code, time.monotonic() - began < 12) == (0, True), said
    assert "was not waited for; it stays due" in said
    (target,) = json.loads(command(tmp_path, "sources", "--json").stdout)
    now = datetime.now(UTC)  # noqa: TID251  the service has lived in real time
    assert datetime.fromisoformat(target["next_due"]) < now
    assert "Withdrawn" in found_when_it_is_back(tmp_path, site, box)


def test_asked_twice_it_ends_at_once_and_what_is_kept_is_whole(tmp_path, site, in_the_middle):
    in_the_middle.send_signal(signal.SIGTERM)
    while "once more ends it at once" not in (in_the_middle.stderr.readline()):
        assert in_the_middle.poll() is None
    began = time.monotonic()
    code, said = terminate(in_the_middle)

    assert (code, time.monotonic() - began < 2) == (-signal.SIGTERM, True), said
    assert command(tmp_path, "verify").returncode == 0
    site.page(PATH, bulk(row(1), withdrawn(2)), media_type=JSON)
    assert command(tmp_path, "once", "--json").returncode == 0
    events = json.loads(command(tmp_path, "events", "--json").stdout)
    assert [each["event"]["type"] for each in events].count("authorisation.withdrawn") == 1
