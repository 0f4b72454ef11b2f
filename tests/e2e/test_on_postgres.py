"""The whole program on PostgreSQL, by configuration alone."""

from __future__ import annotations

import json

import pytest

from kit.bulk import bulk, row, withdrawn
from kit.engines import address_of
from kit.faulty_server import FaultyServer
from kit.process import command, service, terminate
from kit.receivers import Mailbox
from kit.station import settings

PATH = "/medicines.json"
JSON = "application/json"

pytestmark = pytest.mark.e2e


def test_the_service_and_every_command_work_beside_one_another(tmp_path, postgres, monkeypatch):
    with postgres.database(is_empty=True) as url, FaultyServer() as site, Mailbox() as box:
        source = {"id": "table", "reader": "ema_medicines", "url": site.url(PATH), "every": "1s"}
        monkeypatch.setenv("WATCHER_DATABASE", address_of(url))
        settings(
            tmp_path,
            [source],
            channels={"pv": box.address()},
            storage={"database": "${WATCHER_DATABASE}"},
        )
        site.page(PATH, bulk(row(1), row(2)), media_type=JSON)
        first = command(tmp_path, "once")
        assert first.returncode == 0, first.stderr

        with service(tmp_path) as process:
            site.page(PATH, bulk(row(1), withdrawn(2)), media_type=JSON)
            (mail,) = box.wait_for(1, 30)
            # a command that writes takes its turn beside the service: nothing is left for it
            done = command(tmp_path, "check", "table", "--json")
            assert done.returncode == 0, done.stderr
            code, said = terminate(process)

        assert code == 0, said
        assert "Authorised → Withdrawn" in mail.subject
        listed = command(tmp_path, "events", "--json")
        assert "authorisation.withdrawn" in [
            each["event"]["type"] for each in json.loads(listed.stdout)
        ]
        assert command(tmp_path, "verify").returncode == 0
        assert not list(tmp_path.rglob("*.db*"))
