"""A watcher of an earlier version goes on with this one: examined, upgraded, whole, and telling."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from typer.testing import CliRunner

from kit.ema_site import ema_site
from kit.station import settings
from watcher.cli.main import app
from watcher.store.database import HEAD

RELEASED = Path(__file__).parents[1] / "contract" / "released"
VERSIONS = sorted(path.stem for path in RELEASED.glob("*.sql"))


def ran(path, *words, code=0):
    done = CliRunner().invoke(app, [*words, "--config", str(path)], env={"COLUMNS": "200"})
    assert done.exit_code == code, done.output
    return done


@pytest.mark.parametrize("version", VERSIONS)
def test_a_database_of_every_earlier_version_is_carried_on_by_the_commands(version, tmp_path):
    file = tmp_path / "data" / "watcher.db"
    file.parent.mkdir()
    with closing(sqlite3.connect(file)) as database:
        database.executescript((RELEASED / f"{version}.sql").read_text(encoding="utf-8"))
        (before,) = database.execute("SELECT count(*) FROM events").fetchone()
    with ema_site() as site:
        source = {"id": "ema-medicines", "reader": "ema_medicines", "url": site.table}
        path = settings(tmp_path, [source], channels={"files": "folder:messages"})

        examined = json.loads(ran(path, "doctor", "--offline", "--json").stdout)["findings"]
        (found,) = [each for each in examined if each["what"] == "version"]
        assert (found["level"], found["found"].split()[0].rstrip(",")) == ("warning", version)
        assert "of an older version" in ran(path, "events", code=3).stderr
        ran(path, "once")

    # the fixtures are databases without their payloads: the chain is checked by the export
    ran(path, "export", "log", "--output", str(tmp_path / "log.jsonl"))
    assert "equal" in ran(path, "replay", "--rebuild").stderr
    told = json.loads(ran(path, "events", "--baseline", "--json", "--limit", "1000").stdout)
    assert len(told) > before > 0
    assert (file.parent / f"watcher.db.before-{HEAD}").exists()
    examined = json.loads(ran(path, "doctor", "--offline", "--json").stdout)["findings"]
    assert [each["level"] for each in examined if each["what"] == "version"] == ["ok"]
