"""What deploy/ starts is started, and what the run-books say is done, with the very words."""

from __future__ import annotations

import json
import os
import subprocess
import tempfile
from contextlib import ExitStack
from pathlib import Path

import pytest

from kit.buckets import address_in, s3_server
from kit.bulk import bulk, row
from kit.deployed import DEPLOY
from kit.engines import address_of
from kit.faulty_server import FaultyServer
from kit.free_port import free_port
from kit.postgres import required_binaries
from kit.process import command
from kit.station import settings
from kit.supervisor import environment_of, supervised, words_of

SERVICE, BACKUP = DEPLOY / "watcher.service", DEPLOY / "watcher-backup.service"
ROLES = ("watcher-scheduler.service", "watcher-worker@.service", "watcher-web.service")
PATH = "/medicines.json"
PUBLIC = ("AWS_ENDPOINT", "AWS_ALLOW_HTTP", "AWS_ACCESS_KEY_ID", "AWS_REGION")

pytestmark = pytest.mark.e2e


@pytest.fixture
def folder():
    """A folder with a short name: a socket's path has room for a hundred characters."""
    with tempfile.TemporaryDirectory(prefix="wd-") as folder:
        yield Path(folder)


@pytest.fixture
def site():
    with FaultyServer() as site:
        site.page(PATH, bulk(row(1), row(2)), media_type="application/json")
        yield site


def lay_out(folder, site, **sections):
    source = {"id": "table", "reader": "ema_medicines", "url": site.url(PATH), "every": "1s"}
    settings(folder, [source], channels={"files": f"folder:{folder / 'messages'}"}, **sections)


def test_the_unit_of_one_process_starts_tells_so_and_ends_well(folder, site):
    lay_out(folder, site)
    with supervised(SERVICE, folder) as service:
        service.wait_for("READY=1")
        site.wait_for(1, PATH)
        code, said = service.end()

    assert code == 0, said
    assert "STOPPING=1" in service.told


def test_the_unit_of_the_backup_makes_one_beside_the_service_and_it_can_be_put_back(folder, site):
    lay_out(folder, site)
    with supervised(SERVICE, folder) as service:
        service.wait_for("READY=1")
        site.wait_for(2, PATH)
        done = subprocess.run(
            words_of(BACKUP, folder),
            cwd=folder,
            env=environment_of(BACKUP, folder, {}),
            capture_output=True,
            text=True,
            check=False,
            timeout=90,
        )
        assert done.returncode == 0, done.stderr
        service.end()

    restored = command(folder, "restore", "backup", "--into", "again")
    assert restored.returncode == 0, restored.stderr


@pytest.fixture
def many(folder, site, postgres, tmp_path, monkeypatch):
    """A configuration as of many machines: secrets are credentials, payloads are in a bucket."""
    with postgres.database(is_empty=True) as url, s3_server() as server:
        address = address_in(server, tmp_path.name, monkeypatch)
        credentials = folder / "credentials"
        credentials.mkdir()
        monkeypatch.delenv("AWS_SECRET_ACCESS_KEY")
        monkeypatch.setenv("CREDENTIALS_DIRECTORY", str(credentials))
        for name, value in (
            ("WATCHER_DATABASE", address_of(url)),
            ("AWS_SECRET_ACCESS_KEY", "test"),
        ):
            (credentials / name).write_text(value)
            (credentials / name).chmod(0o600)
        storage = {
            "database": "${WATCHER_DATABASE}",
            "folder": str(folder / "keys"),
            "snapshots": address,
            "cache": str(folder / "cache"),
        }
        lay_out(folder, site, storage=storage, web={"port": free_port()})
        yield url, storage


def run(folder, *words):
    done = command(folder, *words)
    assert done.returncode == 0, done.stderr
    return done


@pytest.mark.usefixtures("many")
def test_the_units_of_the_roles_start_tell_so_look_and_end_well(folder, site):
    environment = {name: os.environ[name] for name in PUBLIC}
    run(folder, "upgrade")
    with ExitStack() as stack:
        places = {unit: folder / unit.partition(".")[0].strip("@") for unit in ROLES}
        started = {}
        for unit, place in places.items():
            place.mkdir()
            for name in ("sources.yaml", "credentials"):
                (place / name).symlink_to(folder / name)
            started[unit] = stack.enter_context(supervised(DEPLOY / unit, place, **environment))
        for process in started.values():
            process.wait_for("READY=1")
        site.wait_for(2, PATH)
        for unit, process in started.items():
            code, said = process.end()
            assert code == 0, (unit, said)
            assert "STOPPING=1" in process.told, unit

    assert json.loads(run(folder, "snapshots", "stats", "--json").stdout)["count"] > 0
    run(folder, "verify")


def test_a_dump_and_a_second_bucket_are_put_back_and_all_of_it_is_proved(folder, many, postgres):
    url, storage = many
    run(folder, "once")
    kept = run(folder, "verify", "--json").stdout
    tools = required_binaries()
    if not (tools / "pg_dump").exists():
        pytest.skip("these binaries of PostgreSQL have no pg_dump (Debian: postgresql-client)")
    plain = url.set(drivername="postgresql").render_as_string(hide_password=False)
    second = f"{storage['snapshots']}-second"
    # the database first, the payloads after it
    subprocess.run(
        [tools / "pg_dump", "--format=custom", f"--file={folder / 'watcher.dump'}", plain],
        check=True,
    )
    run(folder, "snapshots", "move", storage["snapshots"], second)

    with postgres.database(is_empty=True) as again:
        into = again.set(drivername="postgresql").render_as_string(hide_password=False)
        words = ["--no-owner", "--exit-on-error", str(folder / "watcher.dump")]
        subprocess.run([tools / "pg_restore", f"--dbname={into}", *words], check=True)
        (folder / "credentials" / "WATCHER_DATABASE").write_text(address_of(again))
        told = json.loads((folder / "sources.yaml").read_text("utf-8"))
        told["storage"]["snapshots"] = second
        (folder / "sources.yaml").write_text(json.dumps(told), encoding="utf-8")
        assert run(folder, "verify", "--json").stdout == kept
        # and it goes on from there
        run(folder, "once")
