"""The service as a process: it looks, tells, ends when asked, and survives being killed."""

from __future__ import annotations

import json

import pytest

from kit import replies
from kit.bulk import bulk, row, withdrawn
from kit.faulty_server import FaultyServer
from kit.process import command, kill, service, terminate
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


def configured(folder, site, box, **source):
    return settings(
        folder,
        [
            {
                "id": "ema-medicines",
                "title": "EMA medicines",
                "reader": "ema_medicines",
                "url": site.url(PATH),
                "every": "1s",
                **source,
            }
        ],
        channels={"pv-team": box.address()},
    )


def told(folder, *words):
    done = command(folder, *words, "--json")
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def types(folder):
    return [event["event"]["type"] for event in told(folder, "events")]


def test_the_service_tells_of_a_withdrawal_and_ends_when_asked(tmp_path, site, box):
    configured(tmp_path, site, box)
    site.page(PATH, bulk(row(1), row(2), row(3)), media_type=JSON)
    with service(tmp_path) as process:
        site.wait_for(2, PATH)
        site.page(PATH, bulk(row(1), withdrawn(2), row(3)), media_type=JSON)
        (mail,) = box.wait_for(1, 30)
        code, said = terminate(process)

    assert code == 0, said
    assert "stopping on SIGTERM" in said
    assert "Medicine 2" in mail.subject
    assert "Authorised → Withdrawn" in mail.subject
    assert "authorisation.withdrawn" in types(tmp_path)
    assert [each["state"] for each in told(tmp_path, "alerts")] == ["delivered"]
    assert command(tmp_path, "verify").returncode == 0


def test_killed_in_the_middle_of_a_look_it_finds_the_withdrawal_when_it_is_back(
    tmp_path, site, box
):
    configured(tmp_path, site, box)
    site.page(PATH, bulk(row(1), row(2)), media_type=JSON)
    assert command(tmp_path, "once").returncode == 0
    site.script(PATH, [replies.silence()])
    seen = len(site.asked(PATH))
    with service(tmp_path) as process:
        site.wait_for(seen + 1, PATH)
        kill(process)
    site.page(PATH, bulk(row(1), withdrawn(2)), media_type=JSON)

    assert command(tmp_path, "once").returncode == 0
    assert command(tmp_path, "once").returncode == 0
    assert types(tmp_path).count("authorisation.withdrawn") == 1
    assert len(box.messages) == 1


def test_killed_right_after_the_mail_was_taken_it_sends_it_again_and_it_shows(tmp_path, site):
    with Mailbox(is_silent=True) as box:
        configured(tmp_path, site, box)
        site.page(PATH, bulk(row(1), row(2)), media_type=JSON)
        assert command(tmp_path, "once").returncode == 0
        site.page(PATH, bulk(row(1), withdrawn(2)), media_type=JSON)
        with service(tmp_path) as process:
            box.wait_for(1, 30)
            kill(process)
        box.is_silent = False
        with service(tmp_path) as process:
            first, second = box.wait_for(2, 30)
            terminate(process)

    assert first.message["Message-ID"] == second.message["Message-ID"]
    assert first.message["X-Watcher-Key"] == second.message["X-Watcher-Key"]
    assert [each["state"] for each in told(tmp_path, "alerts")] == ["delivered"]
    assert types(tmp_path).count("authorisation.withdrawn") == 1


def test_without_a_network_it_says_so_and_keeps_running(tmp_path, site, box):
    configured(tmp_path, site, box)
    site.outage(replies.hang_up())
    with service(tmp_path) as process:
        site.wait_for(1, "/robots.txt")
        assert process.poll() is None
        code, said = terminate(process)

    assert code == 0
    assert '"source": "ema-medicines", "verdict": "unreachable"' in said


def test_a_second_service_is_refused_while_the_first_runs(tmp_path, site, box):
    configured(tmp_path, site, box)
    site.page(PATH, bulk(row(1)), media_type=JSON)
    with service(tmp_path) as process:
        site.wait_for(1, PATH)
        second = command(tmp_path, "run")
        readable = command(tmp_path, "sources")
        terminate(process)

    assert second.returncode == 3
    assert "in use by another watcher" in second.stderr
    assert readable.returncode == 0, readable.stderr
