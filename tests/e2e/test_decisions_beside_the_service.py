"""A person decides while the service runs: real processes, and a kill between asking and doing."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import time

import pytest

from kit.bulk import bulk, row, withdrawn
from kit.faulty_server import FaultyServer
from kit.process import PROGRAM, command, kill, service, terminate
from kit.receivers import Mailbox
from kit.station import settings

PATH = "/medicines.json"
PATIENCE = 30.0

pytestmark = pytest.mark.e2e


@pytest.fixture
def box():
    with Mailbox() as box:
        yield box


@pytest.fixture
def place(tmp_path, box):
    """A folder in which a withdrawal was found and told."""
    with FaultyServer() as site:
        source = {"id": "ema", "reader": "ema_medicines", "url": site.url(PATH), "every": "1h"}
        settings(tmp_path, [source], channels={"pv": box.address()})
        site.page(PATH, bulk(row(1), row(2)), media_type="application/json")
        assert command(tmp_path, "once").returncode == 0
        site.page(PATH, bulk(row(1), withdrawn(2)), media_type="application/json")
        assert command(tmp_path, "once").returncode == 0
        yield tmp_path


def told(folder, *words):
    done = command(folder, *words, "--json")
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def wrong_event(folder):
    (event,) = told(folder, "events", "--type", "authorisation.withdrawn")
    return str(event["position"])


def decided(folder):
    return [(each["what"], each["who"]) for each in told(folder, "audit", "--who", "weber")]


def until(fact):
    """Wait until `fact()` holds."""
    end = time.monotonic() + PATIENCE
    while not fact():
        assert time.monotonic() < end
        time.sleep(0.1)  # noqa: TID251  another process works meanwhile


def running(folder, process):
    """Wait until the service holds the store."""
    lock = folder / "data" / "watcher.db.lock"
    until(lambda: lock.read_text() == str(process.pid))


def test_a_correction_reaches_its_reader_with_and_without_a_running_service(place, box):
    event = wrong_event(place)
    with service(place) as process:
        running(place, process)
        done = command(place, "correct", event, "--why", "misread", "--as", "m. weber")
        first, second = box.wait_for(2, 30)
        code, said = terminate(process)

    assert done.returncode == 0, done.stderr
    assert "1 told of it in the same way" in done.stderr
    assert second.subject.startswith("CORRECTION [CRITICAL]")
    assert second.message["In-Reply-To"] == first.message["Message-ID"]
    assert code == 0, said
    assert decided(place) == [("event.corrected", "m. weber")]
    again = command(place, "correct", event, "--why", "misread", "--as", "m. weber")
    assert again.returncode == 1
    assert "was corrected before" in again.stderr
    resent = command(place, "alerts", "--resend", "1", "--why", "lost", WATCHER_USER="k. weber")
    assert resent.returncode == 0, resent.stderr
    assert decided(place)[-1] == ("alert.resent", "k. weber")
    assert command(place, "verify").returncode == 0


def test_killed_between_asking_and_doing_it_is_done_once_by_whoever_writes_next(place, box):
    event = wrong_event(place)
    words = [PROGRAM, "correct", event, "--why", "misread", "--as", "m. weber"]
    requests = place / "data" / "requests"
    with service(place) as process:
        running(place, process)
        os.kill(process.pid, signal.SIGSTOP)
        asking = subprocess.Popen(words, cwd=place, stderr=subprocess.PIPE, text=True)
        until(lambda: requests.is_dir() and [*requests.glob("*.request")])
        kill(process)
        _, said = asking.communicate(timeout=60)

    assert asking.returncode == 0, said
    assert decided(place) == [("event.corrected", "m. weber")]
    assert len(box.wait_for(2, 30)) == 2
    assert command(place, "once").returncode == 0
    assert len(box.messages) == 2


def test_what_was_left_with_a_killed_service_is_done_when_it_starts_again(place, box):
    event = wrong_event(place)
    with service(place) as process:
        running(place, process)
        os.kill(process.pid, signal.SIGSTOP)
        words = ("correct", event, "--why", "misread", "--as", "m. weber", "--no-wait")
        left = command(place, *words)
        kill(process)
    assert left.returncode == 0, left.stderr
    assert "left with the running service" in left.stderr
    assert decided(place) == []
    with service(place) as process:
        box.wait_for(2, 30)
        code, said = terminate(process)

    assert code == 0, said
    assert decided(place) == [("event.corrected", "m. weber")]
    assert [each["state"] for each in told(place, "alerts")] == ["delivered", "delivered"]
    assert not [*(place / "data" / "requests").glob("*.request")]
