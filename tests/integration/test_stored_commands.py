"""`snapshots`, `backup` and `restore` as a person calls them."""

from __future__ import annotations

import json

import pytest
from typer.testing import CliRunner

from kit.backed_up import running_in
from kit.clocks import StandingClock
from kit.configs import SMALLEST
from kit.plain_source import URL, a_source
from watcher.cli.main import app
from watcher.ports.store import EventFilter
from watcher.services.check import check
from watcher.services.sealing import seal
from watcher.store.signing import FolderSigning
from watcher.store.snapshots import FolderSnapshots
from watcher.store.store import SqlStore

SETTINGS = SMALLEST + "storage: {database: 'sqlite:///data/watcher.db', snapshots: snapshots}\n"


@pytest.fixture
def folder(tmp_path):
    """A folder with a configuration and a store that no process holds."""
    place = tmp_path / "watcher"
    with running_in(place) as running:
        running.clock.forward(3600)
        running.fetcher.says(b"<html>502 Bad Gateway</html>")
        check(a_source(), URL, running.tools)
    (place / "data").mkdir()
    (place / "watcher.db").rename(place / "data" / "watcher.db")
    (place / "sources.yaml").write_text(SETTINGS, encoding="utf-8")
    return place


def run(folder, *words, code=0):
    done = CliRunner().invoke(app, [*map(str, words), "--config", str(folder / "sources.yaml")])
    assert done.exit_code == code, done.output
    return done


def restore(*words, code=0):
    done = CliRunner().invoke(app, ["restore", *map(str, words)])
    assert done.exit_code == code, done.output
    return done


def events(folder, *types):
    store = SqlStore(folder / "data" / "watcher.db", writable=False)
    with store.reading() as work:
        found = [*work.log.read(EventFilter(types=types))]
    store.close()
    return found


def test_a_store_is_backed_up_listed_and_put_back_whole(folder, tmp_path):
    made = json.loads(run(folder, "backup", tmp_path / "safe", "--json").stdout)
    (listed,) = json.loads(run(folder, "backup", "list", tmp_path / "safe", "--json").stdout)
    assert listed == made
    assert made["beside"] == ["sources.yaml"]

    into = tmp_path / "deep" / "restored"
    done = restore(tmp_path / "safe", "--into", into, "--as", "Ada")
    assert made["states"] in done.output
    assert made["hash"] in done.output
    (told,) = events(into, "storage.restored")
    assert told.position == made["position"] + 1
    assert told.event.details["who"] == "Ada"
    assert told.event.details["generation"] == made["name"]
    assert (into / "sources.yaml").read_text(encoding="utf-8") == SETTINGS
    snapshots = FolderSnapshots(into / "snapshots")
    assert {each.digest for each in snapshots.kept()} == {
        each.digest for each in FolderSnapshots(folder / "snapshots").kept()
    }
    assert [path.name for path in into.parent.iterdir()] == ["restored"]


def test_signed_checkpoints_and_public_keys_go_along_and_fit(folder, tmp_path):
    def sealed():
        store = SqlStore(folder / "data" / "watcher.db", writable=True)
        signing = FolderSigning(folder / "data", {})
        signing.prepare()
        seal(store, signing, StandingClock())
        store.close()

    sealed()
    made = json.loads(run(folder, "backup", tmp_path / "safe", "--json").stdout)
    assert made["beside"] == ["checkpoints.txt", "signing.vkey", "sources.yaml"]
    restore(tmp_path / "safe", "--into", tmp_path / "restored")
    assert (tmp_path / "restored" / "data" / "checkpoints.txt").read_bytes() == (
        folder / "data" / "checkpoints.txt"
    ).read_bytes()
    assert not (tmp_path / "restored" / "data" / "signing.key").exists()


def test_a_folder_with_something_in_it_is_left_as_it_is(folder, tmp_path):
    run(folder, "backup", tmp_path / "safe")
    before = sorted(folder.rglob("*"))

    done = restore(tmp_path / "safe", "--into", folder, code=1)
    assert "is not empty" in done.output
    assert sorted(folder.rglob("*")) == before


def test_what_cannot_be_put_back_whole_is_not_put_back(folder, tmp_path):
    run(folder, "backup", tmp_path / "safe")
    (damaged,) = (tmp_path / "safe").rglob("*.delta.*")
    damaged.write_bytes(damaged.read_bytes()[:-1] + b"?")

    done = restore(tmp_path / "safe", "--into", tmp_path / "restored", code=3)
    assert damaged.name.partition(".")[0] in done.output
    assert not (tmp_path / "restored").exists()
    assert [*tmp_path.glob(".restoring-*")] == []


def test_nothing_to_put_back_is_told(tmp_path):
    done = restore(tmp_path / "empty", "--into", tmp_path / "restored", code=1)

    assert "no complete backup" in done.output


def test_the_private_key_goes_along_only_when_asked(folder, tmp_path):
    run(folder, "backup", tmp_path / "safe", "--with-key", code=1)
    (folder / "data" / "signing.key").write_text("secret", encoding="utf-8")

    made = json.loads(run(folder, "backup", tmp_path / "a", "--json").stdout)
    assert "signing.key" not in made["beside"]
    made = json.loads(run(folder, "backup", tmp_path / "b", "--json", "--with-key").stdout)
    assert "signing.key" in made["beside"]


def test_statistics_and_clearing_are_told_to_people_and_machines(folder):
    told = json.loads(run(folder, "snapshots", "stats", "--json").stdout)
    assert (told["count"], told["depths"]) == (3, {"0": 2, "1": 1})
    assert "3 payloads" in run(folder, "snapshots", "stats").output

    (folder / "sources.yaml").write_text(
        SETTINGS.replace("snapshots}", "snapshots, retention: {unbelieved: 1d}}")
    )
    trial = json.loads(run(folder, "snapshots", "gc", "--dry-run", "--json").stdout)
    assert events(folder, "snapshot.expired") == []
    done = run(folder, "snapshots", "gc")
    assert len(trial["expired"]) == len(events(folder, "snapshot.expired"))
    assert "went:" in done.output
