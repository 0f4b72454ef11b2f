"""A store whose payloads are in a bucket, as a person moves, clears, proves and backs it up."""

from __future__ import annotations

import itertools
import json
import os

import pytest
from typer.testing import CliRunner

from kit.backed_up import running_in
from kit.buckets import SHELVES, address_in, s3_server, shelves
from kit.configs import SMALLEST
from kit.payloads import a_tombstone, versions
from watcher.cli.main import app
from watcher.config.model import Storage
from watcher.doctor.payloads import payloads
from watcher.errors import SnapshotError, SnapshotRedactedError
from watcher.store.bucket import bucket
from watcher.store.bucket_shelf import BucketShelf
from watcher.store.moving import move
from watcher.store.snapshots import FolderSnapshots, KeptSnapshots


def silent(_what, _done, _of):
    """Be told how far it is, and tell no one."""


@pytest.fixture(scope="module")
def s3():
    with s3_server() as server:
        yield server


@pytest.fixture
def address(s3, tmp_path, monkeypatch):
    return address_in(s3, tmp_path.name, monkeypatch)


@pytest.fixture
def folder(tmp_path):
    """A folder with a store that no process holds, its payloads beside it."""
    place = tmp_path / "watcher"
    with running_in(place):
        pass
    (place / "data").mkdir()
    (place / "watcher.db").rename(place / "data" / "watcher.db")
    keep_in(place, "snapshots")
    return place


def keep_in(folder, snapshots):
    storage = {"database": "sqlite:///data/watcher.db", "snapshots": snapshots}
    (folder / "sources.yaml").write_text(f"{SMALLEST}storage: {json.dumps(storage)}\n")


def run(*words, code=0):
    done = CliRunner().invoke(app, [*map(str, words)])
    assert done.exit_code == code, done.output
    return done


def test_a_store_moves_into_a_bucket_and_serves_from_there(folder, address, tmp_path):
    told = json.loads(run("snapshots", "move", folder / "snapshots", address, "--json").stdout)
    assert (told["payloads"], told["copied"], told["tombstones"]) == (2, 2, 0)
    (folder / "snapshots").rename(folder / "aside")
    keep_in(folder, address)
    config = ("--config", folder / "sources.yaml")

    assert "2 snapshots" in run("verify", *config).output
    assert json.loads(run("snapshots", "stats", *config, "--json").stdout)["count"] == 2
    run("snapshots", "gc", "--dry-run", *config)
    run("backup", tmp_path / "safe", *config)
    run("restore", tmp_path / "safe", "--into", tmp_path / "again")
    kept = {each.digest for each in FolderSnapshots(folder / "aside").kept()}
    assert {each.digest for each in FolderSnapshots(tmp_path / "again/snapshots").kept()} == kept
    assert any((folder / "cache").rglob("*"))


def test_wrong_bytes_in_a_bucket_are_found_and_the_payload_is_named(folder, address):
    run("snapshots", "move", folder / "snapshots", address)
    keep_in(folder, address)
    shelf = BucketShelf(bucket(address, os.environ))
    [name] = [each.name for each in shelf.files(".zst")]
    shelf.replace(name, [b"rubbish"])

    told = run("verify", "--config", folder / "sources.yaml", code=3).output
    assert f"{address}/{name} cannot be unpacked" in told.replace("\n", "")


def test_a_bucket_that_does_not_answer_is_no_damage(folder, monkeypatch):
    for key, value in {
        "AWS_ENDPOINT": "http://127.0.0.1:9",
        "AWS_ALLOW_HTTP": "true",
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
    }.items():
        monkeypatch.setenv(key, value)
    keep_in(folder, "s3://bucket/prefix")

    assert "s3://bucket/prefix" in run("verify", "-c", folder / "sources.yaml", code=1).output


def test_a_secret_of_a_bucket_comes_from_a_file(folder, address, monkeypatch, tmp_path):
    secret = tmp_path / "secret"
    secret.write_text("test\n")
    secret.chmod(0o600)
    monkeypatch.delenv("AWS_SECRET_ACCESS_KEY")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY_FILE", str(secret))

    run("snapshots", "move", folder / "snapshots", address)
    secret.write_text("two\nlines\n")
    told = run("snapshots", "move", folder / "snapshots", address, code=1).output
    assert "AWS_SECRET_ACCESS_KEY_FILE names has to hold one line" in told


def test_a_plain_endpoint_has_to_be_meant(folder, address, monkeypatch):
    monkeypatch.delenv("AWS_ALLOW_HTTP")

    told = run("snapshots", "move", folder / "snapshots", address, code=1).output
    assert "set AWS_ALLOW_HTTP=true" in told


def test_the_doctor_asks_the_bucket_and_only_a_bucket(address, tmp_path):
    def found(place):
        storage = Storage(database="sqlite:///x", folder=tmp_path, snapshots=place)
        return [(each.level, each.found) for each in payloads(storage)]

    assert found(address) == [("ok", f"{address} answers")]
    [(level, said)] = found("s3://no-such-bucket/prefix")
    assert (level, "no such bucket" in said) == ("failing", True)
    assert found(tmp_path) == []


@pytest.mark.parametrize(
    ("where", "said"),
    [("ftp://host/x", "no place for payloads"), ("s3://", "is no bucket"), ("", "no place for")],
)
def test_a_place_that_is_none_is_refused(folder, where, said):
    assert said in run("snapshots", "move", folder / "snapshots", where, code=1).output


@pytest.fixture(params=SHELVES)
def new_shelf(request):
    return shelves(request)


@pytest.fixture
def two(new_shelf, tmp_path):
    """Payloads in a folder, and an empty place of each kind."""
    origin = FolderSnapshots(tmp_path / "origin")
    after = ""
    for body in versions(4):
        after = origin.put(body, after)
    redacted = origin.put(b"a name")
    origin.redact(redacted, a_tombstone(redacted))
    return origin, KeptSnapshots(new_shelf())


def test_everything_is_at_the_other_place_the_same(two):
    origin, destination = two
    done = move(origin, destination, silent)

    assert (done.payloads, done.copied, done.tombstones) == (4, 5, 1)
    assert {each.digest: each.base for each in destination.kept()} == {
        each.digest: each.base for each in origin.kept()
    }
    assert [*destination.tombstones()] == [*origin.tombstones()]
    for each in origin.kept():
        assert destination.get(each.digest) == origin.get(each.digest)
    assert move(destination, origin, silent).copied == 0


def test_an_interrupted_move_goes_on_where_it_stopped(two):
    origin, destination = two
    for stop in itertools.count(1):
        left = stop

        def told(_what, _done, _of):
            nonlocal left
            left -= 1
            if not left:
                raise KeyboardInterrupt

        try:
            done = move(origin, destination, told)
        except KeyboardInterrupt:
            continue
        break

    assert done.copied < 5
    assert {each.digest for each in destination.kept()} == {each.digest for each in origin.kept()}


def test_what_is_damaged_on_either_side_stops_a_move_and_is_named(two):
    origin, destination = two
    [whole] = [each.digest for each in origin.kept() if not each.base]
    name = f"sha256/{whole[7:9]}/{whole[9:]}.zst"
    packed = origin.shelf.read(name)
    destination.shelf.replace(name, [b"rubbish"])
    with pytest.raises(SnapshotError, match=f"{whole} at .*remove {destination.shelf.where(name)}"):
        move(origin, destination, silent)

    destination.shelf.remove(name)
    origin.shelf.replace(name, [packed[:-1]])
    with pytest.raises(SnapshotError, match=f"{whole} at {origin.shelf.where(name)}"):
        move(origin, destination, silent)
    assert destination.shelf.read(name) is None


def test_a_payload_that_stands_there_in_another_form_will_do(two):
    origin, destination = two
    for body in versions(4):
        destination.put(body)

    done = move(origin, destination, silent)
    assert done.payloads == 4
    for each in origin.kept():
        assert destination.get(each.digest) == origin.get(each.digest)


def test_what_was_redacted_at_the_other_place_stays_away(two):
    origin, destination = two
    move(origin, destination, silent)
    gone = next(each.digest for each in origin.kept() if each.base)
    destination.redact(gone, a_tombstone(gone))
    move(origin, destination, silent)

    with pytest.raises(SnapshotRedactedError):
        destination.get(gone)
